"""Tests of precision-recall curves and calibration as SVG."""

import re

from rcl_flow.core.scoring.quality import Calibration, CalibrationBin
from rcl_flow.core.scoring.ranking import LabelCurve
from rcl_flow.report.curve_charts import calibration_chart, small_curve
from tests.unit.report.documents import Document
from tests.unit.report.test_curves import CURVE, long_curve


def test_small_curve_draws_points_and_threshold() -> None:
    """Recall runs to the right, precision upwards; the dot is where the threshold is."""
    chart = Document(small_curve(CURVE, 0.2))
    (line,) = chart.all("path", **{"class": "line"})
    (dot,) = chart.all("circle")
    assert line.attributes["d"] == "M25 0L25 66.7L75 40"
    assert (dot.attributes["cx"], dot.attributes["cy"]) == ("75", "40")
    assert chart.all("svg")[0].attributes["aria-label"] == (
        "Precision over recall of cat; at threshold 0.200: precision 0.600, recall 0.750, F1 0.667"
    )


def test_small_curve_of_many_steps_stays_small() -> None:
    """However many answers there are, a path has at most 80 points, the last one included."""
    curve = long_curve(5000)
    path = Document(small_curve(curve, 0.5)).all("path", **{"class": "line"})[0].attributes["d"]
    points = path.removeprefix("M").split("L")
    assert len(points) == 80
    assert points[-1].split()[0] == "100"


def test_small_curve_without_answers_is_drawn() -> None:
    """A label that was never answered has an empty curve, not an error."""
    empty = LabelCurve(label="<b>", positives=2, confidences_percent=(), hits=(), false_alarms=())
    chart = small_curve(empty, 0.5)
    assert "<b>" not in chart
    assert Document(chart).all("path", **{"class": "line"})[0].attributes["d"] == "M0 100"


def test_calibration_chart_draws_only_what_was_answered() -> None:
    """A bin without answers has no dot; the text tells every dot."""
    bins = (
        CalibrationBin(
            low_percent=0, high_percent=50, answers=0, mean_confidence_percent=0, share_right=0
        ),
        CalibrationBin(
            low_percent=50,
            high_percent=100,
            answers=40,
            mean_confidence_percent=82,
            share_right=0.75,
        ),
    )
    chart = calibration_chart(Calibration(bins=bins, expected_error=0.07, brier_score=0.1))
    assert re.findall(r'<circle class="dot" cx="([^"]*)" cy="([^"]*)"', chart) == [("82.0", "25")]
    assert "at 82 % confidence 75 % of 40 answers are right" in chart
