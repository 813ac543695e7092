"""Tests of the contents that end a training: one manifest per code, see tests/data/manifests."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest

from rcl_flow.emulator.data.catalogue import CONTENT_ERRORS
from tests.emulator.builders import BUCKET, OTHER_BUCKET, Aws
from tests.emulator.data.corpus import (
    FOLDER,
    Finding,
    deny,
    findings_of,
    make_bucket,
    put,
    put_images,
    summary_of,
    terminal_codes,
    train_on_files,
)

IMAGE_LEVEL, BOXES = "valid/image-level", "valid/boxes"


def _text_as_image(aws: Aws) -> None:
    aws.s3.put_object(Bucket=BUCKET, Key="text.png", Body=b"no image")


def _second_bucket(aws: Aws) -> None:
    make_bucket(aws, "acme-more")


def _locked_bucket(aws: Aws) -> None:
    make_bucket(aws, "acme-locked")
    deny(aws, "acme-locked", "s3:GetBucketAcl")


def _sealed_bucket(aws: Aws) -> None:
    make_bucket(aws, "acme-sealed")
    deny(aws, "acme-sealed", "s3:GetObject")


@dataclass(frozen=True)
class Failing:
    """How a terminal error comes about: the two manifests, and where it is noted."""

    training: str
    testing: str | None
    noted: str
    setup: Callable[[Aws], None] | None = None
    found: tuple[Finding, ...] = ()
    use_case: str = "NOT_DETERMINED"


CONTENT_CASES = {
    code: Failing(code, IMAGE_LEVEL, "training")
    for code in (
        "ERROR_TOO_MANY_RECORDS_IN_ERROR",
        "ERROR_INVALID_IMAGES_S3_BUCKET_OWNER",
        "ERROR_MANIFEST_TOO_FEW_LABELS",
    )
} | {
    "ERROR_TOO_MANY_INVALID_ROWS_IN_MANIFEST": Failing(
        "ERROR_TOO_MANY_INVALID_ROWS_IN_MANIFEST",
        IMAGE_LEVEL,
        "training",
        _text_as_image,
        found=(Finding(5, "ERROR_INVALID_JSON_LINE"), Finding(6, "ERROR_INVALID_IMAGE")),
    ),
    "ERROR_IMAGES_IN_MULTIPLE_S3_BUCKETS": Failing(
        "ERROR_IMAGES_IN_MULTIPLE_S3_BUCKETS", IMAGE_LEVEL, "training", _second_bucket
    ),
    "ERROR_INVALID_PERMISSIONS_IMAGES_S3_BUCKET": Failing(
        "ERROR_INVALID_PERMISSIONS_IMAGES_S3_BUCKET", IMAGE_LEVEL, "training", _locked_bucket
    ),
    "ERROR_FAILED_IMAGES_S3_COPY": Failing(
        "ERROR_FAILED_IMAGES_S3_COPY",
        IMAGE_LEVEL,
        "training",
        _sealed_bucket,
        use_case="IMAGE_LEVEL_LABELS",
    ),
    "ERROR_INSUFFICIENT_IMAGES_PER_LABEL_FOR_AUTOSPLIT": Failing(
        "ERROR_INSUFFICIENT_IMAGES_PER_LABEL_FOR_AUTOSPLIT", None, "training"
    ),
    "ERROR_MANIFEST_TOO_MANY_LABELS": Failing("ERROR_MANIFEST_TOO_MANY_LABELS", BOXES, "training"),
    "ERROR_INSUFFICIENT_LABEL_OVERLAP": Failing(
        IMAGE_LEVEL, "ERROR_INSUFFICIENT_LABEL_OVERLAP", "both"
    ),
    "ERROR_MANIFEST_TOO_FEW_USABLE_LABELS": Failing(
        BOXES,
        "ERROR_MANIFEST_TOO_FEW_USABLE_LABELS",
        "testing",
        use_case="OBJECT_LOCALIZATION",
    ),
    "ERROR_INSUFFICIENT_USABLE_LABEL_OVERLAP": Failing(
        BOXES,
        "ERROR_INSUFFICIENT_USABLE_LABEL_OVERLAP",
        "both",
        use_case="OBJECT_LOCALIZATION",
    ),
}


@pytest.mark.parametrize("code", CONTENT_CASES)
@pytest.mark.usefixtures("other")
def test_training_fails_for_its_contents(aws: Aws, code: str) -> None:
    """The code stands in its part of the summary alone, and its text is the version's message."""
    case = CONTENT_CASES[code]
    put_images(aws)
    put_images(aws, OTHER_BUCKET)
    if case.setup is not None:
        case.setup(aws)
    version = train_on_files(aws, case.training, case.testing)
    summary = summary_of(aws, version)
    assert terminal_codes(summary) == {case.noted: [code]}
    assert (version["Status"], version["StatusMessage"]) == (
        "TRAINING_FAILED",
        CONTENT_ERRORS[code],
    )
    assert findings_of(aws, version) == ({"Training": list(case.found)} if case.found else {})
    assert summary["statistics"]["training"]["use_case"] == case.use_case


@pytest.mark.parametrize(
    "code", ["ERROR_TOO_MANY_RECORDS_IN_ERROR", "ERROR_MANIFEST_TOO_MANY_LABELS"]
)
def test_dataset_fails_for_its_contents(aws: Aws, code: str) -> None:
    """Two errors of contents fail a dataset, with their text alone."""
    found = aws.describe_dataset(aws.dataset_from(aws.project(), "TRAIN", put(aws, code)))
    assert (found["Status"], found["StatusMessage"]) == ("CREATE_FAILED", CONTENT_ERRORS[code])


def test_training_fails_for_a_foreign_bucket_of_a_dataset(aws: Aws, other: Aws) -> None:
    """The images of a dataset must be in a bucket of the account itself."""
    put_images(other, OTHER_BUCKET)
    project, code = aws.project(), "ERROR_INVALID_IMAGES_S3_BUCKET_OWNER"
    for kind in ("TRAIN", "TEST"):
        aws.describe_dataset(aws.dataset_from(project, kind, put(aws, code)))
    summary = summary_of(aws, aws.train(project))
    assert terminal_codes(summary) == {"training": [code], "testing": [code]}


def test_training_with_a_foreign_manifest_and_its_images_passes(aws: Aws, other: Aws) -> None:
    """It is the owner of the manifest's bucket that counts, whoever trains."""
    name = "ERROR_INVALID_IMAGES_S3_BUCKET_OWNER"
    put_images(other, OTHER_BUCKET)
    body = (FOLDER / f"{name}.manifest").read_bytes()
    other.s3.put_object(Bucket=OTHER_BUCKET, Key="a.manifest", Body=body)
    source = {"S3Object": {"Bucket": OTHER_BUCKET, "Name": "a.manifest"}}
    data = {"Assets": [{"GroundTruthManifest": source}]}
    version = aws.train(aws.project(), TrainingData=data, TestingData=data)
    assert version["Status"] == "TRAINING_COMPLETED"


def test_images_of_which_some_are_forbidden_are_invalid(aws: Aws) -> None:
    """If others can be read, an image that may not be read is an image that is not there."""
    put_images(aws)
    deny(aws, BUCKET, "s3:GetObject", "red-0.png")
    version = train_on_files(aws, IMAGE_LEVEL, IMAGE_LEVEL)
    found = [Finding(1, "ERROR_INVALID_IMAGE")]
    assert findings_of(aws, version) == {"Training": found, "Testing": found}


def test_images_that_are_all_missing_are_invalid_rows(aws: Aws) -> None:
    """Only a lack of permission is a failed copy."""
    version = train_on_files(aws, IMAGE_LEVEL, IMAGE_LEVEL)
    too_many = ["ERROR_TOO_MANY_INVALID_ROWS_IN_MANIFEST"]
    assert terminal_codes(summary_of(aws, version)) == {"training": too_many, "testing": too_many}


def test_foreign_bucket_that_moto_locks_may_not_be_looked_at(
    aws: Aws, other: Aws, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Moto's switch for access across accounts counts as a lack of permission."""
    put_images(other, OTHER_BUCKET)
    put_images(aws)
    monkeypatch.setenv("MOTO_S3_ALLOW_CROSSACCOUNT_ACCESS", "false")
    version = train_on_files(aws, "ERROR_INVALID_IMAGES_S3_BUCKET_OWNER", IMAGE_LEVEL)
    assert terminal_codes(summary_of(aws, version)) == {
        "training": ["ERROR_INVALID_PERMISSIONS_IMAGES_S3_BUCKET"]
    }
