"""Lay rows of text out in aligned columns."""

from collections.abc import Sequence


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
