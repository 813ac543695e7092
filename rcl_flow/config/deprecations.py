"""Names that fields had once: read as before, with a warning that tells the new one."""

from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

from rcl_flow.config.located import Located, Path
from rcl_flow.config.overlays import Layer
from rcl_flow.errors import ConfigError


class Deprecation(NamedTuple):
    """A field that has another name now, or none."""

    old: str
    """Its path, such as `inference.parallel`."""
    new: str | None
    """Its path today; None where it has no successor and is ignored."""
    since: str
    """The version that changed it."""
    note: str = ""
    """What else to know, a sentence; needed where there is no successor."""

    @property
    def told(self) -> str:
        """What the warning says."""
        change = (
            f"is {self.new} since {self.since}" if self.new else f"is ignored since {self.since}"
        )
        return f"{self.old} {change}." + (f" {self.note}" if self.note else "")


DEPRECATIONS: Final[tuple[Deprecation, ...]] = ()
"""Every field that was renamed or removed; how to add one stands in docs/02-config.md."""


def renewed(layer: Layer, deprecations: Sequence[Deprecation]) -> tuple[Layer, tuple[str, ...]]:
    """Return a file's values under today's names, and a warning for each that has an old one.

    Raises:
        ConfigError: a field is given under both names.
    """
    warnings = []
    for one in deprecations:
        old = tuple(one.old.split("."))
        tree = layer.located.value
        if not isinstance(tree, dict) or not _has(tree, old):
            continue
        place = f"{layer.file_name}:{layer.located.line_of(old)}"
        warnings.append(f"{place}: {one.told}")
        new = tuple(one.new.split(".")) if one.new else None
        if new is not None and _has(tree, new):
            raise ConfigError(
                f"{place}: {one.old} is the old name of {one.new}, which is given as well"
                f" (line {layer.located.line_of(new)}).",
                hint=f"Remove {one.old}.",
            )
        layer = Layer(layer.file_name, _moved(layer.located, tree, old, new))
    return layer, tuple(warnings)


def renewed_keys(
    keys: Path, deprecations: Sequence[Deprecation]
) -> tuple[Path | None, tuple[str, ...]]:
    """Return the path of `--set` under today's name, None if it is ignored, and the warning."""
    typed, warnings = ".".join(keys), []
    for one in deprecations:
        old = tuple(one.old.split("."))
        if keys[: len(old)] == old:
            warnings.append(f"--set {typed}: {one.told}")
            if one.new is None:
                return None, tuple(warnings)
            keys = (*one.new.split("."), *keys[len(old) :])
    return keys, tuple(warnings)


def set_at(tree: dict[str, Any], keys: Path, value: object) -> None:
    """Set a value in nested maps; those on the way are copied, since an alias may share them."""
    for key in keys[:-1]:
        below = tree.get(key)
        tree[key] = dict(below) if isinstance(below, dict) else {}
        tree = tree[key]
    tree[keys[-1]] = value


def drop_at(tree: dict[str, Any], keys: Path) -> None:
    """Remove a value from nested maps, where it is there; those on the way are copied."""
    for key in keys[:-1]:
        below = tree.get(key)
        if not isinstance(below, dict):
            return
        tree[key] = dict(below)
        tree = tree[key]
    tree.pop(keys[-1], None)


def _has(tree: object, keys: Path) -> bool:
    for key in keys:
        if not isinstance(tree, dict) or key not in tree:
            return False
        tree = tree[key]
    return True


def _moved(located: Located, given: Mapping[str, Any], old: Path, new: Path | None) -> Located:
    value: Any = given
    for key in old:
        value = value[key]
    tree = dict(given)
    drop_at(tree, old)
    lines = dict(located.lines)
    if new is not None:
        set_at(tree, new, value)
        for path, line in located.lines.items():
            if path[: len(old)] == old:
                lines[(*new, *path[len(old) :])] = line
    return Located(tree, lines)
