"""Tests of both ways to show events."""

import io

import pytest

from rcl_flow.cli.progress import LineWatcher, TerminalWatcher
from rcl_flow.pipeline.events import (
    Event,
    ItemsDone,
    MetricsLine,
    Notice,
    StepFailed,
    StepFinished,
    StepStarted,
    Waiting,
)

EVENTS: tuple[Event, ...] = (
    StepStarted("upload"),
    ItemsDone("upload", 1, 3),
    StepFinished("upload", 1.25, False, "3 images sent"),
    StepStarted("ask training"),
    StepFinished("ask training", 0.0, True, "rf-1"),
    StepStarted("await training"),
    Waiting("await training", "TRAINING_IN_PROGRESS", 60.0),
    Notice("look [at] this"),
    StepFailed("await training", 61.0),
)


def test_line_watcher_prints_a_line_for_each_end_and_notice() -> None:
    """A log has what was done and what to read, and no progress."""
    stream = io.StringIO()
    with LineWatcher(stream) as watcher:
        for event in EVENTS:
            watcher.tell(event)
    lines = stream.getvalue().splitlines()
    assert [line.split()[0] for line in lines] == ["ok", "ok", "note", "ended"]
    assert lines[0].split() == ["ok", "upload", "3", "images", "sent", "(1.2", "s)"]
    assert lines[1].endswith("rf-1 (reused)")
    assert lines[2] == "note  look [at] this"
    assert lines[3].endswith("after 61.0 s")


@pytest.mark.parametrize("event", [EVENTS[0], EVENTS[1], EVENTS[6]])
def test_line_watcher_prints_nothing_for_progress(event: Event) -> None:
    """Starts, counts and waits would fill a log."""
    stream = io.StringIO()
    LineWatcher(stream).tell(event)
    assert stream.getvalue() == ""


def test_terminal_watcher_leaves_finished_steps_and_notices() -> None:
    """What is over stays on the screen, and brackets in it are no markup."""
    stream = io.StringIO()
    with TerminalWatcher(stream) as watcher:
        for event in EVENTS:
            watcher.tell(event)
    shown = stream.getvalue()
    for text in ("3 images sent (1.2 s)", "rf-1 (reused)", "look [at] this", "after 61.0 s"):
        assert text in shown


def test_terminal_watcher_ends_its_display_when_the_block_fails() -> None:
    """An error leaves the terminal as it was, and passes."""
    stream = io.StringIO()
    with pytest.raises(ValueError, match="no"), TerminalWatcher(stream) as watcher:
        watcher.tell(StepStarted("upload"))
        raise ValueError("no")
    with TerminalWatcher(stream) as again:
        again.tell(Notice("once more"))
    assert "once more" in stream.getvalue()


@pytest.mark.parametrize("kind", [LineWatcher, TerminalWatcher])
def test_metrics_line_is_printed_whole(kind: type[LineWatcher | TerminalWatcher]) -> None:
    """A machine reads it: it is neither wrapped nor taken for markup."""
    line = f'{{"_aws": {{"x": "[bold]{"y" * 200}"}}}}'
    stream = io.StringIO()
    with kind(stream) as watcher:
        watcher.tell(MetricsLine(line))
    assert line in stream.getvalue().splitlines()


def test_line_watcher_prints_what_it_is_told_to_make_of_events() -> None:
    """Another form of the log is another function."""
    stream = io.StringIO()
    with LineWatcher(stream, lambda event: type(event).__name__) as watcher:
        watcher.tell(EVENTS[0])
        watcher.tell(EVENTS[1])
    assert stream.getvalue() == "StepStarted\nItemsDone\n"
