"""An unmodified AWS CLI works against `rcl-flow emulate` as against AWS."""

import json
import subprocess
import time
from collections.abc import Iterator
from itertools import takewhile
from pathlib import Path
from typing import Any

import pytest

from rcl_flow.core.datasets.manifest import ManifestLine, format_manifest
from tests.e2e.aws_cli import AWS, needs_aws_cli, run_aws
from tests.e2e.bench import Bench, clean_environment

BUCKET = "cli-bucket"

pytestmark = needs_aws_cli


class AwsCli:
    """The AWS CLI, pointed at an emulator by the variables that `rcl-flow emulate` prints."""

    def __init__(self, variables: dict[str, str], folder: Path) -> None:
        """Run commands in `folder`."""
        self._folder = folder
        self._environment = {**clean_environment(), "HOME": str(folder), **variables}

    def __call__(self, *arguments: str) -> Any:  # noqa: ANN401  # whatever the CLI answers
        """Run `aws` and return the JSON that it prints, or None."""
        done = run_aws(self._folder, self._environment, *arguments)
        assert done.code == 0, done.stderr
        return json.loads(done.stdout) if done.stdout.strip().startswith("{") else None

    def wait_for(self, status: str, *arguments: str) -> dict[str, Any]:
        """Describe the project's version until it has `status`."""
        deadline = time.monotonic() + 60
        while True:
            answer = self("rekognition", "describe-project-versions", *arguments)
            version: dict[str, Any] = answer["ProjectVersionDescriptions"][0]
            if version["Status"] == status:
                return version
            assert time.monotonic() < deadline, version
            time.sleep(0.2)


@pytest.fixture
def cli(bench: Bench) -> Iterator[AwsCli]:
    """The CLI and an emulator in the foreground."""
    server = bench.start("emulate", "--port", "0", "--json")
    assert server.stdout is not None
    ready = json.loads(server.stdout.readline())
    yield AwsCli(ready["environment"], bench.folder)
    server.terminate()
    server.communicate(timeout=20)


def write_manifest(bench: Bench, split: str) -> str:
    """Write a manifest of a split's images in S3 and return its name."""
    images = sorted((bench.folder / "data" / split).glob("*/*.png"))
    lines = [
        ManifestLine(f"s3://{BUCKET}/{image.relative_to(bench.folder)}", (image.parent.name,))
        for image in images
    ]
    (bench.folder / f"{split}.manifest").write_bytes(format_manifest(lines))
    return f"{split}.manifest"


def test_cli_trains_starts_detects_and_stops(bench: Bench, cli: AwsCli) -> None:
    """Project, datasets, training, start, detection and stop, as in AWS's guide."""
    cli("s3", "mb", f"s3://{BUCKET}")
    cli("s3", "cp", "--recursive", "data", f"s3://{BUCKET}/data")
    project = cli("rekognition", "create-project", "--project-name", "cli")["ProjectArn"]
    for split, kind in (("train", "TRAIN"), ("test", "TEST")):
        name = write_manifest(bench, split)
        cli("s3", "cp", name, f"s3://{BUCKET}/{name}")
        source = {"GroundTruthManifest": {"S3Object": {"Bucket": BUCKET, "Name": name}}}
        cli(
            *("rekognition", "create-dataset", "--project-arn", project),
            *("--dataset-type", kind, "--dataset-source", json.dumps(source)),
        )
    time.sleep(0.3)
    version = cli(
        *("rekognition", "create-project-version", "--project-arn", project),
        *("--version-name", "v1", "--output-config", f"S3Bucket={BUCKET},S3KeyPrefix=out"),
    )["ProjectVersionArn"]
    trained = cli.wait_for("TRAINING_COMPLETED", "--project-arn", project)
    assert trained["EvaluationResult"]["F1Score"] > 0.8
    cli(
        *("rekognition", "start-project-version", "--project-version-arn", version),
        *("--min-inference-units", "1"),
    )
    cli.wait_for("RUNNING", "--project-arn", project)
    image = next((bench.folder / "data" / "holdout" / "seven").iterdir())
    found = cli(
        *("rekognition", "detect-custom-labels", "--project-version-arn", version),
        *("--image-bytes", f"fileb://{image}", "--min-confidence", "0"),
    )
    assert found["CustomLabels"][0]["Name"] == "seven"
    stored = {"S3Object": {"Bucket": BUCKET, "Name": str(image.relative_to(bench.folder))}}
    by_reference = cli(
        *("rekognition", "detect-custom-labels", "--project-version-arn", version),
        *("--image", json.dumps(stored), "--min-confidence", "0"),
    )
    assert by_reference == found
    cli("rekognition", "stop-project-version", "--project-version-arn", version)
    cli.wait_for("STOPPED", "--project-arn", project)


def test_exports_for_a_person_can_be_pasted(bench: Bench) -> None:
    """A shell that has run the printed lines lets the CLI find the emulator."""
    server = bench.start_anew("emulate", "--port", "0", "--region", "eu-west-1")
    assert server.stdout is not None
    lines = takewhile(lambda line: "aws rekognition" not in line, server.stdout)
    script = "".join(line for line in lines if line.startswith("  export "))
    shown = subprocess.run(
        ["sh", "-c", f"{script}env"], env={}, capture_output=True, text=True, check=True
    )
    variables = dict(line.split("=", 1) for line in shown.stdout.splitlines())
    told = subprocess.run(
        [str(AWS), "rekognition", "describe-projects"],
        env={**clean_environment(), "HOME": str(bench.folder), **variables},
        capture_output=True,
        text=True,
        check=True,
    )
    assert json.loads(told.stdout) == {"ProjectDescriptions": []}
    assert variables["AWS_REGION"] == variables["AWS_DEFAULT_REGION"] == "eu-west-1"
    server.terminate()
    server.communicate(timeout=20)
