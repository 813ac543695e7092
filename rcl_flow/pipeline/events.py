"""What a run tells whoever watches it."""

from dataclasses import dataclass


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
class Notice:
    """Something that a person should read."""

    text: str


Event = StepStarted | StepFinished | StepFailed | ItemsDone | Waiting | Notice
