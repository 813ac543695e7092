"""The demo of the wheel judges what an installed program has printed and written."""

from pathlib import Path
from typing import Any

import pytest

from tests.packaging.demo import outcome_faults, report_faults

GOOD: dict[str, Any] = {
    "status": "completed",
    "model_status": "STOPPED",
    "decision": {"action": "promote"},
    "holdout": {"images": 988, "f1": 0.97},
}


def test_good_outcome_has_no_fault() -> None:
    """The demo's own end is what is wanted."""
    assert list(outcome_faults(GOOD)) == []


@pytest.mark.parametrize(
    ("part", "fault"),
    [
        ({"status": "failed"}, "status is failed, not completed"),
        ({"model_status": "RUNNING"}, "model_status is RUNNING, not STOPPED"),
        ({"decision": {"action": "keep"}}, "the decision is keep, not promote"),
        ({"holdout": {"images": 9, "f1": 0.97}}, "judged on 9 images, not 988"),
        ({"holdout": {"images": 988, "f1": 0.2}}, "the holdout's F1 is 0.2, under 0.9"),
    ],
)
def test_other_outcome_is_told(part: dict[str, Any], fault: str) -> None:
    """Each thing that the demo promises is looked at by itself."""
    assert list(outcome_faults(GOOD | part)) == [fault]


def test_report_has_to_be_a_whole_page(tmp_path: Path) -> None:
    """A page that is missing or cut off is a fault."""
    page = tmp_path / "report.html"
    assert list(report_faults(page)) == [f"no report at {page}"]
    page.write_text("<html><body>F1")
    assert list(report_faults(page)) == ["the report's page has no end"]
    page.write_text("<html><body>F1</body></html>\n")
    assert list(report_faults(page)) == []
