"""Tests of the errors of whole manifest files, which are told by their text alone."""

from typing import Any

import boto3
import pytest

from rcl_flow.emulator.data.catalogue import MAX_MANIFEST_BYTES
from rcl_flow.emulator.data.imports import import_manifest
from tests.emulator.builders import BUCKET, Aws
from tests.emulator.data.corpus import FOLDER, deny, put, put_images

IMAGE_LEVEL = "valid/image-level"
ROWS = "The manifest file has too many rows."
FILE_CASES = {
    "ERROR_MANIFEST_INACCESSIBLE_OR_UNSUPPORTED_FORMAT": (
        "The manifest file extension or contents are invalid."
    ),
    "empty": "The manifest file is empty.",
    "ERROR_INVALID_PERMISSIONS_MANIFEST_S3_BUCKET": "The S3 bucket permissions are incorrect.",
}


DISTRIBUTE = "ERROR_INSUFFICIENT_IMAGES_PER_LABEL_FOR_DISTRIBUTE"
"""The one error of a file that comes with neither CreateDataset nor CreateProjectVersion."""


def _put_unreadable(aws: Aws, name: str, action: str) -> dict[str, Any]:
    aws.s3.create_bucket(Bucket="acme-manifests")
    body = (FOLDER / f"{name}.manifest").read_bytes()
    aws.s3.put_object(Bucket="acme-manifests", Key="a.manifest", Body=body)
    if name == "ERROR_INVALID_PERMISSIONS_MANIFEST_S3_BUCKET":
        deny(aws, "acme-manifests", action)
    return {"GroundTruthManifest": {"S3Object": {"Bucket": "acme-manifests", "Name": "a.manifest"}}}


@pytest.mark.parametrize("action", ["s3:GetBucketLocation", "s3:GetObject"])
@pytest.mark.parametrize("name", FILE_CASES)
def test_unusable_file_fails_training_and_dataset(aws: Aws, name: str, action: str) -> None:
    """An error of the file itself is told by its text alone, and nothing is written."""
    source = _put_unreadable(aws, name, action)
    data = {"Assets": [source]}
    version = aws.train(aws.project("a"), TrainingData=data, TestingData=data)
    assert (version["Status"], version["StatusMessage"]) == ("TRAINING_FAILED", FILE_CASES[name])
    assert {"ManifestSummary", "TrainingDataResult"}.isdisjoint(version)
    found = aws.describe_dataset(aws.dataset_from(aws.project("b"), "TRAIN", source))
    assert (found["Status"], found["StatusMessageCode"]) == ("CREATE_FAILED", "CLIENT_ERROR")
    assert found["StatusMessage"] == FILE_CASES[name]


def test_manifest_of_more_than_a_gigabyte_is_refused() -> None:
    """The size is judged before the contents are looked at."""
    imported = import_manifest("a.manifest", bytes(MAX_MANIFEST_BYTES + 1))
    assert imported.error == "The manifest file size exceeds the maximum supported size."


def _put_rows(session: boto3.Session, region: str, rows: int) -> dict[str, Any]:
    """Upload a manifest of that many lines to a bucket in `region`."""
    s3: Any = session.client("s3", region_name=region)
    where = {"CreateBucketConfiguration": {"LocationConstraint": region}}
    s3.create_bucket(Bucket=f"rows-{rows}", **(where if region != "us-east-1" else {}))
    s3.put_object(Bucket=f"rows-{rows}", Key="a.manifest", Body=b"{}\n" * rows)
    return {"GroundTruthManifest": {"S3Object": {"Bucket": f"rows-{rows}", "Name": "a.manifest"}}}


@pytest.mark.parametrize(
    ("region", "kind", "limit"),
    [
        ("us-east-1", "TRAIN", 250_000),
        ("eu-west-2", "TRAIN", 28_000),
        ("eu-west-2", "TEST", 7_000),
        ("ap-south-1", "TRAIN", 28_000),
        ("ap-south-1", "TEST", 7_000),
    ],
)
@pytest.mark.usefixtures("aws")
def test_dataset_fails_for_one_row_too_many(
    session: boto3.Session, region: str, kind: str, limit: int
) -> None:
    """The limit depends on the region and on the dataset's type; its last line passes."""
    client: Any = session.client("rekognition", region_name=region)
    refused = []
    for rows in (limit, limit + 1):
        made = client.create_dataset(
            ProjectArn=client.create_project(ProjectName=f"p{rows}")["ProjectArn"],
            DatasetType=kind,
            DatasetSource=_put_rows(session, region, rows),
        )
        client.describe_dataset(DatasetArn=made["DatasetArn"])
        found = client.describe_dataset(DatasetArn=made["DatasetArn"])["DatasetDescription"]
        refused.append(found["StatusMessage"] == ROWS)
    assert refused == [False, True]


@pytest.mark.usefixtures("aws")
def test_training_fails_for_one_row_too_many(session: boto3.Session) -> None:
    """The testing data of a training have the limit of a testing dataset."""
    client: Any = session.client("rekognition", region_name="eu-west-2")
    project = client.create_project(ProjectName="rows")["ProjectArn"]
    source = _put_rows(session, "eu-west-2", 7_001)
    client.create_project_version(
        ProjectArn=project,
        VersionName="v1",
        OutputConfig={"S3Bucket": "rows-7001"},
        TrainingData={"Assets": [source]},
        TestingData={"Assets": [source]},
    )
    client.describe_project_versions(ProjectArn=project)
    (version,) = client.describe_project_versions(ProjectArn=project)["ProjectVersionDescriptions"]
    assert (version["Status"], version["StatusMessage"]) == ("TRAINING_FAILED", ROWS)


def test_output_that_may_not_be_written_fails_the_training(aws: Aws) -> None:
    """A bucket that takes no objects is noticed when the results are written."""
    put_images(aws)
    data = {"Assets": [put(aws, IMAGE_LEVEL)]}
    deny(aws, BUCKET, "s3:PutObject")
    version = aws.train(aws.project(), TrainingData=data, TestingData=data)
    assert (version["Status"], version["StatusMessage"]) == (
        "TRAINING_FAILED",
        "Unable to write to output S3 bucket.",
    )


def test_distribution_fails_for_a_label_of_one_image(aws: Aws) -> None:
    """The datasets tell it by its text, and stay as they are."""
    project = aws.project()
    training = aws.dataset_from(project, "TRAIN", put(aws, DISTRIBUTE))
    testing = aws.dataset_from(project, "TEST", {})
    for arn in (training, testing):
        aws.describe_dataset(arn)
    aws.rekognition.distribute_dataset_entries(Datasets=[{"Arn": training}, {"Arn": testing}])
    aws.describe_dataset(training)
    found = aws.describe_dataset(training)
    assert (found["Status"], found["StatusMessage"]) == (
        "UPDATE_FAILED",
        "The manifest file doesn't have enough labeled images to distribute the dataset.",
    )
    assert found["DatasetStats"]["TotalEntries"] == 5
