"""Correct the form of a creation date, where only one date can be meant.

Source: developer guide, "Image-level labels in manifest files" (archived text, read 2026-11-23).
"""

import re
from datetime import UTC, datetime
from typing import Final

from rcl_flow.core.lint.forms import is_creation_date, is_integer

UNKNOWN_DATE: Final = "1970-01-01T00:00:00"
"""Filled in where there is none: the service wants a date and makes nothing of it."""

_YEAR_FIRST: Final = re.compile(
    r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?:[T ](\d{1,2}):(\d{2})(?::(\d{2})(?:\.\d*)?)?Z?)?"
)
_MAX_SECONDS: Final = 253_402_300_799
"""The end of the year 9999."""


def fix_date(value: object) -> tuple[object, str]:
    """Return a date in the service's form, and what was done; an empty text for nothing.

    A date whose first number is no year may mean two days, and stays as it is.
    """
    if is_creation_date(value):
        return value, ""
    if value is None or value == "":
        return UNKNOWN_DATE, "filled in creation-date"
    fixed = _of_text(value) if isinstance(value, str) else _of_seconds(value)
    if fixed is None:
        return value, ""
    return fixed, f"wrote creation-date {value!r} as {fixed}"


def _of_text(value: str) -> str | None:
    found = _YEAR_FIRST.fullmatch(value.strip())
    if not found:
        return None
    parts = [int(part or 0) for part in found.groups()]
    try:
        return datetime(*parts, tzinfo=UTC).strftime("%Y-%m-%dT%H:%M:%S")  # type: ignore[arg-type,misc]  # six integers
    except ValueError:
        return None


def _of_seconds(value: object) -> str | None:
    """Return the date of a time in seconds or milliseconds since 1970."""
    if not is_integer(value) or not isinstance(value, int) or value <= 0:
        return None
    seconds = value // 1000 if value > _MAX_SECONDS else value
    if seconds > _MAX_SECONDS:
        return None
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S")
