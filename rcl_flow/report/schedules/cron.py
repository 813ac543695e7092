"""Cron expressions as EventBridge Scheduler writes them, and as everybody else does."""

import re
from dataclasses import dataclass
from typing import Final

from rcl_flow.errors import ConfigError

_WRITTEN: Final = re.compile(r"cron\(([^()]*)\)")
_HINT: Final = (
    "Write it as EventBridge Scheduler does: minute, hour, day of the month, month, day of the "
    "week, year, with ? for one of the days; such as cron(0 3 ? * MON *) for Mondays at 03:00 UTC."
)
_DAYS: Final = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")
_MONTHS: Final = (
    "JAN FEB MAR APR MAY JUN JUL AUG SEP OCT NOV DEC".split()  # noqa: SIM905  # one line
)
_ITEM: Final = re.compile(r"(?P<first>\*|[0-9A-Z]+)(-(?P<last>[0-9A-Z]+))?(/(?P<step>[0-9]+))?")
_AWS_ONLY: Final = {
    "day of the month": re.compile(r"L(-[0-9]{1,2})?|[0-9]{1,2}W|LW"),
    "day of the week": re.compile(r"L|([1-7]|SUN|MON|TUE|WED|THU|FRI|SAT)(L|#[1-5])"),
}


@dataclass(frozen=True, slots=True)
class _Field:
    """One of the six fields, with the least and the largest number that it takes."""

    name: str
    least: int
    most: int
    names: tuple[str, ...] = ()

    def number(self, text: str) -> int | None:
        """Return the number that is written or named, or None."""
        if text in self.names:
            return self.names.index(text) + self.least
        number = int(text) if text.isdigit() else -1
        return number if self.least <= number <= self.most else None


# Source: EventBridge Scheduler user guide, cron-based schedules (archived text, read 2026-11-23).
_FIELDS: Final = (
    _Field("minute", 0, 59),
    _Field("hour", 0, 23),
    _Field("day of the month", 1, 31),
    _Field("month", 1, 12, tuple(_MONTHS)),
    _Field("day of the week", 1, 7, _DAYS),
    _Field("year", 1970, 2199),
)
_MONTHDAY, _WEEKDAY, _YEAR = 2, 4, 5


@dataclass(frozen=True, slots=True)
class Cron:
    """A cron expression that is known to be valid."""

    fields: tuple[str, ...]
    """Six, as EventBridge Scheduler orders and counts them: Sunday is 1."""

    @property
    def aws(self) -> str:
        """The expression for EventBridge Scheduler."""
        return f"cron({' '.join(self.fields)})"

    def posix(self) -> str:
        """Return the five fields that cron and GitHub read, where Sunday is 0.

        Raises:
            ConfigError: it says what they cannot say.
        """
        if self.fields[_YEAR] != "*":
            raise _refused(self.aws, "only EventBridge Scheduler knows years")
        return " ".join(
            "*" if text == "?" else _posix_field(text, field, self.aws)
            for text, field in zip(self.fields[:_YEAR], _FIELDS, strict=False)
        )


def parse_cron(text: str) -> Cron:
    """Return the expression, such as `cron(0 3 ? * MON *)`.

    Raises:
        ConfigError: it is not valid, with what is wrong.
    """
    written = _WRITTEN.fullmatch(text.strip())
    fields = tuple(written[1].upper().split()) if written else ()
    if len(fields) != len(_FIELDS):
        raise _refused(text, f"it has to be cron( ) with {len(_FIELDS)} fields in it")
    if (fields[_MONTHDAY] == "?") == (fields[_WEEKDAY] == "?"):
        raise _refused(text, "exactly one of the two days has to be ?")
    for value, field in zip(fields, _FIELDS, strict=True):
        if value != "?" and not all(_is_item(item, field) for item in value.split(",")):
            raise _refused(text, f"the {field.name} cannot be {value}")
        if value == "?" and field not in (_FIELDS[_MONTHDAY], _FIELDS[_WEEKDAY]):
            raise _refused(text, f"the {field.name} cannot be ?")
    return Cron(fields)


def _is_item(item: str, field: _Field) -> bool:
    special = _AWS_ONLY.get(field.name)
    if special is not None and special.fullmatch(item):
        return True
    parts = _ITEM.fullmatch(item)
    if parts is None or (parts["step"] is not None and int(parts["step"]) < 1):
        return False
    if parts["first"] == "*":
        return parts["last"] is None
    first = field.number(parts["first"])
    last = field.number(parts["last"]) if parts["last"] else field.most
    return first is not None and last is not None and first <= last


def _posix_field(text: str, field: _Field, whole: str) -> str:
    return ",".join(_posix_item(item, field, whole) for item in text.split(","))


def _posix_item(item: str, field: _Field, whole: str) -> str:
    special = _AWS_ONLY.get(field.name)
    parts = _ITEM.fullmatch(item)
    if parts is None or (special is not None and special.fullmatch(item)):
        raise _refused(whole, f"only EventBridge Scheduler knows {item} as a {field.name}")
    if parts["first"] == "*":
        return item
    shift = 1 if field.names == _DAYS else 0
    first = (field.number(parts["first"]) or 0) - shift
    if parts["last"] is None and parts["step"] is None:
        return str(first)
    last = (field.number(parts["last"]) or 0 if parts["last"] else field.most) - shift
    step = f"/{parts['step']}" if parts["step"] else ""
    return f"{first}-{last}{step}"


def _refused(text: str, reason: str) -> ConfigError:
    return ConfigError(f"The schedule {text!r} is not valid: {reason}.", hint=_HINT)
