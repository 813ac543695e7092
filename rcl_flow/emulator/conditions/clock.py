"""The emulator's only clock, and the timeline that moves a resource from state to state."""

import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol

GONE = "GONE"
"""The state of a resource whose deletion is complete; no answer ever shows it."""

MANUAL_START_SECONDS = 1_760_000_000.0


class Clock(Protocol):
    """What tells the emulated time, in seconds since 1970."""

    def now(self) -> float:
        """Return the emulated time in seconds since 1970."""

    def sleep(self, seconds: float) -> None:
        """Wait for `seconds` of emulated time."""

    def advance(self, seconds: float) -> None:
        """Jump `seconds` ahead."""

    def skip_to(self, moment: float) -> None:
        """Hear that a client has seen a state that lasts until `moment`."""


class RunningClock:
    """The machine's time, or a faster one that started together with it."""

    def __init__(self, speed: float = 1.0) -> None:
        """Run at `speed` emulated seconds per real second."""
        self._speed = speed
        self._started = time.time()
        self._monotonic = time.monotonic()
        self._ahead = 0.0

    def now(self) -> float:
        """Return the emulated time in seconds since 1970."""
        return self._started + (time.monotonic() - self._monotonic) * self._speed + self._ahead

    def sleep(self, seconds: float) -> None:
        """Wait for `seconds` of emulated time."""
        time.sleep(max(0.0, seconds) / self._speed)

    def advance(self, seconds: float) -> None:
        """Jump `seconds` ahead."""
        self._ahead += seconds

    def skip_to(self, moment: float) -> None:
        """Go on as before."""


class ManualClock:
    """A clock that moves only when it is told to."""

    def __init__(self, start: float = MANUAL_START_SECONDS) -> None:
        """Stand at `start`, in seconds since 1970."""
        self._now = start
        self._lock = threading.Lock()

    def now(self) -> float:
        """Return the emulated time in seconds since 1970."""
        return self._now

    def sleep(self, seconds: float) -> None:
        """Move on by `seconds` without waiting."""
        self.advance(seconds)

    def advance(self, seconds: float) -> None:
        """Jump `seconds` ahead."""
        with self._lock:
            self._now += seconds

    def skip_to(self, moment: float) -> None:
        """Stand still."""


class SkippingClock(ManualClock):
    """A clock on which no wait takes longer than one look.

    As soon as a client has seen a state in progress, it jumps to the end of that state: a training
    of 24 hours is over at the second describe, and billed as 24 hours.
    """

    def skip_to(self, moment: float) -> None:
        """Jump to `moment`, if it is not past."""
        self.advance(max(0.0, moment - self.now()))


def as_datetime(seconds: float) -> datetime:
    """Return `seconds` since 1970 as an aware UTC time."""
    return datetime.fromtimestamp(seconds, UTC)


@dataclass(frozen=True, slots=True)
class Delay:
    """How long a state lasts: at least `seconds`, and at least `polls` describes that show it."""

    seconds: float = 0.0
    polls: int = 0


def at_once() -> float:
    """Say that a step has been ready since 1970: only its delay holds it back."""
    return 0.0


@dataclass(frozen=True, slots=True)
class Step:
    """One edge of a state machine.

    `enter` gets the time at which the step was due and returns the state that it leads to.
    `ready_at` says since when the work behind the step is done, or None while it is not.
    """

    delay: Delay
    enter: Callable[[float], str]
    ready_at: Callable[[], float | None] = at_once


class Timeline:
    """A state that is brought up to date whenever it is read, by as many steps as are due."""

    def __init__(self, clock: Clock, state: str, *steps: Step) -> None:
        """Enter `state` now; `steps` follow one after the other."""
        self._clock = clock
        self.move(state, *steps)

    def move(self, state: str, *steps: Step) -> None:
        """Enter `state` now, and forget what was planned in favour of `steps`."""
        self._state = state
        self._steps = deque(steps)
        self._begin(self._clock.now())

    def read(self) -> str:
        """Return the state as of now."""
        while self._steps and (due := self._due(self._steps[0])) is not None:
            self._state = self._steps.popleft().enter(due)
            self._begin(due)
        return self._state

    def observe(self) -> str:
        """Return the state as of now, and count that a describe has shown it."""
        state = self.read()
        self._polls += 1
        self._polled_at = self._clock.now()
        if self._steps:
            self._clock.skip_to(self._entered + self._steps[0].delay.seconds)
        return state

    def _begin(self, at: float) -> None:
        self._entered = at
        self._polls = 0
        self._polled_at = at

    def _due(self, step: Step) -> float | None:
        due = self._entered + step.delay.seconds
        if self._clock.now() < due or self._polls < step.delay.polls:
            return None
        ready_at = step.ready_at()
        if ready_at is None:
            return None
        return max(due, ready_at, self._polled_at if step.delay.polls else due)
