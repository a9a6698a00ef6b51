"""From the evidence for each candidate to shares of belief, with weights learned here."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from knowledge.fusion import Doubles, Floats, Ints
from knowledge.index import Seen
from knowledge.minimise import minimise

_PRIOR = 0.05  # pull of the weights towards the usual ones, in questions
_USUAL = 10.0  # of a head's score: about what a few phrasings an entry give; 0 for the others


@dataclass(frozen=True)
class Blend:
    """How much each head, the nearest meaning and the nearest wording count."""

    weights: Doubles

    @staticmethod
    def fit(asked: Sequence[Seen], owners: Sequence[Ints], heads: int) -> "Blend":
        """Conditional logit: weights that make the right entries of held-out phrasings likely."""
        usual = np.array([_USUAL] * heads + [0.0, 0.0])
        if not asked:
            return Blend(usual)
        signs = np.concatenate([seen.signs for seen in asked]).astype(np.float64)
        right = np.concatenate(
            [seen.entries == own[:, None] for seen, own in zip(asked, owners, strict=True)]
        )
        found = right.any(axis=1)
        signs, right = signs[found], right[found]

        def loss(weights: Doubles) -> tuple[float, Doubles]:
            logs = _log_softmax(signs @ weights)
            slope = np.einsum("qck,qc->k", signs, np.exp(logs) - right)
            away = weights - usual
            value = -float(logs[right].sum()) + _PRIOR * float(away @ away) / 2
            return value, slope + _PRIOR * away

        return Blend(minimise(loss, usual))

    def logs(self, seen: Seen) -> Floats:
        """The logarithm of each candidate's share of belief."""
        return _log_softmax(seen.signs @ self.weights).astype(np.float32)

    def outside(self, seen: Seen) -> Doubles:
        """What is out of scope, on the scale of the scores that become shares, from the best."""
        scores = seen.signs @ self.weights
        return np.asarray(seen.outside @ self.weights - scores.max(axis=1))


def _log_softmax(scores: Doubles) -> Doubles:
    shifted = scores - scores.max(axis=1, keepdims=True)
    return np.asarray(shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True)))
