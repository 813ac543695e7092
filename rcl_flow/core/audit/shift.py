"""Whether the splits look alike: image factors between train, test and holdout (J2, J4).

The chance that an audit of alike splits reports any difference of them is at most the false alarm
rate: half of it is spent on the factors of whole splits, a quarter on the factors within single
labels, a quarter on the labels' shares (`shares`), each corrected by Holm over all its tests.

A different mix of labels alone is no shift of a factor: the images of two splits are weighted so
that every label has the same share in both. With several labels an image, what is matched are the
sets of labels where both splits share at least half of their images' sets, else each image's
rarest label, which matches only roughly.

Copies, bursts and frames of one video are not independent; their number makes small differences
look certain. The least shift that matters, `min_shift`, keeps such ones out.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Final

import numpy as np

from rcl_flow.core.audit.factor_table import FactorTable, table_of
from rcl_flow.core.audit.factors import FACTORS, Factor
from rcl_flow.core.audit.findings import Finding, Place
from rcl_flow.core.audit.rules import FactorRules
from rcl_flow.core.audit.stating import Scope, found, place_of
from rcl_flow.core.audit.subject import Subject
from rcl_flow.core.datasets.dataset import DatasetImage
from rcl_flow.core.statistics import (
    Gap,
    Indices,
    Sample,
    Window,
    distribution_gap,
    holm,
    matched_samples,
    shortest_window,
)

Pair = tuple[FactorTable, FactorTable]

_WHOLE_SHARE: Final = 0.5
_LABEL_SHARE: Final = 0.25
"""Parts of the false alarm rate; the labels' shares have the rest."""
_MATCHED: Final = 0.5
_LOPSIDED: Final = 0.5
_SHOWN: Final = 6
_LABELS: Final = 3
_HINTS: Final = {
    ("train", "test"): "The service picks its thresholds on the test set: draw it from the same "
    "source as training, or add training images like it.",
    ("train", "holdout"): "Add training images like the holdout's if those are what production "
    "shows; else collect a holdout that is.",
    ("test", "holdout"): "F1 and thresholds of this test set will not hold on the holdout: make "
    "the test set of images like production's.",
}


@dataclass(frozen=True, slots=True)
class Compared:
    """The images of two splits that are compared."""

    tables: tuple[FactorTable, FactorTable]
    rows: tuple[Indices, Indices]
    """Which rows of the tables."""
    strata: tuple[Indices, Indices]
    """What each of these images shows, as a number."""
    label: str = ""
    """The label that all of them have; empty for the whole splits."""

    @property
    def splits(self) -> tuple[str, str]:
        """The names of the two."""
        return self.tables[0].split, self.tables[1].split


@dataclass(frozen=True, slots=True)
class Shift:
    """How far two splits, or a label in them, are apart in one factor."""

    compared: Compared
    factor: Factor
    samples: tuple[Sample, Sample]
    second_rows: Indices
    """The second table's row of each value of the second sample."""
    gap: Gap

    @property
    def key(self) -> tuple[str, ...]:
        """The two splits and the factor."""
        return *self.compared.splits, self.factor.name


def check(subject: Subject) -> Iterator[Finding]:
    """Compare the factors of each two splits, as a whole and label by label."""
    rules, measures = subject.rules.factors, subject.evidence.measures
    tables = [table_of(split, measures) for split in subject.datasets]
    pairs = [compared(one, other) for one, other in combinations(tables, 2)]
    whole = whole_shifts(pairs, rules)
    by_label = [part for pair in pairs for part in _label_parts(pair, rules)]
    parts: dict[tuple[str, ...], list[Shift]] = defaultdict(list)
    for part in _certain(by_label, _LABEL_SHARE, rules):
        parts[part.key].append(part)
    for shift in whole:
        yield _finding(shift, parts.pop(shift.key, []))
    for alone in parts.values():
        for part in alone:
            yield _finding(part, [])


def whole_shifts(pairs: list[Compared], rules: FactorRules) -> list[Shift]:
    """Return in which factors splits differ as a whole, with certainty and enough to matter."""
    return _certain(pairs, _WHOLE_SHARE, rules)


def strata_of(
    first: Sequence[DatasetImage], second: Sequence[DatasetImage]
) -> tuple[Indices, Indices]:
    """Return a number for what each image shows, by which two splits are matched."""
    sets = [image.labels for image in first], [image.labels for image in second]
    shared = set(sets[0]) & set(sets[1])
    if any(sum(labels in shared for labels in one) < _MATCHED * len(one) for one in sets):
        counts = Counter(label for one in sets for labels in one for label in labels)
        rarest = [
            [min(labels, key=lambda label: (counts[label], label), default="") for labels in one]
            for one in sets
        ]
        return _numbered(rarest[0], rarest[1])
    return _numbered(*sets)


def _numbered(first: Sequence[object], second: Sequence[object]) -> tuple[Indices, Indices]:
    numbers: dict[object, int] = defaultdict(lambda: len(numbers))
    one, other = ([numbers[key] for key in keys] for keys in (first, second))
    return np.array(one, dtype=np.intp), np.array(other, dtype=np.intp)


def compared(first: FactorTable, second: FactorTable) -> Compared:
    """Return two whole splits with what their images show."""
    return Compared(
        (first, second),
        (np.arange(len(first.images)), np.arange(len(second.images))),
        strata_of(first.images, second.images),
    )


def _label_parts(pair: Compared, rules: FactorRules) -> Iterator[Compared]:
    first, second = pair.tables
    for label in first.rows:
        rows = first.rows[label], second.rows.get(label, np.empty(0, np.intp))
        if min(map(len, rows)) >= rules.min_images:
            strata = pair.strata[0][rows[0]], pair.strata[1][rows[1]]
            yield Compared(pair.tables, rows, strata, label)


def _certain(every: list[Compared], share: float, rules: FactorRules) -> list[Shift]:
    """Return the shifts that are significant together and large enough to matter."""
    shifts = [
        shift for each in every for factor in FACTORS for shift in _shift(each, factor, rules)
    ]
    sure = holm([shift.gap.p_value for shift in shifts], share * rules.false_alarm_rate)
    return [
        shift
        for shift, certain in zip(shifts, sure, strict=True)
        if certain and shift.gap.distance >= rules.min_shift
    ]


def _shift(compared: Compared, factor: Factor, rules: FactorRules) -> Iterator[Shift]:
    """Yield the shift where enough images on both sides can be matched."""
    sides = []
    for table, rows, strata in zip(compared.tables, compared.rows, compared.strata, strict=True):
        values = table.columns[factor.name][rows]
        known = ~np.isnan(values)
        sides.append((values[known], strata[known], rows[known]))
    (first, first_strata, _), (second, second_strata, second_rows) = sides
    if min(len(first), len(second)) < rules.min_images:
        return
    samples = matched_samples(first, second, (first_strata, second_strata))
    if samples[0].weights.sum() * 2 >= rules.min_images:
        gap = distribution_gap(*samples, period=factor.period)
        yield Shift(compared, factor, samples, second_rows, gap)


def _finding(shift: Shift, parts: list[Shift]) -> Finding:
    first, second = shift.compared.splits
    factor, label = shift.factor, shift.compared.label
    centres = tuple(centre_of(sample, factor) for sample in shift.samples)
    widest = sorted(parts, key=lambda part: -part.gap.distance)[:_LABELS]
    most = ", ".join(f"{part.compared.label} ({part.gap.distance:.2f})" for part in widest)
    measure = "Kuiper" if factor.period else "KS"
    return found(
        "factor-shift",
        f"{f'{label}: ' if label else ''}{told_of(shift)}, {measure} distance "
        f"{shift.gap.distance:.2f}{f', most of all in {most}' if most else ''}.",
        f"{_HINTS[first, second]} Practice {factor.practice}, {factor.name}.",
        scope=Scope(
            f"{first}+{second}",
            label=label,
            figures={
                "distance": shift.gap.distance,
                "p_value": shift.gap.p_value,
                f"{first} {factor.name}": centres[0],
                f"{second} {factor.name}": centres[1],
            },
            places=_typical(shift, centres[1]),
        ),
    )


def told_of(shift: Shift) -> str:
    """Return which split differs, in what direction, and by how much in the factor's own unit."""
    first, second = shift.compared.splits
    side, figures = direction_of(shift)
    return f"{second} {side} than {first}: {figures}"


def direction_of(shift: Shift) -> tuple[str, str]:
    """Return in words what the second split is more than the first, and the figures of both."""
    first, factor = shift.compared.splits[0], shift.factor
    here, there = (factor.told(centre_of(sample, factor)) for sample in shift.samples)
    if _moved(shift):
        higher = shift.gap.second_higher > shift.gap.second_lower
        side = factor.more if higher else factor.less
        return side, f"median {factor.name} {there} against {here}"
    here, there = (_middle(sample, factor) for sample in shift.samples)
    side = factor.more if factor.period else _varied(shift)
    return side, f"half of it has {factor.name} {there}, of {first} {here}"


def _moved(shift: Shift) -> bool:
    """Say whether one split is higher as a whole, as its median tells too."""
    gap = shift.gap
    smaller, larger = sorted([gap.second_higher, gap.second_lower])
    if shift.factor.period or smaller > _LOPSIDED * larger:
        return False
    here, there = (sample.quantile(0.5) for sample in shift.samples)
    apart = abs(there - here) > shift.factor.still
    return apart and (there > here) is (gap.second_higher > gap.second_lower)


def _varied(shift: Shift) -> str:
    widths = [sample.quantile(0.75) - sample.quantile(0.25) for sample in shift.samples]
    return f"varies {'more' if widths[1] > widths[0] else 'less'} in {shift.factor.name}"


def _middle(sample: Sample, factor: Factor) -> str:
    """Return in words where half of the images are."""
    if factor.period:
        arc = _arc(sample, factor)
        low, high = arc.low, arc.high
    else:
        low, high = sample.quantile(0.25), sample.quantile(0.75)
    return f"{factor.told(low)} to {factor.told(high)}"


def _arc(sample: Sample, factor: Factor) -> Window:
    return shortest_window(sample.values[sample.weights > 0], 0.5, period=factor.period)


def centre_of(sample: Sample, factor: Factor) -> float:
    """Return the median; on a circle the middle of the shortest arc that holds half of it."""
    if not factor.period:
        return sample.quantile(0.5)
    arc = _arc(sample, factor)
    return (arc.low + arc.width(factor.period) / 2) % factor.period


def _typical(shift: Shift, centre: float) -> tuple[Place, ...]:
    """Return a few images of the second split that lie where most of it does."""
    factor, table = shift.factor, shift.compared.tables[1]
    values = shift.samples[1].values
    away = np.abs(values - centre)
    if factor.period:
        away = np.minimum(away, factor.period - away)
    return tuple(
        place_of(
            table.images[shift.second_rows[place]],
            table.split,
            note=f"{factor.name} {factor.told(float(values[place]))}",
        )
        for place in np.argsort(away, kind="stable")[:_SHOWN]
    )
