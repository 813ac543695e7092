"""Tests of the audit's sentences and figures."""

import pytest

from rcl_flow.core.audit.findings import AuditReport
from rcl_flow.report.audit_wording import (
    consequence_sentence,
    counts_sentence,
    format_factor,
    format_figure,
    gate_sentence,
    hue_name,
    rule_title,
    source_text,
    warned_sentences,
)
from tests.unit.report.audit_pages import FINDINGS, REASON, finding


def report_of(*severities: str, waived: str = "") -> AuditReport:
    """Return a report with a finding of each of the severities."""
    return AuditReport(
        findings=tuple(
            finding(waived=waived).model_copy(update={"severity": severity})
            for severity in severities
        )
    )


@pytest.mark.parametrize(
    ("report", "gate", "consequence"),
    [
        (report_of(), "Gate open: no errors.", "A training may start."),
        (report_of("warning"), "Gate open: no errors.", "A training may start. The warnings"),
        (report_of("error"), "Gate closed: 1 error.", "No training starts until it is resolved"),
        (report_of("error", "error"), "Gate closed: 2 errors.", "No training starts until they"),
        (report_of("error", waived=REASON), "Gate open: no errors.", "A training may start."),
    ],
)
def test_gate_is_told_with_what_follows(report: AuditReport, gate: str, consequence: str) -> None:
    """Only errors that nobody has accepted close the gate."""
    assert gate_sentence(report) == gate
    assert consequence_sentence(report).startswith(consequence)


def test_counts_leave_errors_to_the_gate() -> None:
    """Everything else is counted, waived findings apart."""
    assert counts_sentence(AuditReport(findings=FINDINGS)) == "2 warnings, 1 note, 1 waived."


def test_what_a_training_starts_in_spite_of_is_told_by_rule() -> None:
    """One short line for warnings and one for what the config accepts; none for a clean audit."""
    dark, bright = (finding(rule, severity="warning") for rule in ("dark-image", "bright-image"))
    waived = finding("animated-image", severity="error", waived=REASON)
    assert warned_sentences(AuditReport(findings=(bright, dark, dark, waived))) == (
        "The audit warns of dark-image (2), bright-image (1).",
        "Waived by the config: animated-image (1).",
    )
    assert warned_sentences(AuditReport(findings=())) == ()


def test_rules_are_named_by_title_and_practice() -> None:
    """A rule of another version keeps its id."""
    assert rule_title("few-images") == "Few images of a label"
    assert rule_title("from-the-future") == "from-the-future"
    assert source_text(finding("few-images")) == "practice D1"
    assert source_text(finding("one-bucket")) == "limit of the service"


@pytest.mark.parametrize(
    ("value", "text"),
    [(3.0, "3"), (250_000.0, "250,000"), (1234.5, "1,234"), (0.4444, "0.444"), (-0.5, "-0.5")],
)
def test_figures_are_written_short(value: float, text: str) -> None:
    """Whole figures in full, others with three digits and no exponent."""
    assert format_figure(value) == text


@pytest.mark.parametrize(
    ("value", "factor", "text"),
    [
        (0.314, "brightness", "0.31"),
        (0.0042, "background busyness", "0.004"),
        (238.2, "hue", "238° (blue)"),
        (12.19, "resolution", "12.2 MP"),
        (1530.2, "sharpness", "1,530"),
        (1.333, "aspect ratio", "1.33"),
    ],
)
def test_factors_are_written_with_their_unit(value: float, factor: str, text: str) -> None:
    """Each factor has one way to be written."""
    assert format_factor(value, factor) == text


@pytest.mark.parametrize(
    ("degrees", "name"),
    [
        *((0, "red"), (14, "red"), (31, "orange"), (60, "yellow"), (120, "green"), (180, "cyan")),
        *((225, "blue"), (271, "purple"), (300, "pink"), (350, "red"), (360, "red")),
    ],
)
def test_hues_have_everyday_names(degrees: float, name: str) -> None:
    """The circle closes in red."""
    assert hue_name(degrees) == name
