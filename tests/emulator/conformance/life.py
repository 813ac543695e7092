"""The life of a project in order, with every operation of Custom Labels in it."""

import json
from collections.abc import Sequence

from tests.emulator.builders import BUCKET, OTHER_ACCOUNT, OTHER_BUCKET, Aws, Line


def live(aws: Aws, other: Aws, lines: Sequence[Line], *, image: bytes) -> None:
    """Make a project, train it on lines, run its model, let another account copy it, and end it.

    Args:
        aws: The clients of the project's account.
        other: The clients of the account that copies the model.
        lines: Manifest lines, enough of them to be distributed.
        image: What the model is asked about.
    """
    api = aws.unchecked
    api.create_project(ProjectName="life", Tags={"team": "a b"})
    (project,) = api.describe_projects(ProjectNames=["life"])["ProjectDescriptions"]
    arn = project["ProjectArn"]
    training, testing = _make_datasets(aws, arn, lines)
    version = _train(aws, arn)
    _run(aws, arn, version, image)
    _tag(aws, version)
    _share(aws, other, arn, version)
    for dataset in (training, testing):
        api.delete_dataset(DatasetArn=dataset)
        assert aws.describe_dataset(dataset)["Status"] == "DELETE_IN_PROGRESS"
    api.delete_project_version(ProjectVersionArn=version)
    assert [each["Status"] for each in aws.versions(arn)] == ["DELETING"]
    api.delete_project(ProjectArn=arn)
    assert api.describe_projects()["ProjectDescriptions"][0]["Status"] == "DELETING"
    assert api.describe_projects()["ProjectDescriptions"] == []


def _make_datasets(aws: Aws, project: str, lines: Sequence[Line]) -> tuple[str, str]:
    api = aws.unchecked
    training = aws.dataset(project, "TRAIN", lines[1:])
    testing = aws.dataset_from(project, "TEST", {})
    aws.update(training, [lines[0], {"source-ref": f"s3://{BUCKET}/unlabeled.png"}])
    api.list_dataset_labels(DatasetArn=training, MaxResults=1)
    page = api.list_dataset_entries(DatasetArn=training, MaxResults=5, Labeled=True)
    assert page["NextToken"]
    api.distribute_dataset_entries(Datasets=[{"Arn": testing}, {"Arn": training}])
    api.describe_projects()
    assert aws.describe_dataset(testing)["DatasetStats"]["TotalEntries"] > 0
    return training, testing


def _train(aws: Aws, project: str) -> str:
    arn = aws.begin_training(project, VersionDescription="the first", KmsKeyId="alias/k")
    shown = [aws.versions(project)[0]["Status"] for _ in range(2)]
    assert shown == ["TRAINING_IN_PROGRESS", "TRAINING_COMPLETED"]
    return arn


def _run(aws: Aws, project: str, version: str, image: bytes) -> None:
    api = aws.unchecked
    units = {"MinInferenceUnits": 1, "MaxInferenceUnits": 2}
    api.start_project_version(ProjectVersionArn=version, **units)
    assert [aws.versions(project)[0]["Status"] for _ in range(2)] == ["STARTING", "RUNNING"]
    ask = {"ProjectVersionArn": version, "Image": {"Bytes": image}}
    assert api.detect_custom_labels(**ask, MinConfidence=0)["CustomLabels"]
    assert api.detect_custom_labels(**ask, MaxResults=0)["CustomLabels"] == []
    api.stop_project_version(ProjectVersionArn=version)
    assert [aws.versions(project)[0]["Status"] for _ in range(2)] == ["STOPPING", "STOPPED"]


def _tag(aws: Aws, version: str) -> None:
    api = aws.unchecked
    api.tag_resource(ResourceArn=version, Tags={"größe": "寸", "empty": ""})
    assert len(api.list_tags_for_resource(ResourceArn=version)["Tags"]) == 2
    api.untag_resource(ResourceArn=version, TagKeys=["empty"])


def _share(aws: Aws, other: Aws, project: str, version: str) -> None:
    api, theirs = aws.unchecked, other.project("theirs")
    statement = {
        "Effect": "Allow",
        "Principal": {"AWS": OTHER_ACCOUNT},
        "Action": "rekognition:CopyProjectVersion",
        "Resource": version,
    }
    policy = {"ProjectArn": project, "PolicyName": "share"}
    api.put_project_policy(**policy, PolicyDocument=json.dumps({"Statement": [statement]}))
    assert len(api.list_project_policies(ProjectArn=project)["ProjectPolicies"]) == 1
    other.unchecked.copy_project_version(
        SourceProjectArn=project,
        SourceProjectVersionArn=version,
        DestinationProjectArn=theirs,
        VersionName="copied",
        OutputConfig={"S3Bucket": OTHER_BUCKET, "S3KeyPrefix": ""},
    )
    shown = [other.versions(theirs)[0]["Status"] for _ in range(2)]
    assert shown == ["COPYING_IN_PROGRESS", "COPYING_COMPLETED"]
    api.delete_project_policy(**policy)
