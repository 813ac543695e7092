"""Read YAML into plain values while remembering the line of every key."""

from collections.abc import Iterator, Sequence
from typing import Any, Final, NamedTuple

import yaml
from yaml.constructor import ConstructorError
from yaml.reader import ReaderError

from rcl_flow.core.variables import VARIABLE_SIGN
from rcl_flow.errors import ConfigError

Path = tuple[str, ...]
_SHOWN = 40
_MERGE: Final = "tag:yaml.org,2002:merge"
_TEXT: Final = "tag:yaml.org,2002:str"
_HINT: Final = "Check indentation, colons and quotes at that line."
_VARIABLE_HINT: Final = 'Within {…} and […], a variable stands in quotes: {bucket: "${BUCKET}"}.'


class Located(NamedTuple):
    """A YAML document's value, and the 1-based line of each path in it."""

    value: object
    lines: dict[Path, int]

    def line_of(self, path: Sequence[str | int]) -> int:
        """Return the line of `path`, or of its nearest ancestor that is in the document."""
        parts = tuple(str(part) for part in path)
        while parts and parts not in self.lines:
            parts = parts[:-1]
        return self.lines.get(parts, 1)


def locate_yaml(text: str, *, file_name: str) -> Located:
    """Parse one YAML document of plain values; a key is the text that is written.

    Raises:
        ConfigError: not YAML, or a key occurs twice in one mapping.
    """
    try:
        places, value = _parse(text)
    except yaml.YAMLError as error:
        number = _line_of_error(error, text)
        raise ConfigError(
            f"{file_name}:{number}: not valid YAML: {_problem(error)}.",
            hint=_VARIABLE_HINT if _names_variable(text, number) else _HINT,
        ) from error
    lines: dict[Path, int] = {}
    for path, line in places:
        if path in lines:
            raise ConfigError(
                f"{file_name}:{line}: the key {path[-1]!r} occurs twice"
                f" (first at line {lines[path]}).",
                hint="Remove one of the two.",
            )
        lines[path] = line
    return Located(value, lines)


def parse_value(text: str) -> object:
    """Parse one YAML value.

    Raises:
        yaml.YAMLError: it is not one.
    """
    return _parse(text)[1]


class _Loader(yaml.SafeLoader):
    def compose_mapping_node(self, anchor: dict[Any, yaml.Node]) -> yaml.MappingNode:
        node = super().compose_mapping_node(anchor)
        for key, _ in node.value:
            if isinstance(key, yaml.ScalarNode) and key.tag != _MERGE:
                key.tag = _TEXT  # a label may be 7, or on
        return node

    def construct_object(self, node: yaml.Node, deep: bool = False) -> object:
        try:
            return super().construct_object(node, deep)
        except (ValueError, LookupError, AttributeError) as error:
            # what Python's conversions say of 2001-99-99, `!!int abc`, `!!bool foo`, …
            given = node.value[:_SHOWN] if isinstance(node, yaml.ScalarNode) else "it"
            kind = node.tag.rpartition(":")[2]
            raise ConstructorError(
                None, None, f"{given!r} is no value of the kind {kind!r}", node.start_mark
            ) from error


def _parse(text: str) -> tuple[list[tuple[Path, int]], object]:
    """Return every path with its line, and the value; `<<` is no path of its own."""
    loader = _Loader(text)
    try:
        node = loader.get_single_node()
        if node is None:
            return [], None
        # before the value is made, which writes what `<<` brings in among a map's own keys
        places = list(_walk(node, (), set()))
        return places, loader.construct_document(node)
    except (ValueError, OverflowError) as error:  # an escape such as "\UFFFFFFFF"
        raise yaml.MarkedYAMLError(problem=str(error), problem_mark=loader.get_mark()) from error
    except RecursionError as error:
        raise yaml.MarkedYAMLError(problem="it is nested too deeply") from error


def _walk(node: yaml.Node, path: Path, seen: set[int]) -> Iterator[tuple[Path, int]]:
    if id(node) in seen:  # an alias: its line is that of the key it stands at
        return
    seen.add(id(node))
    if isinstance(node, yaml.MappingNode):
        for key, below in node.value:
            if key.tag == _MERGE:  # what it brings in has the line of the map
                continue
            here = (*path, str(key.value))
            yield here, key.start_mark.line + 1
            yield from _walk(below, here, seen)
    elif isinstance(node, yaml.SequenceNode):
        for index, below in enumerate(node.value):
            yield (*path, str(index)), below.start_mark.line + 1
            yield from _walk(below, (*path, str(index)), seen)


def _names_variable(text: str, number: int) -> bool:
    lines = text.split("\n")
    return number <= len(lines) and VARIABLE_SIGN in lines[number - 1]


def _line_of_error(error: yaml.YAMLError, text: str) -> int:
    if isinstance(error, ReaderError):
        return text.count("\n", 0, error.position) + 1
    mark = getattr(error, "problem_mark", None)
    return mark.line + 1 if mark is not None else 1


def _problem(error: yaml.YAMLError) -> str:
    if isinstance(error, ReaderError):
        return f"character #x{error.character:04x}: {error.reason}"
    return str(getattr(error, "problem", None) or error)
