"""When a schedule is due: the expressions of EventBridge Scheduler.

Source: https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html. The characters
L, W and # of cron expressions are not supported.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

AT = re.compile(r"at\((\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)\)")
RATE = re.compile(r"rate\((\d+) (minute|hour|day)s?\)")
CRON = re.compile(r"cron\((\S+) (\S+) (\S+) (\S+) (\S+) (\S+)\)")
UNIT_SECONDS = {"minute": 60, "hour": 3600, "day": 86_400}
MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
DAYS = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")
MOST_DAYS_AHEAD = 366 * 5

Next = Callable[[float], float | None]
"""Takes a moment in seconds since 1970 and returns the first due moment after it, or None."""


class RecurrenceError(ValueError):
    """An expression that is not understood."""


@dataclass(frozen=True, slots=True)
class Span:
    """One field of a cron expression: the values from `low` to `high`, and their names."""

    low: int
    high: int
    names: tuple[str, ...] = ()

    def values(self, text: str) -> frozenset[int]:
        """Return the values that a field allows.

        Raises:
            RecurrenceError: It is not understood.
        """
        return frozenset(value for part in text.split(",") for value in self._part(part))

    def _part(self, text: str) -> Iterator[int]:
        body, _, step = text.partition("/")
        first, _, last = body.partition("-")
        try:
            if body in {"*", "?"}:
                low, high = self.low, self.high
            else:
                low = self._number(first)
                high = self._number(last) if last else (self.high if step else low)
            every = int(step or 1)
        except ValueError as error:
            raise RecurrenceError(f"cron does not know {text}") from error
        if not (self.low <= low <= self.high and self.low <= high <= self.high and every > 0):
            raise RecurrenceError(f"{text} is outside {self.low} to {self.high}")
        yield from range(low, high + 1, every)

    def _number(self, text: str) -> int:
        if text.upper() in self.names:
            return self.names.index(text.upper()) + self.low
        return int(text)


FIELDS = (Span(0, 59), Span(0, 23), Span(1, 31), Span(1, 12, MONTHS), Span(1, 7, DAYS))
YEARS = Span(1970, 2199)


def recurrence(expression: str, zone: str, *, began: float) -> Next:
    """Return how to find the due moments of an expression.

    Args:
        expression: `at(…)`, `rate(…)` or `cron(…)`.
        zone: The name of its time zone, such as `Europe/Berlin`.
        began: When a rate begins, in seconds since 1970: its first due moment.

    Raises:
        RecurrenceError: It is not understood.
    """
    try:
        here = ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise RecurrenceError(f"there is no time zone {zone}") from error
    if found := AT.fullmatch(expression):
        moment = _moment(datetime.fromisoformat(found[1]).replace(tzinfo=here))
        return lambda after: moment if moment > after else None
    if found := RATE.fullmatch(expression):
        interval = int(found[1]) * UNIT_SECONDS[found[2]]
        return lambda after: _next_of_rate(began, interval, after)
    if found := CRON.fullmatch(expression):
        return _cron(found.groups(), here)
    raise RecurrenceError(f"{expression} is no expression of a schedule")


def _next_of_rate(began: float, interval: int, after: float) -> float:
    if after < began:
        return began
    return began + ((after - began) // interval + 1) * interval


def _cron(texts: tuple[str, ...], here: ZoneInfo) -> Next:
    minutes, hours, days, months, weekdays = (
        span.values(text) for span, text in zip(FIELDS, texts[:5], strict=True)
    )
    years = YEARS.values(texts[5])

    def is_day(day: datetime) -> bool:
        weekday = day.isoweekday() % 7 + 1
        fits = day.day in days and weekday in weekdays
        return day.year in years and day.month in months and fits

    def following(after: float) -> float | None:
        first = datetime.fromtimestamp(after, here).replace(hour=0, minute=0, second=0)
        for ahead in range(MOST_DAYS_AHEAD):
            day = first.replace(microsecond=0) + timedelta(days=ahead)
            if not is_day(day):
                continue
            times = (day.replace(hour=h, minute=m) for h in sorted(hours) for m in sorted(minutes))
            later = [moment for time in times if (moment := _moment(time)) > after]
            if later:
                return later[0]
        return None

    return following


def _moment(time: datetime) -> float:
    return time.astimezone(UTC).timestamp()
