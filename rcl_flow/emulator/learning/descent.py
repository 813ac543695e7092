"""Minimise a smooth convex function by the limited-memory BFGS method.

Source: J. Nocedal and S. Wright, "Numerical Optimization", 2nd edition (2006), algorithms 7.4
(two-loop recursion) and 3.1 (backtracking). Own code because importing scipy.optimize takes as
long as training on six hundred images.
"""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Matrix = npt.NDArray[np.float64]
Objective = Callable[[Matrix], tuple[float, Matrix]]

_MEMORY = 10
_SUFFICIENT_DECREASE = 1e-4
_SHORTEST_STEP = 1e-8


@dataclass(frozen=True, slots=True, eq=False)
class _Move:
    """A past step and what it did to the slope."""

    step: Matrix
    change: Matrix
    curvature: float


def minimise(objective: Objective, start: Matrix, *, tolerance: float, rounds: int) -> Matrix:
    """Give the point where the objective is lowest.

    Args:
        objective: Gives the value and the slope at a point.
        start: Where to begin.
        tolerance: Stop when the sum of the squared slope is below it.
        rounds: Stop after so many steps.
    """
    moves: deque[_Move] = deque(maxlen=_MEMORY)
    point = start
    value, slope = objective(point)
    for _ in range(rounds):
        if _dot(slope, slope) < tolerance:
            break
        step, value, steeper = _search(objective, point, value, slope, -_direction(slope, moves))
        change = steeper - slope
        curvature = _dot(step, change)
        if curvature <= 0:
            break
        moves.append(_Move(step, change, curvature))
        point, slope = point + step, steeper
    return point


def _direction(slope: Matrix, moves: deque[_Move]) -> Matrix:
    """Multiply the slope by the inverse of the curvature that the past moves have shown."""
    direction = slope.copy()
    shares = []
    for move in reversed(moves):
        share = _dot(move.step, direction) / move.curvature
        shares.append(share)
        direction -= share * move.change
    if moves:
        direction *= moves[-1].curvature / _dot(moves[-1].change, moves[-1].change)
    for move, share in zip(moves, reversed(shares), strict=True):
        direction += move.step * (share - _dot(move.change, direction) / move.curvature)
    return direction


def _search(
    objective: Objective, point: Matrix, value: float, slope: Matrix, direction: Matrix
) -> tuple[Matrix, float, Matrix]:
    """Halve the step until it descends enough; give it with the value and slope it leads to."""
    length = 1.0
    promised = _dot(slope, direction)
    while True:
        step = length * direction
        lower, steeper = objective(point + step)
        enough = value + _SUFFICIENT_DECREASE * length * promised
        if lower <= enough or length < _SHORTEST_STEP:
            return step, lower, steeper
        length /= 2


def _dot(left: Matrix, right: Matrix) -> float:
    return float(np.vdot(left, right))
