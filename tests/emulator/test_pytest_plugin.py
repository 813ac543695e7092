"""The pytest plugin as other projects use it: real runs of pytest on projects of their own."""

import subprocess
import sys
from pathlib import Path

import pytest

TRAINED = """
import io
import json
import pytest
from PIL import Image

def body(colour, seed):
    file = io.BytesIO()
    Image.new("RGB", (64 + seed, 64), colour).save(file, "PNG")
    return file.getvalue()

def train(box):
    s3, rekognition = box.client("s3"), box.client("rekognition")
    s3.create_bucket(Bucket="images")
    lines = []
    for seed in range(4):
        for label, colour in {"red": (200, 0, 0), "blue": (0, 0, 200)}.items():
            key = f"{label}{seed}.png"
            s3.put_object(Bucket="images", Key=key, Body=body(colour, seed))
            meta = {"class-name": label, "confidence": 1, "human-annotated": "yes",
                    "creation-date": "2024-01-01T00:00:00",
                    "type": "groundtruth/image-classification"}
            line = {"source-ref": f"s3://images/{key}", "l": 1, "l-metadata": meta}
            lines.append(json.dumps(line))
    s3.put_object(Bucket="images", Key="m.manifest", Body="\\n".join(lines).encode())
    project = rekognition.create_project(ProjectName="p")["ProjectArn"]
    manifest = {"GroundTruthManifest": {"S3Object": {"Bucket": "images", "Name": "m.manifest"}}}
    arn = rekognition.create_project_version(
        ProjectArn=project, VersionName="v",
        OutputConfig={"S3Bucket": "images", "S3KeyPrefix": "o"},
        TrainingData={"Assets": [manifest]}, TestingData={"AutoCreate": True})["ProjectVersionArn"]
    return project, arn

def status(box, project):
    found = box.client("rekognition").describe_project_versions(ProjectArn=project)
    return found["ProjectVersionDescriptions"][0]["Status"]
"""


def run_pytest(folder: Path, tests: str, *options: str) -> subprocess.CompletedProcess[str]:
    """Run pytest on a project that has only these tests."""
    (folder / "test_project.py").write_text(TRAINED + tests)
    (folder / "pytest.ini").write_text("[pytest]\naddopts = --strict-markers -p no:cacheprovider\n")
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-q", *options],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )


def test_tests_of_another_project_get_an_empty_emulator(tmp_path: Path) -> None:
    """Each test has clients, calls, faults and bill of its own, without an address or a key."""
    ended = run_pytest(
        tmp_path,
        """
@pytest.mark.parametrize("time", [1, 2])
def test_it_is_empty(custom_labels, time):
    rekognition = custom_labels.client("rekognition")
    assert rekognition.describe_projects()["ProjectDescriptions"] == []
    rekognition.create_project(ProjectName="mine")
    assert custom_labels.calls() == {"CreateProject": 1, "DescribeProjects": 1}
    assert custom_labels.meter()["total"]["usd"] == 0

def test_faults_strike(custom_labels):
    custom_labels.fail("CreateProject", "LimitExceededException")
    rekognition = custom_labels.client("rekognition", region_name="eu-west-1")
    with pytest.raises(Exception, match="LimitExceeded"):
        custom_labels.session.client("rekognition", endpoint_url=custom_labels.endpoint_url,
            config=__import__("botocore").config.Config(retries={"total_max_attempts": 1})
        ).create_project(ProjectName="mine")
    rekognition.create_project(ProjectName="mine")

@pytest.mark.custom_labels(clock="skipping", training_seconds=86400)
def test_a_day_of_training_is_over_at_the_second_look(custom_labels):
    project, arn = train(custom_labels)
    assert status(custom_labels, project) == "TRAINING_IN_PROGRESS"
    assert status(custom_labels, project) == "TRAINING_COMPLETED"
    assert custom_labels.meter()["versions"][arn]["billed_training_seconds"] == 86400

@pytest.mark.custom_labels(clock="manual", training_seconds=3600, unit_usd_per_hour=5.0)
def test_time_stands_still(custom_labels):
    project, arn = train(custom_labels)
    assert [status(custom_labels, project) for _ in range(3)] == ["TRAINING_IN_PROGRESS"] * 3
    custom_labels.advance(3601)
    assert status(custom_labels, project) == "TRAINING_COMPLETED"
    custom_labels.client("rekognition").start_project_version(
        ProjectVersionArn=arn, MinInferenceUnits=2)
    assert custom_labels.running_models() == [arn]
    custom_labels.advance(1)
    assert status(custom_labels, project) == "RUNNING"
    before = custom_labels.meter()["total"]["usd"]
    custom_labels.advance(3600)
    assert custom_labels.meter()["total"]["usd"] == pytest.approx(before + 10)
""",
    )
    assert "5 passed" in ended.stdout, ended.stdout + ended.stderr


LEAK = """
def test_forgets_a_model(custom_labels):
    project, arn = train(custom_labels)
    while status(custom_labels, project) != "TRAINING_COMPLETED":
        pass
    custom_labels.client("rekognition").start_project_version(
        ProjectVersionArn=arn, MinInferenceUnits=1)
"""


@pytest.mark.parametrize(("option", "outcome"), [("true", "1 error"), ("false", "1 passed")])
def test_a_model_left_running_fails_the_test_on_demand(
    tmp_path: Path, option: str, outcome: str
) -> None:
    """The forgotten model of production is a red test with the model's name."""
    ended = run_pytest(tmp_path, LEAK, "-o", f"custom_labels_fail_on_running={option}")
    assert outcome in ended.stdout, ended.stdout + ended.stderr
    assert ("leaves a model running" in ended.stdout) == (option == "true")


def test_settings_that_there_are_not_are_told(tmp_path: Path) -> None:
    """A typing mistake in the marker is an error of that test."""
    ended = run_pytest(
        tmp_path,
        """
@pytest.mark.custom_labels(clock="sundial")
def test_clock(custom_labels):
    pass
""",
    )
    assert "clock is one of real, manual, skipping, not 'sundial'" in ended.stdout


def test_plugin_is_light_until_it_is_used(tmp_path: Path) -> None:
    """A pytest run that does not use the emulator loads neither moto, boto3 nor numpy."""
    (tmp_path / "test_nothing.py").write_text(
        "import sys\n\ndef test_nothing(pytestconfig):\n"
        "    assert pytestconfig.pluginmanager.has_plugin('rcl_flow')\n"
        "    heavy = {'moto', 'boto3', 'botocore', 'numpy', 'PIL', 'sklearn'}\n"
        "    assert not heavy & set(sys.modules)\n"
    )
    ended = subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            "-q",
            "-p",
            "no:cacheprovider",
            "-p",
            "no:hypothesispytest",
        ],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert "1 passed" in ended.stdout, ended.stdout
