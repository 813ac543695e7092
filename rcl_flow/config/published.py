"""The JSON Schema of a config as it is published for editors."""

import json
from typing import Any, Final

from rcl_flow.config.schema import FlowConfig

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
SCHEMA_NAME: Final = "flow.schema.json"
"""The file beside a config, which editors read."""
_EDITORS_SIGN: Final = "# yaml-language-server:"
SCHEMA_LINE: Final = f"{_EDITORS_SIGN} $schema={SCHEMA_NAME}"
"""The first line of every config that is written or shipped."""
_VARIABLE: Final = {"type": "string", "pattern": r"\$\{[A-Za-z_]"}
_BYTE_ORDER_MARK: Final = "\ufeff"
"""Before the text that some editors write; it may stand nowhere else."""
_ABOUT: Final = ("title", "description", "default")


def with_schema_line(text: str) -> str:
    """Return a config's text for a folder in which its schema lies beside it."""
    lines = text.removeprefix(_BYTE_ORDER_MARK).splitlines(keepends=True)
    others = (line for line in lines if not line.startswith(_EDITORS_SIGN))
    return "".join([f"{SCHEMA_LINE}\n", *others])


def schema_text() -> str:
    """Return the schema as the text of a file."""
    return json.dumps(config_schema(), indent=2) + "\n"


def config_schema() -> dict[str, Any]:
    """Return the schema; where a plain value stands, a text with `${NAME}` may stand too."""
    schema = FlowConfig.model_json_schema()
    for section in (schema, *schema["$defs"].values()):
        section["properties"] = {
            name: _with_variables(field) for name, field in section.get("properties", {}).items()
        }
    schema["properties"]["tags"] = _portable(schema["properties"]["tags"])
    return {"$schema": DIALECT, **schema}


def _portable(tags: dict[str, Any]) -> dict[str, Any]:
    """Return the map's schema without patterns of Unicode classes, which not every reader knows."""
    kept = {name: rule for name, rule in tags.items() if name != "patternProperties"}
    (value,) = tags["patternProperties"].values()
    text = {name: rule for name, rule in value.items() if name != "pattern"}
    return {**kept, "additionalProperties": text}


def _with_variables(field: dict[str, Any]) -> dict[str, Any]:
    if _takes_any_text(field) or "$ref" in field or field.get("type") in {"object", "array"}:
        return field
    about: dict[str, Any] = {name: field[name] for name in _ABOUT if name in field}
    rule = {name: value for name, value in field.items() if name not in about}
    kinds = rule["anyOf"] if set(rule) == {"anyOf"} else [rule]
    return {**about, "anyOf": [*kinds, _VARIABLE]}


def _takes_any_text(field: dict[str, Any]) -> bool:
    kinds = field.get("anyOf", [field])
    return any(
        kind.get("type") == "string" and not {"pattern", "enum", "const"} & set(kind)
        for kind in kinds
    )
