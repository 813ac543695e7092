"""Wait for a state with a deadline; every state that is not "working" ends the wait."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, TypeVar

from rcl_flow.clock import Clock
from rcl_flow.errors import WaitTimeoutError


class HasStatus(Protocol):
    """Anything that the service gives a status."""

    @property
    def status(self) -> str:
        """The service's own word, such as `TRAINING_IN_PROGRESS`."""


S = TypeVar("S", bound=HasStatus)


@dataclass(frozen=True, slots=True)
class Pace:
    """How often to look, and for how long in all."""

    every_seconds: float
    timeout_seconds: float
    since: datetime | None = None
    """When the time began; None for the first look."""


def wait_while(
    read: Callable[[], S],
    working: frozenset[str],
    *,
    clock: Clock,
    pace: Pace,
    on_wait: Callable[[S, float], None] = lambda _state, _elapsed: None,
) -> S:
    """Read until the status is not one of `working`, and return what was read last.

    Args:
        read: asks the service.
        working: statuses to wait through; any other one, known or not, ends the wait.
        clock: tells the time and sleeps.
        pace: time between two reads, and the deadline.
        on_wait: told what was read and the seconds waited so far.

    Raises:
        WaitTimeoutError: still working after the deadline.
    """
    started = pace.since or clock.now()
    while True:
        state = read()
        if state.status not in working:
            return state
        elapsed = (clock.now() - started).total_seconds()
        if elapsed >= pace.timeout_seconds:
            where = getattr(state, "arn", "")
            raise WaitTimeoutError(
                f"Still {state.status} after {elapsed:.0f} s" + (f": {where}." if where else "."),
                hint="The service goes on by itself; run the same command again later, or give "
                "more time in the config.",
            )
        on_wait(state, elapsed)
        clock.sleep(min(pace.every_seconds, max(pace.timeout_seconds - elapsed, 0.01)))
