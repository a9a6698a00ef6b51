"""Finds the entry that answers a question, and how sure that is."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import numpy as np

from knowledge.confidence import Confidence, Thresholds, evidence
from knowledge.encoder import Encoder
from knowledge.entry import Entry
from knowledge.fusion import Floats
from knowledge.index import Index, Phrasings, Reader, Seen
from knowledge.text import key_of, normalise
from knowledge.training import build_index, hold_trials

SHOWN = 3  # matches of a result
SURE = 0.999  # of a question that is a phrasing, letter for letter


class Band(StrEnum):
    """What may be done with a result."""

    ANSWER = "answer"
    ASK = "ask"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Match:
    """One entry that may answer the question."""

    entry_id: str
    confidence: float  # 0-1, calibrated: the share of such matches that are right
    score: float  # 0-1, the head's share of belief; raw
    question: str  # the entry's nearest phrasing


@dataclass(frozen=True, slots=True)
class Result:
    """A question as it was read, its matches (best first) and what to do with them."""

    question: str
    matches: tuple[Match, ...]
    band: Band


class Matcher:
    """Immutable; safe to use from several threads."""

    def __init__(
        self, index: Index, reader: Reader, confidence: Confidence, thresholds: Thresholds
    ) -> None:
        self._index = index
        self._reader = reader
        self._confidence = confidence
        self.thresholds = thresholds
        self._exact = _exact_keys(index.phrasings)

    @staticmethod
    def build(
        entries: Sequence[Entry],
        encoder: Encoder | None,
        out_of_scope: Sequence[str],
        cache: Path | None = None,
        max_wrong_answers: float = 0.02,
        max_turned_away: float = 0.03,
    ) -> "Matcher":
        """Slow (it encodes and fits): call it in a thread.

        out_of_scope: general questions that no entry answers, to learn from.
        cache: a folder where what was fitted is kept, so that the next start is quick.
        max_wrong_answers: at most this share of the answers given may be wrong.
        max_turned_away: at most this share of answerable questions may find no match.
        """
        phrasings = Phrasings.of(entries)
        reader = Reader(encoder, phrasings.texts)
        vectors = encoder.encode(phrasings.texts) if encoder else None
        index, features = build_index(phrasings, vectors)
        trials = hold_trials(index, features, reader, out_of_scope)
        confidence = Confidence.fit(trials)
        held = confidence.of(trials.evidence)
        thresholds = Thresholds.choose(trials, held, max_wrong_answers, max_turned_away)
        return Matcher(index, reader, confidence, thresholds)

    def match(self, questions: Sequence[str]) -> list[Result]:
        """One result for each question, in their order; they are encoded as one batch."""
        readable = [question for question in questions if key_of(question)]
        found = iter(self._match(readable) if readable else ())
        return [
            next(found) if key_of(question) else Result(normalise(question), (), Band.NONE)
            for question in questions
        ]

    def _match(self, questions: list[str]) -> list[Result]:
        asked = self._reader.read(questions)
        seen = self._index.look(asked)
        nearest = self._index.phrasings.per_entry
        rows = evidence(seen.logs, nearest(seen.meaning), nearest(seen.lexical))
        sure = self._confidence.of(rows)
        return [
            self._result(question, asked.texts[i], seen.row(i), float(sure[i]))
            for i, question in enumerate(questions)
        ]

    def _result(self, question: str, read: str, seen: Seen, confidence: float) -> Result:
        shares = np.exp(seen.logs[0])
        exact = self._exact.get(key_of(question)) or self._exact.get(key_of(read))
        if exact is not None and len(exact) == 1:
            shares[exact[0]], confidence = 1.0, max(SURE, confidence)
        best = np.argsort(-shares, kind="stable")[:SHOWN]
        matches = tuple(
            Match(
                self._index.phrasings.entry_ids[entry],
                confidence if rank == 0 else confidence_of_other(shares, best, rank, confidence),
                float(shares[entry]),
                self._index.nearest(seen, int(entry)),
            )
            for rank, entry in enumerate(best)
        )
        return Result(read, matches, self._band(confidence))

    def _band(self, confidence: float) -> Band:
        if confidence >= self.thresholds.answer:
            return Band.ANSWER
        return Band.ASK if confidence >= self.thresholds.ask else Band.NONE


def confidence_of_other(shares: Floats, best: np.ndarray, rank: int, first: float) -> float:
    """What the first match leaves, shared as the head shares its belief; never above the first."""
    rest = max(1.0 - float(shares[best[0]]), 1e-9)
    return min(first, (1 - first) * float(shares[best[rank]]) / rest)


def _exact_keys(phrasings: Phrasings) -> dict[str, tuple[int, ...]]:
    keys: dict[str, tuple[int, ...]] = {}
    for text, owner in zip(phrasings.texts, phrasings.owners.tolist(), strict=True):
        key = key_of(text)
        keys[key] = tuple(dict.fromkeys([*keys.get(key, ()), owner]))
    return keys
