"""Tests of explaining a failed training from the files that the service writes."""

import json
from dataclasses import replace

import pytest

from rcl_flow.aws.descriptions import VersionDescription
from rcl_flow.aws.s3 import S3Location
from rcl_flow.pipeline.runs.results import ProjectWanted
from rcl_flow.pipeline.training.datasets import ensure_project
from rcl_flow.pipeline.training.failures import explain_failure
from tests.emulator.builders import line, metadata, png, uri
from tests.unit.pipeline.bench import BUCKET, LABELS, Bench


def fail_training(bench: Bench, *bad: object) -> VersionDescription:
    """Train on good images and the bad lines, the last ones, and return the failed version."""
    s3 = bench.services().s3
    for split in ("train", "test"):
        lines: list[object] = []
        for label in LABELS:
            s3.put(S3Location(BUCKET, f"{split}/{label}.png"), png(label, len(lines)))
            lines.append(line(uri(f"{split}/{label}.png"), label))
        lines += bad if split == "train" else []
        texts = [each if isinstance(each, str) else json.dumps(each) for each in lines]
        s3.put(S3Location(BUCKET, f"{split}.json"), "".join(f"{t}\n" for t in texts).encode())
    project = ensure_project(ProjectWanted("shades", {}), bench.run())
    bench.client.create_project_version(
        ProjectArn=project.arn,
        VersionName="v1",
        OutputConfig={"S3Bucket": BUCKET, "S3KeyPrefix": "out"},
        TrainingData={
            "Assets": [
                {"GroundTruthManifest": {"S3Object": {"Bucket": BUCKET, "Name": "train.json"}}}
            ]
        },
        TestingData={
            "Assets": [
                {"GroundTruthManifest": {"S3Object": {"Bucket": BUCKET, "Name": "test.json"}}}
            ]
        },
    )
    bench.versions(project.arn)
    found = bench.services().rekognition.find_version(project.arn, "v1")
    assert found is not None
    assert found.status == "TRAINING_FAILED"
    return found


def explanation_of(code: str, explanations: tuple[str, ...]) -> str:
    """Return the one explanation of that code."""
    (found,) = [each for each in explanations if each.startswith(f"{code} ")]
    return found


def test_explain_failure_names_code_line_cause_and_cure(bench: Bench) -> None:
    """Each code of the service's files is put into words, with the line it concerns."""
    bad = {"source-ref": uri("train/red.png"), "x": "1", "x-metadata": metadata("red")}
    version = fail_training(bench, bad, line("https://example.com/a.png", "red"), "{")
    error = explain_failure(version, bench.services().s3)
    assert error.exit_code == 5
    assert version.arn in error.message
    text = explanation_of("ERROR_INVALID_SOURCE_REF_FORMAT", error.explanations)
    assert "line 5 (https://example.com/a.png)" in text
    assert "the source-ref is not an S3 URI; write it as s3://bucket/key." in text
    assert text in error.message
    json_text = explanation_of("ERROR_INVALID_JSON_LINE", error.explanations)
    assert "line 6 (no source-ref): the line is not JSON" in json_text
    attribute = explanation_of("ERROR_INVALID_LABEL_ATTRIBUTE_FORMAT", error.explanations)
    assert f"line 4 ({uri('train/red.png')})" in attribute


def test_explain_failure_names_what_concerns_the_whole_manifest(bench: Bench) -> None:
    """The summary's codes come first, without a line."""
    version = fail_training(bench, *(line(f"https://example.com/{n}", "red") for n in range(5)))
    error = explain_failure(version, bench.services().s3)
    text = explanation_of("ERROR_TOO_MANY_INVALID_ROWS_IN_MANIFEST", error.explanations)
    assert text == error.explanations[0]
    assert "more than 20 % of the manifest's lines are invalid" in text
    lines = explanation_of("ERROR_INVALID_SOURCE_REF_FORMAT", error.explanations)
    assert "and 2 more" in lines


@pytest.mark.parametrize("content", [None, b"{", b"[]"])
def test_explain_failure_still_explains_when_a_file_cannot_be_read(
    bench: Bench, content: bytes | None
) -> None:
    """A missing or broken file never hides that the training failed, and why."""
    version = fail_training(bench, "{", "{")
    place = S3Location(BUCKET, "summary.json")
    if content is not None:
        bench.services().s3.put(place, content)
    error = explain_failure(replace(version, manifest_summary=place), bench.services().s3)
    assert "TRAINING_FAILED" in error.message
    assert version.status_message in error.message
