"""The page of the config's fields, made of the schema that checks a config."""

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

from rcl_flow.config import FlowConfig
from website.markdown import TableRow, anchor_of, prose, table

_HEAD: Final = """\
# Config fields

Every field of a config, as the schema has it that checks a config. This page is made by
`make docs-reference`. [The config](../02-config.md) explains what single fields do not tell;
`config/example.yaml` shows all of them in one file, and `rcl-flow validate --schema` prints the
schema for editors.

Only `project` and `data` are needed.
"""
_HEADS: Final = ("field", "takes", "default", "meaning")
_PREFIX: Final = "#/$defs/"
_LONGEST_CHOICE: Final = 12
_LIMITS: Final = {
    "minimum": "from {}",
    "exclusiveMinimum": "above {}",
    "maximum": "to {}",
    "exclusiveMaximum": "below {}",
}
_WORDS: Final = {
    "string": "text",
    "integer": "whole number",
    "number": "number",
    "boolean": "true or false",
    "array": "list",
    "object": "map",
}

Schema = Mapping[str, Any]


def config_page(schema: Schema | None = None) -> str:
    """Return the page, with a section for each section of the config and of what it holds."""
    schema = schema or FlowConfig.model_json_schema()
    sections = list(_sections(schema, schema))
    named = {name: title for title, name, _ in sections}
    own = {name: field for name, field in schema["properties"].items() if not _section(field)}
    whole: Schema = {**schema, "properties": own}
    lines = [_HEAD, "## Top level\n", _fields(whole, named)]
    for title, _, section in sections:
        lines += [f"## {title}\n", prose(section.get("description", "")) + "\n"]
        lines.append(_fields(section, named))
    return "\n".join(lines)


def _sections(schema: Schema, root: Schema, path: str = "") -> Iterator[tuple[str, str, Schema]]:
    seen: set[str] = set()
    for name, field in schema["properties"].items():
        kind = _section(field) or _held(field)
        if kind and kind not in seen:
            seen.add(kind)
            section = root["$defs"][kind]
            title = _shared_title(kind) or f"{path}{name}"
            yield title, kind, section
            yield from _sections(section, root, f"{path}{name}.")


def _shared_title(kind: str) -> str:
    """Return the heading of what several fields hold, which none of them can name."""
    return {"ImageSource": "A set of images", "LabelThresholdRule": "A label's own rule"}.get(
        kind, ""
    )


def _section(field: Schema) -> str:
    return str(field.get("$ref", "")).removeprefix(_PREFIX)


def _held(field: Schema) -> str:
    inner = [field.get("items"), field.get("additionalProperties"), *field.get("anyOf", [])]
    return next((_section(one) for one in inner if isinstance(one, dict) and _section(one)), "")


def _fields(section: Schema, named: Mapping[str, str]) -> str:
    required = section.get("required", [])
    fields = section["properties"].items()
    return table(_HEADS, [_row(name, field, named, name in required) for name, field in fields])


def _row(name: str, field: Schema, named: Mapping[str, str], needed: bool) -> TableRow:
    kind = _section(field)
    if kind:
        title = named[kind]
        link = f"[{title}](#{anchor_of(title)})"
        return (f"`{name}`", link, "needed" if needed else "", prose(field.get("description", "")))
    unset: Any = {} if field.get("type") == "object" else None
    default = "needed" if needed else f"`{json.dumps(field.get('default', unset))}`"
    return (f"`{name}`", _takes(field, named), default, prose(field.get("description", "")))


def _takes(field: Schema, named: Mapping[str, str]) -> str:
    if kind := _section(field):
        return f"[{named[kind]}](#{anchor_of(named[kind])})"
    if "anyOf" in field:
        some = [one for one in field["anyOf"] if one.get("type") != "null"]
        return ", or ".join(dict.fromkeys(_takes(one, named) for one in some))
    if "const" in field or "enum" in field:
        return _choices(field.get("enum") or [field["const"]])
    if "prefixItems" in field:
        return " and ".join(_takes(one, named) for one in field["prefixItems"])
    return _simple(field, named)


def _simple(field: Schema, named: Mapping[str, str]) -> str:
    word = _WORDS[field["type"]]
    inner = field.get("items") or field.get("additionalProperties")
    if isinstance(inner, dict):
        return f"{word} of: {_takes(inner, named)}"
    limits = [said.format(_number(field[key])) for key, said in _LIMITS.items() if key in field]
    return " ".join([word, *limits])


def _number(value: float) -> str:
    return f"{value:,}" if value == int(value) else str(value)


def _choices(values: list[str]) -> str:
    shown = [f"`{value}`" for value in values[:_LONGEST_CHOICE]]
    return ", ".join(shown) + (", …" if len(values) > _LONGEST_CHOICE else "")
