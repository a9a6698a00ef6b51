"""Finds the entry that answers a question, and how sure that is."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import numpy as np

from knowledge.confidence import Thresholds, evidence
from knowledge.encoder import Encoder
from knowledge.entry import Entry
from knowledge.fusion import Doubles, Floats, Ints
from knowledge.index import Phrasings, Reader
from knowledge.index_cache import IndexCache
from knowledge.text import key_of, normalise
from knowledge.training import Fitted, fit

SHOWN = 3  # matches of a result
SURE = 0.999  # the confidence in an entry when the question is one of its phrasings


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
    score: float  # 0-1, the share of belief among the candidates; raw
    question: str  # the entry's nearest phrasing


@dataclass(frozen=True, slots=True)
class Result:
    """A question as it was read, its matches (best first) and what to do with them."""

    question: str
    matches: tuple[Match, ...]
    band: Band


class Matcher:
    """Immutable; safe to use from several threads."""

    def __init__(self, fitted: Fitted, reader: Reader, thresholds: Thresholds) -> None:
        self.thresholds = thresholds
        self._fitted = fitted
        self._reader = reader
        self._phrasings = fitted.index.phrasings
        self._exact = _only_owners(self._phrasings)

    @staticmethod
    def build(
        entries: Sequence[Entry],
        encoder: Encoder | None,
        out_of_scope: Sequence[str],
        cache: Path | None = None,
        max_wrong_answers: float = 0.03,
        max_turned_away: float = 0.03,
    ) -> "Matcher":
        """Slow (it encodes and fits) and synchronous: call it in a thread.

        out_of_scope: general questions that no entry answers, to learn doubt from.
        cache: a folder where what was fitted is kept, so that the next start is quick.
        max_wrong_answers: at most this share of the questions asked may get a wrong answer.
        max_turned_away: at most this share of answerable questions may find no match.
        """
        phrasings = Phrasings.of(entries, out_of_scope)
        kept = IndexCache(cache, phrasings, encoder) if cache else None
        fitted = (kept and kept.read()) or fit(phrasings, encoder)
        if kept:
            kept.write(fitted)
        thresholds = Thresholds.choose(
            fitted.trials, fitted.held_confidence, max_wrong_answers, max_turned_away
        )
        return Matcher(fitted, Reader(encoder, phrasings), thresholds)

    def match(self, questions: Sequence[str]) -> list[Result]:
        """One result for each question, in their order; they are encoded as one batch."""
        readable = [question for question in questions if key_of(question)]
        found = iter(self._match(readable) if readable and self._phrasings.texts else ())
        nothing = (Result(normalise(question), (), Band.NONE) for question in questions)
        return [
            next(found, empty) if key_of(question) else empty
            for question, empty in zip(questions, nothing, strict=True)
        ]

    def _match(self, questions: list[str]) -> list[Result]:
        asked = self._reader.read(questions)
        seen = self._fitted.index.look(asked)
        logs = self._fitted.blend.logs(seen)
        confidence = self._fitted.confidence.of(evidence(self._fitted.blend, seen))
        return [
            self._result(
                asked.texts[row],
                self._exact.get(key_of(question), self._exact.get(key_of(asked.texts[row]))),
                _Candidates(seen.entries[row], np.exp(logs[row]), seen.nearest[row]),
                float(confidence[row]),
            )
            for row, question in enumerate(questions)
        ]

    def _result(
        self, read: str, exact: int | None, found: "_Candidates", confidence: float
    ) -> Result:
        if exact is not None:
            found, confidence = found.with_first(exact, self._phrasings), SURE
        best = np.argsort(-found.shares, kind="stable")[:SHOWN]
        matches = tuple(
            Match(
                self._phrasings.entry_ids[found.entries[place]],
                confidence if rank == 0 else _of_others(found.shares[best], rank, confidence),
                float(found.shares[place]),
                self._phrasings.shown[found.nearest[place]],
            )
            for rank, place in enumerate(best)
        )
        return Result(read, matches, self._band(confidence))

    def _band(self, confidence: float) -> Band:
        if confidence >= self.thresholds.answer:
            return Band.ANSWER
        return Band.ASK if confidence >= self.thresholds.ask else Band.NONE


@dataclass(frozen=True, slots=True)
class _Candidates:
    """The entries one question may mean; the three belong together."""

    entries: Ints
    shares: Doubles | Floats
    nearest: Ints  # phrasing numbers

    def with_first(self, entry: int, phrasings: Phrasings) -> "_Candidates":
        """The entry takes the share that a phrasing of its own deserves."""
        others = self.entries != entry
        own = self.nearest[~others] if not others.all() else phrasings.starts[entry : entry + 1]
        rest = self.shares[others]
        return _Candidates(
            np.concatenate([[entry], self.entries[others]]),
            np.concatenate([[SURE], rest * ((1 - SURE) / max(float(rest.sum()), 1e-9))]),
            np.concatenate([own, self.nearest[others]]),
        )


def _of_others(shares: Doubles | Floats, rank: int, first: float) -> float:
    """What the first match leaves, shared out as belief is; never above the first."""
    rest = max(1.0 - float(shares[0]), 1e-9)
    return min(first, (1 - first) * float(shares[rank]) / rest)


def _only_owners(phrasings: Phrasings) -> dict[str, int]:
    """The entry a question belongs to for sure: the only one it is a phrasing of."""
    owners: dict[str, set[int]] = {}
    for text, owner in zip(phrasings.texts, phrasings.owners.tolist(), strict=True):
        if owner != phrasings.outside:
            owners.setdefault(key_of(text), set()).add(owner)
    return {key: entries.pop() for key, entries in owners.items() if len(entries) == 1}
