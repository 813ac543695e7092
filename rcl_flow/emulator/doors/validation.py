"""Checks of requests and answers against botocore's model of the service.

botocore checks neither maxima nor patterns nor enumerations before it sends, so the service does.
The texts are those that Rekognition answers with.
"""

import base64
import binascii
import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from botocore.model import Shape

from rcl_flow.emulator.api_models import service_model
from rcl_flow.emulator.errors import ApiError
from rcl_flow.emulator.shapes import JsonObject, is_of

SEPARATORS = "\\u0020\\u00a0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000"
PYTHON_CLASSES = ((r"\p{L}", r"\w"), (r"\p{N}", r"\w"), (r"\p{Z}", SEPARATORS))

JSON_TYPES: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "blob": (bytes,),
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


def parse_request(operation: str, document: object) -> JsonObject:
    """Return the members of a request that the model knows, with blobs decoded.

    Raises:
        ApiError: A member has the wrong type (SerializationException) or breaks a constraint
            (ValidationException).
    """
    shape = service_model().operation_model(operation).input_shape
    if shape is None:
        return {}
    request: JsonObject = _typed(shape, document)
    problems = list(_problems(shape, request, ""))
    if problems:
        count = f"{len(problems)} validation error{'s' if len(problems) > 1 else ''} detected: "
        raise ApiError("ValidationException", count + "; ".join(problems))
    return request


def answer_problems(operation: str, answer: JsonObject) -> list[str]:
    """Return what in `answer` does not fit the model: unknown members and wrong types."""
    shape = service_model().operation_model(operation).output_shape
    if shape is None:
        return ["the operation answers nothing"] if answer else []
    return list(_unknown_members(shape, answer, ""))


def _typed(shape: Shape, value: object) -> Any:  # noqa: ANN401  # as many types as JSON has
    if shape.type_name == "blob":
        return _decoded(value)
    if not _fits(shape, value):
        raise ApiError("SerializationException", f"Expected {shape.type_name} for {shape.name}.")
    match shape.type_name:
        case "structure":
            given = _mapping(value)
            return {k: _typed(m, given[k]) for k, m in _members(shape) if given.get(k) is not None}
        case "list":
            return [_typed(_attribute(shape, "member"), item) for item in _items(value)]
        case "map":
            inner = _attribute(shape, "value")
            return {key: _typed(inner, item) for key, item in _mapping(value).items()}
        case _:
            return value


def _decoded(value: object) -> bytes:
    try:
        return base64.b64decode(value, validate=True) if isinstance(value, str) else _no_blob()
    except binascii.Error:
        return _no_blob()


def _no_blob() -> bytes:
    raise ApiError("SerializationException", "Expected base64 text for a blob.")


def _fits(shape: Shape, value: object) -> bool:
    return is_of(value, JSON_TYPES[shape.type_name])


def _problems(shape: Shape, value: Any, path: str) -> Iterator[str]:  # noqa: ANN401  # JSON
    for text in _constraints(shape, value):
        yield f"Value {_shown(value)} at '{path}' failed to satisfy constraint: {text}"
    match shape.type_name:
        case "structure":
            yield from _structure_problems(shape, value, path)
        case "list":
            for number, item in enumerate(value, start=1):
                member = _attribute(shape, "member")
                yield from _problems(member, item, f"{path}.{number}.member")
        case "map":
            for key, item in value.items():
                yield from _problems(_attribute(shape, "key"), key, f"{path}.key")
                yield from _problems(_attribute(shape, "value"), item, f"{path}.{key}.value")


def _structure_problems(shape: Shape, value: JsonObject, path: str) -> Iterator[str]:
    required = getattr(shape, "required_members", [])
    for name, member in _members(shape):
        below = f"{path}.{_lower(name)}" if path else _lower(name)
        if name in value:
            yield from _problems(member, value[name], below)
        elif name in required:
            yield (f"Value null at '{below}' failed to satisfy constraint: Member must not be null")


def _constraints(shape: Shape, value: Any) -> Iterator[str]:  # noqa: ANN401  # JSON
    limits: Mapping[str, Any] = shape.metadata
    sized = shape.type_name in {"string", "blob", "list", "map"}
    measure, noun = (len(value), "length") if sized else (value, "value")
    if "enum" in limits and value not in limits["enum"]:
        yield f"Member must satisfy enum value set: [{', '.join(limits['enum'])}]"
    if "min" in limits and measure < limits["min"]:
        yield f"Member must have {noun} greater than or equal to {limits['min']}"
    if "max" in limits and measure > limits["max"]:
        yield f"Member must have {noun} less than or equal to {limits['max']}"
    if "pattern" in limits and not _pattern(limits["pattern"]).fullmatch(value):
        yield f"Member must satisfy regular expression pattern: {limits['pattern']}"


def _unknown_members(shape: Shape, value: Any, path: str) -> Iterator[str]:  # noqa: ANN401  # JSON
    if not _fits(shape, value):
        yield f"{path or 'the answer'} is no {shape.type_name}: {value!r:.60}"
        return
    if shape.type_name == "list":
        for item in value:
            yield from _unknown_members(_attribute(shape, "member"), item, f"{path}[]")
    if shape.type_name == "structure":
        members = dict(_members(shape))
        for name, item in value.items():
            if name not in members:
                yield f"{path}.{name} is unknown"
            else:
                yield from _unknown_members(members[name], item, f"{path}.{name}")


@cache
def _pattern(java: str) -> re.Pattern[str]:
    for there, here in PYTHON_CLASSES:
        java = java.replace(there, here)
    return re.compile(java)


def _shown(value: object) -> str:
    if isinstance(value, bytes):
        size = len(value)
        return f"'java.nio.HeapByteBuffer[pos=0 lim={size} cap={size}]'"
    return f"'{value}'"


def _lower(name: str) -> str:
    return name[:1].lower() + name[1:]


def _members(shape: Shape) -> Iterator[tuple[str, Shape]]:
    members: Mapping[str, Shape] = getattr(shape, "members", {})
    yield from members.items()


def _attribute(shape: Shape, name: str) -> Shape:
    inner: Shape = getattr(shape, name)
    return inner


def _mapping(value: object) -> JsonObject:
    return value if isinstance(value, dict) else {}


def _items(value: object) -> list[Any]:
    return value if isinstance(value, list) else []
