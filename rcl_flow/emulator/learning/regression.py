"""Fit a penalised logistic regression in the space of the examples; numpy only."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from rcl_flow.emulator.learning.descent import Matrix, minimise

Truth = npt.NDArray[np.bool_]

_ROUNDS = 200
_TOLERANCE_PER_EXAMPLE = 2e-7
# Per example; keeps the offset of a label that every example has from growing without end.
_OFFSET_PENALTY = 1e-4
_SMALLEST_SHARE = 1e-9
# On the demo's digits 150 to 1,200 axes differ by less than half a point of accuracy; time grows
# with their number.
MOST_AXES = 500


@dataclass(frozen=True, slots=True, eq=False)
class Targets:
    """What the examples show."""

    truth: Truth
    """One row per example, one column per label."""
    exclusive: bool
    """True when every row has exactly one label."""

    def take(self, rows: Truth) -> "Targets":
        """Keep the rows marked in `rows`."""
        return Targets(self.truth[rows], self.exclusive)


@dataclass(frozen=True, slots=True, eq=False)
class Space:
    """Examples, expressed on their principal axes."""

    coordinates: Matrix
    """One row per example, one column per axis."""
    energies: Matrix
    """One number per axis: the sum of its squared coordinates over the projected examples."""
    back: tuple[Matrix, ...]
    """Their product turns weights on axes into weights on features."""

    def take(self, rows: Truth) -> "Space":
        """Keep the rows marked in `rows`; the axes and their energies stay."""
        return Space(self.coordinates[rows], self.energies, self.back)

    def unfold(self, weights: Matrix) -> Matrix:
        """Turn weights on axes, one row per axis, into weights on features."""
        for matrix in reversed(self.back):
            weights = matrix @ weights
        return weights


@dataclass(frozen=True, slots=True, eq=False)
class Line:
    """A fitted regression: the logits are `coordinates @ weights + offsets`."""

    weights: Matrix
    """One row per axis, one column per label."""
    offsets: Matrix
    """One number per label."""

    def logits(self, coordinates: Matrix) -> Matrix:
        """Give one row per row of coordinates, one column per label."""
        return np.asarray(coordinates @ self.weights + self.offsets)


def project(features: Matrix, most_axes: int = MOST_AXES) -> Space:
    """Rotate standardised features onto their principal axes, at most one per example.

    A penalty on squared weights means the same before and after. Of many axes only the longest
    are kept.

    Args:
        features: One row per example, one column per feature.
        most_axes: How many axes are kept at most.
    """
    rows, columns = features.shape
    if rows > columns:
        energies, vectors = _axes(features.T @ features, most_axes)
        return Space(features @ vectors, energies, (vectors,))
    energies, vectors = _axes(features @ features.T, most_axes)
    roots = np.sqrt(energies)
    return Space(vectors * roots, energies, (features.T, vectors / roots))


def _axes(gram: Matrix, most: int) -> tuple[Matrix, Matrix]:
    energies, vectors = np.linalg.eigh(gram)
    energies, vectors = energies[-most:], vectors[:, -most:]
    kept = energies > max(float(energies[-1]), 1.0) * _SMALLEST_SHARE
    return energies[kept], vectors[:, kept]


def probabilities(logits: Matrix, *, exclusive: bool) -> Matrix:
    """Turn logits into probabilities: softmax over each row, or one sigmoid each.

    Args:
        logits: One row per image, one column per label.
        exclusive: The labels exclude each other.
    """
    if not exclusive:
        return np.asarray(0.5 * (1 + np.tanh(0.5 * logits)))
    _, powers, sums = _softmax_parts(logits)
    return np.asarray(powers / sums[:, None])


def _softmax_parts(logits: Matrix) -> tuple[Matrix, Matrix, Matrix]:
    """Give the logits below each row's highest, their powers, and the sum of each row's."""
    shifted = logits - logits.max(axis=1, keepdims=True)
    powers = np.exp(shifted)
    return shifted, powers, powers.sum(axis=1)


def _loss_and_probabilities(logits: Matrix, targets: Targets) -> tuple[float, Matrix]:
    """Give what `log_loss` and `probabilities` give, with the powers taken once."""
    if not targets.exclusive:
        return log_loss(logits, targets), probabilities(logits, exclusive=False)
    shifted, powers, sums = _softmax_parts(logits)
    loss = float((np.log(sums) - shifted[targets.truth]).sum())
    return loss, np.asarray(powers / sums[:, None])


def log_loss(logits: Matrix, targets: Targets) -> float:
    """Give the log loss of the targets, summed over rows (and over labels, if independent)."""
    if not targets.exclusive:
        return float(np.logaddexp(0.0, np.where(targets.truth, -logits, logits)).sum())
    shifted, _, sums = _softmax_parts(logits)
    return float((np.log(sums) - shifted[targets.truth]).sum())


def fit(space: Space, targets: Targets, *, strength: float) -> Line:
    """Minimise `strength` x log loss + half the squared weights.

    The curvature along an axis is at most a quarter (sigmoid) or half (softmax) of its energy;
    measuring each axis by the root of that bound makes the descent short.
    Source: D. Boehning, "Multinomial logistic regression algorithm", Ann. Inst. Statist. Math.
    44 (1992), for the bound of a half.
    """
    inputs = np.hstack([space.coordinates, np.ones((len(space.coordinates), 1))])
    truth = targets.truth.astype(np.float64)
    penalty = np.append(np.ones(len(space.energies)), strength * _OFFSET_PENALTY)[:, None]
    bound = strength * (0.5 if targets.exclusive else 0.25)
    scale = np.sqrt(penalty + bound * np.append(space.energies, len(inputs))[:, None])

    def objective(scaled: Matrix) -> tuple[float, Matrix]:
        point = scaled / scale
        # a product with few rows is a third faster than its transpose, with few columns
        logits = (point.T @ inputs.T).T
        loss, likely = _loss_and_probabilities(logits, targets)
        value = strength * loss + float((penalty * point**2).sum()) / 2
        steepness = ((likely - truth).T @ inputs).T
        return value, np.asarray((strength * steepness + penalty * point) / scale)

    start = np.zeros((inputs.shape[1], truth.shape[1]))
    tolerance = _TOLERANCE_PER_EXAMPLE * strength * len(inputs)
    solution = minimise(objective, start, tolerance=tolerance, rounds=_ROUNDS) / scale
    return Line(weights=solution[:-1], offsets=solution[-1])
