"""Tests of the live display on a terminal."""

import io

import pytest
from rich.console import Console as RichConsole

from rcl_flow.cli.live import TerminalWatcher, style_of
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

EVENTS: tuple[Event, ...] = (
    StepStarted("upload"),
    ItemsDone("upload", 1, 3),
    StepFinished("upload", 1.25, False, "3 images sent"),
    StepStarted("ask training"),
    StepFinished("ask training", 0.0, True, "rf-1"),
    StepStarted("await training"),
    Outlook("await training", "took 47 min before"),
    Waiting("await training", "TRAINING_IN_PROGRESS", 60.0),
    Notice("look [at] this"),
    StepFailed("await training", 61.0),
)
COLUMNS = 80


def shown_by(*events: Event, live: bool = False, width: int = COLUMNS) -> str:
    """Return what a terminal of so many columns is sent for the events."""
    stream = io.StringIO()
    shown = RichConsole(file=stream, width=width, force_terminal=live, color_system=None)
    with TerminalWatcher(shown) as watcher:
        for event in events:
            watcher.tell(event)
    return stream.getvalue()


def test_terminal_watcher_leaves_finished_steps_and_notices() -> None:
    """What is over stays on the screen, and brackets in it are no markup."""
    shown = shown_by(*EVENTS)
    for text in ("3 images sent (1.2 s)", "rf-1 (reused)", "took 47", "look [at] this", "61.0 s"):
        assert text in shown


def test_terminal_watcher_wraps_below_the_text_at_80_columns() -> None:
    """A long detail goes on where it began, so that the step's name stands out."""
    lines = shown_by(StepFinished("upload", 1.0, False, "many images " * 9)).splitlines()[:-1]
    assert len(lines) == 3
    assert {line[:27].strip() for line in lines[1:]} == {""}
    assert max(map(len, lines)) <= COLUMNS


def test_terminal_watcher_wraps_below_the_name_at_40_columns() -> None:
    """There is no strip of a few letters behind the step's name."""
    event = StepFinished("upload", 1.0, False, "many images " * 9)
    lines = shown_by(event, width=40).splitlines()[:-1]
    assert len(lines) == 5
    assert {line[:6].strip() for line in lines[1:]} == {""}


def test_terminal_watcher_shows_what_a_running_model_costs_until_it_is_stopped() -> None:
    """The price an hour and what it has come to stand below the step, until STOPPED is read."""
    runs = (
        StepStarted("start model"),
        Outlook("start model", "runs: 4.00 USD an hour", usd_per_hour=4.0, usd_so_far=1.5),
        StepFinished("start model", 1.0, False, "RUNNING"),
        StepStarted("predict holdout"),
        ItemsDone("predict holdout", 2, 9),
    )
    price = "the model runs: 4.00 USD an hour, 1.50 USD so far"
    assert price in shown_by(*runs, live=True)
    stop = StepStarted("stop model"), StepFinished("stop model", 1.0, False, "STOPPED")
    after = shown_by(*runs, *stop, live=True)
    assert price not in after[after.rindex("stop model") :]
    assert "stop model (not to be interrupted)" in after


def test_display_is_as_high_with_and_without_a_model() -> None:
    """What is cleared when it is drawn anew is then never a line that was printed."""
    step, price = StepStarted("start model"), Outlook("start model", "runs", usd_per_hour=4.0)
    up_one_row = "\x1b[1A"
    for events in ((step, Notice("x")), (step, price, Notice("x"))):
        until_printed, _, _ = shown_by(*events, live=True).partition("note  x")
        assert until_printed.endswith(f"{up_one_row}\x1b[2K")


def test_terminal_watcher_ends_its_display_when_the_block_fails() -> None:
    """An error leaves the terminal as it was, and passes."""
    shown = RichConsole(file=io.StringIO(), width=COLUMNS)
    with pytest.raises(ValueError, match="no"), TerminalWatcher(shown) as watcher:
        watcher.tell(StepStarted("upload"))
        raise ValueError("no")
    with TerminalWatcher(shown) as again:
        again.tell(Notice("once more"))


def test_metrics_line_is_printed_whole() -> None:
    """A machine reads it: it is neither wrapped nor taken for markup."""
    line = f'{{"_aws": {{"x": "[bold]{"y" * 200}"}}}}'
    assert line in shown_by(MetricsLine(line)).splitlines()


@pytest.mark.parametrize(
    ("event", "style"),
    [
        (StepFailed("x", 1.0), "red"),
        (StepFailed("x", 1.0, paused=True), ""),
        (Notice("x"), "yellow"),
        (EVENTS[2], ""),
    ],
)
def test_style_only_repeats_what_the_words_say(event: Event, style: str) -> None:
    """`ended` and `note` begin those lines; the colour adds nothing to them."""
    assert style_of(event) == style
