"""Questions that mean the same, together: greedy, in order, with one threshold."""

from collections.abc import Mapping, Sequence
from zlib import crc32

import numpy as np
import numpy.typing as npt

from knowledge.encoder import Encoder
from knowledge.fusion import directions
from knowledge.lexical import features
from knowledge.text import normalise

Vectors = npt.NDArray[np.float32]

ALIKE = 0.45  # cosine of what is not common; of golden questions grouped so, 72 % are of one entry
ALIKE_IN_WORDS = 0.5  # where there are no sentence vectors
WIDTH = 4096  # of a vector of words


class Meanings:
    """Vectors of texts, each worked out once; without an encoder by their words.

    common: texts of the field, such as the entries' titles; what these have in common says nothing.
    """

    def __init__(self, encoder: Encoder | None, common: Sequence[str]) -> None:
        self._encoder = encoder
        self._known: dict[str, Vectors] = {}
        self._middle = encoder.encode(common).mean(axis=0) if encoder and common else 0.0
        self.alike = ALIKE if encoder else ALIKE_IN_WORDS

    def of(self, texts: Sequence[str]) -> Vectors:
        fresh = [text for text in dict.fromkeys(map(normalise, texts)) if text not in self._known]
        if fresh:
            self._known.update(zip(fresh, self._encoded(fresh), strict=True))
        return np.stack([self._known[normalise(text)] for text in texts])

    def _encoded(self, texts: Sequence[str]) -> Vectors:
        if self._encoder is None:
            return _by_words(texts)
        return directions(self._encoder.encode(texts) - self._middle)


def _by_words(texts: Sequence[str]) -> Vectors:
    rows = np.zeros((len(texts), WIDTH), dtype=np.float32)
    for row, text in zip(rows, texts, strict=True):
        for feature in features(text):
            row[crc32(feature.encode()) % WIDTH] += 1
    return directions(np.sqrt(rows))


def group(
    new: Sequence[tuple[str, str]], known: Mapping[str, Sequence[str]], meanings: Meanings
) -> list[str]:
    """For each new question (the name a group gets if it begins one, the text) its group's name.

    A group is compared by the middle of its questions; a question joins the nearest one that is
    near enough, or begins its own. The same questions in the same order give the same groups.
    """
    sums = {name: meanings.of(texts).sum(axis=0) for name, texts in known.items() if texts}
    found: list[str] = []
    for name, text in new:
        (vector,) = meanings.of([text])
        joined = _nearest(vector, sums, meanings.alike) or name
        sums[joined] = sums.get(joined, 0) + vector
        found.append(joined)
    return found


def _nearest(vector: Vectors, sums: Mapping[str, Vectors], alike: float) -> str | None:
    if not sums:
        return None
    names = list(sums)
    nearness = directions(np.stack([sums[name] for name in names])) @ vector
    best = int(nearness.argmax())
    return names[best] if nearness[best] >= alike else None
