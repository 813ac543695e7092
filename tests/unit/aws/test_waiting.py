"""Tests of waiting for a state: its end, its deadline, its pace."""

from dataclasses import dataclass
from datetime import timedelta

import pytest

from rcl_flow.aws.waiting import Pace, wait_while
from rcl_flow.errors import WaitTimeoutError
from tests.unit.clocks import FakeClock

WORKING = frozenset({"STARTING"})


@dataclass(frozen=True)
class Seen:
    """What one look at the service shows."""

    status: str


def looks(*statuses: str) -> list[Seen]:
    """Return what consecutive looks show, to be taken from the end."""
    return [Seen(status) for status in reversed(statuses)]


@pytest.mark.parametrize("last", ["RUNNING", "FAILED", "A_STATE_OF_NEXT_YEAR"])
def test_wait_while_ends_at_any_state_that_is_not_working(last: str) -> None:
    """A state that nobody knows ends the wait, so that it is never waited for in vain."""
    clock = FakeClock()
    seen = looks("STARTING", "STARTING", last)
    found = wait_while(seen.pop, WORKING, clock=clock, pace=Pace(15, 600))
    assert found.status == last
    assert clock.sleeps == [15, 15]


def test_wait_while_does_not_sleep_when_it_is_over_already() -> None:
    """The first look comes before the first sleep."""
    clock = FakeClock()
    wait_while(looks("RUNNING").pop, WORKING, clock=clock, pace=Pace(15, 600))
    assert clock.sleeps == []


def test_wait_while_raises_at_the_deadline() -> None:
    """The wait ends on the deadline itself, after one last look."""
    clock = FakeClock()
    with pytest.raises(WaitTimeoutError, match="Still STARTING after 40 s") as caught:
        wait_while(lambda: Seen("STARTING"), WORKING, clock=clock, pace=Pace(15, 40))
    assert clock.sleeps == [15, 15, 10]
    assert caught.value.exit_code == 6


@dataclass(frozen=True)
class Version(Seen):
    """What has a name of its own."""

    arn: str = "arn:aws:rekognition:us-east-1:123456789012:project/p/version/v/1"


def test_wait_while_names_what_it_waited_for() -> None:
    """Who reads the error finds the project version, where it is one."""
    says = f"Still STARTING after 40 s: {Version.arn}."
    with pytest.raises(WaitTimeoutError, match=says):
        wait_while(lambda: Version("STARTING"), WORKING, clock=FakeClock(), pace=Pace(15, 40))


def test_wait_while_counts_from_the_given_time() -> None:
    """A training that began an hour before the program is not given a whole new deadline."""
    clock = FakeClock()
    pace = Pace(60, 3700, since=clock.now() - timedelta(hours=1))
    with pytest.raises(WaitTimeoutError):
        wait_while(lambda: Seen("STARTING"), WORKING, clock=clock, pace=pace)
    assert sum(clock.sleeps) == pytest.approx(100)


def test_wait_while_looks_once_when_the_deadline_is_past() -> None:
    """What has ended by itself meanwhile is found, however late the program comes back."""
    clock = FakeClock()
    pace = Pace(60, 10, since=clock.now() - timedelta(days=2))
    assert wait_while(looks("RUNNING").pop, WORKING, clock=clock, pace=pace).status == "RUNNING"


def test_wait_while_tells_what_it_waits_for() -> None:
    """The watcher is told of each look that has to be repeated, and the time so far."""
    told: list[tuple[str, float]] = []
    wait_while(
        looks("STARTING", "STARTING", "RUNNING").pop,
        WORKING,
        clock=FakeClock(),
        pace=Pace(15, 600),
        on_wait=lambda state, elapsed: told.append((state.status, elapsed)),
    )
    assert told == [("STARTING", 0.0), ("STARTING", 15.0)]
