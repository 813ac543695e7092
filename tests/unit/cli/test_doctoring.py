"""Tests of how the doctor's findings are laid out."""

from rcl_flow.cli.doctoring import checks_text
from rcl_flow.core.doctor.diagnosis import ok, problem, skipped

LONG = "arn:aws:rekognition:us-east-1:123456789012:project/" + "a" * 60


def test_checks_text_has_one_line_a_check() -> None:
    """The status stands first, in words that are told apart at a glance."""
    text = checks_text([ok("a", "fine"), skipped("b", "no"), problem("c", "bad", "mend it")])
    assert text.splitlines() == [
        "ok      a: fine",
        "skip    b: no",
        "PROBLEM c: bad",
        "          -> mend it",
    ]


def test_checks_text_is_wrapped_at_80_columns() -> None:
    """Long findings go on below their beginning, not below the status."""
    lines = checks_text([problem("name", "word " * 40, "cure " * 40)]).splitlines()
    assert max(map(len, lines)) <= 80
    assert all(line.startswith("        ") for line in lines[1:])


def test_checks_text_breaks_nothing_that_is_copied() -> None:
    """An ARN stays whole, even when it is longer than a line."""
    assert LONG in checks_text([problem("name", f"{LONG} runs.", f"Stop it: rcl-flow stop {LONG}")])
