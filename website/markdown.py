"""The few forms of Markdown that generated pages use."""

import re
from collections.abc import Iterable

TableRow = tuple[str, ...]


def table(heads: TableRow, rows: Iterable[TableRow]) -> str:
    """Write a table; a bar inside a cell is escaped."""
    lines = [heads, tuple("---" for _ in heads), *rows]
    return "".join("| " + " | ".join(map(_cell, line)) + " |\n" for line in lines)


def prose(text: str) -> str:
    """Escape what Markdown would take for its own, outside of what stands between backticks."""
    parts = re.split(r"(`[^`]*`)", text)
    return "".join(
        part if part.startswith("`") else re.sub(r"([*_<\[\]])", r"\\\1", part) for part in parts
    )


def anchor_of(heading: str) -> str:
    """Return the anchor that a heading gets, on GitHub as in the site."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def _cell(text: str) -> str:
    return re.sub(r"(?<!\\)\|", r"\\|", text)
