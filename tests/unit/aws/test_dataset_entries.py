"""Tests of the gateway to a dataset's entries, against the emulator."""

import json

import pytest

from rcl_flow.aws.s3 import S3Location
from rcl_flow.errors import AwsRefusedError
from tests.emulator.builders import line, uri
from tests.unit.aws.conftest import BUCKET, Gateways


def dataset_of(gateways: Gateways, *lines: object) -> str:
    """Return the ARN of a dataset of these lines, at rest."""
    project = gateways.rekognition.create_project("shades", {})
    location = S3Location(BUCKET, "a.manifest")
    gateways.s3.put(location, "\n".join(map(json.dumps, lines)).encode())
    arn = gateways.rekognition.create_dataset(project, "TRAIN", location, {})
    at_rest(gateways, arn)
    return arn


def at_rest(gateways: Gateways, arn: str) -> None:
    """Look at the dataset until nothing is at work."""
    while gateways.rekognition.describe_dataset(arn).status.endswith("_IN_PROGRESS"):
        pass


def test_list_yields_the_entries_of_every_page(gateways: Gateways) -> None:
    """The service lists a hundred at once."""
    names = [uri(f"{number}.png") for number in range(205)]
    arn = dataset_of(gateways, *(line(name, "x") for name in names))
    found = [json.loads(text)["source-ref"] for text in gateways.rekognition.entries.list(arn)]
    assert found == names
    assert gateways.calls("ListDatasetEntries") == 3


def test_list_with_errors_yields_those_alone(gateways: Gateways) -> None:
    """An entry that the service cannot use comes with its codes."""
    arn = dataset_of(gateways, line(uri("a"), "x"), line(uri("b"), "y" * 300))
    (found,) = gateways.rekognition.entries.list(arn, with_errors=True)
    assert json.loads(found)["source-ref"] == uri("b")
    assert "ERROR_INVALID_LABEL_NAME_LENGTH" in found


def test_update_adds_and_replaces_entries(gateways: Gateways) -> None:
    """It is asked for at once and done a moment later; a second one is refused meanwhile."""
    arn = dataset_of(gateways, line(uri("a"), "x"))
    entries = gateways.rekognition.entries
    changes = "\n".join(map(json.dumps, (line(uri("a"), "y"), line(uri("b"), "x")))).encode()
    entries.update(arn, changes)
    with pytest.raises(AwsRefusedError) as caught:
        entries.update(arn, changes)
    assert (caught.value.operation, caught.value.code) == (
        "UpdateDatasetEntries",
        "ResourceInUseException",
    )
    at_rest(gateways, arn)
    found = [json.loads(text) for text in entries.list(arn)]
    assert [(each["source-ref"], "y" in each) for each in found] == [
        (uri("a"), True),
        (uri("b"), False),
    ]
