"""A clock that tests pass in: it moves only by sleeping, and remembers every sleep."""

from datetime import UTC, datetime, timedelta

from rcl_flow.emulator.conditions.clock import MANUAL_START_SECONDS


class FakeClock:
    """Begins where the emulator's manual clock does; sleeping takes no real time."""

    def __init__(self) -> None:
        """Stand at the start, with no sleeps yet."""
        self._now = datetime.fromtimestamp(MANUAL_START_SECONDS, UTC)
        self.sleeps: list[float] = []

    def now(self) -> datetime:
        """Return the time in UTC, with its zone."""
        return self._now

    def sleep(self, seconds: float) -> None:
        """Move on by `seconds` and remember them."""
        self.sleeps.append(seconds)
        self._now += timedelta(seconds=seconds)

    def pass_by(self, seconds: float) -> None:
        """Move on by `seconds` without a sleep, as work does."""
        self._now += timedelta(seconds=seconds)
