"""The JSON type that requests, answers and manifest lines are made of, and kinds of JSON values."""

from typing import Any

JsonObject = dict[str, Any]
"""One JSON object; its members are checked at the wire, against the service's model."""


def is_of(value: object, kinds: tuple[type, ...]) -> bool:
    """Say whether a value of JSON is of one of the kinds; true and false are no whole numbers."""
    return isinstance(value, kinds) and (bool in kinds or not isinstance(value, bool))
