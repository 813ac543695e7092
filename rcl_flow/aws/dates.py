"""When AWS answered, by AWS's own clock."""

from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime


def answered_at(headers: Mapping[str, str]) -> datetime | None:
    """Return the time in an answer's Date header, or None when there is none to be read."""
    try:
        return parsedate_to_datetime(headers["date"]).astimezone(UTC)
    except (KeyError, ValueError):
        return None
