"""Choose how strongly to fit and how boldly to speak, by cross validation."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from rcl_flow.emulator.learning.descent import Matrix
from rcl_flow.emulator.learning.regression import Space, Targets, Truth, fit, log_loss

Folds = npt.NDArray[np.intp]

STRENGTHS = (0.001, 0.01, 0.1)
DEFAULT_STRENGTH = 0.01
MOST_FOLDS = 5
TEMPERATURES = np.geomspace(1 / 8, 8, 49)


@dataclass(frozen=True, slots=True)
class Tuning:
    """What cross validation decided."""

    strength: float
    """The weight of an example against the penalty on the weights (scikit-learn's C)."""
    temperature: float
    """Logits are divided by it."""


def calibrate(space: Space, targets: Targets, *, rng: np.random.Generator) -> Tuning:
    """Choose the strength and temperature with the best log loss on held-out folds.

    A held-out row counts only if the other folds show all its labels; when no row does, as with
    one image per label, the defaults stay.
    """
    folds = assign_folds(targets.truth, rng=rng)
    counted = _rows_known_elsewhere(targets.truth, folds)
    if not counted.any():
        return Tuning(strength=DEFAULT_STRENGTH, temperature=1.0)
    tried = []
    for strength in STRENGTHS:
        logits = _held_out_logits(space, targets, folds, strength)
        loss, temperature = _best_temperature(logits[counted], targets.take(counted))
        tried.append((loss, strength, temperature))
    _, strength, temperature = min(tried)
    return Tuning(strength=strength, temperature=temperature)


def assign_folds(truth: Truth, *, rng: np.random.Generator) -> Folds:
    """Number each row by its fold, spreading rows with the same labels evenly.

    There are as many folds as the most frequent set of labels has rows, at most `MOST_FOLDS`.

    Args:
        truth: One row per example, one column per label.
        rng: Decides which rows go together.
    """
    groups: dict[bytes, list[int]] = {}
    for row in rng.permutation(len(truth)).tolist():
        groups.setdefault(truth[row].tobytes(), []).append(row)
    count = min(MOST_FOLDS, max(len(rows) for rows in groups.values()))
    folds = np.empty(len(truth), dtype=np.intp)
    folds[[row for key in sorted(groups) for row in groups[key]]] = np.arange(len(truth)) % count
    return folds


def _rows_known_elsewhere(truth: Truth, folds: Folds) -> Truth:
    known = np.zeros(len(truth), dtype=np.bool_)
    for fold in range(int(folds.max()) + 1):
        absent = ~truth[folds != fold].any(axis=0)
        known |= (folds == fold) & ~truth[:, absent].any(axis=1)
    return known


def _held_out_logits(space: Space, targets: Targets, folds: Folds, strength: float) -> Matrix:
    logits = np.empty(targets.truth.shape)
    for fold in range(int(folds.max()) + 1):
        outside = folds == fold
        line = fit(space.take(~outside), targets.take(~outside), strength=strength)
        logits[outside] = line.logits(space.coordinates[outside])
    return logits


def _best_temperature(logits: Matrix, targets: Targets) -> tuple[float, float]:
    """Give the lowest loss and its temperature; far-off temperatures need evidence.

    The square of the logarithm weighs about as much as one example, and keeps a handful of
    separable images from making the classifier certain.
    """
    return min(
        (log_loss(logits / temperature, targets) + np.log(temperature) ** 2, temperature)
        for temperature in TEMPERATURES.tolist()
    )
