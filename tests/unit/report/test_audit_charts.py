"""Tests of the distributions' charts."""

import re
from xml.etree import ElementTree

import pytest

from rcl_flow.core.audit.summary import FactorSummary
from rcl_flow.report.audit_charts import axis_marks, factor_figure


def factor(name: str = "brightness", **changes: object) -> FactorSummary:
    """Return a factor of two splits in four bins."""
    fields: dict[str, object] = {
        "factor": name,
        "low": 0.0,
        "high": 1.0,
        "logarithmic": False,
        "counts": {"train": (1, 2, 1, 0), "holdout": (0, 0, 0, 10)},
        "typical": {"train": 0.4, "holdout": 0.9},
    }
    return FactorSummary.model_validate(fields | changes)


def test_outlines_are_shares_of_each_split_on_one_scale() -> None:
    """Ten holdout images in one bin are higher than two of four training images in one."""
    paths = re.findall(r'class="shape (\w+)" d="([^"]+)"', factor_figure(factor()).chart)
    assert dict(paths) == {
        "train": "M0 100V75.0H1V50.0H2V75.0H3V100.0H4V100",
        "holdout": "M0 100V100.0H1V100.0H2V100.0H3V0.0H4V100",
    }


def test_chart_is_well_formed_and_speaks() -> None:
    """Who cannot see the outlines hears the medians."""
    figure = factor_figure(factor())
    chart = ElementTree.fromstring(figure.chart)  # noqa: S314  # our own output
    assert chart.attrib["role"] == "img"
    assert chart.attrib["aria-label"] == ("Brightness by split. Typical: train 0.40, holdout 0.90")
    assert figure.typical == (("train", "0.40"), ("holdout", "0.90"))


def test_split_without_values_has_no_outline() -> None:
    """A split whose images are all gray has no hue to draw."""
    chart = factor_figure(
        factor(counts={"train": (0, 0), "test": (1, 3)}, typical={"test": 0.6})
    ).chart
    assert "shape test" in chart
    assert "shape train" not in chart


@pytest.mark.parametrize(
    ("low", "high", "logarithmic", "marks"),
    [
        (0.0, 1.0, False, (0, 0.25, 0.5, 0.75, 1)),
        (0.0, 0.137, False, (0, 0.05, 0.1)),
        (0.0, 0.01, False, (0, 0.0025, 0.005, 0.0075, 0.01)),
        (1.0, 20_000.0, True, (1, 10, 100, 1000, 10_000)),
        (0.64, 1.4, True, (0.7, 1, 1.2)),
        (0.004, 0.07, True, (0.005, 0.01, 0.02, 0.05)),
        (1e-3, 1e9, True, (1e-3, 1, 1e3, 1e6, 1e9)),
    ],
)
def test_axis_marks_are_few_and_round(
    low: float, high: float, logarithmic: bool, marks: tuple[float, ...]
) -> None:
    """At most five round values, inside the axis."""
    made = axis_marks(factor(low=low, high=high, logarithmic=logarithmic))
    assert made == pytest.approx(marks)


def test_hue_is_marked_by_colour_names() -> None:
    """Degrees of hue mean little to most people."""
    chart = factor_figure(factor("hue", high=360.0, typical={"train": 118.0})).chart
    assert re.findall(r">(\w+)</text>", chart) == ["red", "green", "blue", "red"]
    assert "train 118° (green)" in chart
