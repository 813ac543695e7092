"""What AWS's example programs for Custom Labels rely on, through three clients.

Each client goes through the same steps with a script of our own and says which demands hold.
"""

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError, WaiterError

from rcl_flow.emulator.settings import EmulatorSettings
from rcl_flow.emulator.testing import CustomLabels, running_emulator
from tests.e2e.aws_cli import needs_aws_cli, run_aws
from tests.e2e.bench import Ended, clean_environment
from tests.e2e.javascript import needs_javascript, run_script
from tests.emulator.builders import COLOURS, line, png

BUCKET = "demands"
MANIFEST = "all.manifest"
DEMANDS = (
    "no NextToken on the last page",
    "an empty start token is accepted",
    "HasErrors=False filters nothing",
    "Datasets is an empty list",
    "StatusMessage in every state",
    "DatasetStats of an empty dataset",
    "an update shows at the first describe",
    "unknown names give empty lists",
    "a deleted dataset is not found",
    "the SDK's waiters finish",
)

Call = Callable[..., Any]
Holds = dict[str, bool]


@pytest.fixture(scope="module")
def box() -> Iterator[CustomLabels]:
    """Return an emulator with images and a manifest in a bucket, for one client after another."""
    settings = EmulatorSettings(dataset_seconds=0.2, training_seconds=0.2, starting_seconds=0.2)
    with running_emulator(settings) as running:
        s3 = running.client("s3")
        s3.create_bucket(Bucket=BUCKET)
        lines = []
        for label in COLOURS:
            for number in range(4):
                key = f"{label}-{number}.png"
                s3.put_object(Bucket=BUCKET, Key=key, Body=png(label, number))
                lines.append(json.dumps(line(f"s3://{BUCKET}/{key}", label)))
        s3.put_object(Bucket=BUCKET, Key=MANIFEST, Body="\n".join(lines).encode())
        yield running


@dataclass(frozen=True)
class Walk:
    """The steps in which a client looks for the demands.

    `call` takes an operation's name and its members and returns its answer; it raises
    `NotFoundError` for a ResourceNotFoundException. `wait` returns whether a waiter finished.
    """

    call: Call
    wait: Callable[[str, str], bool]
    name: str
    messages: list[str] = field(default_factory=list)

    def holds(self) -> Holds:
        """Go all steps and say which demands hold."""
        project = self.call("CreateProject", ProjectName=self.name)["ProjectArn"]
        return {**self._lists(project), **self._datasets(project), **self._models(project)}

    def _lists(self, project: str) -> Holds:
        listed = self.call("DescribeProjects", ProjectNames=[self.name], NextToken="")
        nobody = self.call("DescribeProjects", ProjectNames=["nobody"])
        nothing = self.call("DescribeProjectVersions", ProjectArn=project, VersionNames=["nobody"])
        return {
            "no NextToken on the last page": "NextToken" not in listed,
            "an empty start token is accepted": len(listed["ProjectDescriptions"]) == 1,
            "Datasets is an empty list": listed["ProjectDescriptions"][0]["Datasets"] == [],
            "unknown names give empty lists": nobody["ProjectDescriptions"] == []
            and nothing["ProjectVersionDescriptions"] == [],
        }

    def _datasets(self, project: str) -> Holds:
        empty = self.call("CreateDataset", ProjectArn=project, DatasetType="TEST")["DatasetArn"]
        stats = self._dataset(empty, "CREATE_COMPLETE")["DatasetStats"]
        manifest = {"GroundTruthManifest": {"S3Object": {"Bucket": BUCKET, "Name": MANIFEST}}}
        train = self.call(
            "CreateDataset", ProjectArn=project, DatasetType="TRAIN", DatasetSource=manifest
        )["DatasetArn"]
        self._dataset(train, "CREATE_COMPLETE")
        everything = self.call("ListDatasetEntries", DatasetArn=train)["DatasetEntries"]
        without = self.call("ListDatasetEntries", DatasetArn=train, HasErrors=False)
        changes = {"GroundTruth": everything[0]}
        self.call("UpdateDatasetEntries", DatasetArn=train, Changes=changes)
        shown = self.call("DescribeDataset", DatasetArn=train)["DatasetDescription"]["Status"]
        self._dataset(train, "UPDATE_COMPLETE")
        self.call("DeleteDataset", DatasetArn=empty)
        return {
            "DatasetStats of an empty dataset": stats["TotalEntries"] == stats["TotalLabels"] == 0,
            "HasErrors=False filters nothing": without["DatasetEntries"] == everything != [],
            "an update shows at the first describe": shown.startswith("UPDATE_"),
            "a deleted dataset is not found": self._gone(empty),
        }

    def _models(self, project: str) -> Holds:
        output = {"S3Bucket": BUCKET, "S3KeyPrefix": self.name}
        version = self.call(
            "CreateProjectVersion", ProjectArn=project, VersionName="v1", OutputConfig=output
        )["ProjectVersionArn"]
        self._version(project)
        self._until(project, "TRAINING_COMPLETED")
        trained = self.wait("project_version_training_completed", project)
        self.call("StartProjectVersion", ProjectVersionArn=version, MinInferenceUnits=1)
        self._version(project)
        self._until(project, "RUNNING")
        running = self.wait("project_version_running", project)
        self.call("StopProjectVersion", ProjectVersionArn=version)
        self._until(project, "STOPPED")
        return {
            "the SDK's waiters finish": trained and running,
            "StatusMessage in every state": all(self.messages),
        }

    def _dataset(self, arn: str, status: str) -> dict[str, Any]:
        for _ in range(200):
            found: dict[str, Any] = self.call("DescribeDataset", DatasetArn=arn)
            description: dict[str, Any] = found["DatasetDescription"]
            self.messages.append(description.get("StatusMessage", ""))
            if description["Status"] == status:
                return description
            time.sleep(0.05)
        raise AssertionError(f"never {status}")

    def _gone(self, arn: str) -> bool:
        for _ in range(200):
            try:
                self.call("DescribeDataset", DatasetArn=arn)
            except NotFoundError:
                return True
            time.sleep(0.05)
        return False

    def _version(self, project: str) -> str:
        found = self.call("DescribeProjectVersions", ProjectArn=project, VersionNames=["v1"])
        (version,) = found["ProjectVersionDescriptions"]
        self.messages.append(version.get("StatusMessage", ""))
        return str(version["Status"])

    def _until(self, project: str, status: str) -> None:
        for _ in range(400):
            if self._version(project) == status:
                return
            time.sleep(0.05)
        raise AssertionError(f"never {status}")


class NotFoundError(Exception):
    """The service said ResourceNotFoundException."""


def through_boto3(box: CustomLabels, folder: Path) -> Holds:
    """Go the steps with boto3 and botocore's own waiters."""
    client = box.client("rekognition")

    def call(operation: str, **members: Any) -> Any:  # noqa: ANN401  # any operation
        try:
            return client._make_api_call(operation, members)
        except ClientError as error:
            if error.response["Error"]["Code"] == "ResourceNotFoundException":
                raise NotFoundError from error
            raise

    def wait(waiter: str, project: str) -> bool:
        config = {"Delay": 1, "MaxAttempts": 60}
        try:
            client.get_waiter(waiter).wait(
                ProjectArn=project, VersionNames=["v1"], WaiterConfig=config
            )
        except WaiterError:
            return False
        return True

    return Walk(call, wait, "with-boto3").holds()


def through_the_cli(box: CustomLabels, folder: Path) -> Holds:
    """Go the steps with the AWS CLI and its `wait` commands."""
    environment = {**clean_environment(), "HOME": str(folder), **box.environment}

    def run(*arguments: str) -> Ended:
        return run_aws(folder, environment, "--no-paginate", "rekognition", *arguments)

    def call(operation: str, **members: Any) -> Any:  # noqa: ANN401  # any operation
        done = run(dashed(operation), "--cli-input-json", json.dumps(members))
        if "ResourceNotFoundException" in done.stderr:
            raise NotFoundError
        assert done.code == 0, done.stderr
        return json.loads(done.stdout or "{}")

    def wait(waiter: str, project: str) -> bool:
        names = ("--project-arn", project, "--version-names", "v1")
        return run("wait", waiter.replace("_", "-"), *names).code == 0

    return Walk(call, wait, "with-the-cli").holds()


def dashed(operation: str) -> str:
    """Return an operation's name as the AWS CLI writes it."""
    return "".join(f"-{c.lower()}" if c.isupper() else c for c in operation).removeprefix("-")


def through_javascript(box: CustomLabels, folder: Path) -> Holds:
    """Go the steps with the JavaScript SDK and its own waiters."""
    holds: Holds = run_script("demands.mjs", folder, box.environment, BUCKET, MANIFEST)
    return holds


@pytest.mark.parametrize(
    "walk",
    [
        pytest.param(through_boto3, id="boto3"),
        pytest.param(through_the_cli, id="aws-cli", marks=needs_aws_cli),
        pytest.param(through_javascript, id="javascript", marks=needs_javascript),
    ],
)
def test_demands_hold(
    walk: Callable[[CustomLabels, Path], Holds], box: CustomLabels, tmp_path: Path
) -> None:
    """What the example programs for Custom Labels rely on holds for this client."""
    assert walk(box, tmp_path) == dict.fromkeys(DEMANDS, True)
