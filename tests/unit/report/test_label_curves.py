"""Tests of the list of all labels' curves."""

from dataclasses import replace

from rcl_flow.report.label_curves import average_precisions, drawn_curves
from tests.unit.report.full_pages import full_page
from tests.unit.report.pages import Scenario, build_page


def test_lowest_average_precision_comes_first() -> None:
    """What needs a look is at the top; a label without a known figure is last."""
    page = full_page(Scenario(labels=("cat", "dog", "eel", "fox")))
    curves = drawn_curves(page, {"cat": 0.9, "dog": 0.7, "eel": None, "fox": 0.8})
    assert [curve.label for curve in curves] == ["dog", "fox", "cat", "eel"]


def test_dot_is_the_threshold_in_use() -> None:
    """The chosen threshold, where there is one, else the assumed one."""
    page = full_page(Scenario(labels=("cat", "dog")))
    first, second = page.comparison.labels
    chosen = first.model_copy(update={"chosen_threshold": 0.654})
    comparison = page.comparison.model_copy(update={"labels": (chosen, second)})
    charts = {c.label: c.chart for c in drawn_curves(replace(page, comparison=comparison), {})}
    assert "at threshold 0.654" in charts["cat"]
    assert f"at threshold {second.assumed_threshold:.3f}" in charts["dog"]


def test_average_precisions_are_the_analysis_figures() -> None:
    """Without an analysis none is known."""
    page = full_page(Scenario(labels=("cat", "dog"), unjudged=("dog",)))
    assert average_precisions(page) == {"cat": 1.0, "dog": None}
    assert average_precisions(build_page()) == {}
