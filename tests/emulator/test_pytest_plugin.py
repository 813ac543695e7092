"""The pytest plugin as other projects use it: real runs of pytest on projects of their own."""

import os
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

PROFILE = """
[profile production]
region = eu-west-1
endpoint_url = http://127.0.0.1:9
aws_access_key_id = AKIAREALREALREALREAL
aws_secret_access_key = real
"""


def run_pytest(folder: Path, tests: str, *options: str) -> subprocess.CompletedProcess[str]:
    """Run pytest on a project that has only these tests."""
    (folder / "test_project.py").write_text(TRAINED + tests)
    (folder / "pytest.ini").write_text(
        "[pytest]\naddopts = --strict-markers -p no:cacheprovider -W error\n"
    )
    (folder / "aws-config").write_text(PROFILE)
    real = {"AWS_PROFILE": "production", "AWS_CONFIG_FILE": str(folder / "aws-config")}
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-q", *options],
        cwd=folder,
        env={**os.environ, **real},
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
    once = __import__("botocore").config.Config(retries={"total_max_attempts": 1})
    with pytest.raises(Exception, match="LimitExceeded"):
        custom_labels.client("rekognition", config=once).create_project(ProjectName="mine")
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


def test_code_of_another_project_meets_the_emulator(tmp_path: Path) -> None:
    """Clients that it makes itself, and a session that it is given, have no way to the real AWS."""
    ended = run_pytest(
        tmp_path,
        """
import os
import subprocess
import boto3

def buckets(box):
    return [each["Name"] for each in box.client("s3").list_buckets()["Buckets"]]

def test_clients_of_this_process(custom_labels, custom_labels_environment):
    boto3.client("s3").create_bucket(Bucket="mine")
    boto3.client("rekognition").create_project(ProjectName="mine")
    assert custom_labels.calls() == {"CreateProject": 1}
    assert buckets(custom_labels) == ["mine"]
    assert os.environ["AWS_ENDPOINT_URL"] == custom_labels_environment["AWS_ENDPOINT_URL"]

def test_the_environment_is_as_before(custom_labels):
    assert os.environ["AWS_PROFILE"] == "production"
    assert "AWS_ENDPOINT_URL" not in os.environ

def test_session(custom_labels):
    custom_labels.session.resource("s3").create_bucket(Bucket="mine")
    custom_labels.session.client("rekognition").describe_projects()
    assert custom_labels.calls() == {"DescribeProjects": 1}
    assert buckets(custom_labels) == ["mine"]
    assert custom_labels.world.clock is custom_labels.clock

def test_child_process(custom_labels):
    script = "import boto3; print(boto3.client('rekognition').describe_projects())"
    kept = {name: text for name, text in os.environ.items() if not name.startswith("AWS_")}
    subprocess.run(["python3", "-c", script], env={**kept, **custom_labels.environment}, check=True)
    assert custom_labels.calls() == {"DescribeProjects": 1}

def client(url):
    return boto3.Session("any", "any", region_name="us-east-1").client(
        "rekognition", endpoint_url=url)

def test_url_of_all_tests(custom_labels_url, custom_labels, monkeypatch):
    monkeypatch.delenv("AWS_PROFILE")
    client(custom_labels_url).create_project(ProjectName="kept")
    assert custom_labels.calls() == {}

def test_url_keeps_what_another_test_made(custom_labels_url, monkeypatch):
    monkeypatch.delenv("AWS_PROFILE")
    assert len(client(custom_labels_url).describe_projects()["ProjectDescriptions"]) == 1
""".replace("python3", sys.executable),
    )
    assert "6 passed" in ended.stdout, ended.stdout + ended.stderr


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
    told = "the marker custom_labels: clock is one of real, manual, skipping, not 'sundial'"
    assert told in ended.stdout
    assert "settings.py" not in ended.stdout, "a slip of the test's shows no code of ours"


def test_slips_of_a_test_are_told(tmp_path: Path) -> None:
    """Settings without a name or of a wrong type, time that goes back, a second emulator."""
    ended = run_pytest(
        tmp_path,
        """
from rcl_flow.emulator.testing import running_emulator

@pytest.mark.custom_labels("skipping")
def test_nameless(custom_labels):
    pass

@pytest.mark.custom_labels(training_seconds="1h")
def test_typed(custom_labels):
    pass

def test_time(custom_labels):
    custom_labels.advance(-5)

def test_second(custom_labels):
    with running_emulator():
        pass
""",
    )
    assert "settings of custom_labels have names, such as clock='skipping'" in ended.stdout
    assert "training_seconds cannot be '1h'" in ended.stdout
    assert "time cannot go back: -5 seconds" in ended.stdout
    assert "There is an emulator in this process already" in ended.stdout


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
