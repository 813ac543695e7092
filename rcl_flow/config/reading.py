"""Parse a config's text into a `FlowConfig`, naming file, line and cure of every mistake."""

from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

import yaml
from pydantic import ValidationError

from rcl_flow.config.deprecations import (
    DEPRECATIONS,
    Deprecation,
    drop_at,
    renewed,
    renewed_keys,
    set_at,
)
from rcl_flow.config.interpolation import Problem, interpolate
from rcl_flow.config.located import Path, locate_yaml, parse_value
from rcl_flow.config.overlays import ConfigText, Layer, Origins, merge
from rcl_flow.config.schema import FlowConfig
from rcl_flow.core.variables import VARIABLE_SIGN
from rcl_flow.errors import ConfigError

_BASE_HINT: Final = (
    "Write one with `rcl-flow init`, or start from config/example.yaml or `rcl-flow demo-data DIR`."
)


class ReadConfig(NamedTuple):
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
    standing = [one for one in problems if origins.set_by(one.path) is None]
    if standing:
        told = [
            f"{origins.place(one.path)}: {'.'.join(one.path)}: {one.message}." for one in standing
        ]
        raise ConfigError("\n".join(told), hint=standing[0].cure)


def _validated(tree: Mapping[str, Any], origins: Origins) -> FlowConfig:
    try:
        return FlowConfig.model_validate(tree)
    except ValidationError as error:
        from rcl_flow.config.mistakes import told_mistakes  # most configs have none

        raise ConfigError(
            "\n".join(told_mistakes(error.errors(), origins)),
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
