"""The forms that the fields of a label attribute and of its metadata must have."""

from collections.abc import Callable, Mapping
from datetime import datetime

FieldRules = Mapping[str, Callable[[object], bool]]
"""For each field that must be there, what its value must be."""


def has_fields(value: object, rules: FieldRules) -> bool:
    """Say whether `value` is an object with all fields of `rules`, each in its form."""
    return isinstance(value, dict) and all(holds(value.get(name)) for name, holds in rules.items())


def is_list_of(value: object, rules: FieldRules) -> bool:
    """Say whether `value` is a list of objects with all fields of `rules`."""
    return isinstance(value, list) and all(has_fields(item, rules) for item in value)


def is_integer(value: object) -> bool:
    """Say whether `value` is a whole number; true and false are none."""
    return isinstance(value, int) and not isinstance(value, bool)


def is_number(value: object) -> bool:
    """Say whether `value` is a number."""
    return is_integer(value) or isinstance(value, float)


def is_ratio(value: object) -> bool:
    """Say whether `value` is a number from 0 to 1."""
    return isinstance(value, int | float) and is_number(value) and 0 <= value <= 1


def is_name(value: object) -> bool:
    """Say whether `value` is a text that is not blank."""
    return isinstance(value, str) and bool(value.strip())


def _is_yes_or_no(value: object) -> bool:
    return value in ("yes", "no")


def _is_creation_date(value: object) -> bool:
    if not isinstance(value, str) or "T" not in value.replace(" ", "T"):
        return False
    try:
        datetime.fromisoformat(value)
    except ValueError:
        return False
    return True


COMMON_METADATA: FieldRules = {
    "human-annotated": _is_yes_or_no,
    "creation-date": _is_creation_date,
}
"""What the metadata of every kind of label attribute hold, besides their type."""
