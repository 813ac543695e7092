"""Tests of the clocks and of the timeline."""

import pytest

from rcl_flow.emulator.conditions.clock import (
    Clock,
    Delay,
    ManualClock,
    RunningClock,
    SkippingClock,
    Step,
    Timeline,
)


def test_timeline_stays_until_its_delay_is_over() -> None:
    """A state lasts as long as its delay says."""
    clock = ManualClock()
    timeline = Timeline(clock, "A", Step(Delay(seconds=10), lambda due: "B"))
    clock.advance(9.9)
    assert timeline.read() == "A"
    clock.advance(0.1)
    assert timeline.read() == "B"


def test_timeline_catches_up_several_steps_at_their_due_times() -> None:
    """A late reader finds the last state, and each step was entered when it was due."""
    clock = ManualClock(start=1000)
    steps = [Step(Delay(seconds=10), lambda due: f"B at {due:.0f}") for _ in range(2)]
    timeline = Timeline(clock, "A", *steps)
    clock.advance(500)
    assert timeline.read() == "B at 1020"


def test_timeline_shows_a_state_as_often_as_asked_before_it_moves() -> None:
    """A delay of one poll keeps a state until one describe has shown it."""
    timeline = Timeline(ManualClock(), "A", Step(Delay(polls=1), lambda due: "B"))
    assert [timeline.read(), timeline.observe(), timeline.observe()] == ["A", "A", "B"]


def test_timeline_waits_for_work_that_is_not_ready() -> None:
    """A step whose work is not done holds, and is due when the work was done."""
    clock, finished = ManualClock(start=0), list[float]()
    step = Step(
        Delay(),
        enter=lambda due: f"B at {due:.0f}",
        ready_at=lambda: finished[0] if finished else None,
    )
    timeline = Timeline(clock, "A", step)
    clock.advance(60)
    assert timeline.read() == "A"
    finished.append(45)
    assert timeline.read() == "B at 45"


def test_move_forgets_what_was_planned() -> None:
    """Entering a state by hand drops the steps of the former one."""
    timeline = Timeline(ManualClock(), "A", Step(Delay(), lambda due: "B"))
    timeline.move("C")
    assert timeline.read() == "C"


def test_running_clock_runs_at_its_speed() -> None:
    """A fast clock's seconds pass quickly."""
    clock = RunningClock(speed=10_000)
    before = clock.now()
    clock.sleep(100)
    assert clock.now() - before >= 100


def test_running_clock_jumps_ahead() -> None:
    """Time can be skipped on a running clock too."""
    clock = RunningClock()
    before = clock.now()
    clock.advance(3600)
    assert 3600 <= clock.now() - before < 3660


def test_skipping_clock_jumps_to_the_end_of_what_a_client_has_seen() -> None:
    """A day of training is over at the second look, and ended a day after it began."""
    clock = SkippingClock()
    began, ended = clock.now(), []
    day = Step(Delay(86_400), enter=lambda due: ended.append(due) or "TRAINED")  # type: ignore[func-returns-value]
    timeline = Timeline(clock, "TRAINING", day)
    assert timeline.observe() == "TRAINING"
    assert timeline.observe() == "TRAINED"
    assert timeline.observe() == "TRAINED"
    assert ended == [began + 86_400]
    assert clock.now() == began + 86_400


@pytest.mark.parametrize("clock", [ManualClock(), RunningClock()])
def test_other_clocks_do_not_skip(clock: Clock) -> None:
    """What a client has seen moves neither a manual nor a running clock."""
    timeline = Timeline(clock, "TRAINING", Step(Delay(86_400), enter=lambda due: "TRAINED"))
    assert [timeline.observe() for _ in range(3)] == ["TRAINING"] * 3
