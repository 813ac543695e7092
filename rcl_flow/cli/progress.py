"""Show a run's events: a line for each step, a bar for uploads and inference."""

from collections.abc import Callable
from contextlib import AbstractContextManager, suppress
from types import TracebackType
from typing import Protocol, Self, TextIO

from rich.console import Console as RichConsole
from rich.progress import (
    BarColumn,
    Progress,
    SpinnerColumn,
    TextColumn,
    TimeElapsedColumn,
)
from rich.text import Text

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


class Watcher(AbstractContextManager["Watcher"], Protocol):
    """Is told of events while its block lasts."""

    def tell(self, event: Event) -> None:
        """Show the event."""


class LineWatcher:
    """One line for each event that is worth one: for logs and pipes."""

    def __init__(
        self, stream: TextIO, line_of: Callable[[Event], str | None] | None = None
    ) -> None:
        """Print to `stream` what `line_of` makes of an event; by default plain text."""
        self._stream = stream
        self._line_of = line_of or _line

    def __enter__(self) -> Self:
        """Show nothing."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Show nothing."""

    def tell(self, event: Event) -> None:
        """Print a line where the event has one: in plain text an end of a step or a notice."""
        text = self._line_of(event)
        if text:
            self._stream.write(f"{text}\n")
            self._stream.flush()


class TerminalWatcher:
    """Finished steps above, the step under way below with its bar and elapsed time."""

    def __init__(self, stream: TextIO) -> None:
        """Show on the terminal `stream`."""
        self._console = RichConsole(file=stream, highlight=False)
        self._progress = Progress(
            SpinnerColumn(),
            TextColumn("{task.description}", markup=False),
            BarColumn(bar_width=30),
            TextColumn("{task.fields[count]}", markup=False),
            TimeElapsedColumn(),
            console=self._console,
            transient=True,
        )
        self._task = self._progress.add_task("starting", total=None, count="")

    def __enter__(self) -> Self:
        """Begin to show."""
        self._progress.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Leave the finished steps on the screen."""
        with suppress(OSError):  # the terminal may be gone
            self._progress.stop()

    def tell(self, event: Event) -> None:
        """Show the event."""
        match event:
            case StepStarted(step):
                self._progress.remove_task(self._task)
                self._task = self._progress.add_task(step, total=None, count="")
            case ItemsDone(_, done, total):
                self._progress.update(
                    self._task, completed=done, total=total, count=f"{done}/{total}"
                )
            case Waiting(step, status, _):
                self._progress.update(self._task, description=f"{step}: {status}")
            case StepFinished() | StepFailed() | Notice():
                self._progress.console.print(Text(_line(event), style=_style(event)))
            case MetricsLine(line):  # a machine reads it, so it is not wrapped
                self._progress.console.print(Text(line), soft_wrap=True)


def _line(event: Event) -> str:
    match event:
        case StepFinished(step, seconds, reused, detail):
            time = "reused" if reused else f"{seconds:.1f} s"
            return f"ok    {step:<20} {detail} ({time})"
        case StepFailed(step, seconds):
            return f"ended {step:<20} after {seconds:.1f} s"
        case Notice(text):
            return f"note  {text}"
        case MetricsLine(line):
            return line
        case _:
            return ""


def _style(event: Event) -> str:
    match event:
        case StepFailed():
            return "red"
        case Notice():
            return "yellow"
        case _:
            return ""
