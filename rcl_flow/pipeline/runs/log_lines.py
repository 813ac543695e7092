"""A run's events as JSON, one object a line: for log collectors, CloudWatch Logs Insights, jq."""

import json
from collections.abc import Callable
from datetime import datetime
from typing import Final, Literal

from rcl_flow.clock import Clock
from rcl_flow.errors import RclFlowError
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

Level = Literal["info", "warning", "error"]
PROGRESS_SECONDS: Final = 30.0
"""Progress of a step is written no more often; its last image always is."""


class LogLines:
    """Turns events into lines; remembers which run, attempt and step they belong to.

    Every line has `ts`, `level`, `event`, `run_id`, `attempt`, `step`, `shard`, `request_id` and
    `text`; what is not known is empty, and `attempt` is 0. Some events add figures.
    """

    def __init__(self, clock: Clock, *, shard: str = "") -> None:
        """Take times from `clock`; `shard` is the key of the one that is worked on, if any."""
        self._clock = clock
        self._shard = shard
        self._run = RunOpened("", 0)
        self._step = ""
        self._progress_at: datetime | None = None

    def of(self, event: Event) -> str | None:
        """Return the event's line without an end of line; None where it is not worth one."""
        if isinstance(event, MetricsLine):
            return event.line
        if isinstance(event, ItemsDone | Waiting):
            return self._progress(event)
        if isinstance(event, Outlook):
            return self._line("outlook", event.text, usd_per_hour=event.usd_per_hour)
        return self._happened(event)

    def failure(self, error: RclFlowError) -> str:
        """Return the line of an error that ends the run or the command."""
        return self._line(
            "failed",
            error.message,
            "error",
            request_id_of(error),
            slug=error.slug,
            hint=error.hint,
            exit_code=error.exit_code,
        )

    def note(self, text: str, level: Level = "info") -> str:
        """Return the line of a remark that belongs to no event."""
        return self._line("note", text, level)

    def _happened(self, event: RunOpened | StepStarted | StepFinished | StepFailed | Notice) -> str:
        match event:
            case RunOpened(run_id, attempt):
                self._run = event
                return self._line("run-opened", f"run {run_id}, attempt {attempt}")
            case StepStarted(step):
                self._step, self._progress_at = step, None
                return self._line("step-started", step)
            case StepFinished(step, seconds, reused, detail):
                self._step = step
                return self._line("step-finished", detail, seconds=seconds, reused=reused)
            case StepFailed(step, seconds, slug, request_id, paused):
                self._step = step
                level: Level = "error" if slug else "info"
                text = f"{step} goes on at AWS" if paused else f"{step} ended early"
                return self._line("step-ended", text, level, request_id, seconds=seconds, slug=slug)
            case Notice(text):
                return self._line("notice", text, "warning")

    def _progress(self, event: ItemsDone | Waiting) -> str | None:
        now = self._clock.now()
        ends = isinstance(event, ItemsDone) and event.done == event.total
        last = self._progress_at
        if last and not ends and (now - last).total_seconds() < PROGRESS_SECONDS:
            return None
        self._progress_at = now
        if isinstance(event, Waiting):
            return self._line("waiting", event.status, seconds=event.elapsed_seconds)
        text = f"{event.done} of {event.total} images"
        return self._line("progress", text, done=event.done, total=event.total)

    def _line(
        self,
        name: str,
        text: str,
        level: Level = "info",
        request_id: str = "",
        **figures: str | float | bool,
    ) -> str:
        document = {
            "ts": self._clock.now().isoformat(),
            "level": level,
            "event": name,
            "run_id": self._run.run_id,
            "attempt": self._run.attempt,
            "step": self._step,
            "shard": self._shard,
            "request_id": request_id,
            "text": text,
            **figures,
        }
        return json.dumps(document)  # pure ASCII: a file's name may be no valid text


class JsonLog:
    """Is told of events and writes a line for each; may be given as `emit`."""

    def __init__(self, write: Callable[[str], object], lines: LogLines) -> None:
        """Write each line, ended, by `write`."""
        self._write = write
        self._lines = lines

    def __call__(self, event: Event) -> None:
        """Write the event's line, where it has one."""
        line = self._lines.of(event)
        if line is not None:
            self._write(f"{line}\n")

    def failure(self, error: RclFlowError) -> None:
        """Write the line of an error."""
        self._write(f"{self._lines.failure(error)}\n")


def json_lines(write: Callable[[str], object], clock: Clock, *, shard: str = "") -> JsonLog:
    """Return what writes events as JSON lines, such as to a function's stdout.

    Args:
        write: takes an ended line, such as `sys.stdout.write`.
        clock: for the lines' times.
        shard: the key of the shard that is worked on, if any.
    """
    return JsonLog(write, LogLines(clock, shard=shard))
