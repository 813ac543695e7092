"""Announce and time the steps of a run."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path

import orjson

from rcl_flow.clock import Clock
from rcl_flow.errors import LocalFilesError, RclFlowError
from rcl_flow.files import append_lines
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
from rcl_flow.pipeline.runs.request_ids import request_id_of
from rcl_flow.report.page import StepTiming


class EndsForNow(Exception):  # noqa: N818  # no error
    """What ends a step without a fault, since the service is at work on it."""


@dataclass(slots=True)
class OpenStep:
    """A step under way; whoever does it may say what came of it."""

    name: str
    detail: str = ""
    reused: bool = False


@dataclass(slots=True)
class StepLog:
    """The steps so far, and the watcher that is told of each."""

    emit: Callable[[Event], None]
    clock: Clock
    timings: list[StepTiming] = field(default_factory=list)
    _current: str = ""
    _path: Path | None = None

    @contextmanager
    def step(self, name: str) -> Iterator[OpenStep]:
        """Announce the step `name`, time the block and announce its end."""
        step, started = OpenStep(name), self.clock.now()
        self._current = name
        self._tell(StepStarted(name))
        try:
            yield step
        except BaseException as error:
            seconds = (self.clock.now() - started).total_seconds()
            slug = error.slug if isinstance(error, RclFlowError) else ""
            paused = isinstance(error, EndsForNow)
            self._tell(StepFailed(name, seconds, slug, request_id_of(error), paused))
            raise
        seconds = (self.clock.now() - started).total_seconds()
        self.timings.append(StepTiming(name, seconds, step.reused, step.detail))
        self._tell(StepFinished(name, seconds, step.reused, step.detail))

    def opened(self, run_id: str, attempt: int) -> None:
        """Say which run what follows belongs to, and how often it was opened."""
        self._tell(RunOpened(run_id, attempt))

    def metrics(self, line: str) -> None:
        """Print a line for a monitoring system as it is."""
        self._show(MetricsLine(line))

    def items(self, done: int, total: int) -> None:
        """Say how many images of the current step are done."""
        self._show(ItemsDone(self._current, done, total))

    def waiting(self, status: str, elapsed_seconds: float) -> None:
        """Say what the current step waits for."""
        self._show(Waiting(self._current, status, elapsed_seconds))

    def outlook(self, text: str, *, usd_per_hour: float = 0.0, usd_so_far: float = 0.0) -> None:
        """Say what to expect of the current step; with a price when a model runs from now on."""
        self._show(Outlook(self._current, text, usd_per_hour, usd_so_far))

    def notice(self, text: str) -> None:
        """Say something that a person should read."""
        self._tell(Notice(text))

    def record_to(self, path: Path) -> None:
        """Append every event but progress to the file at `path` from now on, one JSON a line."""
        self._path = path

    def _tell(self, event: Event) -> None:
        """Tell the watcher and the file; neither may stop the work, least of all a stop."""
        self._show(event)
        if self._path is not None:
            line = {
                "at": self.clock.now().isoformat(),
                "event": type(event).__name__,
                **asdict(event),
            }
            with suppress(LocalFilesError):
                append_lines(self._path, [orjson.dumps(line).decode()])

    def _show(self, event: Event) -> None:
        with suppress(OSError):  # the terminal may be gone
            self.emit(event)
