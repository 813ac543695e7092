"""What a command has done so far, by its events: what it leaves when it is broken off."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from rcl_flow.pipeline.runs.events import (
    Event,
    ItemsDone,
    StepFinished,
    StepStarted,
)

_ASK: Final = "ask training"
_LOOK: Final = "look for training"
_AWAIT: Final = "await training"
_START: Final = "start model"
_STOP: Final = "stop model"
_COPY: Final = "copy version"
_UPLOAD: Final = "upload"
_PREDICT: Final = ("predict holdout", "predict images")
_MAKING: Final = frozenset(
    {_UPLOAD, "ensure project", "ensure datasets", _ASK, _AWAIT, _START, _STOP, _COPY}
)
"""The steps that make or change something at the service or in its bucket."""


@dataclass(slots=True)
class Trail:
    """Remembers which steps were begun and ended, and how many images each has done."""

    begun: list[str] = field(default_factory=list)
    ended: dict[str, str] = field(default_factory=dict)
    """What came of each step that ended well, by its name."""
    items: dict[str, tuple[int, int]] = field(default_factory=dict)
    """How many images of how many are done, by step."""

    def note(self, event: Event) -> None:
        """Remember the event."""
        match event:
            case StepStarted(step):
                self.begun.append(step)
                self.ended.pop(step, None)
                if step == _START:
                    self.ended.pop(_STOP, None)
            case StepFinished(step, _, _, detail):
                self.ended[step] = detail
            case ItemsDone(step, done, total):
                self.items[step] = (done, total)
            case _:
                pass

    def is_open(self, step: str) -> bool:
        """Say whether the step was begun and has not ended well."""
        return step in self.begun and step not in self.ended

    def broken_step(self) -> str:
        """Return the last step that was begun and did not end well; empty between two steps."""
        return next((step for step in reversed(self.begun) if self.is_open(step)), "")


def left_behind(trail: Trail) -> list[str]:
    """Return, one sentence each, what a broken-off command leaves in which state."""
    left = [*_uploads(trail), *_training(trail), *_answers(trail), *_model(trail)]
    return left or [_nothing(trail)]


def _nothing(trail: Trail) -> str:
    if _MAKING.isdisjoint(trail.begun):
        return "Nothing was made on AWS, and nothing runs there for this command."
    return "No model runs for this command; what was made so far is used again."


def _uploads(trail: Trail) -> Iterator[str]:
    if trail.is_open(_UPLOAD):
        done, total = trail.items.get(_UPLOAD, (0, 0))
        count = f"{done} of {total} images are" if total else "What was uploaded is"
        yield f"{count} in the bucket and will not be sent again."


def _training(trail: Trail) -> Iterator[str]:
    version = trail.ended.get(_ASK) or trail.ended.get(_LOOK)
    if trail.is_open(_AWAIT):
        yield (
            f"The training{f' of {version}' if version else ''} goes on without this command: the "
            "service cannot be told to stop one, and it is paid for once."
        )
    elif trail.is_open(_ASK):
        yield "The training may have been asked for; the same command looks, and asks only once."
    elif _AWAIT in trail.ended:
        yield "The model is trained; that is not done or paid for again."
    if trail.is_open(_COPY):
        yield "The copy goes on without this command; the same command finds it."


def _answers(trail: Trail) -> Iterator[str]:
    for step in _PREDICT:
        if not trail.is_open(step) or step not in trail.items:
            continue
        done, total = trail.items[step]
        yield f"{done} of {total} images are answered and will not be asked again."


def _model(trail: Trail) -> Iterator[str]:
    if _STOP in trail.ended:
        yield f"The model is {trail.ended[_STOP]}: it costs nothing now."
    elif trail.is_open(_STOP) or _START in trail.begun:
        yield "The model may be running, which costs money: `rcl-flow stop --all` stops it."
    elif _AWAIT in trail.begun:
        yield "No model runs for this command."
