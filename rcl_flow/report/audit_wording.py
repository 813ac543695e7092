"""The sentences and figures of an audit that its page and the terminal share."""

from collections import Counter
from collections.abc import Sequence
from typing import Final

from rcl_flow.core.audit.catalogue import RULES
from rcl_flow.core.audit.findings import AuditReport, Finding
from rcl_flow.report.figures import format_count

_HUES: Final = (
    *("red", "orange", "yellow", "green", "green", "green"),
    *("cyan", "blue", "blue", "purple", "pink", "pink"),
)
_DEGREES_PER_HUE: Final = 30
_THREE_DIGITS: Final = 100
_FINE: Final = 0.1


def gate_sentence(report: AuditReport) -> str:
    """Say whether the gate is open."""
    if report.errors:
        return f"Gate closed: {format_count(len(report.errors), 'error')}."
    return "Gate open: no errors."


def counts_sentence(report: AuditReport) -> str:
    """Count what was found besides errors."""
    counted = (
        format_count(len(report.warnings), "warning"),
        format_count(len(report.notes), "note"),
    )
    return f"{', '.join(counted)}, {len(report.waived):,} waived."


def consequence_sentence(report: AuditReport) -> str:
    """Say what follows from the gate's state."""
    if report.errors:
        them = "it is" if len(report.errors) == 1 else "they are"
        return f"No training starts until {them} resolved, or waived in the config with a reason."
    if report.warnings:
        return "A training may start. The warnings deserve work: the data decide how good it gets."
    return "A training may start."


def warned_sentences(report: AuditReport) -> tuple[str, ...]:
    """Say in a few words what a training starts in spite of; nothing where there is nothing."""
    told = (("The audit warns of", report.warnings), ("Waived by the config:", report.waived))
    return tuple(f"{begin} {_counted_rules(found)}." for begin, found in told if found)


def _counted_rules(findings: Sequence[Finding]) -> str:
    counts = Counter(finding.rule for finding in findings)
    return ", ".join(f"{rule} ({count})" for rule, count in counts.most_common())


def rule_title(rule: str) -> str:
    """Return the rule's title, or its id when the catalogue does not know it."""
    return RULES[rule].title if rule in RULES else rule


def source_text(finding: Finding) -> str:
    """Say where a finding's rule comes from: a practice or a limit of the service."""
    return f"practice {finding.practice}" if finding.practice else "limit of the service"


def format_figure(value: float) -> str:
    """Write a measured figure: whole and large ones in full, others with three digits."""
    whole = value == round(value) or abs(value) >= _THREE_DIGITS
    return f"{value:,.0f}" if whole else f"{value:.3g}"


def format_factor(value: float, factor: str) -> str:
    """Write the value of an image factor, with its unit."""
    match factor:
        case "hue":
            return f"{value:.0f}° ({hue_name(value)})"
        case "resolution":
            return f"{format_figure(value)} MP"
        case "sharpness":
            return format_figure(value)
        case _:
            return f"{value:.3f}" if abs(value) < _FINE else f"{value:.2f}"


def hue_name(degrees: float) -> str:
    """Return the everyday name of a hue, 0 to 360."""
    return _HUES[round(degrees / _DEGREES_PER_HUE) % len(_HUES)]
