"""Show a run's events: lines for logs, pipes and screen readers, a live display on a terminal."""

from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack
from shutil import get_terminal_size
from types import TracebackType
from typing import Final, Protocol, Self, TextIO

from rich.console import Console as RichConsole
from rich.text import Text

from rcl_flow.cli.interrupts import held_signals, raised_endings
from rcl_flow.cli.live import TerminalWatcher, laid_out, style_of
from rcl_flow.cli.table import fitted
from rcl_flow.cli.trail import Trail
from rcl_flow.clock import Clock, SystemClock
from rcl_flow.pipeline.runs.event_lines import event_line
from rcl_flow.pipeline.runs.events import Event, ItemsDone, StepStarted, Waiting
from rcl_flow.pipeline.runs.signals import Signalled
from rcl_flow.report.figures import format_seconds

PROGRESS_SECONDS: Final = 300.0
"""Plain lines tell of a step under way no more often."""


class Watcher(AbstractContextManager["Watcher"], Protocol):
    """Is told of events while its block lasts."""

    def tell(self, event: Event) -> None:
        """Show the event."""


def make_watcher(
    stream: TextIO, line_of: Callable[[Event], str | None] | None, *, plain: bool
) -> "LineWatcher | TerminalWatcher":
    """Return what shows events on `stream`.

    A live display needs a terminal that can move its cursor (`TERM` is not `dumb`). Elsewhere
    there are lines, without colours unless `FORCE_COLOR` asks for them; `NO_COLOR` never has any.

    Args:
        stream: where it is shown.
        line_of: makes lines of events, in place of text for a person; None for that.
        plain: nothing moves or has a colour, whatever the stream is.
    """
    if line_of is not None:
        return LineWatcher(stream, line_of)
    lines = PlainLines(SystemClock(), get_terminal_size().columns if stream.isatty() else None)
    if plain:
        return LineWatcher(stream, lines.of)
    shown = RichConsole(file=stream, highlight=False)
    if not shown.width:  # COLUMNS=0, at which nothing would be seen
        shown.width = get_terminal_size().columns
    if stream.isatty() and shown.is_interactive:
        return TerminalWatcher(shown)
    return LineWatcher(stream, lines.of, shown)


class PlainLines:
    """Turns events into lines for a person; a long step is told of from time to time."""

    def __init__(self, clock: Clock, width: int | None = None) -> None:
        """Take times from `clock`; break lines at so many columns, None for nowhere."""
        self._clock = clock
        self._width = width
        self._told_at = clock.now()

    def of(self, event: Event) -> str:
        """Return the event's line; empty where it is not worth one."""
        if isinstance(event, StepStarted):
            self._told_at = self._clock.now()
        if isinstance(event, ItemsDone | Waiting):
            line = self._progress(event)
            return line if self._width is None else fitted(line, self._width)
        return event_line(event) if self._width is None else laid_out(event, self._width)

    def _progress(self, event: ItemsDone | Waiting) -> str:
        now = self._clock.now()
        if (now - self._told_at).total_seconds() < PROGRESS_SECONDS:
            return ""
        self._told_at = now
        if isinstance(event, Waiting):
            text = f"{event.status} for {format_seconds(event.elapsed_seconds)}"
        else:
            text = f"{event.done} of {event.total} images"
        return f"now   {event.step:<20} {text}"


class LineWatcher:
    """One line for each event that is worth one: for logs, pipes and screen readers."""

    def __init__(
        self,
        stream: TextIO,
        line_of: Callable[[Event], str | None] | None = None,
        shown: RichConsole | None = None,
    ) -> None:
        """Print to `stream` what `line_of` makes of an event; by default plain text.

        Args:
            stream: where lines go.
            line_of: makes a line of an event; empty or None where it is not worth one.
            shown: knows whether colours are wanted; None for none.
        """
        self._stream = stream
        self._line_of = line_of or event_line
        self._coloured = shown if shown is not None and shown.color_system else None

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
        """Print a line where the event has one."""
        text = self._line_of(event)
        if not text:
            return
        if self._coloured is not None:
            self._coloured.print(Text(text, style=style_of(event)), soft_wrap=True)
            return
        self._stream.write(f"{text}\n")
        self._stream.flush()


class TracedWatcher:
    """Passes events on, remembers what was done, and tells of Ctrl-C where nothing else does."""

    def __init__(
        self, shown: LineWatcher | TerminalWatcher, trail: Trail, broken_off: Callable[[], None]
    ) -> None:
        """Show on `shown`, remember in `trail`; `broken_off` is called for a bare Ctrl-C."""
        self.shown = shown
        self._trail = trail
        self._broken_off = broken_off
        self._endings = ExitStack()

    def __enter__(self) -> Self:
        """Begin to show; a terminal that was changed is put back, whenever a signal comes."""
        self._endings.enter_context(raised_endings())
        try:
            with held_signals():
                self.shown.__enter__()
        except (KeyboardInterrupt, Signalled) as signalled:
            self.__exit__(type(signalled), signalled, None)
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End the display; tell what is left where the block was broken off by Ctrl-C."""
        ending = isinstance(error, KeyboardInterrupt | Signalled)
        with self._endings, held_signals(ending=ending):
            self.shown.__exit__(kind, error, trace)
            if isinstance(error, KeyboardInterrupt):
                self._broken_off()

    def tell(self, event: Event) -> None:
        """Remember and show the event."""
        self._trail.note(event)
        self.shown.tell(event)
