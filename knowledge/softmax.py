"""Multinomial logistic regression, fitted with L-BFGS: convex, so always the same answer."""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
Objective = Callable[[npt.NDArray[np.float64]], tuple[float, npt.NDArray[np.float64]]]

_MEMORY = 10  # pairs of steps L-BFGS remembers
_ROUNDS = 100
_TOLERANCE = 1e-4  # of the gradient, relative to where it started


def fit_softmax(
    features: Floats, labels: npt.NDArray[np.int64], classes: int, strength: float
) -> tuple[Floats, Floats]:
    """Weights (features x classes) and biases; `strength` weighs the data against small weights."""
    rows, width = features.shape
    wanted = np.zeros((rows, classes), dtype=np.float32)
    wanted[np.arange(rows), labels] = 1

    def loss(point: npt.NDArray[np.float64]) -> tuple[float, npt.NDArray[np.float64]]:
        weights = point[: width * classes].reshape(width, classes).astype(np.float32)
        logs = log_softmax(features @ weights + point[width * classes :].astype(np.float32))
        error = np.exp(logs) - wanted
        value = -strength * float(logs[np.arange(rows), labels].sum(dtype=np.float64))
        value += 0.5 * float(point @ point)
        slope = strength * np.concatenate([(features.T @ error).ravel(), error.sum(axis=0)])
        return value, slope + point

    point = minimise(loss, np.zeros(width * classes + classes))
    weights = point[: width * classes].reshape(width, classes)
    return weights.astype(np.float32), point[width * classes :].astype(np.float32)


def log_softmax(scores: Floats) -> Floats:
    shifted = scores - scores.max(axis=1, keepdims=True)
    return np.asarray(shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True)))


def minimise(loss: Objective, point: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """The lowest point of a smooth convex function (L-BFGS, backtracking line search)."""
    value, slope = loss(point)
    enough = _TOLERANCE * float(np.linalg.norm(slope))
    past: list[tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]] = []
    for _ in range(_ROUNDS):
        if np.linalg.norm(slope) <= enough:
            break
        direction = -_bent(slope, past)
        fall = float(slope @ direction)
        step = 1.0 if past else min(1.0, 1.0 / float(np.abs(slope).sum()))
        while True:
            following, next_slope = loss(point + step * direction)
            if following <= value + 1e-4 * step * fall or step < 1e-10:
                break
            step /= 2
        moved, bend = step * direction, next_slope - slope
        if float(moved @ bend) > 1e-10:
            past = [*past[1 - _MEMORY :], (moved, bend)]
        point, value, slope = point + moved, following, next_slope
    return point


def _bent(
    slope: npt.NDArray[np.float64],
    past: list[tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]],
) -> npt.NDArray[np.float64]:
    """The slope times the inverse curvature seen so far (the two-loop recursion)."""
    direction = slope.copy()
    shares = []
    for moved, bend in reversed(past):
        share = float(moved @ direction) / float(moved @ bend)
        direction -= share * bend
        shares.append(share)
    if past:
        moved, bend = past[-1]
        direction *= float(moved @ bend) / float(bend @ bend)
    for (moved, bend), share in zip(past, reversed(shares), strict=True):
        direction += (share - float(bend @ direction) / float(moved @ bend)) * moved
    return direction
