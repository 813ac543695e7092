"""Sleep without falling silent: signs of life are given while a long wait lasts."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from rcl_flow.clock import Clock


@dataclass(frozen=True, slots=True)
class WakingClock:
    """A clock that calls `beat` while it sleeps, at least every `longest_seconds`."""

    clock: Clock
    beat: Callable[[], None]
    longest_seconds: float

    def now(self) -> datetime:
        """Return the time in UTC, with its zone."""
        return self.clock.now()

    def sleep(self, seconds: float) -> None:
        """Wait for `seconds`, giving signs of life."""
        left = seconds
        while left > 0:
            step = min(left, self.longest_seconds)
            self.clock.sleep(step)
            left -= step
            self.beat()
