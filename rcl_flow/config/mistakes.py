"""What is wrong with a config's values, in words of who wrote it."""

import difflib
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, get_args

from pydantic import BaseModel, StringConstraints
from pydantic_core import ErrorDetails

from rcl_flow.config.delivery import BusName, SecretReference, TopicArn
from rcl_flow.config.interpolation import Interpolated
from rcl_flow.config.overlays import Origins
from rcl_flow.config.safety import GroupName, RoleArn
from rcl_flow.config.schema import (
    BucketName,
    FlowConfig,
    HttpUrl,
    Name,
    RegionName,
    TagValue,
    VersionArn,
)
from rcl_flow.core.promotion.rules import ParameterName

Location = tuple[str | int, ...]
_SHOULD: Final = "input should be "
_KINDS: Final[Mapping[str, str]] = {
    "tuple_type": "input should be a list, and is set as a whole",
    "dict_type": "input should be a mapping of names to values",
    "model_type": "input should be a section of fields",
    "string_type": "input should be a text: 5, yes and 2026-01-01 are none without quotes",
}
"""In words of YAML, what the checker says in words of Python."""
_CHOICE: Final = re.compile(r"(constrained-\w+|literal\[.*\])", re.DOTALL)
"""What the checker calls the kinds of a value that may be of several."""
_ADDRESS: Final = "//"
_USER: Final = "@"
_COLON: Final = ":"
_PATH: Final = "/"
_LONGEST_BITS: Final = 64
_LONGEST_TEXT: Final = 200


def _pattern_of(kind: Any) -> str:  # noqa: ANN401  # a type form
    constraints = next(one for one in get_args(kind) if isinstance(one, StringConstraints))
    return str(constraints.pattern)


_FORMS: Final[Mapping[str, str]] = {
    _pattern_of(Name): "a name: 1 to 255 letters, digits and . _ -",
    _pattern_of(BucketName): "a bucket's name: 3 to 63 small letters, digits, dots and hyphens",
    _pattern_of(RegionName): "a region, such as eu-west-1",
    _pattern_of(HttpUrl): "an address that begins with http:// or https://",
    _pattern_of(VersionArn): "a project version's ARN: arn:aws:rekognition:REGION:ACCOUNT:project/"
    "NAME/version/NAME/NUMBER",
    _pattern_of(TagValue): "a text of letters, digits, spaces and . : / = + - @ _",
    _pattern_of(RoleArn): "a role's ARN: arn:aws:iam::ACCOUNT:role/NAME",
    _pattern_of(GroupName): "the name of a schedule group: 1 to 64 letters, digits and . _ -",
    _pattern_of(TopicArn): "a topic's ARN: arn:aws:sns:REGION:ACCOUNT:NAME",
    _pattern_of(BusName): "the name of an event bus: letters, digits and . _ - /",
    _pattern_of(SecretReference): "the place where the address is found, never the address "
    "itself: env:NAME, secretsmanager:ID or ssm:NAME",
    _pattern_of(ParameterName): "a parameter's name of letters, digits and . _ - /",
}
"""What a text is to look like, in place of the pattern that checks it."""


def told_mistakes(details: Sequence[ErrorDetails], origins: Origins) -> list[str]:
    """Return a line for each mistake: its place, what is wrong, and what was given.

    Args:
        details: what the checker found.
        origins: where each value was written.
    """
    told: dict[Location, list[ErrorDetails]] = {}
    for detail in details:
        told.setdefault(_field_of(detail["loc"]), []).append(detail)
    return [_line(location, mistakes, origins) for location, mistakes in told.items()]


def _field_of(location: Location) -> Location:
    """Return the location of the field, without the kind of value that was tried on it."""
    tried = bool(location) and _CHOICE.fullmatch(str(location[-1])) is not None
    return location[:-1] if tried else location


def _line(location: Location, mistakes: Sequence[ErrorDetails], origins: Origins) -> str:
    parts = tuple(str(part) for part in location)
    place = ": ".join([origins.place(parts), *([".".join(parts)] if parts else [])])
    first = mistakes[0]
    if first["type"] == "extra_forbidden":
        return f"{place}: unknown key{_did_you_mean(location)}"
    if first["type"] == "missing":
        return f"{place}: this field is needed."
    messages = [_message(mistake) for mistake in mistakes]
    message = ", or ".join([messages[0], *(one.removeprefix(_SHOULD) for one in messages[1:])])
    return f"{place}: {message}{_given(location, first['input'])}."


def _message(detail: ErrorDetails) -> str:
    form = _FORMS.get(str(detail.get("ctx", {}).get("pattern")))
    if form is not None:
        return f"{_SHOULD}{form}"
    message = _KINDS.get(detail["type"]) or detail["msg"].removeprefix("Value error, ")
    return f"{message[:1].lower()}{message[1:]}"


def _given(location: Location, given: object) -> str:
    if isinstance(given, Interpolated):
        return f" (given by ${{{'}, ${'.join(given.names)}}})"
    if isinstance(given, str) and _is_secret(location, given):
        return ""
    if isinstance(given, int) and given.bit_length() > _LONGEST_BITS:
        return ""
    if isinstance(given, str) and len(given) > _LONGEST_TEXT:
        given = f"{given[:_LONGEST_TEXT]}…"
    return f" (given: {given!r})" if isinstance(given, str | int | float) else ""


def _is_secret(location: Location, given: str) -> bool:
    """Say whether it may be an address with a password, or of a chat: that is as good as one.

    Pasted without `https://`, it is one as well.
    """
    if location[:1] == ("notifications",):
        return _PATH in given
    return _USER in given and (_ADDRESS in given or _COLON in given.partition(_USER)[0])


def _did_you_mean(location: Location) -> str:
    known = sorted(_fields_at(FlowConfig, location[:-1]))
    close = difflib.get_close_matches(str(location[-1]), known, n=1)
    if close:
        return f"; did you mean {close[0]!r}?"
    return f"; known here: {', '.join(known)}." if known else "."


def _fields_at(model: type[BaseModel], location: Location) -> Mapping[str, Any]:
    for part in location:
        field = model.model_fields.get(str(part))
        below = next(_models_in(field.annotation), None) if field else None
        if below is None:
            return {}
        model = below
    return model.model_fields


def _models_in(annotation: Any) -> Iterator[type[BaseModel]]:  # noqa: ANN401  # a type form
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for part in get_args(annotation):
        yield from _models_in(part)
