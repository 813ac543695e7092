"""Tests of what a training takes from its manifests, and of the limits of its data."""

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from rcl_flow.emulator.conditions.clock import ManualClock
from rcl_flow.emulator.conditions.world import Quotas, World
from tests.emulator.builders import BUCKET, Aws, Line, line, png, uri
from tests.emulator.data.corpus import findings_of, summary_of


def test_repeated_source_ref_is_ignored_in_training(aws: Aws) -> None:
    """The first line of an image counts, as in a dataset; a wrong one stays wrong."""
    training = aws.put_images("train", 4)
    again = line(str(training[0]["source-ref"]), "green")
    version = aws.train_on([*training, again, {**again, "green": "1"}], aws.put_images("test", 2))
    statistics = summary_of(aws, version)["statistics"]["training"]
    counts = [statistics[f"{kind}_json_lines"] for kind in ("total", "valid", "ignored", "invalid")]
    assert counts == [14, 12, 1, 1]
    trained_on = aws.read_lines(version["TrainingDataResult"]["Output"])
    assert len({each["source-ref"] for each in trained_on}) == len(trained_on) == 12


def test_line_that_is_too_long_is_invalid_in_training(aws: Aws) -> None:
    """A hundred thousand characters are the most."""
    training = aws.put_images("train", 4)
    text = json.dumps(training[0])
    longest = text[:-1] + ', "note": "' + "n" * (100_000 - len(text) - 12) + '"}'
    assert len(longest) == 100_000
    too_long = json.dumps({**training[1], "note": "n" * 100_000})
    version = aws.train_on([longest, too_long, *training[2:]], aws.put_images("test", 2))
    found = findings_of(aws, version)
    assert [(each.line, each.code) for each in found["Training"]] == [
        (2, "ERROR_INVALID_JSON_LINE")
    ]


def test_validation_manifest_may_be_trained_with(aws: Aws) -> None:
    """What an earlier training noted is dropped and made anew."""
    bad = {**line(uri("test/red-0.png")), "x": 1, "x-metadata": {"type": "groundtruth/other"}}
    testing = aws.put_images("test", 2)
    first = aws.train_on([*aws.put_images("train", 4), bad], testing)
    noted = aws.read_lines(first["TrainingDataResult"]["Validation"])
    train = {"Assets": [aws.put_manifest("again.json", noted)]}
    test = {"Assets": [aws.put_manifest("b.json", testing)]}
    second = aws.train(aws.project("again"), TrainingData=train, TestingData=test)
    assert aws.read_lines(second["TrainingDataResult"]["Validation"]) == noted
    assert findings_of(aws, first) == findings_of(aws, second) != {}


def test_manifest_in_another_region_fails_the_training(aws: Aws) -> None:
    """Such a bucket is as good as none."""
    aws.s3.create_bucket(
        Bucket="elsewhere", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"}
    )
    body = "\n".join(map(json.dumps, aws.put_images("train", 4)))
    aws.s3.put_object(Bucket="elsewhere", Key="a.json", Body=body.encode())
    source = {"S3Object": {"Bucket": "elsewhere", "Name": "a.json"}}
    data = {"Assets": [{"GroundTruthManifest": source}]}
    version = aws.train(aws.project(), TrainingData=data, TestingData=data)
    assert version["StatusMessage"] == "The manifest file extension or contents are invalid."


def outcome_of(aws: Aws, training: list[Line], testing: list[Line]) -> str:
    """Train and return the version's status, or the text in which the training is refused."""
    train, test = aws.put_manifest("a.json", training), aws.put_manifest("b.json", testing)
    asked: Any = {"TrainingData": {"Assets": [train]}, "TestingData": {"Assets": [test]}}
    try:
        return str(aws.train(aws.project(), **asked)["Status"])
    except ClientError as error:
        assert error.response["Error"]["Code"] == "LimitExceededException"
        return error.response["Error"]["Message"]


@pytest.mark.parametrize("world", [World(clock=ManualClock(), quotas=Quotas())])
@pytest.mark.parametrize(
    ("labels", "outcome"),
    [(50, "TRAINING_COMPLETED"), (51, "An image has more than 50 labels.")],
)
def test_labels_of_an_image_are_limited_if_quotas_are_enforced(
    aws: Aws, labels: int, outcome: str
) -> None:
    """No error code is known for it, so the training is refused at once."""
    aws.s3.put_object(Bucket=BUCKET, Key="a.png", Body=png("red"))
    lines: list[Line] = [line(uri("a.png"), *(f"label {n}" for n in range(labels)))]
    assert outcome_of(aws, lines, lines) == outcome


@pytest.mark.parametrize(
    "world", [World(clock=ManualClock(), quotas=Quotas(testing_images_per_label=3))]
)
@pytest.mark.parametrize(
    ("images", "outcome"),
    [(3, "TRAINING_COMPLETED"), (4, "A label has more than 3 images to test with.")],
)
def test_testing_images_of_a_label_are_limited_if_quotas_are_enforced(
    aws: Aws, images: int, outcome: str
) -> None:
    """As many images as the limit pass."""
    assert outcome_of(aws, aws.put_images("a", 5), aws.put_images("b", images)) == outcome
