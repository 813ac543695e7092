"""What differs between the test set and the holdout: image factors, labels, and single parts.

The tests are the audit's own, of one pair of splits: half of its false alarm rate is spent on the
factors, a quarter on the labels' shares, and a quarter on the shares of what was found to be
judged worse, each corrected for all that was looked at.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Final

import numpy as np

from rcl_flow.core.audit.factor_table import FactorTable, table_of
from rcl_flow.core.audit.factors import FACTORS
from rcl_flow.core.audit.rules import FactorRules
from rcl_flow.core.audit.shares import certain_shifts, counts_of
from rcl_flow.core.audit.shift import (
    Compared,
    Shift,
    centre_of,
    compared,
    direction_of,
    told_of,
    whole_shifts,
)
from rcl_flow.core.datasets.dataset import Dataset
from rcl_flow.core.measures import ImageMeasures
from rcl_flow.core.scoring.answers import Numbers
from rcl_flow.core.scoring.slice_candidates import METADATA
from rcl_flow.core.scoring.slices import Found
from rcl_flow.core.statistics import distribution_gap, holm, matched_samples
from rcl_flow.core.values import Frozen

SHARE_OF_RATE: Final = 0.25
"""The part of the false alarm rate that is spent on the shares of what was judged worse."""

_OF_OBJECTS: Final = frozenset({"object size", "object shape"})
_METADATA: Final = {kind.name: kind for kind in METADATA}


class FactorShift(Frozen):
    """An image factor whose distribution differs between test and holdout, with certainty."""

    factor: str
    """Such as `brightness`."""
    told: str
    """Such as `holdout is darker than test: median brightness 0.31 against 0.52`."""
    distance: float
    """Kolmogorov-Smirnov's (Kuiper's on a circle), 0 to 1."""
    p_value: float
    test_median: float
    holdout_median: float
    side: str = ""
    """What the holdout is or has more, such as `is darker`."""
    figures: str = ""
    """Such as `median brightness 0.31 against 0.52`."""


class MixShift(Frozen):
    """A label whose share of the images differs between test and holdout, with certainty."""

    label: str
    test_share: float
    holdout_share: float
    p_value: float


@dataclass(frozen=True, slots=True)
class PartShares:
    """How much of each split a part is, over the same mix of labels; 0 to 1."""

    test: float
    holdout: float
    p_value: float
    """The chance of such a difference between splits that are alike."""


@dataclass(frozen=True)
class Sides:
    """The measured images of the test set and of the holdout."""

    test: FactorTable
    holdout: FactorTable

    @cached_property
    def compared(self) -> Compared:
        """The two with what each image shows, by which they are matched."""
        return compared(self.test, self.holdout)

    @property
    def tables(self) -> tuple[FactorTable, FactorTable]:
        """Test and holdout."""
        return self.test, self.holdout

    def comparable(self, rules: FactorRules) -> bool:
        """Say whether both have enough images."""
        return min(len(table.images) for table in self.tables) >= rules.min_images


def sides_of(test: Dataset, holdout: Dataset, measures: Mapping[str, ImageMeasures]) -> Sides:
    """Return the measured images of both, with their factors."""
    return Sides(_table(test, measures), _table(holdout, measures))


def factor_shifts(sides: Sides, rules: FactorRules) -> tuple[FactorShift, ...]:
    """Return the factors that differ, the largest distance first."""
    if not sides.comparable(rules):
        return ()
    shifts = whole_shifts([sides.compared], rules)
    return tuple(map(_value, sorted(shifts, key=lambda shift: -shift.gap.distance)))


def mix_shifts(test: Dataset, holdout: Dataset, rules: FactorRules) -> tuple[MixShift, ...]:
    """Return the labels whose shares differ, the largest change first."""
    return tuple(
        MixShift(
            label=shift.label,
            test_share=shift.first.share(shift.label),
            holdout_share=shift.second.share(shift.label),
            p_value=shift.p_value,
        )
        for shift in certain_shifts([(counts_of(test), counts_of(holdout))], rules)
    )


def part_shares(found: Found, sides: Sides, rules: FactorRules) -> PartShares | None:
    """Return how much of both splits a slice is; None where that cannot be compared.

    Of a slice of one label's recall, the images of the label are compared.
    """
    if not sides.comparable(rules):
        return None
    values, strata = [], []
    for table, shown in zip(sides.tables, sides.compared.strata, strict=True):
        inside = _inside(found, table)
        if found.touched_column >= 0:
            chosen = table.rows.get(found.question.label, np.empty(0, dtype=np.intp))
            inside, shown = inside[chosen], shown[chosen]
        known = ~np.isnan(inside)
        values.append(inside[known])
        strata.append(shown[known])
    if min(map(len, values)) < rules.min_images:
        return None
    samples = matched_samples(values[0], values[1], (strata[0], strata[1]))
    if samples[0].weights.sum() * 2 < rules.min_images:
        return None
    test, holdout = (float(np.average(each.values, weights=each.weights)) for each in samples)
    return PartShares(test, holdout, distribution_gap(*samples).p_value)


def certain_parts(shares: Sequence[PartShares | None], rules: FactorRules) -> list[bool]:
    """Say of which parts the holdout has more than the test set, with certainty."""
    p_values = [1.0 if each is None else each.p_value for each in shares]
    sure = holm(p_values, SHARE_OF_RATE * rules.false_alarm_rate)
    return [
        fallen and each is not None and each.holdout > each.test
        for each, fallen in zip(shares, sure, strict=True)
    ]


def columns_of(table: FactorTable, digests: Iterable[str]) -> dict[str, Numbers]:
    """Return the table's factors in the order of some images; NaN for those it does not have."""
    row = {image.sha256: number for number, image in enumerate(table.images)}
    rows = np.array([row.get(digest, -1) for digest in digests], dtype=np.intp)
    return {
        name: np.append(values, np.nan)[rows]  # the last is what -1 takes
        for name, values in table.columns.items()
    }


def _table(split: Dataset, measures: Mapping[str, ImageMeasures]) -> FactorTable:
    """Return the table of a split; without boxes, no factor of objects is looked for."""
    if split.task == "detection":
        return table_of(split, measures)
    table = table_of(split, measures, factors=[f for f in FACTORS if f.name not in _OF_OBJECTS])
    missing = dict.fromkeys(_OF_OBJECTS, np.full(len(table.images), np.nan))
    return replace(table, columns={**table.columns, **missing})


def _inside(found: Found, table: FactorTable) -> Numbers:
    """Return 1 for the images in a slice and 0 for others; NaN where it is not known."""
    candidate = found.candidate
    if candidate.window is None:
        kind = _METADATA[found.dimension.name]
        if kind.is_of_split:
            return np.full(len(table.images), np.nan)
        return kind.holds(candidate, table.images, table.measures)
    values = table.columns[found.dimension.name]
    return np.where(np.isnan(values), np.nan, candidate.window.holds(values).astype(np.float64))


def _value(shift: Shift) -> FactorShift:
    side, figures = direction_of(shift)
    here, there = (centre_of(sample, shift.factor) for sample in shift.samples)
    return FactorShift(
        factor=shift.factor.name,
        told=told_of(shift),
        distance=shift.gap.distance,
        p_value=shift.gap.p_value,
        test_median=here,
        holdout_median=there,
        side=side,
        figures=figures,
    )
