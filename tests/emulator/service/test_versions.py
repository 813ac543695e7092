"""Tests of training, describing and deleting project versions."""

import re
from typing import Any

import pytest

from rcl_flow.emulator.conditions.clock import Delay, ManualClock
from rcl_flow.emulator.conditions.world import Delays, World
from tests.emulator.builders import BUCKET, Aws, refusal_code, uri

SLOW = World(clock=ManualClock(), delays=Delays(training=Delay(seconds=600)), billable_factor=1.5)


def output(kind: str, prefix: str = "out/") -> dict[str, Any]:
    """Return the member that names an output file of version v1 of project shades."""
    return {"S3Object": {"Bucket": BUCKET, "Name": f"{prefix}{kind}-shades-v1.json"}}


def assets(kind: str) -> list[dict[str, Any]]:
    """Return the asset list that names an output file."""
    return [{"GroundTruthManifest": output(kind)}]


def test_version_is_in_training_first(aws: Aws) -> None:
    """The first describe shows the training, with nothing that only its end can tell."""
    project = aws.project()
    aws.dataset(project, "TRAIN", aws.put_images("train", 4))
    aws.describe_dataset(aws.dataset(project, "TEST", aws.put_images("test", 2)))
    aws.rekognition.describe_projects()
    arn = aws.begin_training(project)
    (found,) = aws.versions(project)
    assert (found["ProjectVersionArn"], found["Status"]) == (arn, "TRAINING_IN_PROGRESS")
    assert {"TrainingEndTimestamp", "EvaluationResult", "ManifestSummary"}.isdisjoint(found)


def test_version_arn_ends_in_its_creation_time(aws: Aws) -> None:
    """The 13-digit number of a version is its creation in milliseconds."""
    project, version = aws.trained()
    match = re.fullmatch(r"arn:aws:rekognition:.*:project/shades/version/v1/(\d{13})", version)
    (found,) = aws.versions(project)
    assert match is not None
    assert found["CreationTimestamp"].timestamp() * 1000 == pytest.approx(int(match[1]))


def test_trained_version_names_all_its_files(aws: Aws) -> None:
    """A finished version has the service's fields, with the keys of its output files."""
    project, _ = aws.trained()
    (found,) = aws.versions(project)
    assert (found["Status"], found["StatusMessage"]) == (
        "TRAINING_COMPLETED",
        "The model is ready to run.",
    )
    assert found["OutputConfig"] == {"S3Bucket": BUCKET, "S3KeyPrefix": "out"}
    assert found["ManifestSummary"] == output("ManifestSummary")
    assert found["EvaluationResult"]["Summary"] == output("EvaluationResultSummary")
    assert found["TrainingDataResult"] == {
        "Input": {},
        "Output": {"Assets": assets("TrainingGroundTruth")},
        "Validation": {"Assets": assets("TrainingManifestWithValidation")},
    }
    assert found["TestingDataResult"] == {
        "Input": {"AutoCreate": False},
        "Output": {"Assets": assets("TestingGroundTruth"), "AutoCreate": False},
        "Validation": {"Assets": assets("TestingManifestWithValidation")},
    }


def test_training_writes_the_evaluation_that_it_reports(aws: Aws) -> None:
    """The summary file and the description agree, and three colours are told apart."""
    project, version = aws.trained()
    (found,) = aws.versions(project)
    summary = aws.read_json(found["EvaluationResult"]["Summary"]["S3Object"])
    assert summary["EvaluationDetails"]["ProjectVersionArn"] == version
    assert summary["EvaluationDetails"]["NumberOfTestingImages"] == 6
    assert summary["EvaluationDetails"]["NumberOfTrainingImages"] == 12
    f1 = summary["AggregatedEvaluationResults"]["F1Score"]
    assert found["EvaluationResult"]["F1Score"] == pytest.approx(f1)
    assert f1 > 0.9


def test_training_writes_snapshots_of_the_images_used(aws: Aws) -> None:
    """The ground-truth files have one line per usable image."""
    project, _ = aws.trained()
    (found,) = aws.versions(project)
    training = aws.read_lines(found["TrainingDataResult"]["Output"])
    testing = aws.read_lines(found["TestingDataResult"]["Output"])
    assert [len(training), len(testing)] == [12, 6]
    assert testing[0]["source-ref"] == uri("test/red-0.png")


def test_training_writes_a_summary_of_valid_manifests(aws: Aws) -> None:
    """Nothing is wrong with good data, and the summary says so."""
    project, _ = aws.trained()
    (found,) = aws.versions(project)
    summary = aws.read_json(found["ManifestSummary"]["S3Object"])
    assert summary["errors"] == []
    assert summary["statistics"]["testing"] == {
        "use_case": "IMAGE_LEVEL_LABELS",
        "total_json_lines": 6,
        "valid_json_lines": 6,
        "invalid_json_lines": 0,
        "ignored_json_lines": 0,
        "error_json_line_indices": [],
        "errors": [],
    }


def test_training_without_a_test_dataset_splits_a_fifth_off(aws: Aws) -> None:
    """A missing test dataset is made from the training dataset, disjoint from the rest."""
    project = aws.project()
    aws.dataset(project, "TRAIN", aws.put_images("train", 10))
    aws.rekognition.describe_projects()
    found = aws.train(project)
    sides = [
        {line["source-ref"] for line in aws.read_lines(found[name]["Output"])}
        for name in ("TrainingDataResult", "TestingDataResult")
    ]
    assert [len(side) for side in sides] == [24, 6]
    assert sides[0].isdisjoint(sides[1])
    assert found["TestingDataResult"]["Output"]["AutoCreate"] is True


def test_training_on_external_manifests_reports_its_input(aws: Aws) -> None:
    """A project without datasets trains on the manifests that the request names."""
    train = {"Assets": [aws.put_manifest("train.json", aws.put_images("train", 5))]}
    found = aws.train(aws.project(), TrainingData=train, TestingData={"AutoCreate": True})
    assert found["Status"] == "TRAINING_COMPLETED"
    assert found["TrainingDataResult"]["Input"] == train
    assert found["TestingDataResult"]["Input"] == {"AutoCreate": True}


@pytest.mark.parametrize("world", [SLOW])
def test_training_lasts_its_minimum_and_is_billed_with_the_factor(aws: Aws, world: World) -> None:
    """A version completes when its delay is over, and bills the elapsed time times the factor."""
    project = aws.project()
    aws.dataset(project, "TRAIN", aws.put_images("train", 5))
    aws.rekognition.describe_projects()
    aws.begin_training(project)
    world.clock.advance(599)
    assert aws.versions(project)[0]["Status"] == "TRAINING_IN_PROGRESS"
    world.clock.advance(1000)
    (found,) = aws.versions(project)
    elapsed = (found["TrainingEndTimestamp"] - found["CreationTimestamp"]).total_seconds()
    assert elapsed == pytest.approx(600, abs=0.01)
    assert found["BillableTrainingTimeInSeconds"] == pytest.approx(900, abs=2)


def test_training_uses_the_images_as_they_were_when_it_began(aws: Aws) -> None:
    """The service copies the images; deleting them later does no harm."""
    project = aws.project()
    lines = aws.put_images("train", 5)
    aws.dataset(project, "TRAIN", lines)
    aws.rekognition.describe_projects()
    aws.begin_training(project)
    for each in lines:
        key = str(each["source-ref"]).removeprefix(f"s3://{BUCKET}/")
        aws.s3.delete_object(Bucket=BUCKET, Key=key)
    assert aws.status_of(project) == "TRAINING_COMPLETED"


def test_describe_project_versions_lists_newest_first(aws: Aws) -> None:
    """Versions come in descending order, by name, and page by page."""
    project, _ = aws.trained()
    for name in ("v2", "v3"):
        aws.train(project, name)
    names = [v["ProjectVersionArn"].split("/")[3] for v in aws.versions(project)]
    assert names == ["v3", "v2", "v1"]
    assert len(aws.versions(project, VersionNames=["v2", "nope"])) == 1
    paginator = aws.rekognition.get_paginator("describe_project_versions")
    pages = paginator.paginate(ProjectArn=project, PaginationConfig={"PageSize": 2})
    assert [len(page["ProjectVersionDescriptions"]) for page in pages] == [2, 1]


def test_botocore_waiter_sees_the_training_complete(aws: Aws) -> None:
    """The waiter of botocore understands the answers."""
    project, _ = aws.trained()
    waiter = aws.rekognition.get_waiter("project_version_training_completed")
    waiter.wait(ProjectArn=project, WaiterConfig={"Delay": 0, "MaxAttempts": 1})


def test_create_project_version_refuses_a_name_in_use(aws: Aws) -> None:
    """A version name belongs to one version of its project."""
    project, _ = aws.trained()
    assert refusal_code(aws.begin_training, project=project) == "ResourceInUseException"


def test_create_project_version_refuses_external_data_beside_datasets(aws: Aws) -> None:
    """External manifests are for projects without datasets."""
    project, _ = aws.trained()
    data = {"Assets": [aws.put_manifest("a.json", [])]}
    code = refusal_code(
        aws.begin_training, project=project, name="v2", TrainingData=data, TestingData=data
    )
    assert code == "InvalidParameterException"


@pytest.mark.parametrize(
    "more",
    [
        {},
        {"TrainingData": {"Assets": []}},
        {"TestingData": {"AutoCreate": True}},
        {"FeatureConfig": {"ContentModeration": {"ConfidenceThreshold": 50}}},
        {"TrainingData": {"Assets": []}, "TestingData": {"AutoCreate": True}},
    ],
    ids=["no data", "no testing", "no training", "feature", "no asset"],
)
def test_create_project_version_refuses_what_does_not_fit(aws: Aws, more: dict[str, Any]) -> None:
    """Data that are missing or do not go together are refused at once."""
    code = refusal_code(aws.begin_training, project=aws.project(), **more)
    assert code == "InvalidParameterException"


def test_create_project_version_refuses_datasets_in_creation(aws: Aws) -> None:
    """A dataset that is still made cannot be trained on."""
    project = aws.project()
    aws.rekognition.create_dataset(ProjectArn=project, DatasetType="TRAIN")
    assert refusal_code(aws.begin_training, project=project) == "ResourceInUseException"


def test_delete_project_version_refuses_one_in_training(aws: Aws) -> None:
    """A training cannot be deleted away."""
    project, _ = aws.trained()
    arn = aws.begin_training(project, "v2")
    code = refusal_code(aws.rekognition.delete_project_version, ProjectVersionArn=arn)
    assert code == "ResourceInUseException"


def test_delete_project_version_can_be_watched_until_it_is_gone(aws: Aws) -> None:
    """The deletion shows once; then the version is neither listed nor found."""
    project, version = aws.trained()
    delete = aws.rekognition.delete_project_version
    assert delete(ProjectVersionArn=version)["Status"] == "DELETING"
    assert [v["Status"] for v in aws.versions(project)] == ["DELETING"]
    assert aws.versions(project) == []
    assert refusal_code(delete, ProjectVersionArn=version) == "ResourceNotFoundException"


def test_description_echoes_what_was_asked_for(aws: Aws) -> None:
    """The optional members of the request come back."""
    project, _ = aws.trained()
    found = aws.train(project, "v2", VersionDescription="second try", KmsKeyId="alias/k")
    assert (found["VersionDescription"], found["KmsKeyId"]) == ("second try", "alias/k")
