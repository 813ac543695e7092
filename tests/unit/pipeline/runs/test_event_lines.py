"""Tests of which events are worth a line, and what it says."""

import pytest

from rcl_flow.pipeline.runs.event_lines import event_line
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


@pytest.mark.parametrize(
    ("event", "line"),
    [
        (
            StepFinished("upload", 1.25, False, "3 images sent"),
            "ok    upload               3 images sent (1.2 s)",
        ),
        (
            StepFinished("ask training", 0.0, True, "rf-1"),
            "ok    ask training         rf-1 (reused)",
        ),
        (StepFailed("await training", 61.0), "ended await training       after 61.0 s"),
        (StepFailed("copy", 1.0, paused=True), "pause copy                 AWS is at work on it"),
        (Outlook("start model", "3 min"), "now   start model          3 min"),
        (Notice("look [at] this"), "note  look [at] this"),
        (MetricsLine('{"F1": 0.9}'), '{"F1": 0.9}'),
    ],
)
def test_ends_and_notices_have_a_line(event: Event, line: str) -> None:
    """It says what was done, how long it took, and whether it was known before."""
    assert event_line(event) == line


@pytest.mark.parametrize(
    "event",
    [
        RunOpened("a", 1),
        StepStarted("upload"),
        ItemsDone("upload", 1, 3),
        Waiting("start", "STARTING", 5.0),
    ],
)
def test_what_is_under_way_has_none(event: Event) -> None:
    """Starts, counts and waits would fill a log."""
    assert event_line(event) == ""
