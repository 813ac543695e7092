"""The labels of a comparison in the order and form in which a report lists them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from rcl_flow.core.scoring.comparison import LabelComparison
from rcl_flow.report.charts import Axis, axis_over, interval_bar


@dataclass(frozen=True, slots=True)
class LabelRow:
    """One label with its interval bar; the bar is None when the holdout lacks the label."""

    entry: LabelComparison
    bar: Markup | None
    tags: tuple[str, ...] = ()
    """By which the table is filtered: a verdict or `unknown`, `below` the gate, `few` images."""
    average_precision: float | None = None
    """On the holdout, 0 to 1; None where it is not known."""


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


def label_rows(
    labels: Sequence[LabelComparison],
    axis: Axis,
    *,
    least_f1: float = 0.0,
    average_precision: Mapping[str, float | None] | None = None,
) -> tuple[LabelRow, ...]:
    """Return a row for each label, the largest fall first.

    Args:
        labels: in any order.
        axis: on which every label's F1 fits.
        least_f1: that the gate asks of a label on the holdout.
        average_precision: of the labels, where it is known.
    """
    precision = average_precision or {}
    return tuple(
        LabelRow(
            entry,
            _bar(entry, axis),
            tags=tuple(_tags(entry, least_f1)),
            average_precision=precision.get(entry.label),
        )
        for entry in worst_first(labels)
    )


def _tags(entry: LabelComparison, least_f1: float) -> Iterator[str]:
    yield entry.gap.verdict if entry.gap is not None else "unknown"
    if entry.holdout is not None and entry.holdout.f1 < least_f1:
        yield "below"
    if entry.holdout is not None and entry.holdout.note:
        yield "few"


def _by_gap(entry: LabelComparison) -> tuple[bool, float, str]:
    return entry.gap is None, entry.gap.f1 if entry.gap else 0.0, entry.label


def _bar(entry: LabelComparison, axis: Axis) -> Markup | None:
    if entry.holdout is None:
        return None
    return interval_bar(entry.label, test=entry.test, holdout=entry.holdout, axis=axis)
