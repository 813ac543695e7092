"""Tests of applying thresholds in a program that uses a model."""

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rcl_flow.core.scoring.applier import apply_thresholds, parse_thresholds
from rcl_flow.core.scoring.predictions import Prediction, predicted_labels
from rcl_flow.errors import ConfigError

PAGE = (Path(__file__).parents[2] / "docs" / "17-thresholds.md").read_text()
BOX = {"BoundingBox": {"Width": 0.1, "Height": 0.2, "Left": 0.3, "Top": 0.4}}
ANSWER: dict[str, Any] = {
    "CustomLabels": [
        {"Name": "scratch", "Confidence": 80.0, "Geometry": BOX},
        {"Name": "scratch", "Confidence": 79.99999237060547},
        {"Name": "dent", "Confidence": 12.5},
        {"Name": "unheard", "Confidence": 100.0},
    ],
    "ResponseMetadata": {"HTTPStatusCode": 200},
}
THRESHOLDS = {"scratch": 0.8, "dent": 0.1}
DOCUMENT: dict[str, Any] = {
    "format_version": 2,
    "project_version_arn": "arn",
    "thresholds": THRESHOLDS,
    "assumed_thresholds": {"scratch": 0.5, "dent": 0.5},
}
answers = st.lists(
    st.fixed_dictionaries(
        {"Name": st.sampled_from("abc"), "Confidence": st.floats(0, 100, width=32)}
    ),
    max_size=8,
)


def test_entries_at_or_above_their_threshold_are_kept_unchanged() -> None:
    """Exactly at the threshold counts; a label without one does not, however sure."""
    kept = apply_thresholds(ANSWER, THRESHOLDS)
    assert kept == [ANSWER["CustomLabels"][0], ANSWER["CustomLabels"][2]]
    assert kept[0] is ANSWER["CustomLabels"][0]


def test_list_of_labels_does_as_well() -> None:
    """What is under CustomLabels may be given alone."""
    assert apply_thresholds(ANSWER["CustomLabels"], THRESHOLDS) == apply_thresholds(
        ANSWER, THRESHOLDS
    )
    assert apply_thresholds({"CustomLabels": []}, THRESHOLDS) == []


@given(answers, st.dictionaries(st.sampled_from("abcd"), st.floats(0, 1)))
def test_program_predicts_what_the_run_judged(
    entries: list[dict[str, Any]], thresholds: dict[str, float]
) -> None:
    """The labels that are kept are those that the holdout was scored by."""
    confidences: dict[str, float] = {}
    for entry in entries:
        name = entry["Name"]
        confidences[name] = max(confidences.get(name, 0.0), entry["Confidence"])
    judged = predicted_labels(Prediction(sha256="", confidences_percent=confidences), thresholds)
    assert {entry["Name"] for entry in apply_thresholds(entries, thresholds)} == set(judged)


@pytest.mark.parametrize(
    "answer",
    [
        *({"Labels": []}, {}, {"CustomLabels": None}, ["a"], None),
        *([{"Name": "a"}], [{"Confidence": 3}], [{"Name": "scratch", "Confidence": None}]),
    ],
)
def test_other_answers_are_refused(answer: Any) -> None:  # noqa: ANN401  # any form
    """An answer of another operation is one clear error, not an empty list."""
    with pytest.raises(ConfigError, match="no answer of DetectCustomLabels") as caught:
        apply_thresholds(answer, THRESHOLDS)
    assert "detect_custom_labels" in caught.value.hint


@pytest.mark.parametrize("encode", [str, str.encode])
def test_thresholds_in_use_are_read(encode: Any) -> None:  # noqa: ANN401  # str or bytes
    """Of format 2 those in use, not the assumed ones; from text or bytes."""
    assert parse_thresholds(encode(json.dumps(DOCUMENT))) == THRESHOLDS


def test_first_format_has_the_assumed_ones_only() -> None:
    """Files that earlier versions left are read as well; whole numbers become ratios."""
    text = '{"format_version": 1, "project_version_arn": "arn", "assumed_thresholds": {"a": 1}}'
    assert parse_thresholds(text) == {"a": 1.0}
    assert isinstance(parse_thresholds(text)["a"], float)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "This is no thresholds.json."),
        ("[" * 100_000, "This is no thresholds.json."),
        (b"\xff\xfe\xff", "This is no thresholds.json."),
        ("[]", "This is no thresholds.json."),
        ("null", "This is no thresholds.json."),
        ('{"thresholds": {"a": 0.5}}', "This is no thresholds.json."),
        ('{"format_version": 3}', "format 3; this version reads 1 and 2"),
        ('{"format_version": "2"}', "format '2'"),
        ('{"format_version": [2]}', r"format \[2\]"),
        ('{"format_version": true, "assumed_thresholds": {}}', "format True"),
        ('{"format_version": 2, "assumed_thresholds": {}}', "has no 'thresholds'"),
        ('{"format_version": 1, "thresholds": {}}', "has no 'assumed_thresholds'"),
        ('{"format_version": 2, "thresholds": [0.5]}', "has no 'thresholds'"),
        ('{"format_version": 2, "thresholds": {"a": 1.5}}', "'a' .* is 1.5, not a number from 0"),
        ('{"format_version": 2, "thresholds": {"a": -0.1}}', "'a' .* is -0.1"),
        ('{"format_version": 2, "thresholds": {"a": NaN}}', "'a' .* is nan"),
        ('{"format_version": 2, "thresholds": {"a": "0.5"}}', "'a' .* is '0.5'"),
        ('{"format_version": 2, "thresholds": {"a": true}}', "'a' .* is True"),
        ('{"format_version": 2, "thresholds": {"a": null}}', "'a' .* is None"),
    ],
)
def test_broken_files_are_refused(text: str | bytes, message: str) -> None:
    """Each is one clear error that says what is wrong and what to do."""
    with pytest.raises(ConfigError, match=message) as caught:
        parse_thresholds(text)
    assert caught.value.hint


def test_it_loads_nothing_heavy() -> None:
    """A program in production starts without numbers, SDKs or validation libraries."""
    code = (
        "import sys, rcl_flow.core.scoring.applier;"
        " heavy = {'numpy', 'boto3', 'botocore', 'pydantic', 'orjson', 'yaml', 'PIL'};"
        " sys.exit(len(heavy & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_documented_stand_alone_version_does_the_same(tmp_path: Path) -> None:
    """What can be pasted from the documentation keeps the same entries, and is short."""
    (source,) = re.findall(r"```python\n(import json\n.*?)```", PAGE, re.DOTALL)
    path = tmp_path / "thresholds.json"
    path.write_text(json.dumps({**DOCUMENT, "min_confidence_percent": 10.0}))
    asked: dict[str, Any] = {}

    class Client:
        """Answers as the service, and remembers what it was asked."""

        def detect_custom_labels(self, **parameters: Any) -> dict[str, Any]:  # noqa: ANN401
            """Return the answer of this module."""
            asked.update(parameters)
            return ANSWER

    names: dict[str, Any] = {}
    exec(source.replace("thresholds.json", str(path)), names)  # noqa: S102  # our own page
    image = {"S3Object": {"Bucket": "b", "Name": "n"}}
    assert names["detect"](Client(), image) == apply_thresholds(ANSWER, THRESHOLDS)
    assert asked == {"ProjectVersionArn": "arn", "Image": image, "MinConfidence": 10.0}
    assert len(source.strip().splitlines()) <= 20
