"""Apply a run's thresholds to what DetectCustomLabels answers; for programs that use a model.

It needs nothing but Python, so that a function in production loads neither numpy nor an SDK.
"""

import json
from collections.abc import Iterable, Mapping
from typing import Any, Final

from rcl_flow.core.percentages import reaches
from rcl_flow.errors import ConfigError

_NAMED: Final = {1: "assumed_thresholds", 2: "thresholds"}
"""Where the thresholds in use stand, by the format's version."""
_NEVER: Final = 2.0
"""A threshold that no confidence reaches."""
_HINT: Final = "Give the thresholds.json that a run left in its folder, unchanged."


def apply_thresholds(
    answer: Mapping[str, Any] | Iterable[Mapping[str, Any]], thresholds: Mapping[str, float]
) -> list[Mapping[str, Any]]:
    """Return the entries whose confidence is at or above their label's threshold, unchanged.

    Ask the service with `MinConfidence` at or below the lowest threshold: without it, the service
    leaves out what is below its own. Labels without a threshold are left out.

    Args:
        answer: what DetectCustomLabels answered, or its `CustomLabels`.
        thresholds: 0 to 1, by label, such as `parse_thresholds` gives them.

    Raises:
        ConfigError: it is no such answer.

    Example:
        >>> from rcl_flow import apply_thresholds
        >>> answer = {
        ...     "CustomLabels": [
        ...         {"Name": "scratch", "Confidence": 71.5},
        ...         {"Name": "dent", "Confidence": 40.2},
        ...     ]
        ... }
        >>> apply_thresholds(answer, {"scratch": 0.6, "dent": 0.5})
        [{'Name': 'scratch', 'Confidence': 71.5}]
    """
    try:
        entries = answer["CustomLabels"] if isinstance(answer, Mapping) else answer
        return [
            entry
            for entry in entries
            if reaches(entry["Confidence"], thresholds.get(entry["Name"], _NEVER))
        ]
    except (KeyError, TypeError) as error:
        raise ConfigError(
            f"This is no answer of DetectCustomLabels: {error!r}.",
            hint="Give what detect_custom_labels returned, or its 'CustomLabels'.",
        ) from error


def parse_thresholds(text: str | bytes) -> dict[str, float]:
    """Return the thresholds in use, 0 to 1 by label, from the content of a thresholds.json.

    Raises:
        ConfigError: it is none, or of a format that this version does not know.

    Example:
        >>> from rcl_flow import parse_thresholds
        >>> parse_thresholds('{"format_version": 2, "thresholds": {"scratch": 0.6}}')
        {'scratch': 0.6}
    """
    try:
        document = json.loads(text)
        version = document["format_version"]
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise ConfigError("This is no thresholds.json.", hint=_HINT) from error
    if isinstance(version, bool) or not isinstance(version, int) or version not in _NAMED:
        raise ConfigError(
            f"The thresholds.json is of format {version!r}; this version reads 1 and 2.",
            hint="Update rcl-flow, or run the config again with this version.",
        )
    thresholds = document.get(_NAMED[version])
    if not isinstance(thresholds, dict):
        raise ConfigError(f"The thresholds.json has no {_NAMED[version]!r}.", hint=_HINT)
    for label, value in thresholds.items():
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
            raise ConfigError(
                f"The threshold of {label!r} in the thresholds.json is {value!r}, "
                "not a number from 0 to 1.",
                hint=_HINT,
            )
    return {label: float(value) for label, value in thresholds.items()}


def parse_judged_model(text: str | bytes) -> str:
    """Return the ARN of the model that a valid thresholds.json is of; empty where it names none."""
    return str(json.loads(text).get("project_version_arn") or "")
