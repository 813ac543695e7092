"""Tests of finding runs by what a person types."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from rcl_flow.errors import UnknownRunError
from rcl_flow.pipeline.history.selecting import select_runs, state_of
from rcl_flow.pipeline.state.backend import Backend
from rcl_flow.pipeline.state.holding import Holder
from rcl_flow.pipeline.state.lease import acquire_lease, claim
from rcl_flow.pipeline.state.records import RunRecord
from rcl_flow.pipeline.state.sqlite_store import SqliteStore
from tests.unit.clocks import FakeClock


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


@pytest.mark.parametrize("beginning", ["", " "])
def test_select_runs_takes_no_empty_name(beginning: str) -> None:
    """`stop "$RUN"` without RUN means no run, also where there is one alone."""
    with pytest.raises(UnknownRunError, match="empty"):
        select_runs(RUNS[:1], beginning)


def test_select_runs_says_so_when_there_are_none() -> None:
    """An empty workspace has no latest run either."""
    with pytest.raises(UnknownRunError) as caught:
        select_runs([], "latest")
    assert caught.value.message == "There is no latest run."
    assert "no runs in this workspace" in caught.value.hint


def test_state_of_a_run_is_interrupted_when_nobody_holds_it(tmp_path: Path) -> None:
    """A record that says running is believed while somebody living holds the project for it."""
    clock = FakeClock()
    store = SqliteStore(tmp_path / "state.sqlite", clock)
    one, two = (run_of(name).model_copy(update={"status": "running"}) for name in ("one", "two"))
    wanted = claim("shades", "two", Holder("elsewhere", 7), 900)
    acquire_lease(wanted, two.backend.identity, store, clock)
    me = Holder("here", 1)
    assert (state_of(one, store, me), state_of(two, store, me)) == ("interrupted", "running")
    assert state_of(one, store) == "interrupted"
    assert state_of(RUNS[0], store, me) == "completed"
