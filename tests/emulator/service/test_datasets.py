"""Tests of creating, describing and deleting datasets."""

import json
from typing import Any

import pytest

from tests.emulator.builders import BUCKET, Aws, line, metadata, refusal_code, refused, uri


def test_create_dataset_can_be_watched_until_it_is_complete(aws: Aws) -> None:
    """The first describe shows it in progress, the next one complete, with its numbers."""
    source = aws.put_manifest("a.manifest", [line(uri("a"), "x"), line(uri("b"), "x", "y")])
    arn = aws.rekognition.create_dataset(
        ProjectArn=aws.project(),
        DatasetType="TRAIN",
        DatasetSource=source,  # type: ignore[arg-type]
    )["DatasetArn"]
    assert aws.describe_dataset(arn)["Status"] == "CREATE_IN_PROGRESS"
    found = aws.describe_dataset(arn)
    assert (found["Status"], found["StatusMessageCode"], found["StatusMessage"]) == (
        "CREATE_COMPLETE",
        "SUCCESS",
        "The dataset was successfully created from the manifest file.",
    )
    assert found["DatasetStats"] == {
        "LabeledEntries": 2,
        "TotalEntries": 2,
        "TotalLabels": 2,
        "ErrorEntries": 0,
    }


def test_create_dataset_names_the_type_in_the_arn(aws: Aws) -> None:
    """The ARN holds the type in lower case."""
    project = aws.project("p")
    assert "project/p/dataset/train/" in aws.dataset_from(project, "TRAIN", {})
    assert "project/p/dataset/test/" in aws.dataset_from(project, "TEST", {})


def test_create_dataset_without_a_source_is_empty(aws: Aws) -> None:
    """A dataset may start with nothing."""
    arn = aws.dataset_from(aws.project(), "TRAIN", {})
    assert aws.describe_dataset(arn)["DatasetStats"]["TotalEntries"] == 0


def test_create_dataset_from_a_dataset_copies_its_entries(aws: Aws) -> None:
    """The copy has the entries of its source."""
    source = aws.dataset(aws.project("a"), "TRAIN", [line(uri("a"), "x"), line(uri("b"), "y")])
    aws.describe_dataset(source)
    copy = aws.dataset_from(aws.project("b"), "TEST", {"DatasetArn": source})
    aws.describe_dataset(copy)
    listed = [
        aws.rekognition.list_dataset_entries(DatasetArn=arn)["DatasetEntries"]
        for arn in (source, copy)
    ]
    assert listed[0] == listed[1] != []


def test_create_dataset_refuses_a_second_of_its_type(aws: Aws) -> None:
    """A project has one dataset per type, until that is gone."""
    project = aws.project()
    arn = aws.dataset_from(project, "TRAIN", {})
    again: dict[str, Any] = {"ProjectArn": project, "DatasetType": "TRAIN"}
    code = refusal_code(aws.rekognition.create_dataset, **again)
    assert code == "ResourceAlreadyExistsException"
    aws.describe_dataset(arn)
    aws.rekognition.delete_dataset(DatasetArn=arn)
    aws.describe_dataset(arn)
    assert aws.rekognition.create_dataset(**again)["DatasetArn"] != arn


@pytest.mark.parametrize("bucket", [BUCKET, "no-such-bucket", "elsewhere"])
def test_create_dataset_refuses_an_unreachable_manifest_at_once(aws: Aws, bucket: str) -> None:
    """A missing key, a missing bucket and a bucket of another region are one error."""
    aws.s3.create_bucket(
        Bucket="elsewhere", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"}
    )
    if bucket == "elsewhere":
        aws.s3.put_object(Bucket=bucket, Key="a.manifest", Body=b"{}")
    source = {"GroundTruthManifest": {"S3Object": {"Bucket": bucket, "Name": "a.manifest"}}}
    assert refused(
        aws.rekognition.create_dataset,
        ProjectArn=aws.project(),
        DatasetType="TRAIN",
        DatasetSource=source,
    ) == (
        "InvalidS3ObjectException",
        "Unable to get object metadata from S3. "
        "Check object key, region and/or access permissions.",
    )


def good_lines(count: int) -> list[dict[str, object]]:
    """Return that many valid lines."""
    return [line(uri(f"{number}.png"), "x") for number in range(count)]


TOO_MANY_LABELS = [line(uri(f"{n}.png"), f"label {n}") for n in range(251)]


@pytest.mark.parametrize(
    ("key", "body", "message"),
    [
        ("manifest", json.dumps(line(uri("a"), "x")).encode(), "extension or contents are invalid"),
        ("a.manifest", b"\xff\xfe\xff", "extension or contents are invalid"),
        ("a.manifest", b"not json\n", "extension or contents are invalid"),
        ("a.manifest", b"", "is empty"),
        (
            "a.manifest",
            "\n".join([*map(json.dumps, good_lines(3)), "oops"]).encode(),
            "too many terminal errors",
        ),
        ("a.manifest", "\n".join(map(json.dumps, TOO_MANY_LABELS)).encode(), "too many labels"),
    ],
)
def test_create_dataset_fails_for_an_unusable_manifest(
    aws: Aws, key: str, body: bytes, message: str
) -> None:
    """A manifest that is unusable as a whole fails the dataset, with the service's text."""
    found = aws.describe_dataset(
        aws.dataset_from(aws.project(), "TRAIN", aws.put_object(key, body))
    )
    assert (found["Status"], found["StatusMessageCode"]) == ("CREATE_FAILED", "CLIENT_ERROR")
    assert message in found["StatusMessage"]


@pytest.mark.parametrize(
    "bad",
    [
        "not json",
        "[1]",
        "",
        json.dumps({"x": 1, "x-metadata": metadata("x")}),
        json.dumps(line("https://example.com/a.png", "x")),
        json.dumps(line(uri("0.png"), "x")),
        json.dumps({**line(uri("long.png"), "x"), "note": "n" * 100_000}),
        '{"source-ref": "s3://acme-images/nan.png", "x": NaN}',
    ],
    ids=["text", "list", "blank", "no ref", "not s3", "repeated", "too long", "NaN"],
)
def test_create_dataset_drops_bad_lines_silently(aws: Aws, bad: str) -> None:
    """Up to a fifth of the lines may vanish without a word."""
    lines = [json.dumps(each) for each in good_lines(4)]
    found = aws.describe_dataset(aws.dataset(aws.project(), "TRAIN", [*lines, bad]))
    assert found["Status"] == "CREATE_COMPLETE"
    assert found["DatasetStats"]["TotalEntries"] == 4
    assert found["DatasetStats"]["ErrorEntries"] == 0


def test_delete_dataset_refuses_one_in_creation(aws: Aws) -> None:
    """A dataset cannot be deleted while it is made."""
    arn = aws.rekognition.create_dataset(ProjectArn=aws.project(), DatasetType="TRAIN")
    code = refusal_code(aws.rekognition.delete_dataset, DatasetArn=arn["DatasetArn"])
    assert code == "ResourceInUseException"


def test_delete_dataset_can_be_watched_until_it_is_gone(aws: Aws) -> None:
    """The deletion shows once; then the dataset is not found."""
    arn = aws.dataset_from(aws.project(), "TRAIN", {})
    aws.describe_dataset(arn)
    aws.rekognition.delete_dataset(DatasetArn=arn)
    assert aws.describe_dataset(arn)["Status"] == "DELETE_IN_PROGRESS"
    code = refusal_code(aws.rekognition.describe_dataset, DatasetArn=arn)
    assert code == "ResourceNotFoundException"


def test_create_dataset_refuses_a_source_in_creation(aws: Aws) -> None:
    """A dataset that is still made cannot be copied."""
    arn = aws.rekognition.create_dataset(ProjectArn=aws.project("a"), DatasetType="TRAIN")
    code = refusal_code(
        aws.rekognition.create_dataset,
        ProjectArn=aws.project("b"),
        DatasetType="TRAIN",
        DatasetSource={"DatasetArn": arn["DatasetArn"]},
    )
    assert code == "InvalidParameterException"
