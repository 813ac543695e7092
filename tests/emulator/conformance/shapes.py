"""A strict reading of botocore's model: everything in an answer that a shape does not allow."""

import re
from collections.abc import Iterator
from typing import Any

from botocore.model import ListShape, MapShape, Shape, StructureShape

TYPES: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "integer": (int,),
    "long": (int,),
    "float": (int, float),
    "double": (int, float),
    "boolean": (bool,),
    "timestamp": (int, float),
    "structure": (dict,),
    "map": (dict,),
    "list": (list,),
}
SIZED = {"string", "list", "map"}
# Python's re knows no Unicode categories; \s and \w hold all separators, letters and digits
CATEGORIES = {r"\p{L}": r"\w", r"\p{N}": r"\w", r"\p{Z}": r"\s"}


def problems(shape: Shape, value: Any, path: str) -> Iterator[str]:  # noqa: ANN401  # JSON
    """Yield what is wrong with `value`, which `shape` describes, and where."""
    is_bool_by_mistake = isinstance(value, bool) and shape.type_name != "boolean"
    fits = isinstance(value, TYPES[shape.type_name]) and not is_bool_by_mistake
    if not fits:
        yield f"{path}: {value!r} is no {shape.type_name}"
        return
    yield from _broken_limits(shape, value, path)
    if isinstance(shape, StructureShape):
        yield from _member_problems(shape, value, path)
    elif isinstance(shape, ListShape):
        for number, item in enumerate(value):
            yield from problems(shape.member, item, f"{path}[{number}]")
    elif isinstance(shape, MapShape):
        for key, item in value.items():
            yield from problems(shape.key, key, f"{path} key")
            yield from problems(shape.value, item, f"{path}[{key!r}]")


def _member_problems(shape: StructureShape, value: dict[str, Any], path: str) -> Iterator[str]:
    for name in shape.required_members:
        if name not in value:
            yield f"{path}.{name}: is required and missing"
    for name, item in value.items():
        if name in shape.members:
            yield from problems(shape.members[name], item, f"{path}.{name}")
        else:
            yield f"{path}.{name}: is unknown"


def _broken_limits(shape: Shape, value: Any, path: str) -> Iterator[str]:  # noqa: ANN401  # JSON
    limits = shape.metadata
    size = len(value) if shape.type_name in SIZED else value
    if "min" in limits and size < limits["min"]:
        yield f"{path}: {size} is below {limits['min']}"
    if "max" in limits and size > limits["max"]:
        yield f"{path}: {size} is above {limits['max']}"
    if "enum" in limits and value not in limits["enum"]:
        yield f"{path}: {value!r} is none of {limits['enum']}"
    if "pattern" in limits and not re.fullmatch(_pattern(limits["pattern"]), value):
        yield f"{path}: {value!r} does not fit {limits['pattern']}"


def _pattern(java: str) -> str:
    for theirs, ours in CATEGORIES.items():
        java = java.replace(theirs, ours)
    return java
