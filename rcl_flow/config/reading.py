"""Parse a config's text into a `FlowConfig`, naming file, line and cure of every mistake."""

import difflib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, get_args

import yaml
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from rcl_flow.config.deprecations import (
    DEPRECATIONS,
    Deprecation,
    drop_at,
    renewed,
    renewed_keys,
    set_at,
)
from rcl_flow.config.interpolation import CURE, Interpolated, Problem, interpolate
from rcl_flow.config.located import Path, locate_yaml, parse_value
from rcl_flow.config.overlays import ConfigText, Layer, Origins, merge
from rcl_flow.config.schema import FlowConfig
from rcl_flow.core.variables import VARIABLE_SIGN
from rcl_flow.errors import ConfigError

Location = tuple[str | int, ...]
_KINDS: Final[Mapping[str, str]] = {
    "tuple_type": "input should be a list, and is set as a whole",
    "dict_type": "input should be a mapping of names to values",
    "model_type": "input should be a section of fields",
}
"""In words of YAML, what the checker says in words of Python."""
_LONGEST_BITS = 64
_LONGEST_TEXT = 200
_BASE_HINT: Final = (
    "Write one with `rcl-flow init`, or start from config/example.yaml or `rcl-flow demo-data DIR`."
)


@dataclass(frozen=True, slots=True)
class ReadConfig:
    """A config, and how it came about."""

    config: FlowConfig
    tree: Mapping[str, object]
    """What was given, merged and with variables put in; without defaults."""
    origins: Origins
    """Where each of it was written."""
    warnings: tuple[str, ...]
    """One sentence for each field that is given under an old name."""


def parse_config(
    text: str,
    *,
    file_name: str = "<config>",
    overrides: Sequence[str] = (),
    environment: Mapping[str, str] | None = None,
) -> FlowConfig:
    """Parse the YAML `text` of a config.

    Args:
        text: the file's content.
        file_name: named in the messages.
        overrides: `a.b=value` strings that win over the file; each value is read as YAML.
        environment: the variables that `${NAME}` stands for; None leaves `${` as it is.

    Raises:
        ConfigError: with one line for every mistake: file, line, field, and the nearest name.
    """
    layer = ConfigText(text, file_name)
    return read_config_texts([layer], overrides=overrides, environment=environment).config


def read_config_texts(
    texts: Sequence[ConfigText],
    *,
    overrides: Sequence[str] = (),
    environment: Mapping[str, str] | None = None,
    deprecations: Sequence[Deprecation] = DEPRECATIONS,
) -> ReadConfig:
    """Parse a config and the files laid over it.

    Args:
        texts: the config, then its overlays, of which each wins over those before it.
        overrides: `a.b=value` strings that win over all files; each value is read as YAML.
        environment: the variables that `${NAME}` in a file stands for; None leaves `${` as it is.
        deprecations: the fields that were renamed or removed.

    Raises:
        ConfigError: with one line for every mistake: file, line, field, and the nearest name.
    """
    layers, warnings = _layers(texts, deprecations)
    problems: tuple[Problem, ...] = ()
    has_variables = any(VARIABLE_SIGN in one.text for one in texts)
    try:
        tree = _merged(layers)
        if environment is not None and has_variables:
            tree, problems = interpolate(tree, environment)
    except RecursionError as error:
        raise ConfigError(
            f"{texts[-1].file_name}:1: the config is nested too deeply.",
            hint="An overlay holds the few fields that differ, without a loop of aliases.",
        ) from error
    written: list[Path] = []
    for override in overrides:
        keys, told = _apply_override(tree, override, deprecations)
        written += [keys] if keys else []
        warnings += told
    origins = Origins(layers, written)
    _refuse(problems, origins)
    return ReadConfig(_validated(tree, origins), tree, origins, tuple(warnings))


def _layers(
    texts: Sequence[ConfigText], deprecations: Sequence[Deprecation]
) -> tuple[list[Layer], list[str]]:
    layers: list[Layer] = []
    warnings: list[str] = []
    for one in texts:
        located = locate_yaml(one.text, file_name=one.file_name)
        is_empty_overlay = bool(layers) and located.value is None
        if not (isinstance(located.value, dict) or is_empty_overlay):
            raise ConfigError(
                f"{one.file_name}:1: a config is a mapping of sections, not "
                f"{type(located.value).__name__}.",
                hint=_BASE_HINT,
            )
        layer, told = renewed(Layer(one.file_name, located), deprecations)
        layers.append(layer)
        warnings += told
    return layers, warnings


def _merged(layers: Sequence[Layer]) -> dict[str, Any]:
    first, *others = layers
    tree: dict[str, Any] = dict(first.values)
    for layer in others:
        tree = merge(tree, layer.values)
    return tree


def _refuse(problems: Sequence[Problem], origins: Origins) -> None:
    """Refuse expressions without a value, but for those that `--set` has replaced."""
    told = [
        f"{origins.place(one.path)}: {'.'.join(one.path)}: {one.message}."
        for one in problems
        if origins.set_by(one.path) is None
    ]
    if told:
        raise ConfigError("\n".join(told), hint=CURE)


def _validated(tree: Mapping[str, Any], origins: Origins) -> FlowConfig:
    try:
        return FlowConfig.model_validate(tree)
    except ValidationError as error:
        problems = [_describe(detail, _place(detail["loc"], origins)) for detail in error.errors()]
        raise ConfigError(
            "\n".join(problems),
            hint="Correct the config; `rcl-flow validate --schema` prints every field.",
        ) from error


def _apply_override(
    tree: dict[str, Any], override: str, deprecations: Sequence[Deprecation]
) -> tuple[Path | None, tuple[str, ...]]:
    path, separator, text = override.partition("=")
    keys = path.split(".")
    if not separator or not all(keys):
        raise ConfigError(
            f"--set {override!r} is not of the form section.field=value.",
            hint="For example: --set gates.min_holdout_f1=0.9",
        )
    try:
        value = parse_value(text)
    except yaml.YAMLError as error:
        raise ConfigError(
            f"--set {path}: {text!r} is not a YAML value.", hint="Quote the value."
        ) from error
    renamed, warnings = renewed_keys(tuple(keys), deprecations)
    if renamed is None:
        return None, warnings
    if value is None:
        drop_at(tree, renamed)
    else:
        set_at(tree, renamed, value)
    return renamed, warnings


def _place(location: Location, origins: Origins) -> str:
    parts = tuple(str(part) for part in location)
    place = origins.place(parts)
    return f"{place}: {'.'.join(parts)}" if parts else place


def _describe(detail: ErrorDetails, place: str) -> str:
    location = detail["loc"]
    if detail["type"] == "extra_forbidden":
        return f"{place}: unknown key{_did_you_mean(location)}"
    message = _KINDS.get(detail["type"]) or detail["msg"].removeprefix("Value error, ")
    if detail["type"] == "missing":
        return f"{place}: this field is needed."
    return f"{place}: {message[:1].lower()}{message[1:]}{_given(detail)}."


def _given(detail: ErrorDetails) -> str:
    given = detail["input"]
    if isinstance(given, Interpolated):
        return f" (given by ${{{'}, ${'.join(given.names)}}})"
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
