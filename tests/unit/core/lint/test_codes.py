"""Every code has its cause, its cure, its effect and its section."""

import re
from pathlib import Path

import pytest

from rcl_flow.core.lint import codes
from rcl_flow.core.lint.findings import DOCS, docs_of_code
from rcl_flow.core.training.training_errors import CAUSES
from tests.unit.core.lint.always_fixed import ALWAYS_FIXED

ROOT = Path(__file__).parents[4]


def sections() -> dict[str, str]:
    """Return the sections of the page about codes, by heading."""
    parts = re.split(r"^#+ ", (ROOT / DOCS).read_text(), flags=re.MULTILINE)[1:]
    return {part.split("\n", 1)[0]: part.split("\n", 1)[1] for part in parts}


@pytest.mark.parametrize("code", codes.KNOWN)
def test_code_has_its_section(code: str) -> None:
    """A code that is printed can be looked up: how it looks and what to do."""
    section = sections()[code]
    assert "Looks like:" in section
    assert "Fix:" in section
    assert docs_of_code(code) == f"{DOCS}#{code.lower()}"


def test_page_has_no_other_code() -> None:
    """No section is about a code that lint cannot find."""
    assert {name for name in sections() if "_" in name} == set(codes.KNOWN)


@pytest.mark.parametrize("code", sorted(ALWAYS_FIXED))
def test_code_that_is_always_fixed_says_so(code: str) -> None:
    """The page says of it that `--fix` corrects it."""
    assert "**fixed**" in sections()[code]


@pytest.mark.parametrize("code", codes.KNOWN)
def test_code_has_cause_and_cure(code: str) -> None:
    """Each is told in words that follow a colon, and what becomes of the line as well."""
    cause, cure = codes.cause_and_cure(code)
    assert cause
    assert cure
    assert not cause.endswith(".")
    assert codes.effect_of(code)


def test_codes_are_those_that_a_training_can_report() -> None:
    """What the service reports of a failed training is among them."""
    assert set(CAUSES) <= set(codes.KNOWN)


@pytest.mark.parametrize(
    ("code", "effect"),
    [
        ("ERROR_MISSING_SOURCE_REF", "drops"),
        ("REPEATED_SOURCE_REF", "ignores"),
        ("ERROR_INVALID_IMAGE", "keeps the line; a training"),
        ("ERROR_INVALID_BOUNDING_BOX", "only that part"),
        ("ERROR_NO_LABEL_ATTRIBUTES", "with the error"),
        ("WARNING_UNANNOTATED_RECORD", "no fault"),
        ("IMAGE_IN_TRAIN_AND_TEST", "both lines are used"),
    ],
)
def test_effect_tells_import_and_training_apart(code: str, effect: str) -> None:
    """What an import does is not what a training does."""
    assert effect in codes.effect_of(code)
