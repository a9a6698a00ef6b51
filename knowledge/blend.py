"""From the evidence for each candidate to shares of belief, with weights learned here."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from knowledge.fusion import Doubles, Floats, Ints
from knowledge.index import Seen
from knowledge.minimise import minimise

_PRIOR = 0.05  # pull of the weights towards the usual ones, in questions
_USUAL = np.array([20.0, 0.0, 0.0])


def _signs(seen: Seen) -> Doubles:
    return np.stack([seen.scores, seen.meaning, seen.lexical], axis=2).astype(np.float64)


@dataclass(frozen=True)
class Blend:
    """How much the head, the nearest meaning and the nearest wording count."""

    weights: Doubles

    @staticmethod
    def fit(asked: Sequence[Seen], owners: Sequence[Ints]) -> "Blend":
        """Conditional logit: the weights that make the right entries of held-out phrasings likely."""
        if not asked:
            return Blend(_USUAL)
        signs = np.concatenate([_signs(seen) for seen in asked])
        right = np.concatenate(
            [seen.entries == own[:, None] for seen, own in zip(asked, owners, strict=True)]
        )
        found = right.any(axis=1)
        signs, right = signs[found], right[found]

        def loss(weights: Doubles) -> tuple[float, Doubles]:
            logs = _log_softmax(signs @ weights)
            slope = np.einsum("qck,qc->k", signs, np.exp(logs) - right)
            away = weights - _USUAL
            value = -float(logs[right].sum()) + _PRIOR * float(away @ away) / 2
            return value, slope + _PRIOR * away

        return Blend(minimise(loss, _USUAL))

    def logs(self, seen: Seen) -> Floats:
        """The logarithm of each candidate's share of belief."""
        return _log_softmax(_signs(seen) @ self.weights).astype(np.float32)


def _log_softmax(scores: Doubles) -> Doubles:
    shifted = scores - scores.max(axis=1, keepdims=True)
    return np.asarray(shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True)))
