"""Tests of the log of steps."""

import json
from pathlib import Path

import pytest

from rcl_flow.pipeline.runs.events import (
    Event,
    ItemsDone,
    MetricsLine,
    Notice,
    Outlook,
    RunOpened,
    StepFailed,
    StepFinished,
    StepStarted,
    Waiting,
)
from rcl_flow.pipeline.runs.steplog import EndsForNow, StepLog
from tests.unit.clocks import FakeClock


def test_step_announces_and_times_its_block() -> None:
    """A step is told of at its start and its end, with what came of it."""
    told: list[Event] = []
    clock = FakeClock()
    log = StepLog(told.append, clock)
    with log.step("upload") as step:
        clock.sleep(7)
        step.detail = "3 images"
    assert told == [StepStarted("upload"), StepFinished("upload", 7.0, False, "3 images")]
    assert [(t.name, t.seconds) for t in log.timings] == [("upload", 7.0)]


def test_step_announces_its_failure_and_lets_the_error_pass() -> None:
    """A step that fails is no finished step."""
    told: list[Event] = []
    clock = FakeClock()
    log = StepLog(told.append, clock)
    with pytest.raises(ValueError, match="no"), log.step("upload"):
        clock.sleep(2)
        raise ValueError("no")
    assert told[-1] == StepFailed("upload", 2.0)
    assert log.timings == []


def test_step_that_ends_for_now_has_not_failed() -> None:
    """Between two ticks the service is at work: nothing was broken off."""
    told: list[Event] = []
    log = StepLog(told.append, FakeClock())
    with pytest.raises(EndsForNow), log.step("await training"):
        raise EndsForNow
    assert told[-1] == StepFailed("await training", 0.0, paused=True)


def test_items_and_waiting_name_the_step_under_way() -> None:
    """Progress belongs to the step that was begun last."""
    told: list[Event] = []
    log = StepLog(told.append, FakeClock())
    with log.step("train"):
        log.items(1, 2)
        log.waiting("TRAINING_IN_PROGRESS", 60.0)
        log.outlook("took 9 s before", usd_per_hour=4.0, usd_so_far=1.0)
    assert ItemsDone("train", 1, 2) in told
    assert Waiting("train", "TRAINING_IN_PROGRESS", 60.0) in told
    assert Outlook("train", "took 9 s before", 4.0, 1.0) in told


def test_record_to_appends_events_but_no_progress(tmp_path: Path) -> None:
    """The run's folder keeps what happened and when, one JSON object a line."""
    told: list[Event] = []
    log = StepLog(told.append, FakeClock())
    log.record_to(tmp_path / "events.jsonl")
    log.notice("look")
    with log.step("train"):
        log.items(1, 2)
    lines = [json.loads(line) for line in (tmp_path / "events.jsonl").read_text().splitlines()]
    assert [line["event"] for line in lines] == ["Notice", "StepStarted", "StepFinished"]
    assert lines[0]["text"] == Notice("look").text
    assert lines[0]["at"] == FakeClock().now().isoformat()


def test_opened_names_the_run_and_its_attempt(tmp_path: Path) -> None:
    """The run's folder and whoever watches know how often it was opened."""
    told: list[Event] = []
    log = StepLog(told.append, FakeClock())
    log.record_to(tmp_path / "events.jsonl")
    log.opened("r1", 2)
    assert told == [RunOpened("r1", 2)]
    (line,) = (tmp_path / "events.jsonl").read_text().splitlines()
    assert json.loads(line) == {
        "at": FakeClock().now().isoformat(),
        "event": "RunOpened",
        "run_id": "r1",
        "attempt": 2,
    }


def test_metrics_are_shown_and_not_kept(tmp_path: Path) -> None:
    """The line is for a monitoring system; the run's folder has the figures already."""
    told: list[Event] = []
    log = StepLog(told.append, FakeClock())
    log.record_to(tmp_path / "events.jsonl")
    log.metrics("{}")
    assert told == [MetricsLine("{}")]
    assert not (tmp_path / "events.jsonl").exists()
