"""The precision-recall curves of all labels, as a report lists them."""

from collections.abc import Mapping
from dataclasses import dataclass

from markupsafe import Markup

from rcl_flow.report.curve_charts import small_curve
from rcl_flow.report.page import ReportPage


@dataclass(frozen=True, slots=True)
class DrawnCurve:
    """A label's curve with a dot at the threshold in use."""

    label: str
    chart: Markup
    average_precision: float | None
    """0 to 1; None where it is not known."""


def average_precisions(page: ReportPage) -> dict[str, float | None]:
    """Return each label's average precision on the holdout; empty where it was not computed."""
    if page.analysis is None:
        return {}
    return {each.label: each.average_precision for each in page.analysis.quality.labels}


def drawn_curves(page: ReportPage, precision: Mapping[str, float | None]) -> tuple[DrawnCurve, ...]:
    """Return every label's curve, the lowest average precision first, unknown ones last."""
    in_use = {
        entry.label: entry.assumed_threshold
        if entry.chosen_threshold is None
        else entry.chosen_threshold
        for entry in page.comparison.labels
    }
    drawn = [
        DrawnCurve(curve.label, small_curve(curve, in_use[curve.label]), precision.get(curve.label))
        for curve in page.curves
        if curve.label in in_use
    ]
    return tuple(sorted(drawn, key=_by_precision))


def _by_precision(curve: DrawnCurve) -> tuple[bool, float, str]:
    return curve.average_precision is None, curve.average_precision or 0.0, curve.label
