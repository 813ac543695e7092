"""A merged config as text: with the place of every value, or as a file that stands alone."""

import json
from collections.abc import Iterator, Mapping
from typing import Final

import yaml

from rcl_flow.config.interpolation import Interpolated
from rcl_flow.config.located import Path
from rcl_flow.config.overlays import Origins
from rcl_flow.config.published import SCHEMA_LINE
from rcl_flow.config.reading import ReadConfig
from rcl_flow.core.proposing.first_config import scalar_text
from rcl_flow.core.variables import escaped

_INDENT: Final = "  "


def shown_config(read: ReadConfig) -> str:
    """Return what was given as YAML, each value with the place it came from as a comment."""
    return "\n".join(_lines(read.tree, read.origins, ()))


def places_of(read: ReadConfig) -> dict[str, str]:
    """Return where each value was written, by its path such as `inference.concurrency`."""
    return {".".join(path): read.origins.place(path) for path, _ in _leaves(read.tree, ())}


def standalone_config(read: ReadConfig) -> str:
    """Return one file that says the same without overlays, `--set` and variables."""
    return f"{SCHEMA_LINE}\n{yaml.safe_dump(_plain(read.tree), sort_keys=False)}"


def _lines(tree: Mapping[str, object], origins: Origins, above: Path) -> Iterator[str]:
    indent = _INDENT * len(above)
    for key, value in tree.items():
        path = (*above, str(key))
        start = f"{indent}{scalar_text(str(key))}:"
        if isinstance(value, dict) and value:
            yield start
            yield from _lines(value, origins, path)
        else:
            yield f"{start} {_value(value)}  # {origins.place(path)}{_source(value)}"


def _leaves(tree: Mapping[str, object], above: Path) -> Iterator[tuple[Path, object]]:
    for key, value in tree.items():
        path = (*above, str(key))
        if isinstance(value, dict) and value:
            yield from _leaves(value, path)
        else:
            yield path, value


def _value(value: object) -> str:
    plain = _plain(value)
    if isinstance(plain, str):
        return scalar_text(plain)
    return json.dumps(plain, ensure_ascii=False, default=str)


def _source(value: object) -> str:
    names = value.names if isinstance(value, Interpolated) else ()
    return "".join(f", ${{{name}}}" for name in names)


def _plain(value: object) -> object:
    """Return a value that YAML can write, and that is read back as it is."""
    if isinstance(value, str):
        return escaped(str(value))
    if isinstance(value, dict):
        return {key: _plain(below) for key, below in value.items()}
    if isinstance(value, list):
        return [_plain(below) for below in value]
    return value
