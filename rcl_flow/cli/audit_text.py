"""An audit as plain text for the terminal."""

import textwrap
from collections.abc import Iterator, Sequence
from typing import Final

from rich.cells import cell_len, set_cell_size

from rcl_flow.core.audit.findings import AuditReport, Finding
from rcl_flow.core.audit.summary import AuditSummary, LabelCounts, LabelSummary
from rcl_flow.core.label_text import plain_text, visible_label
from rcl_flow.report.audit_findings import by_rule, kinds_of
from rcl_flow.report.audit_wording import (
    counts_sentence,
    gate_sentence,
    rule_title,
    source_text,
)
from rcl_flow.report.figures import format_count

MOST_LABELS: Final = 30
"""With more labels than this, only those of the fewest images are listed."""
MOST_PER_RULE: Final = 5
_LEAST_WIDTH: Final = 40
_GAP: Final = "  "


def audit_text(
    report: AuditReport, summary: AuditSummary, width: int, *, page_path: str = ""
) -> str:
    """Return the counts, the findings and, as the last line, the gate's state.

    Args:
        report: the findings.
        summary: the counts.
        width: columns of the terminal; paths may be longer, so that they can be copied.
        page_path: where the audit's page is, for the last line.
    """
    columns = max(width, _LEAST_WIDTH)
    blocks = [_table(summary, columns), *_findings(report, columns)]
    where = f" {plain_text(page_path)}" if page_path else ""
    return "\n\n".join([*blocks, f"{gate_sentence(report)} {counts_sentence(report)}{where}"])


def _table(summary: AuditSummary, width: int) -> str:
    boxes = summary.task == "detection"
    labels = _fewest(summary.labels)
    heads = ["images/boxes" if boxes else "images", *(counts.split for counts in summary.splits)]
    totals = [
        LabelCounts(split=each.split, images=each.distinct_images, boxes=each.boxes)
        for each in summary.splits
    ]
    rows = [["all", *_cells(totals, boxes=boxes)]]
    rows += [[visible_label(each.label), *_cells(each.counts, boxes=boxes)] for each in labels]
    lines = _aligned([heads, *rows], width)
    left_out = len(summary.labels) - len(labels)
    if left_out:
        lines.append(f"and {format_count(left_out, 'label')} of at least as many images")
    return "\n".join(lines)


def _fewest(labels: Sequence[LabelSummary]) -> Sequence[LabelSummary]:
    if len(labels) <= MOST_LABELS:
        return labels
    return sorted(labels, key=lambda label: label.counts[0].images)[:MOST_LABELS]


def _cells(counts: Sequence[LabelCounts], *, boxes: bool) -> list[str]:
    return [f"{each.images:,}/{each.boxes:,}" if boxes else f"{each.images:,}" for each in counts]


def _aligned(rows: Sequence[Sequence[str]], width: int) -> list[str]:
    """Return rows as lines: the first column to the left and cut to fit, the others right."""
    sizes = [max(map(len, column)) for column in list(zip(*rows, strict=True))[1:]]
    room = max(1, width - sum(size + len(_GAP) for size in sizes))
    first = min(room, max(cell_len(row[0]) for row in rows))
    return [
        _GAP.join(
            [
                _cut(row[0], first),
                *(f"{cell:>{size}}" for cell, size in zip(row[1:], sizes, strict=True)),
            ]
        )
        for row in rows
    ]


def _cut(text: str, cells: int) -> str:
    if cell_len(text) <= cells:
        return set_cell_size(text, cells)
    return f"{set_cell_size(text, cells - 1)}…"


def _findings(report: AuditReport, width: int) -> Iterator[str]:
    for kind in kinds_of(report):
        yield kind.title.upper()
        for of_rule in by_rule(kind.findings):
            first = of_rule[0]
            head = f"{first.rule}: {rule_title(first.rule)} ({source_text(first)})"
            lines = [_wrapped(head, width, "")]
            for finding in of_rule[:MOST_PER_RULE]:
                lines += _told(finding, width)
            if len(of_rule) > MOST_PER_RULE:
                lines.append(f"  and {format_count(len(of_rule) - MOST_PER_RULE, 'more finding')}")
            yield "\n".join(lines)


def _told(finding: Finding, width: int) -> Iterator[str]:
    yield _wrapped(finding.message, width, "  ")
    yield _wrapped(f"-> {finding.hint}", width, "     ", first="  ")
    if finding.waived:
        yield _wrapped(f"waived: {finding.waived}", width, "     ", first="  ")


def _wrapped(text: str, width: int, indent: str, first: str | None = None) -> str:
    return textwrap.fill(
        plain_text(text),
        width,
        initial_indent=indent if first is None else first,
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
    )
