"""Parse a config's text into a `FlowConfig`, naming file, line and cure of every mistake."""

import difflib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, get_args

import yaml
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from rcl_flow.config.located import Located, locate_yaml, parse_value
from rcl_flow.config.schema import FlowConfig
from rcl_flow.errors import ConfigError

Location = tuple[str | int, ...]
_LONGEST_BITS = 64
_LONGEST_TEXT = 200


def parse_config(
    text: str, *, file_name: str = "<config>", overrides: Sequence[str] = ()
) -> FlowConfig:
    """Parse the YAML `text` of a config.

    Args:
        text: the file's content.
        file_name: named in the messages.
        overrides: `a.b=value` strings that win over the file; each value is read as YAML.

    Raises:
        ConfigError: with one line for every mistake: file, line, field, and the nearest name.
    """
    located = locate_yaml(text, file_name=file_name)
    tree = located.value
    if not isinstance(tree, dict):
        raise ConfigError(
            f"{file_name}:1: a config is a mapping of sections, not {type(tree).__name__}.",
            hint="Start from config/example.yaml, or from `rcl-flow demo-data DIR`.",
        )
    written = [_apply_override(tree, override) for override in overrides]
    try:
        return FlowConfig.model_validate(tree)
    except ValidationError as error:
        problems = [
            _describe(detail, _place(detail["loc"], located, written, file_name))
            for detail in error.errors()
        ]
        raise ConfigError(
            "\n".join(problems),
            hint="Correct the config; `rcl-flow validate --schema` prints every field.",
        ) from error


def _apply_override(tree: dict[str, Any], override: str) -> tuple[str, ...]:
    path, separator, text = override.partition("=")
    keys = path.split(".")
    if not separator or not all(keys):
        raise ConfigError(
            f"--set {override!r} is not of the form section.field=value.",
            hint="For example: --set gates.min_holdout_f1=0.9",
        )
    for key in keys[:-1]:
        below = tree.get(key)
        # copied, since a YAML alias makes one mapping stand in several places
        tree[key] = dict(below) if isinstance(below, dict) else {}
        tree = tree[key]
    try:
        tree[keys[-1]] = parse_value(text)
    except yaml.YAMLError as error:
        raise ConfigError(
            f"--set {path}: {text!r} is not a YAML value.", hint="Quote the value."
        ) from error
    return tuple(keys)


def _place(
    location: Location, located: Located, written: Sequence[tuple[str, ...]], file_name: str
) -> str:
    parts = tuple(str(part) for part in location)
    for keys in written:
        shared = min(len(keys), len(parts))
        if shared and keys[:shared] == parts[:shared]:
            return f"--set {'.'.join(keys)}: {'.'.join(parts)}"
    line = located.line_of(location)
    return f"{file_name}:{line}: {'.'.join(parts)}" if parts else f"{file_name}:{line}"


def _describe(detail: ErrorDetails, place: str) -> str:
    location = detail["loc"]
    if detail["type"] == "extra_forbidden":
        return f"{place}: unknown key{_did_you_mean(location)}."
    message = detail["msg"].removeprefix("Value error, ")
    if detail["type"] == "missing":
        return f"{place}: this field is needed."
    return f"{place}: {message[:1].lower()}{message[1:]}{_given(detail)}."


def _given(detail: ErrorDetails) -> str:
    given = detail["input"]
    if isinstance(given, int) and given.bit_length() > _LONGEST_BITS:
        return ""
    if isinstance(given, str) and len(given) > _LONGEST_TEXT:
        given = f"{given[:_LONGEST_TEXT]}…"
    return f" (given: {given!r})" if isinstance(given, str | int | float) else ""


def _did_you_mean(location: Location) -> str:
    known = sorted(_fields_at(FlowConfig, location[:-1]))
    close = difflib.get_close_matches(str(location[-1]), known, n=1)
    if close:
        return f"; did you mean {close[0]!r}?"
    return f"; known here: {', '.join(known)}" if known else ""


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
