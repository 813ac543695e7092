"""When schedules are due."""

from datetime import UTC, datetime

import pytest

from rcl_flow.emulator.conditions.recurrence import RecurrenceError, recurrence


def at(text: str) -> float:
    """Return a UTC moment in seconds since 1970."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()


NOW = at("2026-03-05T10:30:00")  # a Thursday


@pytest.mark.parametrize(
    ("expression", "zone", "due"),
    [
        ("at(2026-03-05T12:00:00)", "UTC", "2026-03-05T12:00:00"),
        ("at(2026-03-05T12:00:00)", "Europe/Berlin", "2026-03-05T11:00:00"),
        ("rate(5 minutes)", "UTC", "2026-03-05T10:35:00"),
        ("rate(1 hour)", "UTC", "2026-03-05T11:30:00"),
        ("rate(2 days)", "UTC", "2026-03-07T10:30:00"),
        ("cron(0 18 ? * MON-FRI *)", "UTC", "2026-03-05T18:00:00"),
        ("cron(0 9 ? * MON-FRI *)", "UTC", "2026-03-06T09:00:00"),
        ("cron(0/15 * * * ? *)", "UTC", "2026-03-05T10:45:00"),
        ("cron(30 10 1,15 * ? *)", "UTC", "2026-03-15T10:30:00"),
        ("cron(0 0 1 1 ? 2027)", "UTC", "2027-01-01T00:00:00"),
        ("cron(0 8 ? * 1 *)", "America/New_York", "2026-03-08T12:00:00"),
        ("cron(0 12 29 FEB ? *)", "UTC", "2028-02-29T12:00:00"),
    ],
)
def test_next_due_moment(expression: str, zone: str, due: str) -> None:
    """The first moment after now, in the schedule's own time zone."""
    assert recurrence(expression, zone, began=NOW)(NOW) == at(due)


def test_rate_begins_when_it_begins() -> None:
    """Its first due moment is its beginning, then every interval, whenever it is asked."""
    following = recurrence("rate(1 hour)", "UTC", began=NOW)
    assert following(NOW - 1) == NOW
    assert following(NOW + 3599) == NOW + 3600
    assert following(NOW + 3600) == NOW + 7200


@pytest.mark.parametrize("expression", ["at(2026-03-05T10:30:00)", "cron(0 0 1 1 ? 2020)"])
def test_nothing_is_due_after_the_last_moment(expression: str) -> None:
    """What has passed does not come again."""
    assert recurrence(expression, "UTC", began=NOW)(NOW) is None


@pytest.mark.parametrize(
    "expression",
    [
        "every day",
        "at(tomorrow)",
        "rate(5 weeks)",
        "cron(0 25 * * ? *)",
        "cron(0 9 ? * SOMEDAY *)",
        "cron(* * * * *)",
        "cron(0 9 L * ? *)",
        "cron(0/0 * * * ? *)",
    ],
)
def test_expressions_that_are_not_understood_are_refused(expression: str) -> None:
    """An unknown form is an error and not silence."""
    with pytest.raises(RecurrenceError):
        recurrence(expression, "UTC", began=NOW)


def test_unknown_time_zone_is_refused() -> None:
    """A typing mistake in the zone is an error."""
    with pytest.raises(RecurrenceError, match="time zone"):
        recurrence("rate(1 hour)", "Europe/Atlantis", began=NOW)
