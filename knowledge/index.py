"""Everything a question is compared with, and what comparing it shows."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from functools import lru_cache

import numpy as np

from knowledge.basis import Askable
from knowledge.encoder import Encoder
from knowledge.fusion import Flags, Floats, Ints, directions
from knowledge.landmarks import Outlook
from knowledge.lexical import LexicalIndex, SparseRow
from knowledge.rankings import Ranking
from knowledge.spelling import Spelling, Vocabulary
from knowledge.text import key_of, key_of_normal, normalise

OUTSIDE = ""  # no entry has this id
CANDIDATES = 10  # entries whose phrasings are compared one by one
COMPARED = 400  # phrasings of a candidate, the first of them
AT_ONCE = 250  # phrasings asked again
AS_WRITTEN = 0.3  # how much the text before repair counts in a vector; the repaired one counts 1


@dataclass(frozen=True)
class Phrasings:
    """All ways to ask for all entries, entry by entry. Two alike of one entry count once."""

    entry_ids: tuple[str, ...]
    shown: tuple[str, ...]  # as written
    texts: tuple[str, ...]  # normalised
    owners: Ints  # the number of the entry each belongs to; ascending
    starts: Ints  # where each entry's phrasings begin, and after them their number
    sole: Mapping[str, int]
    """By the key of a question the entry it belongs to for sure: the only one it is a phrasing of.
    What is out of scope gives way to an entry."""

    @staticmethod
    def of(entries: Sequence[Askable], out_of_scope: Sequence[str]) -> "Phrasings":
        """What is out of scope stands last, like an entry: questions come near it, too."""
        groups = [(entry.id, _written(entry)) for entry in entries]
        groups.append((OUTSIDE, {normalise(each): each for each in out_of_scope if key_of(each)}))
        groups = [(entry_id, written) for entry_id, written in groups if written]
        sizes = [len(written) for _, written in groups]
        ids = tuple(entry_id for entry_id, _ in groups)
        texts = tuple(text for _, written in groups for text in written)
        owners = np.repeat(np.arange(len(groups)), sizes)
        shown = tuple(question for _, written in groups for question in written.values())
        starts, sole = np.cumsum([0, *sizes]), _sole(ids, texts, owners)
        return Phrasings(ids, shown, texts, owners, starts, sole)

    @property
    def outside(self) -> int | None:
        """The number under which stands what is out of scope."""
        last = len(self.entry_ids) - 1
        return last if last >= 0 and self.entry_ids[last] == OUTSIDE else None

    @property
    def inside(self) -> int:
        """How many phrasings belong to entries; they come first."""
        return len(self.texts) if self.outside is None else int(self.starts[self.outside])

    def vocabulary(self) -> Vocabulary:
        return Vocabulary.of(self.texts[: self.inside], self.texts[self.inside :])


def _written(entry: Askable) -> dict[str, str]:
    """Normalised to as written; the first of two alike. The id is one more way to ask: editors
    call an entry by what it answers. Its title is shown for it."""
    return _ways_to_ask(entry.id, tuple(entry.questions.values()))


@lru_cache(maxsize=16_384)
def _ways_to_ask(entry_id: str, groups: tuple[tuple[str, ...], ...]) -> dict[str, str]:
    """Remembered: with an edit of one entry the thousands of others are the same."""
    questions = [(normalise(each), each) for group in groups for each in group]
    questions = [(text, each) for text, each in questions if key_of_normal(text)]
    written = dict(reversed(dict(reversed(questions)).items()))
    name = re.sub("[-_]+", " ", entry_id)
    if questions and re.search("[a-z]", name):
        written.setdefault(normalise(name), questions[0][1])
    return written


def _sole(ids: Sequence[str], texts: Sequence[str], owners: Ints) -> dict[str, int]:
    sole: dict[str, int] = {}
    shared = set()
    for text, owner in zip(texts, owners.tolist(), strict=True):
        key = key_of_normal(text)
        if sole.setdefault(key, owner) != owner and ids[owner] != OUTSIDE:
            shared.add(key)
    return {key: owner for key, owner in sole.items() if key not in shared}


@dataclass(frozen=True)
class Asked:
    """Questions in the forms they are compared in; vectors are None without an encoder."""

    texts: Sequence[str]  # normalised and repaired
    vectors: Floats | None  # mostly of the repaired texts
    raw_vectors: Floats | None  # of the texts before repair: what was really written


class Reader:
    """Turns questions into what is compared: normalised, repaired, encoded as one batch."""

    def __init__(self, encoder: Encoder | None, vocabulary: Vocabulary) -> None:
        self._encoder = encoder
        self._spelling = Spelling(vocabulary)

    def read(self, questions: Sequence[str]) -> Asked:
        written = [normalise(question) for question in questions]
        repaired = [self._spelling.repair(text) for text in written]
        if self._encoder is None:
            return Asked(repaired, None, None)
        forms = list(dict.fromkeys(written + repaired))
        row = {text: number for number, text in enumerate(forms)}
        vectors = self._encoder.encode(forms)
        raw = vectors[[row[text] for text in written]]
        meant = vectors[[row[text] for text in repaired]]
        return Asked(repaired, directions(meant + AS_WRITTEN * raw), raw)


@dataclass(frozen=True)
class Seen:
    """What comparing shows: a row a question, a column a candidate entry, likeliest first."""

    entries: Ints
    signs: Floats  # by candidate: the scores of the heads, then the nearest meaning and wording
    outside: Floats  # the same signs of what is out of scope; zeros where there is nothing
    nearest: Ints  # the number of the nearest phrasing

    @staticmethod
    def joined(parts: "Sequence[Seen]") -> "Seen":
        columns = ([getattr(part, each.name) for part in parts] for each in fields(Seen))
        return Seen(*map(np.concatenate, columns))

    @property
    def meaning(self) -> Floats:
        """The similarity to the nearest phrasing; 0 without an encoder."""
        return self.signs[:, :, -2]

    @property
    def lexical(self) -> Floats:
        return self.signs[:, :, -1]


@dataclass(frozen=True)
class Index:
    phrasings: Phrasings
    vocabulary: Vocabulary
    lexical: LexicalIndex
    outlook: Outlook | None  # None without an encoder
    vectors: Floats | None  # of the phrasings, as the outlook has them
    ranking: Ranking

    def look(self, asked: Asked) -> Seen:
        rows = [self.lexical.read(text) for text in asked.texts]
        return self._look(rows, self._viewed(asked.vectors), self._viewed(asked.raw_vectors))

    def look_back(self, numbers: Ints, ranking: Ranking, known: Flags) -> Seen:
        """What would be seen of these phrasings if only the known ones were known, with a ranking
        that was fitted to those."""
        back = replace(self, ranking=ranking)
        return Seen.joined(
            [
                back._look(
                    [self.lexical.row(number) for number in some.tolist()],
                    vectors := None if self.vectors is None else self.vectors[some],
                    vectors,
                    known,
                )
                for some in np.array_split(numbers, len(numbers) // AT_ONCE + 1)
                if len(some)
            ]
        )

    def _viewed(self, vectors: Floats | None) -> Floats | None:
        return None if vectors is None or self.outlook is None else self.outlook.view(vectors)

    def _look(
        self,
        rows: Sequence[SparseRow],
        vectors: Floats | None,
        raw: Floats | None,
        known: Flags | None = None,
    ) -> Seen:
        scores, near = self.ranking.ask(rows, vectors)
        entries = self._candidates(scores.sum(axis=2))
        wording = rows if near is None or near.shape[1] < self.lexical.size else near
        found = [
            self._compare(words, None if raw is None else raw[number], entries[number], known)
            for number, words in enumerate(wording)
        ]
        nearness, nearest = (np.stack(part) for part in zip(*found, strict=True))
        signs = np.dstack([np.take_along_axis(scores, entries[:, :, None], 1), nearness])
        if self.phrasings.outside is None:
            return Seen(entries, signs, np.zeros_like(signs[:, 0]), nearest)
        return Seen(entries[:, :-1], signs[:, :-1], signs[:, -1], nearest[:, :-1])

    def _candidates(self, scores: Floats) -> Ints:
        """The likeliest entries of each question, and after them what is out of scope."""
        outside = self.phrasings.outside
        if outside is None:
            return np.argsort(-scores, axis=1, kind="stable")[:, :CANDIDATES]
        order = np.argsort(-scores[:, :outside], axis=1, kind="stable")[:, :CANDIDATES]
        return np.hstack([order, np.full((len(order), 1), outside)])

    def _compare(
        self,
        wording: SparseRow | Floats,
        vector: Floats | None,
        entries: Ints,
        known: Flags | None,
    ) -> tuple[Floats, Ints]:
        """With each phrasing of these entries: how near, by meaning and by wording, the
        nearest of each entry is, and which it is.

        wording: how near each phrasing is, where all are landmarks; or the question's.
        known: the others count as far away."""
        begin, end = self.phrasings.starts[entries], self.phrasings.starts[entries + 1]
        end = np.minimum(end, begin + COMPARED)
        runs = [slice(*run) for run in zip(begin.tolist(), end.tolist(), strict=True)]
        if isinstance(wording, SparseRow):
            lexical = self.lexical.similarities(wording, runs)
        else:
            lexical = np.concatenate([wording[run] for run in runs])
        meaning = np.zeros_like(lexical)
        if vector is not None and self.vectors is not None:
            meaning = np.concatenate([self.vectors[run] @ vector for run in runs])
        near = np.column_stack([meaning, lexical])
        if known is not None:
            near *= np.concatenate([known[run] for run in runs])[:, None]
        starts = np.cumsum(end - begin) - (end - begin)
        closeness = np.split(near.sum(axis=1), starts[1:])
        nearest = begin + np.array([part.argmax() for part in closeness], dtype=np.int64)
        return np.maximum.reduceat(near, starts), nearest
