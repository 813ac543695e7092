"""Tests of the SVG charts."""

import re
from xml.etree import ElementTree

import pytest
from markupsafe import Markup

from rcl_flow.core.scoring.comparison import Gap, Score
from rcl_flow.report.charts import (
    Axis,
    ChartRow,
    axis_over,
    gap_chart,
    interval_bar,
    score_chart,
)

SCORE = Score(images=10, precision=0.9, recall=0.9, f1=0.9, f1_interval=(0.85, 0.95))


def parse(chart: Markup) -> ElementTree.Element:
    """Return the chart as a tree, which proves that it is well formed."""
    return ElementTree.fromstring(chart)  # noqa: S314  # our own output


def texts(chart: Markup) -> list[str]:
    """Return every text that the chart shows."""
    return [element.text or "" for element in parse(chart).iter("text")]


@pytest.mark.parametrize(
    ("values", "low", "high"),
    [
        ((0.978, 0.992, 0.995), 0.975, 1.0),
        ((0.956, 0.984), 0.95, 0.99),
        ((0.31, 0.88), 0.2, 1.0),
        ((1.0,), 0.99, 1.0),
        ((0.0,), 0.0, 0.01),
        ((0.0, 1.0), 0.0, 1.0),
    ],
)
def test_axis_over_encloses_values_within_bounds(
    values: tuple[float, ...], low: float, high: float
) -> None:
    """The axis holds all values, ends on ticks and never leaves 0 to 1."""
    axis = axis_over(values)
    assert (axis.low, axis.high) == (low, high)
    assert axis.ticks[0] == low
    assert axis.ticks[-1] == high


def test_axis_percent_keeps_order_and_holds_ends() -> None:
    """Larger values lie further right; values outside lie at the ends."""
    axis = Axis(low=0.8, high=1.0, step=0.05)
    assert axis.percent(0.8) < axis.percent(0.9) < axis.percent(1.0)
    assert axis.percent(0.5) == axis.percent(0.8)


def test_score_chart_shows_input_figures_in_order() -> None:
    """Each row shows its name, value and interval, as text and to a screen reader."""
    chart = score_chart(
        (
            ChartRow("Test", "test", 0.99, (0.98, 1.0)),
            ChartRow("Holdout", "holdout", 0.95, (0.93, 0.97)),
        )
    )
    assert [t for t in texts(chart) if "[" in t] == ["0.990 [0.980, 1.000]", "0.950 [0.930, 0.970]"]
    assert parse(chart).get("aria-label") == (
        "Test: 0.990 [0.980, 1.000]; Holdout: 0.950 [0.930, 0.970]"
    )


def test_score_chart_places_points_on_one_axis() -> None:
    """The higher score lies further right."""
    chart = score_chart(
        (
            ChartRow("Test", "test", 0.99, (0.98, 1.0)),
            ChartRow("Holdout", "holdout", 0.95, (0.93, 0.97)),
        )
    )
    test, holdout = (float(c.get("cx", "").rstrip("%")) for c in parse(chart).iter("circle"))
    assert test > holdout


def test_gap_chart_shows_gap_zero_and_margin() -> None:
    """The band begins at the margin, left of zero."""
    gap = Gap(f1=-0.03, interval=(-0.06, 0.01), verdict="inconclusive")
    chart = gap_chart(gap, margin=0.05)
    assert "-0.030 [-0.060, +0.010]" in texts(chart)
    assert "the margin is 0.050" in (parse(chart).get("aria-label") or "")
    band = re.search(r'class="band" x="([\d.]+)%"', chart)
    zero = re.search(r'class="zero" x1="([\d.]+)%"', chart)
    assert band is not None
    assert zero is not None
    assert float(band[1]) < float(zero[1])


def test_interval_bar_escapes_label_in_title() -> None:
    """A label is text inside SVG too."""
    bar = interval_bar("<script>a|b</script>", test=SCORE, holdout=SCORE, axis=axis_over([0.8, 1]))
    assert "<script>" not in bar
    assert [title.text for title in parse(bar).iter("title")] == [
        "<script>a|b</script>: holdout F1 0.900 [0.850, 0.950], test F1 0.900"
    ]


def test_charts_escape_names() -> None:
    """Names given to a chart are text, in elements and attributes."""
    chart = score_chart((ChartRow('<b>"x"', "test", 0.9, (0.8, 1.0)),))
    assert '<b>"x"' in texts(chart)
