"""The labels of a comparison in the order and form in which a report lists them."""

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from rcl_flow.core.scoring.comparison import LabelComparison
from rcl_flow.report.charts import Axis, axis_over, interval_bar


@dataclass(frozen=True, slots=True)
class LabelRow:
    """One label with its interval bar; the bar is None when the holdout lacks the label."""

    entry: LabelComparison
    bar: Markup | None


def worst_first(labels: Sequence[LabelComparison]) -> tuple[LabelComparison, ...]:
    """Order labels by gap, the largest fall first; labels without a gap come last."""
    return tuple(sorted(labels, key=_by_gap))


def label_axis(labels: Sequence[LabelComparison]) -> Axis:
    """Return one axis on which every label's test and holdout F1 fit."""
    values = [
        value
        for entry in labels
        if entry.holdout is not None
        for value in (*entry.holdout.f1_interval, entry.holdout.f1, entry.test.f1)
    ]
    return axis_over([*values, 1.0])


def label_rows(labels: Sequence[LabelComparison], axis: Axis) -> tuple[LabelRow, ...]:
    """Return a row for each label, the largest fall first."""
    return tuple(LabelRow(entry, _bar(entry, axis)) for entry in worst_first(labels))


def _by_gap(entry: LabelComparison) -> tuple[bool, float, str]:
    return entry.gap is None, entry.gap.f1 if entry.gap else 0.0, entry.label


def _bar(entry: LabelComparison, axis: Axis) -> Markup | None:
    if entry.holdout is None:
        return None
    return interval_bar(entry.label, test=entry.test, holdout=entry.holdout, axis=axis)
