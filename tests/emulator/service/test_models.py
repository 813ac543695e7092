"""Tests of starting, stopping and asking models."""

import struct
from typing import Any

import pytest

from rcl_flow.emulator.conditions.clock import Delay, ManualClock
from rcl_flow.emulator.conditions.faults import Fault
from rcl_flow.emulator.conditions.world import Delays, Quotas, World
from tests.emulator.builders import BUCKET, Aws, flat, png, refusal_code, refused

TIMED = Delays(
    starting=Delay(seconds=300), stopping=Delay(seconds=60), training=Delay(), dataset=Delay()
)


@pytest.fixture
def running(aws: Aws) -> str:
    """Return the ARN of a running version."""
    return aws.running()[1]


def detect(aws: Aws, version: str, body: bytes, **more: object) -> list[dict[str, Any]]:
    """Return the labels that a model sees."""
    found = aws.unchecked.detect_custom_labels(
        ProjectVersionArn=version, Image={"Bytes": body}, **more
    )
    labels: list[dict[str, Any]] = found["CustomLabels"]
    return labels


def test_model_goes_from_starting_to_running_to_stopped(aws: Aws) -> None:
    """Each state on the way can be seen, and a stopped model can be started again."""
    project, version = aws.trained()
    started = aws.rekognition.start_project_version(ProjectVersionArn=version, MinInferenceUnits=2)
    assert started["Status"] == "STARTING"
    assert [aws.versions(project)[0]["Status"] for _ in range(2)] == ["STARTING", "RUNNING"]
    assert aws.rekognition.stop_project_version(ProjectVersionArn=version)["Status"] == "STOPPING"
    assert [aws.versions(project)[0]["Status"] for _ in range(2)] == ["STOPPING", "STOPPED"]
    again = aws.rekognition.start_project_version(ProjectVersionArn=version, MinInferenceUnits=1)
    assert again["Status"] == "STARTING"
    assert aws.versions(project)[0]["MinInferenceUnits"] == 1


@pytest.mark.parametrize("world", [World(clock=ManualClock(), delays=TIMED)])
def test_model_starts_and_stops_in_the_time_that_was_set(aws: Aws, world: World) -> None:
    """Delays are seconds of the emulator's clock."""
    project, version = aws.trained()
    aws.rekognition.start_project_version(ProjectVersionArn=version, MinInferenceUnits=1)
    world.clock.advance(299)
    assert aws.versions(project)[0]["Status"] == "STARTING"
    world.clock.advance(1)
    assert aws.versions(project)[0]["Status"] == "RUNNING"
    aws.rekognition.stop_project_version(ProjectVersionArn=version)
    world.clock.advance(60)
    assert aws.versions(project)[0]["Status"] == "STOPPED"


def test_botocore_waiter_sees_the_model_run(aws: Aws) -> None:
    """The waiter of botocore understands the answers."""
    project, _ = aws.running()
    waiter = aws.rekognition.get_waiter("project_version_running")
    waiter.wait(ProjectArn=project, WaiterConfig={"Delay": 0, "MaxAttempts": 1})


def test_start_refuses_a_model_that_runs_or_starts(aws: Aws) -> None:
    """Only a resting model can be started."""
    _, version = aws.running()
    start = aws.rekognition.start_project_version
    code = refusal_code(start, ProjectVersionArn=version, MinInferenceUnits=1)
    assert code == "ResourceInUseException"


def test_start_refuses_a_version_in_training(aws: Aws) -> None:
    """There is no model before the training has ended."""
    project, _ = aws.trained()
    version = aws.begin_training(project, "v2")
    start = aws.rekognition.start_project_version
    code = refusal_code(start, ProjectVersionArn=version, MinInferenceUnits=1)
    assert code == "ResourceInUseException"


def test_start_refuses_a_maximum_below_the_minimum(aws: Aws) -> None:
    """The two limits must make a range."""
    _, version = aws.trained()
    code = refusal_code(
        aws.rekognition.start_project_version,
        ProjectVersionArn=version,
        MinInferenceUnits=2,
        MaxInferenceUnits=1,
    )
    assert code == "InvalidParameterException"


def test_start_can_fail_by_script(aws: Aws) -> None:
    """A model that does not come up ends in FAILED, bills nothing, and can be tried again."""
    project, version = aws.trained()
    aws.world.faults.add(Fault("StartProjectVersion", fails_later=True))
    start = aws.rekognition.start_project_version
    assert start(ProjectVersionArn=version, MinInferenceUnits=1)["Status"] == "STARTING"
    assert aws.status_of(project) == "FAILED"
    assert aws.world.meter.report(0)["total"]["inference_unit_seconds"] == 0
    assert start(ProjectVersionArn=version, MinInferenceUnits=1)["Status"] == "STARTING"


def test_stop_refuses_a_model_that_does_not_run(aws: Aws) -> None:
    """Neither a resting nor a starting model can be stopped."""
    _, version = aws.trained()
    stop = aws.rekognition.stop_project_version
    assert refusal_code(stop, ProjectVersionArn=version) == "ResourceInUseException"
    aws.rekognition.start_project_version(ProjectVersionArn=version, MinInferenceUnits=1)
    assert refusal_code(stop, ProjectVersionArn=version) == "ResourceInUseException"


def test_running_version_cannot_be_deleted(aws: Aws, running: str) -> None:
    """A model that bills cannot be lost sight of."""
    delete = aws.rekognition.delete_project_version
    assert refusal_code(delete, ProjectVersionArn=running) == "ResourceInUseException"


def quota_world(**limits: int) -> World:
    """Return a world that enforces quotas."""
    return World(clock=ManualClock(), quotas=Quotas(**limits))


@pytest.mark.parametrize("world", [quota_world(running_models=1)])
def test_quota_on_running_models(aws: Aws) -> None:
    """With quotas on, one model too many is refused."""
    project, _ = aws.running()
    second = aws.train(project, "v2")["ProjectVersionArn"]
    start = aws.rekognition.start_project_version
    code = refusal_code(start, ProjectVersionArn=second, MinInferenceUnits=1)
    assert code == "LimitExceededException"


@pytest.mark.parametrize("world", [quota_world()])
def test_quota_on_inference_units(aws: Aws) -> None:
    """With quotas on, more than five units are refused."""
    _, version = aws.trained()
    start = aws.rekognition.start_project_version
    code = refusal_code(start, ProjectVersionArn=version, MinInferenceUnits=6)
    assert code == "LimitExceededException"


@pytest.mark.parametrize("world", [quota_world(trainings=1)])
def test_quota_on_trainings(aws: Aws) -> None:
    """With quotas on, one training too many is refused."""
    project, _ = aws.trained()
    aws.begin_training(project, "v2")
    code = refusal_code(aws.begin_training, project=project, name="v3")
    assert code == "LimitExceededException"


@pytest.mark.parametrize("colour", ["red", "green", "blue"])
def test_detection_comes_from_the_trained_model(aws: Aws, running: str, colour: str) -> None:
    """An image that was never seen gets its right label, without a box."""
    first = detect(aws, running, png(colour, seed=99), MinConfidence=0)[0]
    assert first["Name"] == colour
    assert "Geometry" not in first


def test_detection_reads_s3(aws: Aws, running: str) -> None:
    """An image in S3 gives what its bytes give."""
    found = aws.rekognition.detect_custom_labels(
        ProjectVersionArn=running,
        Image={"S3Object": {"Bucket": BUCKET, "Name": "test/red-0.png"}},
        MinConfidence=0,
    )
    assert found["CustomLabels"] == detect(aws, running, png("red", 0), MinConfidence=0)


def test_confidences_are_sorted_32_bit_percentages(aws: Aws, running: str) -> None:
    """Confidences fall, lie in 0 to 100, and survive 32 bits unchanged."""
    found = [c["Confidence"] for c in detect(aws, running, png("red", 99), MinConfidence=0)]
    assert found == sorted(found, reverse=True)
    assert len(found) == 3
    assert 99 < sum(found) < 101
    assert [struct.unpack("f", struct.pack("f", each))[0] for each in found] == found


def test_min_confidence_keeps_what_equals_it(aws: Aws, running: str) -> None:
    """A confidence of exactly MinConfidence is returned, the ones below are not."""
    every = detect(aws, running, png("red", 99), MinConfidence=0)
    floor = every[1]["Confidence"]
    assert detect(aws, running, png("red", 99), MinConfidence=floor) == every[:2]


def test_absent_min_confidence_means_assumed_thresholds(aws: Aws) -> None:
    """Without MinConfidence each label is held to the threshold of the summary file."""
    project, version = aws.running()
    (described,) = aws.versions(project)
    summary = aws.read_json(described["EvaluationResult"]["Summary"]["S3Object"])
    thresholds = {
        each["Label"]: each["Metrics"]["Threshold"] for each in summary["LabelEvaluationResults"]
    }
    for seed in range(10):
        every = detect(aws, version, png("green", seed), MinConfidence=0)
        kept = [c for c in every if c["Confidence"] >= thresholds[c["Name"]] * 100]
        assert detect(aws, version, png("green", seed)) == kept


@pytest.mark.parametrize(("limit", "count"), [(0, 0), (1, 1), (2, 2), (50, 3)])
def test_max_results_keeps_the_most_confident(
    aws: Aws, running: str, limit: int, count: int
) -> None:
    """MaxResults cuts the sorted list; 0 leaves nothing."""
    every = detect(aws, running, png("red", 99), MinConfidence=0)
    found = detect(aws, running, png("red", 99), MinConfidence=0, MaxResults=limit)
    assert found == every[:count]


def padded(size: int) -> bytes:
    """Return an image file of `size` bytes."""
    return flat(64, 64).ljust(size, b"\0")


REFUSED_IMAGES = {
    "text": (b"no image", "InvalidImageFormatException"),
    "gif": (flat(64, 64, "GIF"), "InvalidImageFormatException"),
    "cut off": (flat(200, 200, "JPEG")[:700], "InvalidImageFormatException"),
    "small": (flat(63, 64), "InvalidParameterException"),
    "thin": (flat(64, 1281), "InvalidParameterException"),
    "wide": (flat(4097, 300), "ImageTooLargeException"),
    "heavy": (padded(4 * 1024 * 1024 + 1), "ImageTooLargeException"),
    "too heavy for the model": (padded(5_242_881), "ValidationException"),
}


@pytest.mark.parametrize(("body", "code"), REFUSED_IMAGES.values(), ids=REFUSED_IMAGES)
def test_detection_refuses_unusable_images(aws: Aws, running: str, body: bytes, code: str) -> None:
    """Each breach of a limit has its error."""
    assert refusal_code(detect, aws=aws, version=running, body=body) == code


def test_detection_takes_heavier_images_from_s3(aws: Aws, running: str) -> None:
    """Files in S3 may have 15 MB."""
    detect_labels = aws.rekognition.detect_custom_labels
    image: Any = {"S3Object": {"Bucket": BUCKET, "Name": "heavy.png"}}
    aws.s3.put_object(Bucket=BUCKET, Key="heavy.png", Body=padded(15 * 1024 * 1024))
    assert "CustomLabels" in detect_labels(ProjectVersionArn=running, Image=image)
    aws.s3.put_object(Bucket=BUCKET, Key="heavy.png", Body=padded(15 * 1024 * 1024 + 1))
    assert refusal_code(detect_labels, ProjectVersionArn=running, Image=image) == (
        "ImageTooLargeException"
    )


@pytest.mark.parametrize(
    ("image", "code"),
    [
        ({}, "InvalidParameterException"),
        ({"Bytes": b"x", "S3Object": {"Bucket": BUCKET}}, "InvalidParameterException"),
        ({"S3Object": {"Bucket": BUCKET}}, "InvalidParameterException"),
        ({"S3Object": {"Bucket": BUCKET, "Name": "nope"}}, "InvalidS3ObjectException"),
        ({"S3Object": {"Bucket": "nowhere", "Name": "nope"}}, "InvalidS3ObjectException"),
    ],
)
def test_detection_refuses_unclear_sources(
    aws: Aws, running: str, image: dict[str, Any], code: str
) -> None:
    """There must be one image, and it must be there."""
    detect_labels = aws.unchecked.detect_custom_labels
    assert refusal_code(detect_labels, ProjectVersionArn=running, Image=image) == code


def test_detection_needs_a_running_model(aws: Aws) -> None:
    """A model that does not run is not ready; one that does not exist is not found."""
    project, version = aws.trained()
    code, message = refused(detect, aws=aws, version=version, body=png("red"))
    assert (code, "TRAINING_COMPLETED" in message) == ("ResourceNotReadyException", True)
    unknown = f"{version}1"
    code = refusal_code(detect, aws=aws, version=unknown, body=png("red"))
    assert code == "ResourceNotFoundException"
    aws.rekognition.start_project_version(ProjectVersionArn=version, MinInferenceUnits=1)
    assert aws.status_of(project) == "RUNNING"
    aws.rekognition.stop_project_version(ProjectVersionArn=version)
    code = refusal_code(detect, aws=aws, version=version, body=png("red"))
    assert code == "ResourceNotReadyException"
