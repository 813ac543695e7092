"""Tests of copying a trained version within an account."""

from typing import Any

import pytest

from rcl_flow.emulator.conditions.clock import ManualClock
from rcl_flow.emulator.conditions.faults import Fault
from rcl_flow.emulator.conditions.world import Quotas, World
from tests.emulator.builders import ACCOUNT, BUCKET, Aws, png, refusal_code
from tests.emulator.service.copies import begin_copy, copy, sees, trained_source


@pytest.fixture
def source(aws: Aws) -> dict[str, str]:
    """Return the members of a request that name a trained version."""
    return trained_source(aws)


def test_copy_can_be_watched_until_it_is_complete(aws: Aws, source: dict[str, str]) -> None:
    """The copy is in progress once, then complete; it names its source and keeps its tags."""
    project = aws.project("second")
    arn = begin_copy(aws, source, project, Tags={"a": "b"}, KmsKeyId="alias/k")
    assert f":{ACCOUNT}:project/second/version/copied/" in arn
    (found,) = aws.versions(project)
    assert (found["ProjectVersionArn"], found["Status"]) == (arn, "COPYING_IN_PROGRESS")
    assert "EvaluationResult" not in found
    (found,) = aws.versions(project)
    assert found["Status"] == "COPYING_COMPLETED"
    assert found["SourceProjectVersionArn"] == source["SourceProjectVersionArn"]
    assert found["OutputConfig"] == {"S3Bucket": BUCKET, "S3KeyPrefix": "copies/"}
    assert found["KmsKeyId"] == "alias/k"
    assert aws.rekognition.list_tags_for_resource(ResourceArn=arn)["Tags"] == {"a": "b"}


def test_copy_has_the_results_under_its_own_names(aws: Aws, source: dict[str, str]) -> None:
    """All six files are in the new place, word for word, and what was given is not repeated."""
    before = aws.versions(source["SourceProjectArn"])[0]
    found = copy(aws, source, aws.project("second"))
    names = {
        "ManifestSummary",
        "TrainingGroundTruth",
        "TestingGroundTruth",
        "TrainingManifestWithValidation",
        "TestingManifestWithValidation",
        "EvaluationResultSummary",
    }
    keys = aws.s3.list_objects_v2(Bucket=BUCKET, Prefix="copies/")["Contents"]
    assert {each["Key"] for each in keys} == {f"copies/{n}-second-copied.json" for n in names}
    for name in names:
        original = aws.read({"Bucket": BUCKET, "Name": f"out/{name}-shades-v1.json"})
        copied = aws.read({"Bucket": BUCKET, "Name": f"copies/{name}-second-copied.json"})
        assert original == copied != ""
    assert found["EvaluationResult"]["F1Score"] == before["EvaluationResult"]["F1Score"]
    summary = found["EvaluationResult"]["Summary"]["S3Object"]
    assert summary == {
        "Bucket": BUCKET,
        "Name": "copies/EvaluationResultSummary-second-copied.json",
    }
    assert set(found["TrainingDataResult"]) == {"Output", "Validation"}
    assert found["TestingDataResult"]["Output"]["AutoCreate"] is False


def test_copy_costs_no_training(aws: Aws, source: dict[str, str]) -> None:
    """Neither its description nor the bill speaks of a training."""
    before = aws.world.meter.report(aws.world.clock.now())
    found = copy(aws, source, aws.project("second"))
    assert {"BillableTrainingTimeInSeconds", "TrainingEndTimestamp"}.isdisjoint(found)
    assert aws.world.meter.report(aws.world.clock.now()) == before


def test_copy_answers_like_its_source_even_after_it_is_gone(
    aws: Aws, source: dict[str, str]
) -> None:
    """The model belongs to the copy; it can be started, copied again, and deleted."""
    project, api = aws.project("second"), aws.rekognition
    arn = begin_copy(aws, source, project)
    api.delete_project_version(ProjectVersionArn=source["SourceProjectVersionArn"])
    aws.versions(source["SourceProjectArn"])
    assert aws.versions(source["SourceProjectArn"]) == []
    aws.versions(project)
    assert sees(aws, project, arn, "blue")
    again = copy(
        aws,
        {"SourceProjectArn": project, "SourceProjectVersionArn": arn},
        aws.project("third"),
        VersionName="again",
    )
    assert (again["Status"], again["SourceProjectVersionArn"]) == ("COPYING_COMPLETED", arn)
    api.delete_project_version(ProjectVersionArn=again["ProjectVersionArn"])


def test_copy_under_way_can_be_neither_started_stopped_copied_nor_deleted(
    aws: Aws, source: dict[str, str]
) -> None:
    """A version that is copied is in use, and so is its project."""
    project, api = aws.project("second"), aws.unchecked
    arn = begin_copy(aws, source, project)
    for call, more in (
        (api.start_project_version, {"MinInferenceUnits": 1}),
        (api.stop_project_version, {}),
        (api.delete_project_version, {}),
    ):
        assert refusal_code(call, ProjectVersionArn=arn, **more) == "ResourceInUseException"
    ours = {"SourceProjectArn": project, "SourceProjectVersionArn": arn}
    code = refusal_code(begin_copy, aws=aws, source=ours, project=project, VersionName="w")
    assert code == "ResourceInUseException"
    assert refusal_code(api.delete_project, ProjectArn=project) == "ResourceInUseException"
    image = {"Bytes": png("red")}
    code = refusal_code(api.detect_custom_labels, ProjectVersionArn=arn, Image=image)
    assert code == "ResourceNotReadyException"


def test_copy_that_failed_can_only_be_deleted(aws: Aws, source: dict[str, str]) -> None:
    """There is no model in it, and its name is taken until it is gone."""
    project, api = aws.project("second"), aws.unchecked
    aws.world.faults.add(Fault("CopyProjectVersion", fails_later=True))
    found = copy(aws, source, project)
    assert (found["Status"], found["StatusMessage"]) == (
        "COPYING_FAILED",
        "Amazon Rekognition experienced a service issue.",
    )
    assert "EvaluationResult" not in found
    arn = found["ProjectVersionArn"]
    code = refusal_code(api.start_project_version, ProjectVersionArn=arn, MinInferenceUnits=1)
    assert code == "ResourceInUseException"
    ours = {"SourceProjectArn": project, "SourceProjectVersionArn": arn}
    code = refusal_code(begin_copy, aws=aws, source=ours, project=project, VersionName="w")
    assert code == "InvalidParameterException"
    assert refusal_code(begin_copy, aws=aws, source=source, project=project) == (
        "ResourceInUseException"
    )
    assert api.delete_project_version(ProjectVersionArn=arn)["Status"] == "DELETING"
    aws.versions(project)
    assert copy(aws, source, project)["Status"] == "COPYING_COMPLETED"


def test_copy_fails_without_a_bucket_to_write_to(aws: Aws, source: dict[str, str]) -> None:
    """A missing bucket, and one that goes while the copy is made, fail it later."""
    project, unwritable = aws.project("second"), "Unable to write to output S3 bucket."
    missing = copy(aws, source, project, OutputConfig={"S3Bucket": "no-such-bucket"})
    assert (missing["Status"], missing["StatusMessage"]) == ("COPYING_FAILED", unwritable)
    aws.s3.create_bucket(Bucket="short-lived")
    begin_copy(aws, source, project, VersionName="w", OutputConfig={"S3Bucket": "short-lived"})
    aws.s3.delete_bucket(Bucket="short-lived")
    aws.versions(project)
    found = aws.versions(project)[0]
    assert (found["Status"], found["StatusMessage"]) == ("COPYING_FAILED", unwritable)


@pytest.mark.parametrize("body", [None, b"\xff"], ids=["gone", "not text"])
def test_copy_fails_without_the_results_of_its_source(
    aws: Aws, source: dict[str, str], body: bytes | None
) -> None:
    """The results are read from where the training wrote them."""
    where: Any = {"Bucket": BUCKET, "Key": "out/EvaluationResultSummary-shades-v1.json"}
    if body is None:
        aws.s3.delete_object(**where)
    else:
        aws.s3.put_object(**where, Body=body)
    found = copy(aws, source, aws.project("second"))
    assert (found["Status"], found["StatusMessage"]) == (
        "COPYING_FAILED",
        "The training results of the source model cannot be read.",
    )


def test_copy_refuses_versions_without_a_model(aws: Aws) -> None:
    """One in training or in deletion is in use; one whose training failed has nothing to copy."""
    project, version = aws.trained()
    begin: dict[str, Any] = {"aws": aws, "project": aws.project("second")}
    for name, code in (("v2", "ResourceInUseException"), ("v3", "InvalidParameterException")):
        if name == "v3":
            aws.world.faults.add(Fault("CreateProjectVersion", fails_later=True))
        arn = aws.begin_training(project, name)
        if name == "v3":
            aws.versions(project)
        source = {"SourceProjectArn": project, "SourceProjectVersionArn": arn}
        assert refusal_code(begin_copy, source=source, **begin) == code
    aws.rekognition.delete_project_version(ProjectVersionArn=version)
    source = {"SourceProjectArn": project, "SourceProjectVersionArn": version}
    assert refusal_code(begin_copy, source=source, **begin) == "ResourceInUseException"


def test_copy_refuses_what_does_not_fit_together(aws: Aws, source: dict[str, str]) -> None:
    """Version and project belong together, the Region is one, and there is a bucket."""
    project = aws.project("second")
    moderation = aws.rekognition.create_project(ProjectName="m", Feature="CONTENT_MODERATION")
    elsewhere = {name: arn.replace("us-east-1", "eu-west-1") for name, arn in source.items()}
    misfits: list[dict[str, Any]] = [
        {"SourceProjectArn": project},
        elsewhere,
        {"DestinationProjectArn": moderation["ProjectArn"]},
        {"OutputConfig": {}},
    ]
    for changes in misfits:
        ask: dict[str, Any] = {"aws": aws, "source": source, "project": project, **changes}
        code = refusal_code(begin_copy, **ask)
        assert code == "InvalidParameterException"


def test_copy_finds_no_unknown_project_or_version(aws: Aws, source: dict[str, str]) -> None:
    """All three must be there."""
    project = aws.project("second")
    known = {**source, "DestinationProjectArn": project}
    for name, arn in known.items():
        code = refusal_code(
            begin_copy, aws=aws, source=source, project=project, **{name: f"{arn}1"}
        )
        assert code == "ResourceNotFoundException"


def test_copy_refuses_a_name_that_is_taken(aws: Aws, source: dict[str, str]) -> None:
    """A copy may stay in its project, under another name, while the project is not deleted."""
    project = source["SourceProjectArn"]
    ask: dict[str, Any] = {"aws": aws, "source": source, "project": project}
    assert refusal_code(begin_copy, **ask, VersionName="v1") == "ResourceInUseException"
    assert copy(**ask, VersionName="v2")["Status"] == "COPYING_COMPLETED"
    ask["project"] = aws.project("leaving")
    aws.rekognition.delete_project(ProjectArn=ask["project"])
    assert refusal_code(begin_copy, **ask) == "ResourceInUseException"


@pytest.mark.parametrize(
    "world", [World(clock=ManualClock(), quotas=Quotas(versions_per_project=1))]
)
def test_copy_counts_as_a_version_of_its_project(aws: Aws, source: dict[str, str]) -> None:
    """A full project takes no copy, if quotas are enforced."""
    code = refusal_code(begin_copy, aws=aws, source=source, project=source["SourceProjectArn"])
    assert code == "ServiceQuotaExceededException"
