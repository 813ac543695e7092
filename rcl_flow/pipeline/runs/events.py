"""What a run tells whoever watches it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RunOpened:
    """A run begins or goes on; what is told from now on belongs to it."""

    run_id: str
    attempt: int
    """How often it was opened, this time included."""


@dataclass(frozen=True, slots=True)
class StepStarted:
    """A step begins."""

    step: str


@dataclass(frozen=True, slots=True)
class StepFinished:
    """A step ended well."""

    step: str
    seconds: float
    reused: bool
    """Answered from the journal, without doing it again."""
    detail: str


@dataclass(frozen=True, slots=True)
class StepFailed:
    """A step ended with an error or a pause."""

    step: str
    seconds: float
    slug: str = ""
    """Of the error; empty for a pause, a signal and a bug."""
    request_id: str = ""
    """Of the call that AWS refused, where one was."""
    paused: bool = False
    """The service is at work on it; the next call of the same command goes on."""


@dataclass(frozen=True, slots=True)
class ItemsDone:
    """Part of a step is done: `done` of `total` images."""

    step: str
    done: int
    total: int


@dataclass(frozen=True, slots=True)
class Waiting:
    """A step waits for the service."""

    step: str
    status: str
    elapsed_seconds: float


@dataclass(frozen=True, slots=True)
class Outlook:
    """What to expect of the step under way: how long it took before, and what it costs."""

    step: str
    text: str
    usd_per_hour: float = 0.0
    """Of a model that runs from now on, until the step `stop model` has ended; else 0."""
    usd_so_far: float = 0.0
    """What that model has cost already, since it was started."""


@dataclass(frozen=True, slots=True)
class Notice:
    """Something that a person should read."""

    text: str


@dataclass(frozen=True, slots=True)
class MetricsLine:
    """Figures for a monitoring system, as one line that has to be printed as it is."""

    line: str


Event = (
    RunOpened
    | StepStarted
    | StepFinished
    | StepFailed
    | ItemsDone
    | Waiting
    | Outlook
    | Notice
    | MetricsLine
)
