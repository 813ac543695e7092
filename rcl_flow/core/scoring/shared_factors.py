"""What wrongly judged images have in common: image factors in which they differ from right ones.

Wrong and right images are matched by their labels, so that hard labels that happen to be darker do
not make darkness look like a cause. All mistakes together are tested, each kind of mistake, the
missed images of each label, and each direction of each pair of labels that is mixed up; Holm's
correction is over all of these tests.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from rcl_flow.core.audit.factor_table import FactorTable, table_of
from rcl_flow.core.audit.factors import FACTORS, Factor
from rcl_flow.core.audit.rules import FactorRules
from rcl_flow.core.audit.shift import centre_of, strata_of
from rcl_flow.core.datasets.dataset import Dataset, DatasetImage
from rcl_flow.core.measures import ImageMeasures
from rcl_flow.core.scoring.answers import Flags, Indices
from rcl_flow.core.scoring.error_types import LabelPair, SharedFactor
from rcl_flow.core.scoring.label_pairs import FALSE_ALARM_RATE
from rcl_flow.core.scoring.mistake_table import KINDS, MistakeTable
from rcl_flow.core.statistics import (
    Gap,
    Sample,
    distribution_gap,
    holm_corrected,
    matched_samples,
)

MOST_WRONG: Final = 5_000
MOST_RIGHT: Final = 20_000
"""More images are not compared; those that are, are spread over the digests."""


@dataclass(frozen=True, slots=True)
class _Group:
    """Mistakes that are looked at together."""

    kind: str
    label: str
    flags: Flags
    """Which mistakes."""


@dataclass(frozen=True, slots=True)
class _Test:
    group: _Group
    factor: Factor
    wrong: Sample
    right: Sample
    gap: Gap


def find_shared(
    table: MistakeTable,
    images: Sequence[DatasetImage],
    measures: Mapping[str, ImageMeasures],
    labels: Sequence[str],
    pairs: Sequence[LabelPair],
) -> tuple[SharedFactor, ...]:
    """Return the factors that are certain, the surest first.

    Args:
        table: all mistakes.
        images: the holdout, in the order of the table's rows.
        measures: by digest; images without them are left out.
        labels: the columns' names.
        pairs: labels that are mixed up.
    """
    if not measures:
        return ()
    is_wrong = np.zeros(len(images), dtype=np.bool_)
    is_wrong[table.images] = True
    wrong = _table(images, _some(np.flatnonzero(is_wrong), MOST_WRONG), measures)
    right = _table(images, _some(np.flatnonzero(~is_wrong), MOST_RIGHT), measures)
    strata = strata_of(wrong.images, right.images)
    rows = {image.sha256: row for row, image in enumerate(wrong.images)}
    places = np.array([rows.get(image.sha256, -1) for image in images], dtype=np.intp)
    tests = [
        test
        for group in _groups(table, labels, pairs)
        for test in _tests(group, places[table.images[group.flags]], (wrong, right), strata)
    ]
    corrected = holm_corrected([test.gap.p_value for test in tests], len(tests))
    least = FactorRules().min_shift
    found = [
        _shared(test, p_value)
        for test, p_value in zip(tests, corrected, strict=True)
        if p_value <= FALSE_ALARM_RATE and test.gap.distance >= least
    ]
    return tuple(sorted(found, key=lambda shared: shared.p_value))


def _some(rows: Indices, most: int) -> Indices:
    return rows[:: max(-(-len(rows) // most), 1)]


def _table(
    images: Sequence[DatasetImage], rows: Indices, measures: Mapping[str, ImageMeasures]
) -> FactorTable:
    return table_of(Dataset("holdout", tuple(images[row] for row in rows.tolist())), measures)


def _groups(
    table: MistakeTable, labels: Sequence[str], pairs: Sequence[LabelPair]
) -> Iterator[_Group]:
    yield _Group("", "", np.ones(len(table), dtype=np.bool_))
    for kind in KINDS:
        flags = table.of_kind(kind)
        if flags.any() and not flags.all():
            yield _Group(kind, "", flags)
    for index, label in enumerate(labels):
        yield _Group("", label, (table.truths == index) & table.loses)
    column = {label: index for index, label in enumerate(labels)}
    for pair in pairs:
        for truth, predicted in ((pair.first, pair.second), (pair.second, pair.first)):
            taken = (table.truths == column[truth]) & (table.predicted == column[predicted])
            yield _Group(f"{truth} taken for {predicted}", truth, taken)


def _tests(
    group: _Group,
    places: Indices,
    tables: tuple[FactorTable, FactorTable],
    strata: tuple[Indices, Indices],
) -> Iterator[_Test]:
    """Yield a test for each factor that enough wrong and right images have."""
    rules = FactorRules()
    chosen = np.unique(places[places >= 0])
    if len(chosen) < rules.min_images:
        return
    everywhere = np.arange(len(tables[1].images))
    same = tables[1].rows.get(group.label, everywhere[:0]) if group.label else everywhere
    for factor in FACTORS:
        wrong, right = (table.columns[factor.name] for table in tables)
        one = chosen[~np.isnan(wrong[chosen])]
        other = same[~np.isnan(right[same])]
        if min(len(one), len(other)) < rules.min_images:
            continue
        samples = matched_samples(wrong[one], right[other], (strata[0][one], strata[1][other]))
        if samples[0].weights.sum() * 2 >= rules.min_images:
            gap = distribution_gap(*samples, period=factor.period)
            yield _Test(group, factor, *samples, gap)


def _shared(test: _Test, p_value: float) -> SharedFactor:
    factor = test.factor
    wrong, right = (factor.told(centre_of(each, factor)) for each in (test.wrong, test.right))
    # the right ones are the second sample: where they are higher, the wrong ones are lower
    is_lower = test.gap.second_higher > test.gap.second_lower
    return SharedFactor(
        kind=test.group.kind,
        label=test.group.label,
        factor=factor.name,
        told=f"What is judged wrongly {factor.less if is_lower else factor.more}: "
        f"median {factor.name} {wrong}, against {right} of what is judged rightly",
        p_value=p_value,
        is_lower=is_lower and not factor.period,
    )
