"""Images with the same counts are alike to a resample: what is drawn are their patterns."""

from collections.abc import Sequence
from itertools import chain
from typing import Final

import numpy as np
from numpy.typing import NDArray

from rcl_flow.core.scoring.metrics import CountsPerImage

_MOST_CODES: Final = 1 << 62


def distinct_rows(*parts: CountsPerImage) -> tuple[CountsPerImage, NDArray[np.intp]]:
    """Return the distinct rows of counts that are not all zero, and how often each occurs.

    Args:
        parts: the columns, in one or several matrices with one row an image; counts are not
            negative.
    """
    _, first, counts = np.unique(_codes(parts), return_index=True, return_counts=True)
    rows = np.hstack([part[first] for part in parts])
    some = rows.any(axis=1)
    return rows[some], counts[some]


def sums_of_blocks(
    rows: CountsPerImage, blocks: int, rng: np.random.Generator
) -> tuple[CountsPerImage, NDArray[np.intp]]:
    """Return the sums of blocks of random rows, and for each that it is there once.

    They vary from draw to draw as much as those of single rows do.

    Args:
        rows: one row an image, at least as many as blocks.
        blocks: how many.
        rng: source of the order.
    """
    starts = np.linspace(0, len(rows), blocks, endpoint=False).astype(np.intp)
    sums = np.add.reduceat(rows[rng.permutation(len(rows))], starts, axis=0)
    return sums, np.ones(blocks, dtype=np.intp)


def _codes(parts: Sequence[CountsPerImage]) -> NDArray[np.int64]:
    """Return a number for each row, the same for the same row."""
    codes, many = np.zeros(len(parts[0]), dtype=np.int64), 1
    for column in chain.from_iterable(part.T for part in parts):
        span = int(column.max(initial=0)) + 1
        if many * span > _MOST_CODES:
            distinct, codes = np.unique(codes, return_inverse=True)
            many = len(distinct)
        codes, many = codes * span + column, many * span
    return codes
