"""Tests of the machine's clock."""

import time
from datetime import UTC, datetime, timedelta

from rcl_flow.clock import SystemClock


def test_clock_tells_the_time_in_utc() -> None:
    """The time has its zone and is the machine's."""
    now = SystemClock().now()
    assert now.tzinfo is UTC
    assert abs(now - datetime.now(UTC)) < timedelta(seconds=5)


def test_clock_sleeps_as_long_as_it_is_told() -> None:
    """Twenty milliseconds are twenty and not a second."""
    before = time.monotonic()
    SystemClock().sleep(0.02)
    assert 0.02 <= time.monotonic() - before < 1
