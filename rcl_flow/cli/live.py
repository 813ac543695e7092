"""A live display on a terminal: the step under way, how far it is, and what a model costs."""

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from types import TracebackType
from typing import Final, Self

from rich.console import Console as RichConsole
from rich.console import RenderableType
from rich.progress import (
    BarColumn,
    Progress,
    SpinnerColumn,
    TextColumn,
    TimeElapsedColumn,
)
from rich.text import Text

from rcl_flow.cli.table import fitted, hanging
from rcl_flow.pipeline.runs.event_lines import event_line
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
from rcl_flow.report.figures import format_seconds

_SECONDS_PER_HOUR: Final = 3600
_BAR_COLUMNS: Final = 20
_STOP: Final = "stop model"
_UNBREAKABLE: Final = f"{_STOP} (not to be interrupted)"
_STEP_COLUMNS: Final = len(event_line(StepFailed("", 0.0)).partition("after")[0])
"""Where the text behind a step's name begins."""


@dataclass(frozen=True, slots=True)
class _RunningModel:
    usd_per_hour: float
    usd_so_far: float
    since_seconds: float
    """On the display's own clock."""

    def line(self, now_seconds: float) -> str:
        """Return what it costs, in words."""
        hours = (now_seconds - self.since_seconds) / _SECONDS_PER_HOUR
        usd = self.usd_so_far + hours * self.usd_per_hour
        return f"  the model runs: {self.usd_per_hour:.2f} USD an hour, {usd:.2f} USD so far"


class _Display(Progress):
    """The row of the step under way, and below it what the running model costs."""

    model: _RunningModel | None = None

    def get_renderables(self) -> Iterable[RenderableType]:
        """Return the rows, always as many.

        A refresh from Rich's thread that comes amid a printed line clears as many rows as were
        rendered last: were there one more now, it would clear the line above.
        """
        yield self.make_tasks_table(self.tasks)
        yield Text("" if self.model is None else self.model.line(self.get_time()))


class TerminalWatcher:
    """Finished steps above, the step under way below with its bar and elapsed time."""

    def __init__(self, shown: RichConsole) -> None:
        """Show on that terminal."""
        self._progress = _Display(
            SpinnerColumn(),
            TextColumn("{task.description}", markup=False),
            BarColumn(bar_width=_BAR_COLUMNS),
            TextColumn("{task.fields[count]}", markup=False),
            TimeElapsedColumn(),
            console=shown,
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
                shown = _UNBREAKABLE if step == _STOP else step
                self._task = self._progress.add_task(shown, total=None, count="")
            case ItemsDone(_, done, total):
                self._count(done, total)
            case Waiting(step, status, _):
                self._progress.update(self._task, description=f"{step}: {status}")
            case MetricsLine(line):  # a machine reads it, so it is not wrapped
                self._progress.console.print(Text(line), soft_wrap=True)
            case StepFinished() | StepFailed() | Notice() | Outlook():
                self._note_model(event)
                self._print(event)

    def _count(self, done: int, total: int) -> None:
        self._progress.update(self._task, completed=done, total=total)
        left = next(one.time_remaining for one in self._progress.tasks if one.id == self._task)
        soon = f", {format_seconds(left)} left" if left is not None and left >= 1 else ""
        self._progress.update(self._task, count=f"{done}/{total}{soon}")

    def _note_model(self, event: StepFinished | StepFailed | Notice | Outlook) -> None:
        if isinstance(event, Outlook) and event.usd_per_hour > 0:
            now = self._progress.get_time()
            self._progress.model = _RunningModel(event.usd_per_hour, event.usd_so_far, now)
        elif isinstance(event, StepFinished) and event.step == _STOP:
            self._progress.model = None

    def _print(self, event: StepFinished | StepFailed | Notice | Outlook) -> None:
        shown = laid_out(event, self._progress.console.width)
        self._progress.console.print(Text(shown, style=style_of(event)))


def laid_out(event: Event, width: int) -> str:
    """Return an event's line for a terminal of so many columns, broken between words.

    What came of a step goes on below where it began.
    """
    line = event_line(event)
    if isinstance(event, MetricsLine):  # a machine reads it
        return line
    if isinstance(event, Notice):
        return fitted(line, width)
    return hanging(line[:_STEP_COLUMNS], line[_STEP_COLUMNS:], width=width)


def style_of(event: Event) -> str:
    """Return the colour of an event's line; its words say the same."""
    match event:
        case StepFailed(paused=False):
            return "red"
        case Notice():
            return "yellow"
        case _:
            return ""
