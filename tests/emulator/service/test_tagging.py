"""Tests of tags."""

from typing import Any

import boto3
import pytest

from tests.emulator.builders import Aws, refusal_code


def test_tags_can_be_given_at_creation_changed_and_removed(aws: Aws) -> None:
    """A project's tags are those of its creation, plus and minus what followed."""
    api = aws.rekognition
    arn = api.create_project(ProjectName="a", Tags={"team": "x", "cost": "1"})["ProjectArn"]
    api.tag_resource(ResourceArn=arn, Tags={"team": "y", "new": ""})
    api.untag_resource(ResourceArn=arn, TagKeys=["cost", "absent"])
    assert api.list_tags_for_resource(ResourceArn=arn)["Tags"] == {"team": "y", "new": ""}


def test_datasets_and_versions_have_tags(aws: Aws) -> None:
    """Each kind of resource can be tagged."""
    project, version = aws.trained()
    (found,) = aws.rekognition.describe_projects()["ProjectDescriptions"]
    for arn in (version, found["Datasets"][0]["DatasetArn"], project):
        aws.rekognition.tag_resource(ResourceArn=arn, Tags={"a": "b"})
        assert aws.rekognition.list_tags_for_resource(ResourceArn=arn)["Tags"] == {"a": "b"}


def test_tags_may_be_written_in_any_alphabet(aws: Aws) -> None:
    """Letters, digits and spaces of every script are allowed, other signs are not."""
    arn = aws.project()
    aws.rekognition.tag_resource(ResourceArn=arn, Tags={"größe éà 寸": "١٢"})
    for key in ("aws:x", "semi;colon"):
        code = refusal_code(aws.rekognition.tag_resource, ResourceArn=arn, Tags={key: "1"})
        assert code == "ValidationException"


def test_tags_are_at_most_200(aws: Aws) -> None:
    """One tag more than a resource may have is refused, and none is added."""
    arn = aws.project()
    aws.rekognition.tag_resource(ResourceArn=arn, Tags={f"k{n}": "" for n in range(200)})
    code = refusal_code(aws.rekognition.tag_resource, ResourceArn=arn, Tags={"one": "more"})
    assert code == "ServiceQuotaExceededException"
    assert len(aws.rekognition.list_tags_for_resource(ResourceArn=arn)["Tags"]) == 200


def test_tags_of_an_unknown_resource_are_not_found(aws: Aws) -> None:
    """Tags need something to hang on."""
    for arn in (f"{aws.project()}1", "arn:aws:rekognition:x", "nothing at all, but long"):
        code = refusal_code(aws.rekognition.list_tags_for_resource, ResourceArn=arn)
        assert code == "ResourceNotFoundException"


def test_tags_are_seen_by_the_tagging_api_of_all_services(aws: Aws, session: boto3.Session) -> None:
    """It finds resources by tag and kind, and what it changes is changed."""
    pytest.importorskip("moto.core.resource_tagging")
    tagging: Any = session.client("resourcegroupstaggingapi")
    project = aws.rekognition.create_project(ProjectName="a", Tags={"team": "x"})["ProjectArn"]
    dataset = aws.dataset_from(project, "TRAIN", {})
    aws.rekognition.tag_resource(ResourceArn=dataset, Tags={"team": "y"})
    aws.project("untagged")

    def found(**filters: object) -> dict[str, dict[str, str]]:
        listed = tagging.get_resources(**filters)["ResourceTagMappingList"]
        return {
            each["ResourceARN"]: {tag["Key"]: tag["Value"] for tag in each["Tags"]}
            for each in listed
        }

    assert found() == {project: {"team": "x"}, dataset: {"team": "y"}}
    assert set(found(ResourceTypeFilters=["rekognition:dataset"])) == {dataset}
    assert set(found(TagFilters=[{"Key": "team", "Values": ["x"]}])) == {project}
    tagging.tag_resources(ResourceARNList=[project], Tags={"cost": "1"})
    tagging.untag_resources(ResourceARNList=[project], TagKeys=["team"])
    assert aws.rekognition.list_tags_for_resource(ResourceArn=project)["Tags"] == {"cost": "1"}
