"""Labels as cards: counts, sample pictures, medians and the findings about them."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from rcl_flow.core.audit.findings import AuditReport, Finding
from rcl_flow.core.audit.summary import AuditSummary, LabelSummary
from rcl_flow.report.audit_findings import Anchored, anchored_findings
from rcl_flow.report.audit_galleries import Gallery, galleries
from rcl_flow.report.audit_wording import format_factor

MOST_CARDS: Final = 48
"""Labels beyond this are rows of the table only."""
MOST_LINKS: Final = 6
_BUDGET_CHARACTERS: Final = 1_000_000
_COUNTED_BY_LABEL: Final = frozenset({"few-images", "test-images-per-label"})
"""Rules whose figures are named by labels."""


@dataclass(frozen=True, slots=True)
class LabelRow:
    """One label with the findings about it."""

    summary: LabelSummary
    findings: tuple[Anchored, ...]


@dataclass(frozen=True, slots=True)
class LabelCard:
    """One label with pictures."""

    summary: LabelSummary
    findings: tuple[Anchored, ...]
    more_findings: int
    typical: tuple[tuple[str, str], ...]
    """Title and value of each factor."""
    samples: Gallery


def label_rows(report: AuditReport, summary: AuditSummary) -> tuple[LabelRow, ...]:
    """Return a row for each label, by name."""
    about = _about(report)
    return tuple(LabelRow(label, tuple(about[label.label])) for label in summary.labels)


def carded_labels(rows: Sequence[LabelRow]) -> tuple[LabelRow, ...]:
    """Return the labels that get a card: those with findings first, then those of few images."""
    ordered = sorted(rows, key=lambda row: (-len(row.findings), row.summary.counts[0].images))
    return tuple(ordered[:MOST_CARDS])


def label_cards(rows: Sequence[LabelRow], thumbnails: Mapping[str, str]) -> tuple[LabelCard, ...]:
    """Return the cards of labels."""
    dealt = galleries(
        [row.summary.samples for row in rows], thumbnails, budget_characters=_BUDGET_CHARACTERS
    )
    return tuple(
        LabelCard(
            summary=row.summary,
            findings=row.findings[:MOST_LINKS],
            more_findings=len(row.findings[MOST_LINKS:]),
            typical=_typical(row.summary),
            samples=samples,
        )
        for row, samples in zip(rows, dealt, strict=True)
    )


def _typical(label: LabelSummary) -> tuple[tuple[str, str], ...]:
    return tuple(
        (name.capitalize(), format_factor(value, name)) for name, value in label.typical.items()
    )


def _about(report: AuditReport) -> defaultdict[str, list[Anchored]]:
    about: defaultdict[str, list[Anchored]] = defaultdict(list)
    for each in anchored_findings(report):
        for label in _labels_of(each.finding):
            about[label].append(each)
    return about


def _labels_of(finding: Finding) -> tuple[str, ...]:
    if finding.label:
        return (finding.label,)
    return tuple(finding.figures) if finding.rule in _COUNTED_BY_LABEL else ()
