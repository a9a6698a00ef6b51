"""The installed sentence encoder, computed from its package's weights with tokens remembered.

The package computes every text from nothing. What a token is by itself, and what it adds to each
place of the first windows it stands in, depends on no neighbour: that is more than half of the
work, and customers use few thousand tokens. A test holds the vectors to the package's own.
"""

import threading
from collections.abc import Iterator, Sequence
from itertools import chain
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int64]

DIMENSIONS, WIDTH = 512, 256  # of an embedding and a vector; of what a window sees of a token
WINDOWS = ((2, 0), (3, 1), (5, 2))  # tokens in a window, and how many of them stand before its own
APART = 2  # rows between texts: what windows see beyond a text is nothing
AT_ONCE = 512  # tokens
REMEMBERED = 4096  # tokens, of 15 KB each
WORDS = 50_000  # whose tokens are remembered


class Universal:
    """Safe to use from several threads."""

    def __init__(self, weights: Any) -> None:
        """weights: the package's numpy backend, with its tokenizer."""
        self._weights = weights
        self._tokens = _Tokens(weights)
        self._begin, *_, self._end = weights.sp.encode("")
        self._of_words: dict[str, list[int]] = {}

    def encode(self, texts: Sequence[str]) -> Floats:
        """A row of length 1 for each text."""
        read = [self._read(text) for text in texts]
        parts = [self._vectors(some) for some in _batches(read)]
        return np.concatenate(parts) if parts else np.zeros((0, DIMENSIONS), np.float32)

    def _read(self, text: str) -> list[int]:
        """Token numbers. No token reaches over a space, so words can be read one by one."""
        words = text.split()
        if not (words and text.isascii() and text.isprintable()):
            return list(self._weights.sp.encode(text))
        return [self._begin, *chain.from_iterable(map(self._read_word, words)), self._end]

    def _read_word(self, word: str) -> list[int]:
        if (known := self._of_words.get(word)) is not None:
            return known
        if len(self._of_words) >= WORDS:
            self._of_words.clear()
        return self._of_words.setdefault(word, self._weights.sp.encode(word)[1:-1])

    def _vectors(self, texts: list[list[int]]) -> Floats:
        weights = self._weights
        sizes = np.array([len(text) for text in texts])
        starts = np.cumsum(sizes) - sizes
        rows = self._tokens.rows(list(chain.from_iterable(texts)))
        places = np.arange(len(rows)) + np.repeat(APART * np.arange(1, len(texts) + 1), sizes)
        length = len(rows) + APART * (len(texts) + 1)
        spaced = np.zeros((length, rows.shape[1] - DIMENSIONS), np.float32)
        spaced[places] = rows[:, DIMENSIONS:]
        seen = [rows[:, :DIMENSIONS], *self._windows(spaced, places)]
        known = _level(np.concatenate(seen, axis=1), weights.ln_g, weights.ln_b, weights.eps)
        sums = np.add.reduceat(known, starts, axis=0) @ weights.cnn_W
        sums += sizes[:, None] * weights.cnn_b
        return _summary((sums / np.sqrt(sizes)[:, None]).astype(np.float32), weights)

    def _windows(self, spaced: Floats, places: Ints) -> Iterator[Floats]:
        """For each kind of window what it makes of each token, after two rounds."""
        empty = np.ones(len(spaced), dtype=np.bool_)
        empty[places] = False
        added = len(WINDOWS) * WIDTH
        for kind, (size, before) in enumerate(WINDOWS):
            own = spaced[:, kind * WIDTH : (kind + 1) * WIDTH]
            first = np.tile(self._weights.b1[kind], (len(spaced), 1))
            for place in range(size):
                _add_moved(first, spaced[:, added : added + WIDTH], before - place)
                added += WIDTH
            first = np.maximum(first, 0, out=first) + own
            first[empty] = 0
            windows = np.lib.stride_tricks.sliding_window_view(first.ravel(), size * WIDTH)[::WIDTH]
            second = windows[places - before] @ self._weights.w2[kind] + self._weights.b2[kind]
            yield np.maximum(second, 0, out=second) + first[places]


class _Tokens:
    """What each token is by itself: its embedding, what windows see of it, and what it adds to the
    first round at each place of each window."""

    def __init__(self, weights: Any) -> None:
        self._weights = weights
        self._lock = threading.Lock()
        self._place: dict[int, int] = {}
        columns = DIMENSIONS + WIDTH * (len(WINDOWS) + sum(size for size, _ in WINDOWS))
        self._rows = np.empty((REMEMBERED, columns), dtype=np.float32)

    def rows(self, tokens: list[int]) -> Floats:
        distinct = dict.fromkeys(tokens)
        if len(distinct) > REMEMBERED:
            return self._made(tokens)
        with self._lock:
            fresh = [token for token in distinct if token not in self._place]
            if len(self._place) + len(fresh) > REMEMBERED:
                self._place.clear()
                fresh = list(distinct)
            if fresh:
                begin = len(self._place)
                self._rows[begin : begin + len(fresh)] = self._made(fresh)
                self._place.update(zip(fresh, range(begin, begin + len(fresh)), strict=True))
            return np.asarray(self._rows[[self._place[token] for token in tokens]])

    def _made(self, tokens: list[int]) -> Floats:
        weights, numbers = self._weights, np.array(tokens)
        chunk = numbers % len(weights.scale)
        embedded = weights.table[numbers] * weights.scale[chunk, None] + weights.lo[chunk, None]
        shown = embedded @ weights.proj_W + weights.proj_b
        shown = _level(shown, weights.ln_g_all, weights.ln_b_all, weights.eps)
        added = [
            shown[:, kind * WIDTH : (kind + 1) * WIDTH] @ weights.w1[kind][at : at + WIDTH]
            for kind, (size, _) in enumerate(WINDOWS)
            for at in range(0, size * WIDTH, WIDTH)
        ]
        return np.concatenate([embedded, shown, *added], axis=1)


def _batches(texts: list[list[int]]) -> Iterator[list[list[int]]]:
    """Texts of at most AT_ONCE tokens together, or one longer one."""
    some: list[list[int]] = []
    for text in texts:
        if some and sum(map(len, some)) + len(text) > AT_ONCE:
            yield some
            some = []
        some.append(text)
    if some:
        yield some


def _add_moved(rows: Floats, more: Floats, down: int) -> None:
    """Row by row, each so far down."""
    if down < 0:
        rows[:down] += more[-down:]
    else:
        rows[down:] += more[: len(more) - down]


def _level(rows: Floats, scale: Floats, shift: Floats, least: float) -> Floats:
    """Each row at mean 0 and variance 1, then scaled and shifted."""
    rows = rows - rows.mean(axis=1, keepdims=True)
    variance = np.einsum("ij,ij->i", rows, rows) / rows.shape[1]
    rows *= (1 / np.sqrt(variance + least))[:, None]
    rows *= scale
    rows += shift
    return rows


def _summary(means: Floats, weights: Any) -> Floats:
    """From the mean of the tokens to the vector, through the layers on top."""
    low = np.maximum(means @ weights.d0, 0)
    middle = np.maximum(means @ weights.p1 + low @ weights.d1, 0)
    high = np.maximum(middle @ weights.d2, 0)
    vectors = np.tanh(middle @ weights.p3 + high @ weights.d3)
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(vectors / np.maximum(lengths, 1e-6), dtype=np.float32)
