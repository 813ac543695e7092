"""Values as a block of data inside a page, whatever they contain."""

from typing import Final

import orjson
from markupsafe import Markup

_ESCAPES: Final = {
    "<": "\\u003c",
    ">": "\\u003e",
    "&": "\\u0026",
    "\u2028": "\\u2028",
    "\u2029": "\\u2029",
}
"""Of characters that end or open something in HTML; in JSON they occur in texts alone."""


def json_block(value: object) -> Markup:
    """Write a value as JSON that can stand in a `<script type="application/json">`."""
    text = orjson.dumps(value, option=orjson.OPT_NON_STR_KEYS).decode()
    for character, escape in _ESCAPES.items():
        text = text.replace(character, escape)
    return Markup(text)  # noqa: S704  # nothing in it can end the block
