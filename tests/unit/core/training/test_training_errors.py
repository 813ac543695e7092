"""Tests of the service's validation codes."""

import json

from rcl_flow.core.training.training_errors import (
    CAUSES,
    ValidationProblem,
    explain_problems,
    parse_line_problems,
    parse_summary_problems,
)

TOO_MANY = {
    "code": "ERROR_TOO_MANY_INVALID_ROWS_IN_MANIFEST",
    "message": "The manifest file contains too many invalid rows.",
}
OVERLAP = {"code": "ERROR_INSUFFICIENT_LABEL_OVERLAP", "message": "Too little overlap."}


def lines_of(*documents: object) -> bytes:
    """Return JSON Lines."""
    return "".join(f"{json.dumps(document)}\n" for document in documents).encode()


def problem(
    line_number: int = 0, *, code: str = "ERROR_INVALID_IMAGE", split: str = "train"
) -> ValidationProblem:
    """Return a problem of an image."""
    source_ref = f"s3://b/{line_number}.png" if line_number else ""
    return ValidationProblem(code, "The image is invalid.", split, line_number, source_ref)


def test_summary_problems_are_told_by_split() -> None:
    """Errors of training, of testing and of both are read from their three places."""
    summary = {
        "statistics": {
            "training": {"total_json_lines": 40, "errors": [TOO_MANY]},
            "testing": {"errors": [TOO_MANY]},
        },
        "errors": [OVERLAP],
    }
    assert list(parse_summary_problems(json.dumps(summary).encode())) == [
        ValidationProblem(OVERLAP["code"], OVERLAP["message"], "both"),
        ValidationProblem(TOO_MANY["code"], TOO_MANY["message"], "train"),
        ValidationProblem(TOO_MANY["code"], TOO_MANY["message"], "test"),
    ]


def test_summary_without_errors_has_no_problems() -> None:
    """Missing and empty lists say that nothing is wrong."""
    assert list(parse_summary_problems(b'{"statistics": {"training": {"errors": []}}}')) == []
    assert list(parse_summary_problems(b"{}")) == []


def test_summary_problems_pass_over_what_is_no_error() -> None:
    """An entry of another form hides none of the others."""
    summary = {"errors": [None, "text", {"message": "no code"}, {"code": "ERROR_X"}]}
    (found,) = parse_summary_problems(json.dumps(summary).encode())
    assert found == ValidationProblem("ERROR_X", "", "both")


def test_line_problems_are_found_in_all_four_places() -> None:
    """Codes stand in the line, an attribute, its metadata and its annotations."""
    line = {
        "source-ref": "s3://b/a.png",
        "bb": {
            "annotations": [{"class_id": 0}, {"errors": [{"code": "C1", "message": "m"}]}],
            "errors": [{"code": "C2", "message": "m"}],
        },
        "bb-metadata": {"errors": [{"code": "C3", "message": "m"}]},
        "errors": [{"code": "C4", "message": "m"}],
        "warnings": [{"code": "C5", "message": "m"}],
    }
    found = list(parse_line_problems(lines_of(line), "test"))
    assert [entry.code for entry in found] == ["C1", "C2", "C3", "C4", "C5"]
    assert {(entry.split, entry.line_number, entry.source_ref) for entry in found} == {
        ("test", 1, "s3://b/a.png")
    }


def test_line_problems_have_the_number_of_their_line() -> None:
    """Lines are counted from 1, with those that are fine."""
    bad = {"errors": [{"code": "ERROR_MISSING_SOURCE_REF", "message": "m"}]}
    (found,) = parse_line_problems(lines_of({"source-ref": "s3://b/a"}, bad), "train")
    assert (found.line_number, found.source_ref) == (2, "")


def test_line_problems_name_a_line_that_is_not_json() -> None:
    """A broken line is a problem itself and hides none of the lines after it."""
    bad = lines_of({"source-ref": "x", "errors": [{"code": "C", "message": "m"}]})
    found = list(parse_line_problems(b"{broken\n[]\n" + bad, "train"))
    assert [(entry.code, entry.line_number) for entry in found] == [
        ("ERROR_INVALID_JSON_LINE", 1),
        ("ERROR_INVALID_JSON_LINE", 2),
        ("C", 3),
    ]


def test_line_problems_pass_over_a_users_own_list_of_errors() -> None:
    """A key of the user's that happens to be called errors is not the service's."""
    line = {"source-ref": "x", "mine": {"errors": ["typo", 3]}}
    assert list(parse_line_problems(lines_of(line), "train")) == []


def test_explanation_names_code_lines_cause_and_cure() -> None:
    """One sentence says what is wrong, where, why and what to do."""
    (text,) = explain_problems([problem(4)])
    assert text == (
        "ERROR_INVALID_IMAGE in train, line 4 (s3://b/4.png): the image is missing or not usable; "
        "check the S3 path; use PNG or JPEG, 64 to 4096 pixels a side, at most 15 MB."
    )


def test_explanation_names_three_lines_and_counts_the_rest() -> None:
    """Five lines with one code are one sentence."""
    (text,) = explain_problems([problem(number) for number in range(1, 6)])
    assert "line 1 (s3://b/1.png), line 2 (s3://b/2.png), line 3 (s3://b/3.png) and 2 more:" in text


def test_explanation_counts_no_rest_when_there_is_none() -> None:
    """Exactly three lines are named and nothing is added."""
    (text,) = explain_problems([problem(number) for number in range(1, 4)])
    assert "more" not in text


def test_explanations_are_one_for_each_code_and_split() -> None:
    """The same code in train and test is two sentences, in the order of their finding."""
    texts = explain_problems([problem(1), problem(1, split="test"), problem(2)])
    assert [text.split(",")[0] for text in texts] == [
        "ERROR_INVALID_IMAGE in train",
        "ERROR_INVALID_IMAGE in test",
    ]


def test_explanation_of_a_whole_manifest_names_no_line() -> None:
    """A problem of the manifest as a whole has no line to show."""
    (text,) = explain_problems([problem(code="ERROR_MANIFEST_TOO_FEW_LABELS")])
    assert (
        text
        == "ERROR_MANIFEST_TOO_FEW_LABELS in train: there are too few labels; add a second label."
    )


def test_explanation_of_an_unknown_code_repeats_the_service() -> None:
    """A code that is newer than this program is told in the service's words."""
    assert explain_problems([problem(code="ERROR_NEW")]) == (
        "ERROR_NEW in train: The image is invalid.",
    )
    silent = ValidationProblem("ERROR_NEW", "", "test", 2)
    assert explain_problems([silent]) == (
        "ERROR_NEW in test, line 2 (no source-ref): unknown to rcl-flow.",
    )


def test_every_code_has_a_cause_and_a_cure() -> None:
    """No entry is half empty, and none ends in a full stop of its own."""
    for code, (cause, cure) in CAUSES.items():
        assert code.startswith(("ERROR_", "WARNING_"))
        assert cause and cure
        assert not cause.endswith(".") and not cure.endswith(".")
