"""Tests of the values that mistakes are told in."""

from rcl_flow.core.scoring.error_types import ErrorSummary
from rcl_flow.core.scoring.mistake_table import CODES, KINDS
from rcl_flow.core.scoring.typing_errors import type_errors
from tests.unit.core.scoring.holdouts import Place, scenes

LEFT: Place = (0, 0, 40, 40)


def test_summary_survives_a_file() -> None:
    """What is written as JSON is read back as it was."""
    summary = type_errors(scenes([([("bolt", LEFT)], [("nut", 90, LEFT)])], ("bolt", "nut")))
    assert len(summary.errors) == 1
    assert ErrorSummary.model_validate_json(summary.model_dump_json()) == summary


def test_every_kind_has_its_number() -> None:
    """The table's numbers lead back to the kinds."""
    assert [KINDS[CODES[kind]] for kind in KINDS] == list(KINDS)
    assert len(KINDS) == 6
