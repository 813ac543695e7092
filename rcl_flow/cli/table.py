"""Lay text out for a terminal of 80 columns: rows in aligned columns, and wrapped sentences."""

import re
from collections.abc import Sequence
from shutil import get_terminal_size
from textwrap import fill
from typing import Final

WIDTH_COLUMNS: Final = 80
"""What every line of text keeps to; an ARN, a URI or a path that is longer has its own line."""
LEAST_COLUMNS: Final = 40
"""A narrower terminal is treated as if it had so many."""

_LABEL: Final = re.compile(r" *\S+(?: \S+)? {2,}")
_LONGEST_LABEL: Final = 30
_LABEL_COLUMNS: Final = 10
_SHORT_INDENT: Final = 6
"""In place of one that would take more than half of each line."""


def terminal_columns() -> int:
    """Return how many columns text is laid out for: those of a narrow terminal, else 80."""
    return min(WIDTH_COLUMNS, max(LEAST_COLUMNS, get_terminal_size().columns))


def labelled(label: str, text: str) -> str:
    """Return the text behind a label of ten columns, as the outcomes of commands have it."""
    return hanging(f"{label:<{_LABEL_COLUMNS}}", text)


def hanging(begin: str, text: str, *, width: int | None = None) -> str:
    """Return the text after `begin`, wrapped between words, its lines below one another.

    Args:
        begin: stands before the first line, and is as wide as the others are indented, where
            that leaves half of a line.
        text: what is told.
        width: the columns; by default `terminal_columns()`.
    """
    width = width or terminal_columns()
    indent = len(begin) if len(begin) * 2 <= width else _SHORT_INDENT
    return fill(
        text,
        width=width,
        initial_indent=begin,
        subsequent_indent=" " * indent,
        break_on_hyphens=False,
        break_long_words=False,
    )


def fitted(text: str, width: int) -> str:
    """Return the text with lines of at most so many columns, broken between words.

    What follows a label, which two spaces end, goes on below where it began. An ARN, a URI or a
    path is never broken: one that is longer stands on a line of its own.
    """
    return "\n".join(
        line if len(line) <= width else _broken(line, width) for line in text.split("\n")
    )


def _broken(line: str, width: int) -> str:
    found = _LABEL.match(line)
    begin = found.group() if found and len(found.group()) <= _LONGEST_LABEL else ""
    if begin:
        told = line[len(begin) :]
        if not told.strip():
            return begin.rstrip()
        room = max(0, width - len(told.split(maxsplit=1)[0]))
        if len(begin) > room:  # it has a line of its own, as far to the right as it is whole
            return f"{begin.rstrip()}\n{hanging(' ' * room, told.lstrip(), width=width)}"
        return hanging(begin, told, width=width)
    indent = line[: len(line) - len(line.lstrip())]
    return fill(
        line.lstrip(),
        width=width,
        initial_indent=indent,
        subsequent_indent=f"{indent}  ",
        break_on_hyphens=False,
        break_long_words=False,
    )


def table(rows: Sequence[Sequence[object]], *, indent: str = "") -> str:
    """Return the rows as lines; numbers stand at the right of their column, texts at the left."""
    texts = [[str(cell) for cell in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(*texts, strict=True)]
    numeric = [
        any(isinstance(row[index], int | float) for row in rows) for index in range(len(widths))
    ]
    return "\n".join(
        indent
        + "  ".join(
            cell.rjust(width) if right else cell.ljust(width)
            for cell, width, right in zip(row, widths, numeric, strict=True)
        ).rstrip()
        for row in texts
    )
