"""Everything a question is compared with, and what comparing it shows."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from knowledge.encoder import Encoder
from knowledge.entry import Entry
from knowledge.fusion import Flags, Floats, Head, Ints, directions, fused
from knowledge.lexical import LexicalIndex, Postings, SparseRow
from knowledge.text import Spelling, key_of, normalise

CANDIDATES = 20  # entries whose phrasings are compared one by one


def spread(count: int, most: int) -> Ints:
    """At most so many numbers below `count`, evenly spread."""
    if count <= most:
        return np.arange(count)
    return np.linspace(0, count - 1, most).astype(np.int64)


@dataclass(frozen=True)
class Phrasings:
    """All ways to ask for all entries, entry by entry. Two alike of one entry count once."""

    entry_ids: tuple[str, ...]
    shown: tuple[str, ...]  # as written
    texts: tuple[str, ...]  # normalised
    owners: Ints  # the number of the entry each belongs to; ascending
    starts: Ints  # where each entry's phrasings begin, and after them their number

    @staticmethod
    def of(entries: Sequence[Entry]) -> "Phrasings":
        ids: list[str] = []
        shown: list[str] = []
        owners: list[int] = []
        for entry in entries:
            questions = [each for group in entry.questions.values() for each in group]
            written = {normalise(each): each for each in reversed(questions) if key_of(each)}
            if written:
                shown += reversed(written.values())
                owners += [len(ids)] * len(written)
                ids.append(entry.id)
        numbers = np.array(owners, dtype=np.int64)
        starts = np.searchsorted(numbers, np.arange(len(ids) + 1))
        return Phrasings(tuple(ids), tuple(shown), tuple(map(normalise, shown)), numbers, starts)

    def of_entries(self, entries: Ints) -> Ints:
        """The numbers of all phrasings of these entries, entry by entry."""
        return np.concatenate([np.arange(self.starts[e], self.starts[e + 1]) for e in entries])


@dataclass(frozen=True)
class Asked:
    """Questions in the forms they are compared in; vectors are None without an encoder."""

    texts: Sequence[str]  # normalised and repaired
    vectors: Floats | None  # of the repaired texts
    raw_vectors: Floats | None  # of the texts before repair: what was really written


class Reader:
    """Turns questions into what is compared: normalised, repaired, encoded as one batch."""

    def __init__(self, encoder: Encoder | None, known: Sequence[str]) -> None:
        self._encoder = encoder
        self._spelling = Spelling(known)

    def read(self, questions: Sequence[str]) -> Asked:
        written = [normalise(question) for question in questions]
        repaired = [self._spelling.repair(text) for text in written]
        if self._encoder is None:
            return Asked(repaired, None, None)
        forms = list(dict.fromkeys(written + repaired))
        row = {text: number for number, text in enumerate(forms)}
        vectors = self._encoder.encode(forms)
        raw = vectors[[row[text] for text in written]]
        return Asked(repaired, vectors[[row[text] for text in repaired]], raw)


@dataclass(frozen=True)
class Seen:
    """What comparing shows: a row a question, a column a candidate entry, likeliest first."""

    entries: Ints
    scores: Floats  # the head's
    meaning: Floats  # similarity to the entry's nearest phrasing; 0 without an encoder
    lexical: Floats
    nearest: Ints  # the number of the nearest phrasing


@dataclass(frozen=True)
class Landmarks:
    """The phrasings every question is compared with by the fused similarity."""

    numbers: Ints
    postings: Postings
    mean: Floats | None  # of all vectors: what all questions here have in common
    vectors: Floats | None  # without the mean

    def similarities(self, rows: Sequence[SparseRow], vectors: Floats | None) -> Floats:
        lexical = np.stack([self.postings.similarities(row) for row in rows])
        if vectors is None or self.vectors is None or self.mean is None:
            return fused(None, lexical)
        return fused(directions(vectors - self.mean) @ self.vectors.T, lexical)

    def among_themselves(self, lexical: LexicalIndex) -> Floats:
        wording = np.stack([self.postings.similarities(lexical.row(n)) for n in self.numbers])
        return fused(None if self.vectors is None else self.vectors @ self.vectors.T, wording)


@dataclass(frozen=True)
class Index:
    phrasings: Phrasings
    lexical: LexicalIndex
    vectors: Floats | None  # of the phrasings
    landmarks: Landmarks
    head: Head
    known: Flags | None = None  # the phrasings that may be compared with; None: all

    def trained_on(self, head: Head, known: Flags) -> "Index":
        """The index as it would be if it had only the known phrasings."""
        return replace(self, head=head, known=known)

    def look(self, asked: Asked) -> Seen:
        rows = [self.lexical.read(text) for text in asked.texts]
        scores = self.head.scores(self.landmarks.similarities(rows, asked.vectors))
        order = np.argsort(-scores, axis=1, kind="stable")[:, :CANDIDATES]
        raw = asked.raw_vectors
        found = [
            self._compare(row, None if raw is None else raw[number], order[number])
            for number, row in enumerate(rows)
        ]
        meaning, lexical, nearest = (np.stack(part) for part in zip(*found, strict=True))
        return Seen(order, np.take_along_axis(scores, order, 1), meaning, lexical, nearest)

    def _compare(
        self, row: SparseRow, vector: Floats | None, entries: Ints
    ) -> tuple[Floats, Floats, Ints]:
        """With every known phrasing of these entries; the best of each entry."""
        numbers = self.phrasings.of_entries(entries)
        lexical = self.lexical.similarities(row, numbers)
        meaning = np.zeros_like(lexical)
        if vector is not None and self.vectors is not None:
            meaning = self.vectors[numbers] @ vector
        if self.known is not None:
            lexical, meaning = lexical * self.known[numbers], meaning * self.known[numbers]
        sizes = self.phrasings.starts[entries + 1] - self.phrasings.starts[entries]
        starts = np.cumsum(sizes) - sizes
        closeness = np.split(meaning + lexical, starts[1:])
        nearest = numbers[starts + [int(part.argmax()) for part in closeness]]
        return np.maximum.reduceat(meaning, starts), np.maximum.reduceat(lexical, starts), nearest
