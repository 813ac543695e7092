"""Lay one config over another, and remember which file every value came from."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from rcl_flow.config.located import Located, Path


class ConfigText(NamedTuple):
    """The text of one file of a config."""

    text: str
    file_name: str = "<config>"
    """For messages."""


class Layer(NamedTuple):
    """One file of a config, read."""

    file_name: str
    located: Located

    @property
    def values(self) -> dict[str, Any]:
        """What the file holds; an overlay may hold nothing."""
        value = self.located.value
        return value if isinstance(value, dict) else {}


def merge(base: Mapping[str, object], over: Mapping[str, object]) -> dict[str, object]:
    """Return `base` with `over` laid over it: maps key by key, all else replaced, null removed.

    Source: RFC 7396, JSON Merge Patch, section 2 (`over` is the patch).
    """
    return _merge(base, over, {})


def _merge(
    base: Mapping[str, object], over: Mapping[str, object], made: dict[int, dict[str, object]]
) -> dict[str, object]:
    """Merge; `made` holds what stands where nothing was, so that aliases of it are made once."""
    merged = dict(base)
    for key, value in over.items():
        below = merged.get(key)
        if value is None:
            merged.pop(key, None)
        elif not isinstance(value, dict):
            merged[key] = value
        elif isinstance(below, dict):
            merged[key] = _merge(below, value, made)
        else:
            if id(value) not in made:
                made[id(value)] = _merge({}, value, made)
            merged[key] = made[id(value)]
    return merged


class Origins(NamedTuple):
    """Where every value of a merged config was written."""

    layers: Sequence[Layer]
    """The base first."""
    written: Sequence[Path] = ()
    """What `--set` has set."""

    def set_by(self, path: Path) -> Path | None:
        """Return the path of the `--set` that decides `path` or something below it, if any."""
        for keys in self.written:
            shared = min(len(keys), len(path))
            if shared and keys[:shared] == path[:shared]:
                return keys
        return None

    def layer_of(self, path: Path) -> Layer:
        """Return the file that the value at `path` came from; the base for what is missing."""
        for layer in reversed(self.layers if path else ()):
            if _decides(layer.values, path):
                return layer
        return self.layers[0]

    def place(self, path: Path) -> str:
        """Return `file:line`, or `--set field`, of the value at `path`."""
        keys = self.set_by(path)
        if keys is not None:
            return f"--set {'.'.join(keys)}"
        layer = self.layer_of(path)
        return f"{layer.file_name}:{layer.located.line_of(path)}"


def _decides(value: object, path: Path) -> bool:
    """Say whether a document has something at `path`, or replaces or resets what is above it."""
    for part in path:
        if not isinstance(value, dict):
            return True
        if part not in value:
            return False
        value = value[part]
    return True
