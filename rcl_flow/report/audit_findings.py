"""Findings in the order in which the page tells them: by severity, then by rule."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Final

from rcl_flow.core.audit.findings import AuditReport, Finding
from rcl_flow.report.audit_galleries import Gallery, galleries
from rcl_flow.report.audit_wording import format_figure, rule_title, source_text
from rcl_flow.report.figures import format_count

MOST_FULL: Final = 24
"""Findings of one rule beyond this are told in a line each."""
MOST_LINES: Final = 200
"""Lines beyond this are counted."""
MOST_FIGURES: Final = 12
_BUDGET_CHARACTERS: Final = 2_600_000


@dataclass(frozen=True, slots=True)
class ShownFinding:
    """A finding told in full."""

    anchor: str
    finding: Finding
    figures: tuple[tuple[str, str], ...]
    more_figures: int
    gallery: Gallery


@dataclass(frozen=True, slots=True)
class RuleGroup:
    """All findings of one rule and severity."""

    anchor: str
    rule: str
    title: str
    source: str
    docs: str
    shown: tuple[ShownFinding, ...]
    lines: tuple[str, ...]
    """The messages of further findings."""
    hidden: int
    """Findings beyond those."""


@dataclass(frozen=True, slots=True)
class SeverityGroup:
    """The findings of one severity, or the waived ones."""

    title: str
    tone: str
    """The CSS class of its colour."""
    rules: tuple[RuleGroup, ...]


@dataclass(frozen=True, slots=True)
class Kind:
    """The findings of one severity that count, or all waived ones."""

    name: str
    title: str
    """How many there are, in words."""
    tone: str
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class Anchored:
    """A finding with the place on the page where it is told."""

    finding: Finding
    anchor: str
    in_full: bool


def severity_groups(
    report: AuditReport, thumbnails: Mapping[str, str]
) -> tuple[SeverityGroup, ...]:
    """Return the groups that have findings, errors first, waived ones last."""
    told = [each for each in anchored_findings(report) if each.in_full]
    dealt = galleries(
        [each.finding.places for each in told], thumbnails, budget_characters=_BUDGET_CHARACTERS
    )
    shown = (_shown(each, gallery) for each, gallery in zip(told, dealt, strict=True))
    return tuple(
        SeverityGroup(kind.title, kind.tone, tuple(_rules(kind, shown)))
        for kind in kinds_of(report)
    )


def anchored_findings(report: AuditReport) -> Iterator[Anchored]:
    """Yield every finding in the page's order."""
    number = 0
    for kind in kinds_of(report):
        for place, of_rule in enumerate(by_rule(kind.findings)):
            for finding in of_rule[:MOST_FULL]:
                number += 1
                yield Anchored(finding, f"finding-{number}", in_full=True)
            for finding in of_rule[MOST_FULL:]:
                yield Anchored(finding, _rule_anchor(kind, place), in_full=False)


def kinds_of(report: AuditReport) -> tuple[Kind, ...]:
    """Return the kinds that have findings: errors first, waived ones last."""
    every = (
        Kind("error", format_count(len(report.errors), "error"), "bad", report.errors),
        Kind("warning", format_count(len(report.warnings), "warning"), "unsure", report.warnings),
        Kind("note", format_count(len(report.notes), "note"), "plain", report.notes),
        Kind("waived", f"{len(report.waived):,} waived", "good", report.waived),
    )
    return tuple(kind for kind in every if kind.findings)


def by_rule(findings: Sequence[Finding]) -> list[list[Finding]]:
    """Group findings by their rule, in the order of the first of each."""
    groups: dict[str, list[Finding]] = {}
    for finding in findings:
        groups.setdefault(finding.rule, []).append(finding)
    return list(groups.values())


def _rule_anchor(kind: Kind, place: int) -> str:
    return f"{kind.name}-rule-{place + 1}"


def _rules(kind: Kind, shown: Iterator[ShownFinding]) -> Iterator[RuleGroup]:
    """Group findings by rule, taking those told in full off `shown` in the same order."""
    for place, of_rule in enumerate(by_rule(kind.findings)):
        rest = of_rule[MOST_FULL:]
        first = of_rule[0]
        yield RuleGroup(
            anchor=_rule_anchor(kind, place),
            rule=first.rule,
            title=rule_title(first.rule),
            source=source_text(first),
            docs=first.docs,
            shown=tuple(islice(shown, len(of_rule[:MOST_FULL]))),
            lines=tuple(finding.message for finding in rest[:MOST_LINES]),
            hidden=len(rest[MOST_LINES:]),
        )


def _shown(each: Anchored, gallery: Gallery) -> ShownFinding:
    figures = list(each.finding.figures.items())
    return ShownFinding(
        anchor=each.anchor,
        finding=each.finding,
        figures=tuple((name, format_figure(value)) for name, value in figures[:MOST_FIGURES]),
        more_figures=len(figures[MOST_FIGURES:]),
        gallery=gallery,
    )
