"""The members of an IAM policy statement: one value or many, with wildcards."""

from fnmatch import fnmatchcase
from typing import Any


def listed(value: Any) -> list[Any]:  # noqa: ANN401  # a policy's members are one or many
    """Return the values of a member that may hold one, many or none."""
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def matches(patterns: object, value: str, *, lower: bool = False) -> bool:
    """Say whether one of a statement's patterns fits `value`.

    Args:
        patterns: One text or a list of them.
        value: An ARN or an action.
        lower: Whether to compare in lower case; `value` must be in lower case then.
    """
    texts = (str(text).lower() if lower else str(text) for text in listed(patterns))
    # "*" and "?" are wildcards in policies, brackets are not
    return any(fnmatchcase(value, text.replace("[", "[[]")) for text in texts)


def principals(member: object) -> set[str]:
    """Return the texts that a Principal names, whatever their kind."""
    named = member.values() if isinstance(member, dict) else [member]
    return {str(text) for each in named for text in listed(each)}
