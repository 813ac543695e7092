"""The forms that the members of label attributes must have, as tables of checks.

Source: developer guide, "Image-level labels in manifest files" and "Object localization in
manifest files" (archived text, read 2026-11-23).
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Final

Form = Mapping[str, Callable[[object], bool]]
"""For each member that must be there, what its value must be."""


def first_fault(value: object, form: Form) -> str:
    """Return which member of an object is missing or malformed, or an empty text."""
    if not isinstance(value, dict):
        return "it is no object"
    for name, holds in form.items():
        if name not in value:
            return f"{name} is missing"
        if not holds(value[name]):
            return f"{name} is {_short(value[name])}"
    return ""


def is_integer(value: object) -> bool:
    """Say whether it is a whole number; true and false are none."""
    return isinstance(value, int) and not isinstance(value, bool)


def is_number(value: object) -> bool:
    """Say whether it is a number; true and false are none."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def is_ratio(value: object) -> bool:
    """Say whether it is a number from 0 to 1."""
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= 1


def is_name(value: object) -> bool:
    """Say whether it is a text that is not blank."""
    return isinstance(value, str) and bool(value.strip())


def is_yes_or_no(value: object) -> bool:
    """Say whether it is one of the two texts that `human-annotated` takes."""
    return value in ("yes", "no")


def is_creation_date(value: object) -> bool:
    """Say whether it is a date with a time, joined by T or a space."""
    if not isinstance(value, str) or ("T" not in value and " " not in value):
        return False
    try:
        datetime.fromisoformat(value)
    except ValueError:
        return False
    return True


COMMON_METADATA: Final[Form] = {
    "human-annotated": is_yes_or_no,
    "creation-date": is_creation_date,
}
"""What the metadata of every kind of label attribute hold, besides their type."""

_LONGEST_SHOWN = 40


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]}…"
