"""CSV tables with a column for each label, in which a 1 says that the image has it."""

from collections.abc import Sequence
from typing import Final

from rcl_flow.formats.places import is_image_name

Row = tuple[int, list[str]]
"""The 1-based line on which a row ends, and its fields."""
_ANSWERS: Final = {"0": False, "0.0": False, "1": True, "1.0": True}
_FEWEST_LABELS: Final = 2


def without_one_hot(rows: Sequence[Row]) -> list[Row] | None:
    """Return the rows with the names of their labels, or None where the table is of another kind.

    The first row has the names; an image name there is no name of a column.
    """
    (_, header), *images = rows or [(0, [""])]
    labels = [name.strip() for name in header[1:]]
    distinct = set(labels) - {""}
    names_labels = len(distinct) == len(labels) and not distinct <= _ANSWERS.keys()
    if is_image_name(header[0]) or len(labels) < _FEWEST_LABELS or not names_labels:
        return None
    answers = [[_ANSWERS.get(field.strip()) for field in fields[1:]] for _, fields in images]
    if not images or any(None in row or len(row) != len(labels) for row in answers):
        return None
    return [
        (line, [fields[0], *(label for label, has in zip(labels, row, strict=True) if has)])
        for (line, fields), row in zip(images, answers, strict=True)
    ]
