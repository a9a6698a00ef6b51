"""How likely the first match is right, learned from held-out phrasings; and the bands."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from statistics import NormalDist

import numpy as np
import numpy.typing as npt

from knowledge.blend import Blend
from knowledge.index import Seen
from knowledge.minimise import minimise

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int64]
Doubles = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

CERTAIN = 0.99  # the highest threshold: a phrasing word for word is above it
_LEAST_SCALE = 0.05  # a figure that hardly varied in the trials says little, however far it is
_DOUBT = 0.5  # wrong answers we suppose unseen: few trials prove little
_PRIOR = 1.0  # pull of the weights towards zero, in questions


def evidence(blend: Blend, seen: Seen) -> Doubles:
    """Figures for each question, about its likeliest candidate, the others, and out of scope."""
    logs = blend.logs(seen)
    rows = np.arange(len(logs))
    order = np.argsort(-logs, axis=1, kind="stable")
    best, second = order[:, 0], order[:, min(1, logs.shape[1] - 1)]
    shares = np.exp(logs)
    return np.column_stack(
        [
            logs[rows, best],
            shares[rows, best] - shares[rows, second],
            -(shares * logs).sum(axis=1),  # entropy: how undecided
            seen.signs[rows, best],
            seen.meaning.max(axis=1),
            seen.lexical.max(axis=1),
            seen.outside,
            blend.outside(seen),
        ]
    ).astype(np.float64)


class Kind(IntEnum):
    """Where a trial's question comes from."""

    IN_SCOPE = 0  # a phrasing that was held out
    NEAR = 1  # a phrasing of an entry that was left out whole: our field, no answer
    GENERAL = 2  # from the list of general questions that have nothing to do with us


# What customers ask, as shares of all questions: our assumption, no measurement. Trials weigh as
# much as it says. The rest, REPEATED, are phrasings word for word (a button sends one): they are
# answered, rightly, and need no trial.
MIX = {Kind.IN_SCOPE: 0.65, Kind.NEAR: 0.05, Kind.GENERAL: 0.10}
REPEATED = 1 - sum(MIX.values())


@dataclass(frozen=True)
class Trials:
    """Questions the knowledge base was asked while it did not know them."""

    evidence: Doubles
    right: Flags  # the first match was right
    kinds: Ints

    @property
    def weights(self) -> Doubles:
        """How many questions each trial stands for; together as many as there are trials."""
        counts = np.bincount(self.kinds, minlength=len(Kind))
        weights = np.array([MIX[kind] / max(counts[kind], 1) for kind in Kind])[self.kinds]
        return np.asarray(weights * (len(weights) / weights.sum()))

    @staticmethod
    def joined(parts: Sequence["Trials"]) -> "Trials":
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
        scale = np.maximum(scale, _LEAST_SCALE)
        rows = (trials.evidence - mean) / scale
        signs = np.where(trials.right, 1.0, -1.0)

        def loss(point: Doubles) -> tuple[float, Doubles]:
            margins = signs * (rows @ point[:-1] + point[-1])
            value = float(weights @ np.logaddexp(0, -margins))
            pull = -signs * weights / (1 + np.exp(np.clip(margins, -500, 500)))
            slope = np.append(rows.T @ pull, pull.sum()) + _PRIOR * point
            return value + _PRIOR * float(point @ point) / 2, slope

        point = minimise(loss, np.zeros(rows.shape[1] + 1))
        return Confidence(mean, scale, point[:-1], point[-1:])

    def of(self, rows: Doubles) -> Doubles:
        """P(the first match is right), 0-1; below CERTAIN, which only exact matches reach."""
        scores = ((rows - self.mean) / self.scale) @ self.weights + self.bias
        return np.asarray((CERTAIN - 1e-6) / (1 + np.exp(-np.clip(scores, -500, 500))))


@dataclass(frozen=True)
class Thresholds:
    """Where the bands begin."""

    answer: float  # from here on the first match is given
    ask: float  # from here on we ask "did you mean"
    even: float  # as many in scope are right and above as out of scope are below; to compare by

    @staticmethod
    def choose(
        trials: Trials, confidence: Doubles, max_wrong_answers: float, max_turned_away: float
    ) -> "Thresholds":
        """The lowest `answer` at which at most that share of all questions gets a wrong answer,
        and the highest `ask` at which at most that share of answerable ones finds no match."""
        order = np.argsort(-confidence, kind="stable")
        weights = trials.weights[order]
        asked = float(weights.sum()) / (1 - REPEATED)
        wrong = np.cumsum(np.where(trials.right[order], 0.0, weights))
        allowed = np.flatnonzero(wrong + _DOUBT <= max_wrong_answers * asked)
        answer = min(float(confidence[order[allowed[-1]]]), CERTAIN) if len(allowed) else CERTAIN
        inside = confidence[trials.kinds == Kind.IN_SCOPE]
        ask = float(np.quantile(inside, max_turned_away, method="lower")) if len(inside) else answer
        return Thresholds(answer, min(ask, answer), _even(trials, confidence))


def _even(trials: Trials, confidence: Doubles) -> float:
    outside = trials.kinds == Kind.GENERAL
    if not outside.any():
        outside = trials.kinds == Kind.NEAR
    inside = trials.kinds == Kind.IN_SCOPE
    order = np.argsort(-confidence, kind="stable")
    kept = np.cumsum((trials.right & inside)[order]) / max(int(inside.sum()), 1)
    refused = _refused(_log_odds(confidence[outside]), _log_odds(confidence[order]))
    return float(confidence[order[int(np.argmax(np.minimum(kept, refused)))]])


def _refused(outside: Doubles, thresholds: Doubles) -> Doubles:
    """The share below each threshold, one standard error less. They are few, so a normal curve
    stands for them: their own tail would be one or two questions."""
    if not len(outside):
        return np.ones_like(thresholds)
    spread = max(float(outside.std()), _LEAST_SCALE)
    below = NormalDist(float(outside.mean()), spread)
    shares = np.array([below.cdf(each) for each in thresholds.tolist()])
    return np.asarray(shares - np.sqrt(shares * (1 - shares) / len(outside)))


def _log_odds(confidence: Doubles) -> Doubles:
    sure = np.clip(confidence, 1e-6, 1 - 1e-6)
    return np.asarray(np.log(sure / (1 - sure)))
