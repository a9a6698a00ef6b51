"""How likely the first match is right, learned from held-out phrasings; and the bands."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum

import numpy as np
import numpy.typing as npt

from knowledge.index import Seen
from knowledge.minimise import minimise

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int64]
Doubles = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

CERTAIN = 0.99  # the highest threshold: a phrasing word for word is above it
_PRIOR = 1.0  # pull of the weights towards zero, in questions


def evidence(logs: Floats, seen: Seen) -> Doubles:
    """Eight figures for each question, about its likeliest candidate and the others."""
    rows = np.arange(len(logs))
    order = np.argsort(-logs, axis=1, kind="stable")
    best, second = order[:, 0], order[:, min(1, logs.shape[1] - 1)]
    shares = np.exp(logs)
    return np.column_stack(
        [
            logs[rows, best],
            shares[rows, best] - shares[rows, second],
            -(shares * logs).sum(axis=1),  # entropy: how undecided
            seen.scores[rows, best],
            seen.meaning.max(axis=1),
            seen.meaning[rows, best],
            seen.lexical.max(axis=1),
            seen.lexical[rows, best],
        ]
    ).astype(np.float64)


class Kind(IntEnum):
    """Where a trial's question comes from."""

    IN_SCOPE = 0  # a phrasing that was held out
    NEAR = 1  # a phrasing of an entry that was left out whole: our field, no answer
    GENERAL = 2  # from the list of general questions that have nothing to do with us


# What customers ask, as shares of all questions; trials weigh as much as this mix says.
MIX = {Kind.IN_SCOPE: 0.80, Kind.NEAR: 0.08, Kind.GENERAL: 0.12}


@dataclass(frozen=True)
class Trials:
    """Questions the knowledge base was asked while it did not know them."""

    evidence: Doubles
    right: Flags  # the first match was right
    kinds: Ints

    @property
    def in_scope(self) -> Flags:
        return np.asarray(self.kinds == Kind.IN_SCOPE)

    @property
    def weights(self) -> Doubles:
        """How many questions each trial stands for; together as many as there are trials."""
        counts = np.bincount(self.kinds, minlength=len(Kind))
        weights = np.array([MIX[kind] / max(counts[kind], 1) for kind in Kind])[self.kinds]
        return np.asarray(weights * (len(weights) / weights.sum()))

    @staticmethod
    def joined(parts: Sequence["Trials"]) -> "Trials":
        """With nothing tried there is one trial that failed: trust nothing but what is exact."""
        if not parts:
            return Trials(np.zeros((1, 8)), np.zeros(1, bool), np.zeros(1, np.int64))
        return Trials(
            np.vstack([part.evidence for part in parts]),
            np.concatenate([part.right for part in parts]),
            np.concatenate([part.kinds for part in parts]),
        )


@dataclass(frozen=True)
class Confidence:
    """Logistic regression on standardised evidence."""

    mean: Doubles
    scale: Doubles
    weights: Doubles
    bias: Doubles

    @staticmethod
    def fit(trials: Trials) -> "Confidence":
        weights = trials.weights
        mean = np.average(trials.evidence, axis=0, weights=weights)
        scale = np.sqrt(np.average((trials.evidence - mean) ** 2, axis=0, weights=weights))
        rows = (trials.evidence - mean) / np.maximum(scale, 1e-6)
        signs = np.where(trials.right, 1.0, -1.0)

        def loss(point: Doubles) -> tuple[float, Doubles]:
            margins = signs * (rows @ point[:-1] + point[-1])
            value = float(weights @ np.logaddexp(0, -margins))
            pull = -signs * weights / (1 + np.exp(np.clip(margins, -500, 500)))
            slope = np.append(rows.T @ pull, pull.sum()) + _PRIOR * point
            return value + _PRIOR * float(point @ point) / 2, slope

        point = minimise(loss, np.zeros(rows.shape[1] + 1))
        return Confidence(mean, np.maximum(scale, 1e-6), point[:-1], point[-1:])

    def of(self, rows: Doubles) -> Doubles:
        """P(the first match is right), 0-1."""
        scores = ((rows - self.mean) / self.scale) @ self.weights + self.bias
        return np.asarray(1 / (1 + np.exp(-np.clip(scores, -500, 500))))


@dataclass(frozen=True)
class Thresholds:
    """answer: from here on the first match is given. ask: from here on we ask "did you mean"."""

    answer: float
    ask: float

    @staticmethod
    def choose(
        trials: Trials, confidence: Doubles, max_wrong_answers: float, max_turned_away: float
    ) -> "Thresholds":
        """The lowest `answer` at which at most that share of the answers given is wrong, and the
        highest `ask` at which at most that share of answerable questions finds no match."""
        order = np.argsort(-confidence, kind="stable")
        weights = trials.weights[order]
        given = np.cumsum(weights)
        wrong = np.cumsum(np.where(trials.right[order], 0.0, weights))
        allowed = np.flatnonzero(wrong <= max_wrong_answers * given)
        answer = min(float(confidence[order[allowed[-1]]]), CERTAIN) if len(allowed) else CERTAIN
        inside = confidence[trials.in_scope]
        ask = float(np.quantile(inside, max_turned_away)) if len(inside) else answer
        return Thresholds(answer, min(ask, answer))

    @staticmethod
    def balanced(trials: Trials, confidence: Doubles) -> float:
        """Where in-scope-correct and out-of-scope-refused together are highest."""
        order = np.argsort(-confidence, kind="stable")
        kept = np.cumsum((trials.right & trials.in_scope)[order]) / max(trials.in_scope.sum(), 1)
        outside = ~trials.in_scope
        refused = 1 - np.cumsum(outside[order]) / max(outside.sum(), 1)
        return float(confidence[order[int(np.argmax(kept + refused))]])
