"""Tests of the manifests in which nothing is wrong, and of the corpus as a whole."""

import pytest

from rcl_flow.emulator.data.catalogue import CONTENT_ERRORS, LINE_ERRORS, WARNINGS
from tests.emulator.builders import Aws
from tests.emulator.data.corpus import (
    FOLDER,
    Finding,
    findings_of,
    put,
    put_images,
    summary_of,
    terminal_codes,
    train_on_files,
)
from tests.emulator.data.test_manifest_contents import CONTENT_CASES
from tests.emulator.data.test_manifest_files import DISTRIBUTE, FILE_CASES
from tests.emulator.data.test_manifest_lines import LINE_CASES

VALID = sorted(path.stem for path in (FOLDER / "valid").glob("*.manifest"))
TESTING = {"mixed": "boxes", "logo-training": "logo-testing"}
"""What a manifest is tested with, if not with itself."""

IMAGE_LEVEL = {"creation-dates", "extra-keys", "image-level", "multi-label", "unlabeled"}
"""The manifests that make a classifier; the others make a detector."""

IGNORED = {
    "unlabeled": [
        Finding(7, "WARNING_UNANNOTATED_RECORD"),
        Finding(8, "WARNING_UNANNOTATED_RECORD"),
    ],
    "boxes-unlabeled": [
        Finding(6, "WARNING_NO_ANNOTATIONS"),
        Finding(6, "WARNING_NO_ATTRIBUTE_ANNOTATIONS", ("bb",)),
        Finding(7, "WARNING_NO_ANNOTATIONS"),
        Finding(7, "WARNING_NO_ATTRIBUTE_ANNOTATIONS", ("bb",)),
    ],
}
"""What is said of lines without labels; nothing is said of any other valid line."""


@pytest.mark.parametrize("name", VALID)
def test_training_finds_nothing_wrong(aws: Aws, name: str) -> None:
    """No code is noted, every line is valid or ignored, and the use case is the right one."""
    put_images(aws)
    testing = TESTING.get(name, name)
    version = train_on_files(aws, f"valid/{name}", f"valid/{testing}")
    ignored = {"Training": IGNORED.get(name), "Testing": IGNORED.get(testing)}
    assert findings_of(aws, version) == {side: found for side, found in ignored.items() if found}
    summary = summary_of(aws, version)
    assert terminal_codes(summary) == {}
    use_case = "IMAGE_LEVEL_LABELS" if name in IMAGE_LEVEL else "OBJECT_LOCALIZATION"
    for side in summary["statistics"].values():
        assert (side["use_case"], side["invalid_json_lines"]) == (use_case, 0)
        assert side["error_json_line_indices"] == []
    lines = {finding.line for finding in IGNORED.get(name, [])}
    assert summary["statistics"]["training"]["ignored_json_lines"] == len(lines)


@pytest.mark.parametrize("name", VALID)
def test_dataset_finds_nothing_wrong(aws: Aws, name: str) -> None:
    """Every line becomes an entry without an error."""
    arn = aws.dataset_from(aws.project(), "TRAIN", put(aws, f"valid/{name}"))
    described = aws.describe_dataset(arn)
    assert described["Status"] == "CREATE_COMPLETE"
    entries = aws.rekognition.list_dataset_entries(DatasetArn=arn)["DatasetEntries"]
    texts = (FOLDER / "valid" / f"{name}.manifest").read_text().splitlines()
    assert described["DatasetStats"]["TotalEntries"] == len(entries) == len(texts)
    assert described["DatasetStats"]["ErrorEntries"] == 0
    assert not any("cl-errors" in entry for entry in entries)


def test_catalogue_has_a_manifest_for_each_code() -> None:
    """No code is without its bad manifest, and no manifest without its test."""
    tested = {*LINE_CASES, *CONTENT_CASES, *FILE_CASES, DISTRIBUTE}
    assert {*LINE_ERRORS, *WARNINGS, *CONTENT_ERRORS} <= tested
    assert {path.stem for path in FOLDER.glob("*.manifest")} == tested
