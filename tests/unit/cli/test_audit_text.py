"""Tests of the terminal's text of an audit."""

import pytest
from rich.cells import cell_len

from rcl_flow.cli.audit_text import MOST_LABELS, MOST_PER_RULE, audit_text
from rcl_flow.core.audit.findings import AuditReport
from tests.unit.report.audit_pages import FINDINGS, REASON, finding, summary_of

REPORT = AuditReport(findings=FINDINGS)
CLEAN = AuditReport(findings=())


def test_text_of_a_clean_audit_is_the_table_and_the_verdict() -> None:
    """Labels by name with their images in each split, then the gate and where the page is."""
    assert audit_text(CLEAN, summary_of(), 80, page_path="w/audit.html") == (
        "images  train  test  holdout\n"
        "all        15    15       15\n"
        "cat        12    12       12\n"
        "dog         3     3        3\n"
        "\n"
        "Gate open: no errors. 0 warnings, 0 notes, 0 waived. w/audit.html"
    )


def test_text_tells_findings_by_severity_with_what_to_do() -> None:
    """Errors first, waived ones last with their reason; severities are words, not colours."""
    text = audit_text(REPORT, summary_of(), 80)
    heads = ["1 ERROR", "2 WARNINGS", "1 NOTE", "1 WAIVED"]
    places = [text.index(f"\n{head}\n") for head in heads]
    assert places == sorted(places)
    assert (
        "split-overlap: Equal images in two splits (practice J2)\n"
        "  What split-overlap says.\n"
        "  -> Do this about split-overlap.\n"
    ) in text
    assert text[places[-1] :].splitlines()[-3:] == [
        f"  waived: {REASON}",
        "",
        "Gate closed: 1 error. 2 warnings, 1 note, 1 waived.",
    ]
    assert "\x1b" not in text


def test_text_counts_findings_of_a_rule_beyond_the_first_few() -> None:
    """250 labels with the same fault do not scroll everything else away."""
    many = AuditReport(findings=tuple(finding("narrow-light", label=str(n)) for n in range(250)))
    text = audit_text(many, summary_of(), 80)
    assert text.count("What narrow-light says.") == MOST_PER_RULE
    assert "  and 245 more findings" in text


def test_text_of_many_labels_lists_those_of_the_fewest_images() -> None:
    """With 250 labels the weakest ones are what a person needs."""
    summary = summary_of({f"label {n:03}": n + 1 for n in range(40)})
    text = audit_text(CLEAN, summary, 80)
    assert f"label {MOST_LABELS - 1:03}" in text
    assert f"label {MOST_LABELS:03}" not in text
    assert "and 10 labels of at least as many images" in text


def test_text_counts_boxes_where_there_are_any() -> None:
    """In object detection a label has images and boxes."""
    summary = summary_of().model_copy(update={"task": "detection"})
    assert audit_text(CLEAN, summary, 80).splitlines()[1].split() == ["all", *["15/0"] * 3]


@pytest.mark.parametrize("width", [40, 80, 120])
@pytest.mark.parametrize("label", ["x" * 255, "猫" * 100])
def test_text_fits_the_terminal(width: int, label: str) -> None:
    """Long labels are cut and sentences wrapped; wide letters count as two columns."""
    text = audit_text(REPORT, summary_of({label: 2, "dog": 1}), width)
    *lines, _verdict = text.splitlines()
    assert max(map(cell_len, lines)) <= width
    assert any("…" in line for line in lines)


def test_text_keeps_long_paths_whole() -> None:
    """A path that is broken over lines cannot be copied."""
    path = "/".join(["folder"] * 30)
    long = finding().model_copy(update={"message": f"holdout: unusable: {path}"})
    assert path in audit_text(AuditReport(findings=(long,)), summary_of(), 40)


def test_text_disarms_control_characters() -> None:
    """A label or file name cannot move the cursor, colour the screen or forge lines."""
    bad = "\x1b[2J\x07\rx\u202ey\nGate open"
    report = AuditReport(findings=(finding().model_copy(update={"message": bad, "hint": bad}),))
    text = audit_text(report, summary_of({bad: 1}), 80, page_path=bad)
    assert not any(letter != "\n" and not letter.isprintable() for letter in text)
    assert "\nGate open" not in text[: text.rindex("\n\n")]
