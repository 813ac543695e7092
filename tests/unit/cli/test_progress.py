"""Tests of both ways to show events."""

import io

import pytest

from rcl_flow.cli.progress import PROGRESS_SECONDS, LineWatcher, PlainLines
from rcl_flow.pipeline.runs.events import (
    Event,
    ItemsDone,
    MetricsLine,
    Notice,
    Outlook,
    StepFailed,
    StepFinished,
    StepStarted,
    Waiting,
)
from tests.unit.clocks import FakeClock

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


def test_plain_lines_tell_of_a_long_step_from_time_to_time() -> None:
    """Who cannot see a display hears that a training goes on, and how far an upload is."""
    clock = FakeClock()
    lines = PlainLines(clock)
    lines.of(StepStarted("await training"))
    waiting = Waiting("await training", "TRAINING_IN_PROGRESS", 600.0)
    assert lines.of(waiting) == ""
    clock.sleep(PROGRESS_SECONDS)
    assert lines.of(waiting).split(maxsplit=3) == [
        *("now", "await", "training"),
        "TRAINING_IN_PROGRESS for 10 min 0 s",
    ]
    assert lines.of(waiting) == ""
    clock.sleep(PROGRESS_SECONDS)
    assert lines.of(ItemsDone("upload", 3, 9)).split(maxsplit=2)[2] == "3 of 9 images"


def test_plain_lines_fit_the_terminal_where_there_is_one() -> None:
    """Words are not cut at its edge; what a machine reads is left whole."""
    lines = PlainLines(FakeClock(), 80)
    assert [len(line) <= 80 for line in lines.of(Notice("look " * 30)).split("\n")] == [True, True]
    assert lines.of(MetricsLine("x y " * 30)).count("\n") == 0


@pytest.mark.parametrize(("columns", "indent"), [(80, 27), (40, 6)])
def test_plain_lines_go_on_below_the_text(columns: int, indent: int) -> None:
    """As on a live terminal; on a narrow one the step's name leaves no room for that."""
    text = PlainLines(FakeClock(), columns).of(Outlook("await training", "took minutes " * 9))
    first, *others = text.split("\n")
    assert first.startswith("now   await training       took")
    assert {len(line) - len(line.lstrip()) for line in others} == {indent}
    assert max(map(len, (first, *others))) <= columns


def test_plain_lines_say_what_to_expect() -> None:
    """How long it took before is a line of its own, at once."""
    line = PlainLines(FakeClock()).of(Outlook("await training", "took 47 min before"))
    assert line.split(maxsplit=3) == ["now", "await", "training", "took 47 min before"]


def test_metrics_line_is_printed_whole() -> None:
    """A machine reads it: it is neither wrapped nor taken for markup."""
    line = f'{{"_aws": {{"x": "[bold]{"y" * 200}"}}}}'
    stream = io.StringIO()
    with LineWatcher(stream) as watcher:
        watcher.tell(MetricsLine(line))
    assert line in stream.getvalue().splitlines()


def test_line_watcher_prints_what_it_is_told_to_make_of_events() -> None:
    """Another form of the log is another function."""
    stream = io.StringIO()
    with LineWatcher(stream, lambda event: type(event).__name__) as watcher:
        watcher.tell(EVENTS[0])
        watcher.tell(EVENTS[1])
    assert stream.getvalue() == "StepStarted\nItemsDone\n"
