"""Tests of the gateway to Rekognition, against the emulator."""

import pytest

from rcl_flow.aws.s3 import S3Location
from rcl_flow.errors import AwsRefusedError
from tests.unit.aws.conftest import BUCKET, Gateways


def test_find_project_returns_the_project_of_that_name(gateways: Gateways) -> None:
    """A project is found by its whole name only."""
    arn = gateways.rekognition.create_project("shades", {"team": "vision"})
    found = gateways.rekognition.find_project("shades")
    assert found is not None
    assert (found.arn, found.status, found.datasets) == (arn, "CREATED", ())
    assert gateways.rekognition.find_project("shade") is None
    assert gateways.rekognition.tags_of(arn) == {"team": "vision"}


def test_describe_dataset_counts_its_entries(gateways: Gateways) -> None:
    """What the service made of a manifest is read back."""
    project = gateways.rekognition.create_project("shades", {})
    location = S3Location(BUCKET, "empty.manifest")
    gateways.s3.put(location, b"\n")
    arn = gateways.rekognition.create_dataset(project, "TRAIN", location, {})
    assert gateways.rekognition.describe_dataset(arn).status == "CREATE_IN_PROGRESS"
    described = gateways.rekognition.describe_dataset(arn)
    assert described.total_entries == 0


def test_find_version_returns_none_when_there_is_none(gateways: Gateways) -> None:
    """A version that was never asked for is not found."""
    project = gateways.rekognition.create_project("shades", {})
    assert gateways.rekognition.find_version(project, "v1") is None


@pytest.mark.parametrize("arn", ["nonsense", "arn:aws:rekognition:us-east-1:123456789012:x"])
def test_find_version_by_arn_returns_none_when_it_is_no_arn(gateways: Gateways, arn: str) -> None:
    """What names no version is not asked for."""
    assert gateways.rekognition.find_version_by_arn(arn) is None
    assert gateways.calls("DescribeProjects") == 0


def test_delete_dataset_names_code_and_operation_when_refused(gateways: Gateways) -> None:
    """A refusal says which operation it was."""
    missing = "arn:aws:rekognition:us-east-1:123456789012:project/p/dataset/train/1"
    with pytest.raises(AwsRefusedError) as caught:
        gateways.rekognition.delete_dataset(missing)
    assert caught.value.operation == "DeleteDataset"
    assert caught.value.code == "ResourceNotFoundException"
