"""What an index would see if it did not know some of its own phrasings and were asked them.

The same figures as `Index.look` gives, for thousands at once: comparing with every phrasing by
matrices is quicker then than comparing each with those of its candidates.
"""

from dataclasses import replace

import numpy as np

from knowledge.fusion import Flags, Floats, Heads, Ints, Similarities
from knowledge.index import COMPARED, Index, Seen
from knowledge.products import CELLS, Crossed


class Retrospect:
    def __init__(self, index: Index) -> None:
        self.index = index
        self._rows = index.lexical.rows
        self._crossed = Crossed(self._rows)
        starts, owners = index.phrasings.starts, index.phrasings.owners
        self._compared = np.arange(len(owners)) - starts[owners] < COMPARED

    def at(self, numbers: Ints, heads: Heads, known: Flags) -> Seen:
        """These phrasings, with heads that were fitted to the known ones alone."""
        parts = max(len(numbers) * len(known) // CELLS, 1)
        seen = [self._at(part, heads, known) for part in np.array_split(numbers, parts)]
        return seen[0] if len(seen) == 1 else Seen.joined(seen)

    def _at(self, numbers: Ints, heads: Heads, known: Flags) -> Seen:
        index = replace(self.index, heads=heads)
        wording = self._crossed.products(self._rows.take(numbers))
        scores = heads.scores(self._similarities(numbers, wording))
        entries = index.candidates(scores.sum(axis=2))
        compared = known & self._compared
        meaning = np.zeros_like(wording)
        if index.vectors is not None:
            meaning = index.vectors[numbers] @ index.vectors.T
        meaning *= compared
        wording *= compared
        nearness = np.dstack([self._by_entry(each, entries) for each in (meaning, wording)])
        return index.seen(scores, entries, nearness, self._nearest(meaning + wording, entries))

    def _similarities(self, numbers: Ints, wording: Floats) -> Similarities:
        landmarks, vectors = self.index.landmarks, self.index.vectors
        asked = None if vectors is None else vectors[numbers]
        return Similarities(landmarks.meaning(asked), wording[:, landmarks.numbers])

    def _by_entry(self, near: Floats, entries: Ints) -> Floats:
        best = np.maximum.reduceat(near, self.index.phrasings.starts[:-1], axis=1)
        return np.take_along_axis(best, entries, 1)

    def _nearest(self, closeness: Floats, entries: Ints) -> Ints:
        starts = self.index.phrasings.starts
        found = [
            [begin + row[begin:end].argmax() for begin, end in zip(*ends, strict=True)]
            for row, *ends in zip(closeness, starts[entries], starts[entries + 1], strict=True)
        ]
        return np.array(found, dtype=np.int64)
