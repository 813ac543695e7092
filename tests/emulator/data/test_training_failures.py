"""Tests of the ways in which data make a training fail, and of what is written about it."""

import json
from collections.abc import Callable, Sequence
from typing import Any

import pytest

from rcl_flow.emulator.conditions.clock import ManualClock
from rcl_flow.emulator.conditions.executors import Job, LazyJob, Result
from rcl_flow.emulator.conditions.faults import Fault
from rcl_flow.emulator.conditions.world import World
from tests.emulator.builders import BUCKET, Aws, Line, flat, line, metadata, uri

Change = dict[str, Any]


def summary_of(aws: Aws, version: dict[str, Any]) -> dict[str, Any]:
    """Return the manifest summary of a version."""
    return aws.read_json(version["ManifestSummary"]["S3Object"])


def validated(aws: Aws, version: dict[str, Any], side: str = "TrainingDataResult") -> Sequence[Any]:
    """Return the lines of a manifest with validation."""
    return aws.read_lines(version[side]["Validation"])


def train_with(aws: Aws, bad: Line | str) -> dict[str, Any]:
    """Train on good images and one `bad` line, the last one."""
    testing = aws.put_images("test", 2)
    return aws.train_on([*aws.put_images("train", 4), bad], testing)


BAD_LINES: list[tuple[str, str, tuple[str, ...], Line | str]] = [
    ("json", "ERROR_INVALID_JSON_LINE", (), '{"source-ref": '),
    ("no ref", "ERROR_MISSING_SOURCE_REF", (), {"x": 1, "x-metadata": metadata("red")}),
    ("https", "ERROR_INVALID_SOURCE_REF_FORMAT", (), line("https://example.com/a.png", "red")),
    ("no pair", "ERROR_NO_LABEL_ATTRIBUTES", (), {"source-ref": uri("a"), "x": 1}),
    (
        "attribute",
        "ERROR_INVALID_LABEL_ATTRIBUTE_FORMAT",
        (),
        {**line(uri("test/red-0.png")), "x": "1", "x-metadata": metadata("red")},
    ),
    (
        "metadata",
        "ERROR_INVALID_LABEL_ATTRIBUTE_METADATA_FORMAT",
        ("x-metadata",),
        {**line(uri("test/red-0.png")), "x": 1, "x-metadata": {"type": 1}},
    ),
    *(
        (
            f"metadata {field}",
            "ERROR_INVALID_LABEL_ATTRIBUTE_METADATA_FORMAT",
            ("x-metadata",),
            {**line(uri("test/red-0.png")), "x": 1, "x-metadata": metadata("red", **{field: bad})},
        )
        for field, bad in [
            ("class-name", ""),
            ("confidence", 1.5),
            ("human-annotated", "maybe"),
            ("creation-date", "yesterday"),
        ]
    ),
    (
        "type",
        "ERROR_UNSUPPORTED_USE_CASE_TYPE",
        ("x-metadata",),
        {**line(uri("test/red-0.png")), "x": 1, "x-metadata": metadata("red", type="other")},
    ),
    (
        "name",
        "ERROR_INVALID_LABEL_NAME_LENGTH",
        ("x-metadata",),
        {**line(uri("test/red-0.png")), "x": 1, "x-metadata": metadata("r" * 257)},
    ),
    ("missing image", "ERROR_INVALID_IMAGE", (), line(uri("nowhere.png"), "red")),
]


@pytest.mark.parametrize(
    ("code", "place", "bad"), [row[1:] for row in BAD_LINES], ids=[row[0] for row in BAD_LINES]
)
def test_bad_line_is_noted_where_it_is_bad(
    aws: Aws, code: str, place: tuple[str, ...], bad: Line | str
) -> None:
    """One bad line does not fail the training; it is left out and noted in the outputs."""
    version = train_with(aws, bad)
    assert version["Status"] == "TRAINING_COMPLETED"
    noted = validated(aws, version)[-1]
    for key in place:
        noted = noted[key]
    assert noted["errors"][0]["code"] == code
    statistics = summary_of(aws, version)["statistics"]["training"]
    assert statistics["error_json_line_indices"] == [13]
    assert (statistics["valid_json_lines"], statistics["invalid_json_lines"]) == (12, 1)
    assert len(aws.read_lines(version["TrainingDataResult"]["Output"])) == 12


def test_line_with_no_valid_attribute_is_noted_at_its_top(aws: Aws) -> None:
    """If no label attribute is left, the line as a whole is in error too."""
    bad = {"source-ref": uri("a"), "x": 1, "x-metadata": metadata("red", type="other")}
    noted = validated(aws, train_with(aws, bad))[-1]
    assert noted["errors"] == [
        {"code": "ERROR_NO_VALID_LABEL_ATTRIBUTES", "message": "No valid label attributes found."}
    ]


def test_invalid_json_line_is_replaced_by_its_error(aws: Aws) -> None:
    """The validation manifest has nothing of a line that is not JSON but the error."""
    assert validated(aws, train_with(aws, "{oops"))[-1] == {
        "errors": [
            {
                "code": "ERROR_INVALID_JSON_LINE",
                "message": "The JSON Line has an invalid format.",
            }
        ]
    }


def test_unsupported_attribute_beside_a_good_one_costs_only_itself(aws: Aws) -> None:
    """A line stays usable by its other attribute."""
    mixed = {**line(uri("test/red-0.png"), "red"), "x": 1, "x-metadata": metadata("y", type="z")}
    version = train_with(aws, mixed)
    assert summary_of(aws, version)["statistics"]["training"]["valid_json_lines"] == 13
    assert "errors" in validated(aws, version)[-1]["x-metadata"]


def test_unannotated_line_is_ignored_with_a_warning(aws: Aws) -> None:
    """A line of only a source-ref is neither valid nor invalid."""
    version = train_with(aws, {"source-ref": uri("test/red-0.png")})
    statistics = summary_of(aws, version)["statistics"]["training"]
    assert (statistics["ignored_json_lines"], statistics["invalid_json_lines"]) == (1, 0)
    assert validated(aws, version)[-1]["warnings"] == [
        {"code": "WARNING_UNANNOTATED_RECORD", "message": "Record is unannotated."}
    ]


@pytest.mark.parametrize(
    "body",
    [
        b"no image",
        flat(63, 64),
        flat(64, 63),
        flat(4097, 300),
        flat(1400, 64),
        flat(64, 64, "GIF"),
        flat(200, 200, "JPEG")[:700],
    ],
    ids=["text", "narrow", "low", "wide", "thin", "gif", "cut off"],
)
def test_unusable_image_invalidates_its_line(aws: Aws, body: bytes) -> None:
    """Images are judged in training: format, size and whether they decode."""
    aws.s3.put_object(Bucket=BUCKET, Key="odd", Body=body)
    noted = validated(aws, train_with(aws, line(uri("odd"), "red")))[-1]
    assert noted["errors"] == [
        {
            "code": "ERROR_INVALID_IMAGE",
            "message": "The image is invalid. Check S3 path and/or image properties.",
        }
    ]


@pytest.mark.parametrize(
    "body", [flat(64, 64), flat(64, 1280), flat(4096, 210), flat(64, 64, "JPEG")]
)
def test_images_at_the_limits_are_usable(aws: Aws, body: bytes) -> None:
    """The smallest, the thinnest and the widest image count."""
    aws.s3.put_object(Bucket=BUCKET, Key="odd", Body=body)
    version = train_with(aws, line(uri("odd"), "red"))
    assert summary_of(aws, version)["statistics"]["training"]["valid_json_lines"] == 13


def test_training_fails_for_more_than_a_fifth_of_invalid_rows(aws: Aws) -> None:
    """Exactly a fifth passes; one more fails, with the error in message, summary and manifests."""
    good, testing = aws.put_images("train", 4, ["red", "blue"]), aws.put_images("test", 1)
    assert aws.train_on([*good, "{", "{"], testing)["Status"] == "TRAINING_COMPLETED"
    project = aws.project("other")
    train = aws.put_manifest("c.json", [*good, "{", "{", "{"])
    test = aws.put_manifest("d.json", testing)
    version = aws.train(project, TrainingData={"Assets": [train]}, TestingData={"Assets": [test]})
    message = "The manifest file contains too many invalid rows."
    assert (version["Status"], version["StatusMessage"]) == ("TRAINING_FAILED", message)
    summary = summary_of(aws, version)
    assert summary["statistics"]["training"]["errors"] == [
        {"code": "ERROR_TOO_MANY_INVALID_ROWS_IN_MANIFEST", "message": message}
    ]
    assert summary["statistics"]["training"]["use_case"] == "NOT_DETERMINED"
    assert summary["statistics"]["testing"]["errors"] == []
    assert len(validated(aws, version)) == 11
    assert len(validated(aws, version, "TestingDataResult")) == 3


def failed(aws: Aws, training: Sequence[Line], testing: Sequence[Line]) -> dict[str, Any]:
    """Train on what must fail; return the manifest summary."""
    version = aws.train_on(training, testing)
    assert version["Status"] == "TRAINING_FAILED"
    assert {"EvaluationResult", "BillableTrainingTimeInSeconds"}.isdisjoint(version)
    assert "Output" not in version["TrainingDataResult"]
    summary = summary_of(aws, version)
    sides = summary["statistics"].values()
    messages = [
        e["message"] for e in [*summary["errors"], *(e for s in sides for e in s["errors"])]
    ]
    assert version["StatusMessage"] in messages
    return summary


def codes(part: dict[str, Any]) -> list[str]:
    """Return the codes of a part's errors."""
    return [error["code"] for error in part["errors"]]


def test_training_fails_for_a_single_label(aws: Aws) -> None:
    """A classifier needs two labels."""
    summary = failed(aws, aws.put_images("a", 4, ["red"]), aws.put_images("b", 2, ["red"]))
    assert codes(summary["statistics"]["training"]) == ["ERROR_MANIFEST_TOO_FEW_LABELS"]


def test_training_fails_for_too_little_overlap_of_labels(aws: Aws) -> None:
    """Less than half of the training labels in the test set concerns both manifests."""
    training = [
        line(uri(f"train/{colour}-{n}.png"), f"{colour}{n}")
        for colour in ("red", "green", "blue")
        for n in range(2)
    ]
    aws.put_images("train", 2)
    testing = [line(uri("train/red-0.png"), "red0", "blue1")]
    summary = failed(aws, training, testing)
    assert codes(summary) == ["ERROR_INSUFFICIENT_LABEL_OVERLAP"]


def test_training_passes_with_half_of_the_labels_tested(aws: Aws) -> None:
    """An overlap of exactly one half is enough."""
    training = aws.put_images("train", 3)
    extra = [{**each, **line(str(each["source-ref"]), "extra")} for each in training[:3]]
    testing = aws.put_images("test", 2, ["red", "blue"])
    assert aws.train_on([*training[3:], *extra], testing)["Status"] == "TRAINING_COMPLETED"


def test_training_fails_for_images_in_several_buckets(aws: Aws) -> None:
    """All images of a manifest lie in one bucket."""
    aws.s3.create_bucket(Bucket="second")
    aws.s3.put_object(Bucket="second", Key="a.png", Body=flat(64, 64))
    training = [*aws.put_images("a", 4), line("s3://second/a.png", "red")]
    summary = failed(aws, training, aws.put_images("b", 2))
    assert codes(summary["statistics"]["training"]) == ["ERROR_IMAGES_IN_MULTIPLE_S3_BUCKETS"]


def test_training_fails_if_a_label_has_too_few_images_to_split(aws: Aws) -> None:
    """The service's own split needs two images per label."""
    lines = [*aws.put_images("a", 5, ["red"]), *aws.put_images("b", 1, ["blue"])]
    train = {"Assets": [aws.put_manifest("train.json", lines)]}
    version = aws.train(aws.project(), TrainingData=train, TestingData={"AutoCreate": True})
    assert codes(summary_of(aws, version)["statistics"]["training"]) == [
        "ERROR_INSUFFICIENT_IMAGES_PER_LABEL_FOR_AUTOSPLIT"
    ]


@pytest.mark.parametrize(
    ("key", "body", "message"),
    [
        ("train", json.dumps(line(uri("a"), "x")).encode(), "extension or contents are invalid"),
        ("train.json", b"", "is empty"),
        ("train.json", b"\xff\xff", "extension or contents are invalid"),
    ],
)
def test_unusable_manifest_file_fails_without_any_output(
    aws: Aws, key: str, body: bytes, message: str
) -> None:
    """An error of the file itself leaves nothing but its text."""
    data = {"Assets": [aws.put_object(key, body)]}
    version = aws.train(aws.project(), TrainingData=data, TestingData=data)
    assert version["Status"] == "TRAINING_FAILED"
    assert message in version["StatusMessage"]
    assert {"ManifestSummary", "TrainingDataResult"}.isdisjoint(version)
    assert "Contents" not in aws.s3.list_objects_v2(Bucket=BUCKET, Prefix="out/")


def test_missing_manifest_fails_the_training(aws: Aws) -> None:
    """A manifest that is not there is the same error as one that cannot be read."""
    data = {"Assets": [{"GroundTruthManifest": {"S3Object": {"Bucket": BUCKET, "Name": "a.b"}}}]}
    version = aws.train(aws.project(), TrainingData=data, TestingData=data)
    assert version["StatusMessage"] == "The manifest file extension or contents are invalid."


def test_missing_output_bucket_fails_the_training(aws: Aws) -> None:
    """Without a place for its results a training fails."""
    project, _ = aws.trained()
    aws.rekognition.create_project_version(
        ProjectArn=project, VersionName="v2", OutputConfig={"S3Bucket": "nowhere"}
    )
    aws.status_of(project)
    version = aws.versions(project)[0]
    assert (version["Status"], version["StatusMessage"]) == (
        "TRAINING_FAILED",
        "Unable to write to output S3 bucket.",
    )


def test_scripted_service_issue_fails_the_training(aws: Aws) -> None:
    """A training can be made to fail as if the service itself had failed."""
    project, _ = aws.trained()
    aws.world.faults.add(Fault("CreateProjectVersion", fails_later=True))
    version = aws.train(project, "v2")
    assert (version["Status"], version["StatusMessage"]) == (
        "TRAINING_FAILED",
        "Amazon Rekognition experienced a service issue.",
    )


class BrokenExecutor:
    """Runs jobs that all have a bug."""

    def submit(self, job: Callable[[], Result]) -> Job[Result]:
        """Accept `job` and run something worse."""

        def explode() -> Result:
            raise ZeroDivisionError

        return LazyJob(explode)


@pytest.mark.parametrize("world", [World(clock=ManualClock(), executor=BrokenExecutor())])
def test_bug_in_a_training_is_a_failure_of_the_service(
    aws: Aws, caplog: pytest.LogCaptureFixture
) -> None:
    """The version fails with the service's text, and the traceback goes to the log."""
    lines = aws.put_images("a", 2)
    version = aws.train_on(lines, lines)
    assert version["StatusMessage"] == "Amazon Rekognition experienced a service issue."
    assert "ZeroDivisionError" in caplog.text


def test_output_bucket_that_vanishes_fails_the_training(aws: Aws) -> None:
    """A training whose results cannot be written has no model."""
    project, _ = aws.trained()
    aws.s3.create_bucket(Bucket="short-lived")
    config: Any = {"S3Bucket": "short-lived"}
    aws.rekognition.create_project_version(
        ProjectArn=project, VersionName="v2", OutputConfig=config
    )
    aws.s3.delete_bucket(Bucket="short-lived")
    assert aws.status_of(project) == "TRAINING_FAILED"
    assert aws.versions(project)[0]["StatusMessage"] == "Unable to write to output S3 bucket."
