"""Finds the entry that answers a question, and how sure that is."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from knowledge.basis import Askable
from knowledge.confidence import CERTAIN, Thresholds, evidence
from knowledge.encoder import Encoder
from knowledge.fusion import Doubles, Floats, Ints
from knowledge.index import Phrasings, Reader
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

    def __init__(
        self,
        fitted: Fitted | None,
        encoder: Encoder | None,
        max_wrong_answers: float = 0.02,
        max_turned_away: float = 0.03,
    ) -> None:
        """`fitted` is None where there are no entries: nothing matches then.

        max_wrong_answers: at most this share of the questions asked may get a wrong answer.
        max_turned_away: at most this share of answerable questions may find no match.
        """
        self._fitted = fitted
        self.thresholds = Thresholds(CERTAIN, CERTAIN, CERTAIN)
        if fitted:
            self._reader = Reader(encoder, fitted.index.vocabulary)
            held = fitted.confidence.of(fitted.trials.evidence)
            limits = (max_wrong_answers, max_turned_away)
            self.thresholds = Thresholds.choose(fitted.trials, held, *limits)

    @staticmethod
    def build(
        entries: Sequence[Askable], encoder: Encoder | None, out_of_scope: Sequence[str]
    ) -> "Matcher":
        """Slow and synchronous: it encodes and fits."""
        phrasings = Phrasings.of(entries, out_of_scope)
        return Matcher(fit(phrasings, encoder) if phrasings.inside else None, encoder)

    def match(self, questions: Sequence[str]) -> list[Result]:
        """One result for each question, in their order; they are encoded as one batch."""
        readable = [question for question in questions if key_of(question)]
        found = iter(self._match(readable, self._fitted) if readable and self._fitted else ())
        nothing = (Result(normalise(question), (), Band.NONE) for question in questions)
        return [
            next(found, empty) if key_of(question) else empty
            for question, empty in zip(questions, nothing, strict=True)
        ]

    def _match(self, questions: list[str], fitted: Fitted) -> list[Result]:
        asked = self._reader.read(questions)
        seen = fitted.index.look(asked)
        shares = np.exp(fitted.blend.logs(seen))
        confidence = fitted.confidence.of(evidence(fitted.blend, seen))
        phrasings = fitted.index.phrasings
        results = []
        for row, (question, read) in enumerate(zip(questions, asked.texts, strict=True)):
            found = _Candidates(seen.entries[row], shares[row], seen.nearest[row])
            exact = phrasings.sole.get(key_of(question), phrasings.sole.get(key_of(read)))
            sure = float(confidence[row])
            if exact is not None and exact == phrasings.outside:
                sure = 0.0
            elif exact is not None:
                found, sure = found.with_first(exact, phrasings), SURE
            results.append(Result(read, found.matches(phrasings, sure), self._band(sure)))
        return results

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

    def matches(self, phrasings: Phrasings, confidence: float) -> tuple[Match, ...]:
        """The best of them. The first has this confidence; what it leaves is shared out among
        the others as belief is, and none is trusted more than the first."""
        best = np.argsort(-self.shares, kind="stable")[:SHOWN]
        rest = max(1.0 - float(self.shares[best[0]]), 1e-9)
        left = [min(confidence, (1 - confidence) * float(self.shares[i]) / rest) for i in best]
        return tuple(
            Match(
                phrasings.entry_ids[self.entries[place]],
                left[rank] if rank else confidence,
                float(self.shares[place]),
                phrasings.shown[self.nearest[place]],
            )
            for rank, place in enumerate(best)
        )

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
