"""Everything a question is compared with, and what comparing it shows."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from knowledge.encoder import Encoder
from knowledge.entry import Entry
from knowledge.fusion import Floats, Head, Ints, Space
from knowledge.lexical import LexicalIndex
from knowledge.text import Spelling, key_of, normalise


@dataclass(frozen=True)
class Phrasings:
    """All ways to ask for all entries, entry by entry. Two alike of one entry count once."""

    entry_ids: tuple[str, ...]
    shown: tuple[str, ...]  # as written
    texts: tuple[str, ...]  # normalised
    owners: Ints  # the number of the entry each belongs to; ascending
    starts: Ints  # where each entry's phrasings begin

    @staticmethod
    def of(entries: Sequence[Entry]) -> "Phrasings":
        ids: list[str] = []
        shown: list[str] = []
        owners: list[int] = []
        for entry in entries:
            written = {
                normalise(question): question
                for questions in entry.questions.values()
                for question in reversed(questions)
                if key_of(question)
            }
            if not written:
                continue
            shown += reversed(written.values())
            owners += [len(ids)] * len(written)
            ids.append(entry.id)
        numbers = np.array(owners, dtype=np.int64)
        starts = np.searchsorted(numbers, np.arange(len(ids)))
        texts = tuple(normalise(question) for question in shown)
        return Phrasings(tuple(ids), tuple(shown), texts, numbers, starts)

    def per_entry(self, similarities: Floats) -> Floats:
        """The similarity to the nearest phrasing of each entry; a column an entry."""
        return np.asarray(np.maximum.reduceat(similarities, self.starts, axis=1))


@dataclass(frozen=True)
class Asked:
    """Questions in the forms they are compared in."""

    texts: list[str]  # normalised and repaired
    vectors: Floats | None  # of the repaired texts
    raw_vectors: Floats | None  # of the texts before repair: what was really written


@dataclass(frozen=True)
class Seen:
    """What comparing shows: a row a question, a column an entry (or a phrasing)."""

    logs: Floats  # the head's, by entry
    meaning: Floats  # by phrasing; nothing but zeros without an encoder
    lexical: Floats  # by phrasing

    def row(self, number: int) -> "Seen":
        one = slice(number, number + 1)
        return Seen(self.logs[one], self.meaning[one], self.lexical[one])


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
        vectors = self._encoder.encode(forms)
        row = {text: number for number, text in enumerate(forms)}
        return Asked(
            repaired, vectors[[row[t] for t in repaired]], vectors[[row[t] for t in written]]
        )


@dataclass(frozen=True)
class Index:
    phrasings: Phrasings
    lexical: LexicalIndex
    vectors: Floats | None
    space: Space
    head: Head

    def with_head(self, head: Head) -> "Index":
        return replace(self, head=head)

    def look(self, asked: Asked) -> Seen:
        lexical = self.lexical.similarities(asked.texts)
        features = self.space.features(asked.vectors, lexical[:, self.space.landmarks])
        return Seen(
            self.head.logs(features), self._meaning(asked.raw_vectors, len(lexical)), lexical
        )

    def _meaning(self, vectors: Floats | None, count: int) -> Floats:
        if vectors is None or self.vectors is None:
            return np.zeros((count, len(self.phrasings.texts)), dtype=np.float32)
        return np.asarray(vectors @ self.vectors.T)

    def nearest(self, seen: Seen, entry: int) -> str:
        """The phrasing of the entry that comes closest to the one question seen."""
        owners = self.phrasings.owners
        start, end = np.searchsorted(owners, [entry, entry + 1])
        closeness = seen.meaning[0, start:end] + seen.lexical[0, start:end]
        return self.phrasings.shown[start + int(closeness.argmax())]
