"""Tests of the gateway to Rekognition, against the emulator."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from rcl_flow.aws.errors import Failure, classify
from rcl_flow.aws.s3 import S3Location
from rcl_flow.errors import AwsRefusedError
from tests.emulator.builders import COLOURS, line, png
from tests.unit.aws.conftest import BUCKET, Gateways

if TYPE_CHECKING:
    from types_boto3_rekognition.type_defs import AssetTypeDef


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


@contextmanager
def small_pages(gateways: Gateways, operation: str) -> Iterator[None]:
    """Let the service list two descriptions at once."""

    def shrink(params: dict[str, object], **_: object) -> None:
        params["MaxResults"] = 2

    name = f"provide-client-params.rekognition.{operation}"
    gateways.client.meta.events.register(name, shrink)
    try:
        yield
    finally:
        gateways.client.meta.events.unregister(name, shrink)


def make_versions(gateways: Gateways, count: int) -> tuple[str, list[str]]:
    """Return the ARNs of a project and of its trained versions, newest first."""
    lines = []
    for label in COLOURS:
        for number in range(3):
            key = f"{label}{number}.png"
            gateways.s3.put(S3Location(BUCKET, key), png(label, number))
            lines.append(json.dumps(line(f"s3://{BUCKET}/{key}", label)))
    gateways.s3.put(S3Location(BUCKET, "m.manifest"), "\n".join(lines).encode())
    source: AssetTypeDef = {
        "GroundTruthManifest": {"S3Object": {"Bucket": BUCKET, "Name": "m.manifest"}}
    }
    project = gateways.rekognition.create_project("shades", {})
    arns = []
    for number in range(count):
        answer = gateways.client.create_project_version(
            ProjectArn=project,
            VersionName=f"v{number}",
            OutputConfig={"S3Bucket": BUCKET, "S3KeyPrefix": "out"},
            TrainingData={"Assets": [source]},
            TestingData={"AutoCreate": True},
        )
        arns.append(answer["ProjectVersionArn"])
        while next(gateways.rekognition.versions(project)).status == "TRAINING_IN_PROGRESS":
            pass
        gateways.world.clock.advance(1)
    return project, arns[::-1]


def test_projects_yields_every_project_of_every_page(gateways: Gateways) -> None:
    """No project is missed when there are more than the service lists at once."""
    names = {f"project-{number}" for number in range(5)}
    for name in names:
        gateways.rekognition.create_project(name, {})
    with small_pages(gateways, "DescribeProjects"):
        found = [project.arn.split("/")[1] for project in gateways.rekognition.projects()]
    assert sorted(found) == sorted(names)
    assert gateways.calls("DescribeProjects") == 3


def test_versions_yields_every_version_of_every_page_newest_first(gateways: Gateways) -> None:
    """No model that runs is missed because there are many that do not."""
    project, arns = make_versions(gateways, 3)
    before = gateways.calls("DescribeProjectVersions")
    with small_pages(gateways, "DescribeProjectVersions"):
        found = [version.arn for version in gateways.rekognition.versions(project)]
    assert found == arns
    assert gateways.calls("DescribeProjectVersions") - before == 2


def test_versions_raises_when_there_is_no_such_project(gateways: Gateways) -> None:
    """A project that is gone is told apart from one without versions."""
    arn = gateways.rekognition.create_project("shades", {})
    assert list(gateways.rekognition.versions(arn)) == []
    gateways.rekognition.delete_project(arn)
    with pytest.raises(AwsRefusedError) as caught:
        list(gateways.rekognition.versions(arn.replace("shades", "other")))
    assert classify(caught.value) is Failure.NOT_FOUND


def test_start_version_asks_for_the_units_that_are_given(gateways: Gateways) -> None:
    """What was asked for is what the service says that it runs with."""
    project, (arn,) = make_versions(gateways, 1)
    gateways.rekognition.start_version(arn, inference_units=2, max_inference_units=4)
    (described,) = gateways.client.describe_project_versions(ProjectArn=project)[
        "ProjectVersionDescriptions"
    ]
    assert (described["MinInferenceUnits"], described["MaxInferenceUnits"]) == (2, 4)
    assert next(gateways.rekognition.versions(project)).inference_units == 2


def test_tag_adds_and_replaces_and_untag_removes(gateways: Gateways) -> None:
    """A model's latest stop time stands in a tag that is moved and taken away again."""
    arn = gateways.rekognition.create_project("shades", {"team": "vision"})
    gateways.rekognition.tag(arn, {"stop": "1", "run": "a"})
    gateways.rekognition.tag(arn, {"stop": "2"})
    assert gateways.rekognition.tags_of(arn) == {"team": "vision", "stop": "2", "run": "a"}
    gateways.rekognition.untag(arn, ["stop", "never-there"])
    assert gateways.rekognition.tags_of(arn) == {"team": "vision", "run": "a"}


def test_delete_version_and_project_may_be_repeated(gateways: Gateways) -> None:
    """A deletion that was interrupted goes on where it was, and what is gone is no error."""
    project, (arn,) = make_versions(gateways, 1)
    with pytest.raises(AwsRefusedError) as caught:
        gateways.rekognition.delete_project(project)
    assert classify(caught.value) is Failure.IN_USE
    gateways.rekognition.delete_version(arn)
    while list(gateways.rekognition.versions(project)):
        pass
    gateways.rekognition.delete_version(arn)
    gateways.rekognition.delete_project(project)
    while list(gateways.rekognition.projects()):
        pass
    gateways.rekognition.delete_project(project)


def test_delete_version_raises_when_the_model_runs(gateways: Gateways) -> None:
    """A model that bills is stopped first, not lost sight of."""
    _, (arn,) = make_versions(gateways, 1)
    gateways.rekognition.start_version(arn, inference_units=1)
    with pytest.raises(AwsRefusedError) as caught:
        gateways.rekognition.delete_version(arn)
    assert classify(caught.value) is Failure.IN_USE
