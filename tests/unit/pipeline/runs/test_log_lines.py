"""Tests of a run's events as JSON lines."""

import json
from typing import Any

import pytest

from rcl_flow.errors import AwsRefusedError, ConfigError, ModelNotStoppedError
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
from rcl_flow.pipeline.runs.log_lines import PROGRESS_SECONDS, LogLines, json_lines
from rcl_flow.pipeline.runs.steplog import StepLog
from tests.unit.clocks import FakeClock

ALWAYS = {"ts", "level", "event", "run_id", "attempt", "step", "shard", "request_id", "text"}
REFUSED = AwsRefusedError(
    "DescribeProjects: AWS answered X.", hint="h", operation="D", code="X", request_id="req-7"
)


def parsed(line: str | None) -> dict[str, Any]:
    """Return the object of a line."""
    assert line is not None
    document = json.loads(line)
    assert isinstance(document, dict)
    return document


@pytest.mark.parametrize(
    "event",
    [
        RunOpened("r1", 2),
        StepStarted("upload"),
        StepFinished("upload", 1.5, False, "3 images"),
        StepFailed("upload", 1.5),
        ItemsDone("upload", 1, 3),
        Waiting("upload", "STARTING", 9.0),
        Outlook("upload", "took 9 s before"),
        Notice("look"),
    ],
)
def test_every_line_has_the_same_keys_on_one_line(event: Event) -> None:
    """A collector's query finds a field in whichever line, known or not."""
    line = LogLines(FakeClock()).of(event)
    assert parsed(line).keys() >= ALWAYS
    assert "\n" not in (line or "")


def test_lines_belong_to_the_run_attempt_and_step_that_were_told_of() -> None:
    """A notice in the middle of a step can be found by its run."""
    lines = LogLines(FakeClock(), shard="shards/r1/predict/0")
    assert parsed(lines.of(StepStarted("audit")))["run_id"] == ""
    lines.of(RunOpened("r1", 3))
    lines.of(StepStarted("upload"))
    found = parsed(lines.of(Notice("look")))
    assert found == {
        "ts": FakeClock().now().isoformat(),
        "level": "warning",
        "event": "notice",
        "run_id": "r1",
        "attempt": 3,
        "step": "upload",
        "shard": "shards/r1/predict/0",
        "request_id": "",
        "text": "look",
    }


def test_end_of_a_step_has_its_seconds() -> None:
    """Time is a number with its unit in the name."""
    found = parsed(LogLines(FakeClock()).of(StepFinished("upload", 1.25, True, "3 images")))
    assert (found["event"], found["text"], found["seconds"], found["reused"]) == (
        "step-finished",
        "3 images",
        1.25,
        True,
    )


def test_outlook_has_the_price_of_an_hour() -> None:
    """A collector can add up what models cost, without reading sentences."""
    found = parsed(LogLines(FakeClock()).of(Outlook("start model", "runs", usd_per_hour=4.0)))
    assert (found["event"], found["level"], found["usd_per_hour"]) == ("outlook", "info", 4.0)


def test_step_that_aws_refused_has_the_request_id_of_the_call() -> None:
    """AWS's support asks for it first; it is found below the error that hides it."""
    told: list[Event] = []
    log = StepLog(told.append, FakeClock())
    error = ModelNotStoppedError("m", hint="h", project_version_arn="arn")
    error.__cause__ = REFUSED
    with pytest.raises(ModelNotStoppedError), log.step("stop model"):
        raise error
    found = parsed(LogLines(FakeClock()).of(told[-1]))
    assert (found["level"], found["slug"], found["request_id"]) == (
        "error",
        "model-not-stopped",
        "req-7",
    )


def test_step_that_pauses_is_no_error() -> None:
    """An alarm on the level must not ring at each tick."""
    ended, paused = (StepFailed("await training", 0.1, paused=given) for given in (False, True))
    assert parsed(LogLines(FakeClock()).of(ended))["level"] == "info"
    line = parsed(LogLines(FakeClock()).of(paused))
    assert (line["level"], line["text"]) == ("info", "await training goes on at AWS")


@pytest.mark.parametrize(
    ("error", "request_id"), [(REFUSED, "req-7"), (ConfigError("m", hint="h"), "")]
)
def test_failure_has_slug_hint_exit_code_and_request_id(
    error: AwsRefusedError | ConfigError, request_id: str
) -> None:
    """What a person reads on two lines is one object."""
    found = parsed(LogLines(FakeClock()).failure(error))
    assert found["event"] == "failed"
    assert found["level"] == "error"
    assert found["text"] == error.message
    assert found["request_id"] == request_id
    assert (found["slug"], found["hint"], found["exit_code"]) == (
        error.slug,
        "h",
        error.exit_code,
    )


def test_progress_is_written_now_and_then_and_at_its_end() -> None:
    """A thousand images are no thousand lines, and the count at the end is right."""
    clock = FakeClock()
    lines = LogLines(clock)
    lines.of(StepStarted("predict"))
    written = []
    for done in range(1, 101):
        written.append(lines.of(ItemsDone("predict", done, 100)))
        clock.pass_by(1)
    told = [parsed(line)["done"] for line in written if line]
    assert told == [
        1,
        1 + PROGRESS_SECONDS,
        1 + 2 * PROGRESS_SECONDS,
        1 + 3 * PROGRESS_SECONDS,
        100,
    ]


def test_waiting_is_written_now_and_then() -> None:
    """A training of a day, looked at each second, fills no log."""
    clock = FakeClock()
    lines = LogLines(clock)
    written = []
    for seconds in range(61):
        written.append(lines.of(Waiting("await training", "TRAINING_IN_PROGRESS", float(seconds))))
        clock.pass_by(1)
    assert [parsed(line)["seconds"] for line in written if line] == [0.0, 30.0, 60.0]


def test_metrics_are_a_line_as_they_are() -> None:
    """CloudWatch finds its format only where nothing is wrapped around it."""
    assert LogLines(FakeClock()).of(MetricsLine('{"_aws": {}}')) == '{"_aws": {}}'


def test_name_of_a_file_that_is_no_text_breaks_no_line() -> None:
    """Linux lets a file be named by any bytes."""
    line = LogLines(FakeClock()).of(Notice("bad name: \udcff"))
    assert parsed(line)["text"] == "bad name: \udcff"
    assert (line or "").isascii()


def test_json_lines_writes_ended_lines_of_events_and_failures() -> None:
    """What the worker gives as `emit`: each line goes out whole."""
    written: list[str] = []
    log = json_lines(written.append, FakeClock(), shard="s1")
    log(StepStarted("predict"))
    log(ItemsDone("predict", 1, 9))
    log(ItemsDone("predict", 2, 9))
    log.failure(REFUSED)
    assert [parsed(line)["event"] for line in written] == ["step-started", "progress", "failed"]
    assert all(line.endswith("}\n") for line in written)
    assert {parsed(line)["shard"] for line in written} == {"s1"}


def test_each_step_shows_its_first_progress() -> None:
    """A step that follows soon after another is not silent for its first half minute."""
    lines = LogLines(FakeClock())
    for step in ("upload", "predict"):
        lines.of(StepStarted(step))
        assert parsed(lines.of(ItemsDone(step, 1, 9)))["step"] == step
