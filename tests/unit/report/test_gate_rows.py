"""Tests of the gates with what was needed and reached."""

from rcl_flow.core.promotion.rules import Gates
from rcl_flow.report.figures import format_ratio
from rcl_flow.report.gate_rows import gate_rows
from tests.unit.report.pages import Scenario, build_page


def test_gate_rows_cover_every_gate() -> None:
    """A gate that is added to the config cannot be forgotten here."""
    page = build_page()
    rows = gate_rows(page.comparison, page.decision, page.gates)
    assert [row.gate for row in rows] == list(Gates.model_fields)
    assert all(row.passed for row in rows)


def test_gate_rows_show_what_was_needed_and_reached() -> None:
    """The row of a failed gate holds the two figures that were compared."""
    page = build_page(Scenario(holdout_images=150), gates=Gates(min_holdout_images=400))
    row = gate_rows(page.comparison, page.decision, page.gates)[0]
    assert (row.needed, row.reached, row.passed) == ("400", "150", False)


def test_gate_rows_name_lowest_label() -> None:
    """The lowest label is the one that the gate depends on."""
    page = build_page(Scenario(holdout_accuracy=0.9, unjudged=("3",)))
    worst = min(
        (entry.holdout.f1, entry.label) for entry in page.comparison.labels if entry.holdout
    )
    row = gate_rows(page.comparison, page.decision, page.gates)[2]
    assert row.reached == f"{format_ratio(worst[0])} ({worst[1]})"
