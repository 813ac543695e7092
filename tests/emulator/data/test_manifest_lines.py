"""Tests of the errors of single lines: one bad manifest per code, see tests/data/manifests."""

import json

import pytest

from rcl_flow.emulator.data.catalogue import DROPPING_ERRORS, WARNINGS
from tests.emulator.builders import BUCKET, Aws
from tests.emulator.data.corpus import (
    Finding,
    findings,
    findings_of,
    put,
    put_images,
    summary_of,
    terminal_codes,
    train_on_files,
)

IMAGE_LEVEL, BOXES = "valid/image-level", "valid/boxes"
NOT_FOR_DATASETS = frozenset({*WARNINGS, "ERROR_INVALID_IMAGE"})


def last(code: str, *place: str | int) -> Finding:
    """Return a finding on the sixth line, which is the last in all files of line errors."""
    return Finding(6, code, place)


LINE_CASES: dict[str, tuple[str, list[Finding]]] = {
    "ERROR_INVALID_JSON_LINE": (IMAGE_LEVEL, [last("ERROR_INVALID_JSON_LINE")]),
    "ERROR_MISSING_SOURCE_REF": (IMAGE_LEVEL, [last("ERROR_MISSING_SOURCE_REF")]),
    "ERROR_INVALID_SOURCE_REF_FORMAT": (IMAGE_LEVEL, [last("ERROR_INVALID_SOURCE_REF_FORMAT")]),
    "ERROR_NO_LABEL_ATTRIBUTES": (IMAGE_LEVEL, [last("ERROR_NO_LABEL_ATTRIBUTES")]),
    "ERROR_INVALID_LABEL_ATTRIBUTE_FORMAT": (
        BOXES,
        [last("ERROR_INVALID_LABEL_ATTRIBUTE_FORMAT", "bb")],
    ),
    "ERROR_INVALID_LABEL_ATTRIBUTE_METADATA_FORMAT": (
        BOXES,
        [last("ERROR_INVALID_LABEL_ATTRIBUTE_METADATA_FORMAT", "bb-metadata")],
    ),
    "ERROR_MISSING_BOUNDING_BOX_CONFIDENCE": (
        BOXES,
        [last("ERROR_MISSING_BOUNDING_BOX_CONFIDENCE", "bb-metadata")],
    ),
    "ERROR_MISSING_CLASS_MAP_ID": (BOXES, [last("ERROR_MISSING_CLASS_MAP_ID", "bb-metadata")]),
    "ERROR_NO_VALID_LABEL_ATTRIBUTES": (
        IMAGE_LEVEL,
        [
            last("ERROR_NO_VALID_LABEL_ATTRIBUTES"),
            last("ERROR_UNSUPPORTED_USE_CASE_TYPE", "shape-metadata"),
        ],
    ),
    "ERROR_UNSUPPORTED_USE_CASE_TYPE": (
        IMAGE_LEVEL,
        [last("ERROR_UNSUPPORTED_USE_CASE_TYPE", "kinds-metadata")],
    ),
    "ERROR_INVALID_LABEL_NAME_LENGTH": (
        IMAGE_LEVEL,
        [last("ERROR_INVALID_LABEL_NAME_LENGTH", "long-metadata")],
    ),
    "ERROR_INVALID_IMAGE": (IMAGE_LEVEL, [last("ERROR_INVALID_IMAGE")]),
    "ERROR_INVALID_IMAGE_DIMENSION": (BOXES, [last("ERROR_INVALID_IMAGE_DIMENSION")]),
    "ERROR_INVALID_BOUNDING_BOX": (
        BOXES,
        [last("ERROR_INVALID_BOUNDING_BOX", "bb", "annotations", 1)],
    ),
    "ERROR_BOUNDING_BOX_TOO_SMALL": (
        BOXES,
        [last("ERROR_BOUNDING_BOX_TOO_SMALL", "bb", "annotations", 1)],
    ),
    "ERROR_TOO_MANY_BOUNDING_BOXES": (BOXES, [last("ERROR_TOO_MANY_BOUNDING_BOXES", "bb")]),
    "ERROR_NO_VALID_ANNOTATIONS": (
        BOXES,
        [
            last("ERROR_INVALID_BOUNDING_BOX", "bb", "annotations", 0),
            last("ERROR_NO_VALID_ANNOTATIONS", "bb"),
        ],
    ),
    "WARNING_UNANNOTATED_RECORD": (IMAGE_LEVEL, [last("WARNING_UNANNOTATED_RECORD")]),
    "WARNING_NO_ANNOTATIONS": (
        BOXES,
        [last("WARNING_NO_ANNOTATIONS"), last("WARNING_NO_ATTRIBUTE_ANNOTATIONS", "bb")],
    ),
    "WARNING_NO_ATTRIBUTE_ANNOTATIONS": (
        BOXES,
        [last("WARNING_NO_ATTRIBUTE_ANNOTATIONS", "empty")],
    ),
}
"""For each code of one line: the testing manifest, and all that the training one is told."""

VALID_ALL_THE_SAME = frozenset(
    {
        "ERROR_UNSUPPORTED_USE_CASE_TYPE",
        "ERROR_INVALID_LABEL_NAME_LENGTH",
        "ERROR_INVALID_BOUNDING_BOX",
        "ERROR_BOUNDING_BOX_TOO_SMALL",
        "ERROR_TOO_MANY_BOUNDING_BOXES",
        "ERROR_NO_VALID_ANNOTATIONS",
        "WARNING_NO_ATTRIBUTE_ANNOTATIONS",
    }
)
"""The codes that cost an attribute or a box; another one keeps the file's bad line usable."""


@pytest.mark.parametrize("code", LINE_CASES)
def test_training_notes_a_bad_line_at_its_place(aws: Aws, code: str) -> None:
    """The code stands where it belongs, nothing else is said, and the training goes on."""
    put_images(aws)
    aws.s3.put_object(Bucket=BUCKET, Key="text.png", Body=b"no image")
    testing, expected = LINE_CASES[code]
    version = train_on_files(aws, code, testing)
    assert findings_of(aws, version) == {"Training": expected}
    summary = summary_of(aws, version)
    assert terminal_codes(summary) == {}
    statistics = summary["statistics"]["training"]
    indices = [] if code in WARNINGS else [6]
    assert statistics["error_json_line_indices"] == indices
    counts = [statistics[f"{kind}_json_lines"] for kind in ("valid", "invalid", "ignored")]
    if code in VALID_ALL_THE_SAME:
        assert counts == [6, 0, 0]
    else:
        assert counts == ([5, 0, 1] if code in WARNINGS else [5, 1, 0])


@pytest.mark.parametrize("code", LINE_CASES)
def test_dataset_notes_a_bad_line_at_its_place(aws: Aws, code: str) -> None:
    """A dataset drops the line or keeps it with the same errors; it judges no images."""
    arn = aws.dataset_from(aws.project(), "TRAIN", put(aws, code))
    described = aws.describe_dataset(arn)
    assert described["Status"] == "CREATE_COMPLETE"
    entries = aws.rekognition.list_dataset_entries(DatasetArn=arn)["DatasetEntries"]
    dropped = code in DROPPING_ERRORS
    assert described["DatasetStats"]["TotalEntries"] == (5 if dropped else 6)
    expected = [] if dropped or code in NOT_FOR_DATASETS else LINE_CASES[code][1]
    assert findings([json.loads(entry) for entry in entries]) == expected
    assert described["DatasetStats"]["ErrorEntries"] == bool(expected)
