"""Reading what somebody typed: one written form, the language, the words, the spelling."""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import Literal

import numpy as np
from rapidfuzz.distance import OSA
from rapidfuzz.process import cdist

Language = Literal["en", "zh"]

_HAN = r"\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003134f"
_HAN_CHARACTER = re.compile(f"[{_HAN}]")
_KANA_OR_HANGUL = re.compile(r"[\u3040-\u30ff\uac00-\ud7af]")
_LATIN_WORD = re.compile(r"[a-z\u00c0-\u024f]+(?:'[a-z]+)?", re.IGNORECASE)
_WORD = re.compile(rf"(?:(?![{_HAN}])[^\W_])+(?:'(?:(?![{_HAN}])[^\W_])+)?")
_FREQUENT = re.compile(
    r"an?|am|and|are|at|can|could|do|does|did|for|from|have|how|i|i'm|in|is|it|me|my|need|no|not|of"
    r"|on|or|our|please|still|the|there|this|to|want|was|we|were|what|what's|when|where|which|who"
    r"|why|will|with|would|you|your",
    re.IGNORECASE,
)
_HAN_RUN = re.compile(f"[{_HAN}]+")
_LETTERS = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)?")
_NOT_CONTENT = re.compile(r"[\W_]+")
_QUOTES = str.maketrans({"\u2018": "'", "\u2019": "'", "\u201b": "'", "\u201c": '"', "\u201d": '"'})

SHORTEST_REPAIRED = 3  # letters
TWO_EDITS_FROM = 8  # letters; a long word may be two edits away from the one that was meant
REMEMBERED = 50_000  # words that were looked up
OFTEN = 20  # a word that stands so often in the texts is what three letters may be meant for


def normalise(text: str) -> str:
    """The one written form: NFKC, case folded, no invisible characters, single spaces."""
    if text.isascii() and text.isprintable():
        return " ".join(text.lower().split())
    while (folded := _fold(text)) != text:
        text = folded
    return text


def _fold(text: str) -> str:
    text = unicodedata.normalize("NFKC", text).casefold().translate(_QUOTES)
    if not text.isprintable():
        text = "".join(map(_visible, text))
    return " ".join(text.split())


def _visible(character: str) -> str:
    """Formats (zero-width marks, soft hyphens) vanish; control characters separate."""
    category = unicodedata.category(character)
    if category == "Cf":
        return ""
    return " " if category in ("Cc", "Cs") else character


def key_of(text: str) -> str:
    """What is left without punctuation and spaces: equal keys are the same question."""
    return key_of_normal(normalise(text))


def key_of_normal(text: str) -> str:
    """The same of a normalised text."""
    return _NOT_CONTENT.sub("", text)


def language_of(text: str) -> Language | None:
    """The language a text is written in; None where it cannot be told: names say nothing about it,
    nor does a single word, nor one of each. Chinese questions are full of English terms."""
    if _KANA_OR_HANGUL.search(text):
        return None
    characters = len(_HAN_CHARACTER.findall(text))
    latin = sum(map(_is_no_name, _LATIN_WORD.findall(text)))
    if characters > latin or characters == latin > 1:
        return "zh"
    return "en" if latin > max(characters, 1) else None


def _is_no_name(word: str) -> bool:
    """Products and brands are written with capitals; so is all of a shouted question, and a single
    letter is most often half of `E3`."""
    return (len(word) > 1 and word.islower()) or bool(_FREQUENT.fullmatch(word))


def words(text: str) -> list[str]:
    """The words of a normalised text in the scripts that write spaces."""
    return _WORD.findall(text)


def han_runs(text: str) -> list[str]:
    """The unbroken stretches of Chinese characters of a normalised text."""
    return _HAN_RUN.findall(text)


class Spelling:
    """Puts right what is nearly a word of the texts; other words stay as they are.

    `correct` texts have words that are well spelt, too, but that nobody is likely to mean.
    """

    def __init__(self, texts: Iterable[str], correct: Iterable[str] = ()) -> None:
        self._pairs: set[str] = set()  # one text each: the collector need not look at those
        self._counts = Counter(self._read(texts))
        self._known = frozenset(self._counts).union(*(words(text) for text in correct))
        self._by_length: dict[int, list[str]] = {}
        for word in sorted(self._counts):
            self._by_length.setdefault(len(word), []).append(word)
        self._nearest: dict[str, str] = {}  # no lru_cache, whose circle only the collector frees

    def _read(self, texts: Iterable[str]) -> Iterator[str]:
        for text in texts:
            found = words(text)
            self._pairs.update(map(" ".join, pairwise(found)))
            yield from found

    def repair(self, text: str) -> str:
        """The normalised text with each misspelt word replaced."""
        if self._known.issuperset(words(text)):
            return text
        parts = text.split(" ")
        for place, (left, right) in enumerate(pairwise(parts)):
            if parts[place] == left and not self._known.issuperset((left, right)):
                parts[place : place + 2] = self._with_space_moved(left, right)
        return _WORD.sub(lambda found: self._meant(found.group()), " ".join(parts))

    def _with_space_moved(self, left: str, right: str) -> tuple[str, str]:
        """`ho wdo` was `how do`; unchanged if neither letter at the space makes two words."""
        for pair in ((left + right[:1], right[1:]), (left[:-1], left[-1:] + right)):
            if all(word in self._counts for word in pair) and len(left + right) > 3:
                return pair
        return left, right

    def _meant(self, word: str) -> str:
        if (known := self._nearest.get(word)) is not None:
            return known
        if len(self._nearest) >= REMEMBERED:
            self._nearest.clear()
        return self._nearest.setdefault(word, self._find_nearest(word))

    def _find_nearest(self, word: str) -> str:
        if word in self._known or len(word) < SHORTEST_REPAIRED or not _LETTERS.fullmatch(word):
            return word
        found = [*self._near(word), *self._split(word)]
        return min(found)[-1] if found else word

    def _near(self, word: str) -> Iterator[tuple[float, int, str]]:
        """Cost, less for the more frequent, and the known word."""
        edits = 2 if len(word) >= TWO_EDITS_FROM else 1
        lengths = range(max(len(word) - edits, SHORTEST_REPAIRED), len(word) + edits + 1)
        near = [other for length in lengths for other in self._by_length.get(length, ())]
        if not near:
            return
        distances = cdist([word], near, scorer=OSA.distance, score_cutoff=edits)[0]
        for place in np.flatnonzero(distances <= edits):
            other = near[place]
            if len(word) > SHORTEST_REPAIRED or self._is_meant(word, other):
                wrong_start = other[0] != word[0]
                yield 2.0 * int(distances[place]) + wrong_start, -self._counts[other], other

    def _is_meant(self, short: str, other: str) -> bool:
        """Few letters are near many words: the letters must be the same or the word common."""
        return sorted(short) == sorted(other) or self._counts[other] >= OFTEN

    def _split(self, word: str) -> Iterator[tuple[float, int, str]]:
        """`howdo` was `how do`, and `howxdo`, too: the space was left out, or another letter."""
        if len(word) <= SHORTEST_REPAIRED:
            return
        for place in range(1, len(word)):
            left, right, less = word[:place], word[place:], word[place + 1 :]
            known = min(len(left), len(right)) > 1 and {left, right} <= self._counts.keys()
            pair, shorter = f"{left} {right}", f"{left} {less}"
            if known or pair in self._pairs:
                yield 2.5, 0, pair
            if shorter in self._pairs:
                yield 3.5, 0, shorter
