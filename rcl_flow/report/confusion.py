"""The confusion of a holdout: a table for few labels, the most confused pairs for many."""

import math
from collections import Counter
from dataclasses import dataclass

from rcl_flow.core.scoring.comparison import Comparison
from rcl_flow.core.scoring.judging import NOTHING
from rcl_flow.report.wording import label_text

MOST_TABLE_LABELS = 25
"""A table with more labels than this cannot be read."""
MOST_PAIRS = 30

_SHADES = 10


@dataclass(frozen=True, slots=True)
class ShadedCell:
    """A count with its shade: 0 for none, 1 to 10 by its share of the row."""

    count: int
    shade: int
    right: bool
    """Truth and prediction agree."""
    label: str = ""
    """The column's label; empty for none."""


@dataclass(frozen=True, slots=True)
class ConfusionRow:
    """One true label: a cell for each column, and their sum."""

    truth: str
    cells: tuple[ShadedCell, ...]
    count: int
    label: str = ""
    """The true label; empty for none."""


@dataclass(frozen=True, slots=True)
class ConfusionTable:
    """Truth downwards, prediction across."""

    columns: tuple[str, ...]
    rows: tuple[ConfusionRow, ...]


@dataclass(frozen=True, slots=True)
class ConfusedPair:
    """A truth that was taken for something else, with its share of the truth's row, 0 to 1."""

    truth: str
    predicted: str
    count: int
    share: float
    truth_label: str = ""
    """As it is, not in words, as the next: empty for none."""
    predicted_label: str = ""


def confusion_table(comparison: Comparison) -> ConfusionTable | None:
    """Lay the confusion out as a table, or return None when it would have too many labels."""
    labels = _labels(comparison)
    if len(labels) > MOST_TABLE_LABELS:
        return None
    cells = {(cell.truth, cell.predicted): cell.count for cell in comparison.confusion}
    truths = _with_nothing(labels, {truth for truth, _ in cells})
    columns = _with_nothing(labels, {predicted for _, predicted in cells})
    rows = tuple(
        _row(truth, columns, [cells.get((truth, column), 0) for column in columns])
        for truth in truths
    )
    return ConfusionTable(columns=tuple(label_text(column) for column in columns), rows=rows)


def confused_pairs(comparison: Comparison) -> tuple[ConfusedPair, ...]:
    """Return every pair of truth and wrong prediction, the most frequent first."""
    totals: Counter[str] = Counter()
    for cell in comparison.confusion:
        totals[cell.truth] += cell.count
    wrong = [cell for cell in comparison.confusion if cell.truth != cell.predicted]
    wrong.sort(key=lambda cell: (-cell.count, cell.truth, cell.predicted))
    return tuple(
        ConfusedPair(
            truth=label_text(cell.truth),
            predicted=label_text(cell.predicted),
            count=cell.count,
            share=cell.count / totals[cell.truth],
            truth_label=cell.truth,
            predicted_label=cell.predicted,
        )
        for cell in wrong
    )


def _labels(comparison: Comparison) -> list[str]:
    known = [entry.label for entry in comparison.labels]
    seen = {label for cell in comparison.confusion for label in (cell.truth, cell.predicted)}
    return known + sorted(seen - set(known) - {NOTHING})


def _with_nothing(labels: list[str], seen: set[str]) -> list[str]:
    return [*labels, NOTHING] if NOTHING in seen else labels


def _row(truth: str, columns: list[str], counts: list[int]) -> ConfusionRow:
    total = sum(counts)
    cells = tuple(
        ShadedCell(
            count=count,
            shade=math.ceil(count / total * _SHADES) if count else 0,
            right=column == truth,
            label=column,
        )
        for column, count in zip(columns, counts, strict=True)
    )
    return ConfusionRow(truth=label_text(truth), cells=cells, count=total, label=truth)
