"""Whether production's images still look like those that a model was trained on.

The test is the audit's own between two splits. Production has no labels, so a different mix of
labels shows as a drift too: it is as good a reason to look at new images.
"""

from collections.abc import Mapping

import numpy as np

from rcl_flow.core.audit.factor_table import FactorTable, table_of
from rcl_flow.core.audit.rules import FactorRules
from rcl_flow.core.audit.shift import Compared, Shift, centre_of, direction_of, whole_shifts
from rcl_flow.core.datasets.dataset import Dataset
from rcl_flow.core.measures import ImageMeasures
from rcl_flow.core.values import Frozen


class FactorDrift(Frozen):
    """An image factor in which production differs from training, with certainty."""

    factor: str
    """Such as `brightness`."""
    told: str
    """Such as `production is darker than train: median brightness 0.31 against 0.52`."""
    distance: float
    """Kolmogorov-Smirnov's (Kuiper's on a circle), 0 to 1."""
    p_value: float
    train_median: float
    """In the factor's own unit, as the next."""
    production_median: float


class Drift(Frozen):
    """What the comparison of production with training has found."""

    train_images: int
    """Different training images that were compared."""
    production_images: int
    compared: bool
    """False where either are too few (`audit.factors.min_images`)."""
    factors: tuple[FactorDrift, ...] = ()
    """Those that drifted, the largest distance first."""

    @property
    def found(self) -> bool:
        """Whether production differs from training."""
        return bool(self.factors)


def find_drift(
    train: Dataset, production: Dataset, measures: Mapping[str, ImageMeasures], rules: FactorRules
) -> Drift:
    """Return in which factors production differs from the training images.

    Args:
        train: the images that the model was trained on.
        production: images without labels, under whatever name of a split.
        measures: by digest; images without are left out.
        rules: the audit's.
    """
    tables = table_of(train, measures), table_of(production, measures)
    counts = [len(table.images) for table in tables]
    compared = min(counts) >= rules.min_images
    shifts = whole_shifts([_unmatched(*tables)], rules) if compared else []
    return Drift(
        train_images=counts[0],
        production_images=counts[1],
        compared=compared,
        factors=tuple(map(_value, sorted(shifts, key=lambda shift: -shift.gap.distance))),
    )


def _unmatched(train: FactorTable, production: FactorTable) -> Compared:
    """Return the two as wholes: nobody knows what production's images show."""
    counts = len(train.images), len(production.images)
    return Compared(
        (train, production),
        (np.arange(counts[0]), np.arange(counts[1])),
        (np.zeros(counts[0], dtype=np.intp), np.zeros(counts[1], dtype=np.intp)),
    )


def _value(shift: Shift) -> FactorDrift:
    side, figures = direction_of(shift)
    here, there = (centre_of(sample, shift.factor) for sample in shift.samples)
    return FactorDrift(
        factor=shift.factor.name,
        told=f"production {side} than train: {figures}",
        distance=shift.gap.distance,
        p_value=shift.gap.p_value,
        train_median=here,
        production_median=there,
    )
