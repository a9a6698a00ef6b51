"""The lowest point of a smooth convex function."""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

Doubles = npt.NDArray[np.float64]

_ROUNDS = 100
_TOLERANCE = 1e-6  # of the slope, relative to where it started


def minimise(loss: Callable[[Doubles], tuple[float, Doubles]], point: Doubles) -> Doubles:
    """`loss` gives value and slope. Quasi-Newton (BFGS), for a handful of variables."""
    value, slope = loss(point)
    enough = _TOLERANCE * max(float(np.linalg.norm(slope)), 1.0)
    inverse = np.eye(len(point)) / max(float(np.linalg.norm(slope)), 1.0)
    for _ in range(_ROUNDS):
        if np.linalg.norm(slope) <= enough:
            break
        direction = -inverse @ slope
        step, lowered = 1.0, 1e-4 * float(slope @ direction)
        following, next_slope = loss(point + direction)
        while following > value + step * lowered and step > 1e-10:
            step /= 2
            following, next_slope = loss(point + step * direction)
        moved, bend = step * direction, next_slope - slope
        point, value, slope = point + moved, following, next_slope
        inverse = _bent(inverse, moved, bend)
    return point


def _bent(inverse: Doubles, moved: Doubles, bend: Doubles) -> Doubles:
    """The inverse curvature, corrected by how the slope changed along one step."""
    along = float(moved @ bend)
    if along <= 1e-12:
        return inverse
    turn = np.eye(len(moved)) - np.outer(moved, bend) / along
    return turn @ inverse @ turn.T + np.outer(moved, moved) / along
