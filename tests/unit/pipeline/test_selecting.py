"""Tests of finding runs by what a person types."""

from datetime import UTC, datetime

import pytest

from rcl_flow.errors import UnknownRunError
from rcl_flow.pipeline.backend import Backend
from rcl_flow.pipeline.records import RunRecord
from rcl_flow.pipeline.selecting import select_runs


def run_of(run_id: str, day: int = 1) -> RunRecord:
    """Return the record of a run that was started on that day."""
    at = datetime(2026, 1, day, tzinfo=UTC)
    return RunRecord(
        run_id=run_id,
        input_digest="0" * 64,
        project="shades",
        backend=Backend(kind="emulator", region="us-east-1"),
        status="completed",
        started_at=at,
        updated_at=at,
    )


RUNS = [run_of("20260102-ab", 2), run_of("20260103-cd", 3), run_of("20260101-ef", 1)]


def test_select_runs_returns_all_when_nothing_is_given() -> None:
    """Without a beginning every run is meant."""
    assert select_runs(RUNS, None) == RUNS


def test_select_runs_finds_the_one_that_starts_so() -> None:
    """Enough of the id to be unique is enough."""
    assert select_runs(RUNS, "20260102") == [RUNS[0]]


def test_select_runs_takes_the_newest_for_latest() -> None:
    """`latest` is the run that was started last, whatever the order of the list."""
    assert select_runs(RUNS, "latest") == [RUNS[1]]


@pytest.mark.parametrize(
    ("beginning", "message"), [("2026", "Several runs start"), ("x", "No run starts")]
)
def test_select_runs_refuses_when_it_is_not_exactly_one(beginning: str, message: str) -> None:
    """The message says why, and the hint lists the candidates."""
    with pytest.raises(UnknownRunError, match=message) as caught:
        select_runs(RUNS, beginning)
    assert "20260101-ef" in caught.value.hint


def test_select_runs_says_so_when_there_are_none() -> None:
    """An empty workspace has no latest run either."""
    with pytest.raises(UnknownRunError) as caught:
        select_runs([], "latest")
    assert "no runs in this workspace" in caught.value.hint
