"""No sequence of calls breaks the emulator: hypothesis looks for one.

Every answer is one that the model allows, every state follows from the one before by the service's
state machines, and the bill is never negative and never missing.
"""

import json
from contextlib import ExitStack
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from rcl_flow.emulator.api_models import service_model
from rcl_flow.emulator.conditions.clock import Delay, ManualClock
from rcl_flow.emulator.conditions.world import Delays, Quotas, World
from rcl_flow.emulator.testing import emulated_aws
from tests.emulator.builders import BUCKET, COLOURS, line, png, uri
from tests.emulator.states import (
    DATASET_STATES,
    PROJECT_STATES,
    VERSION_STATES,
    States,
    reachable,
)

CLIENT = Config(retries={"total_max_attempts": 1}, parameter_validation=False)
IMAGES_PER_LABEL = 3
UNMODELLED = {"ValidationException"}

names = st.sampled_from(["one", "two"])
kinds = st.sampled_from(["TRAIN", "TEST"])
seconds = st.sampled_from([0.0, 1.0, 60.0, 3600.0, 86_400.0])
delays = st.builds(Delay, seconds=st.sampled_from([0.0, 30.0]), polls=st.integers(0, 1))


class EmulatorMachine(RuleBasedStateMachine):
    """Calls in any order, on two projects with two datasets and two versions each."""

    @initialize(
        delays=st.builds(Delays, delays, delays, delays, delays, delays), strict=st.booleans()
    )
    def begin(self, delays: Delays, strict: bool) -> None:
        """Start an empty emulator with images and a manifest in a bucket."""
        self.clock = ManualClock()
        quotas = Quotas(projects=1, trainings=1, running_models=1) if strict else None
        self.world = World(clock=self.clock, delays=delays, quotas=quotas)
        self.stack = ExitStack()
        self.stack.enter_context(emulated_aws(self.world))
        session = boto3.Session("AKIAEMULATOREMULATOR", "secret", region_name="us-east-1")
        self.client: Any = session.client("rekognition", config=CLIENT)
        self.seen: dict[str, str] = {}
        s3 = session.client("s3")
        s3.create_bucket(Bucket=BUCKET)
        for label in COLOURS:
            for number in range(IMAGES_PER_LABEL):
                s3.put_object(Bucket=BUCKET, Key=f"{label}-{number}.png", Body=png(label, number))
        self.lines = [
            json.dumps(line(uri(f"{label}-{number}.png"), label))
            for label in COLOURS
            for number in range(IMAGES_PER_LABEL)
        ]
        s3.put_object(Bucket=BUCKET, Key="all.manifest", Body="\n".join(self.lines).encode())

    def teardown(self) -> None:
        """Leave the emulator empty."""
        if hasattr(self, "stack"):
            self.stack.close()

    def ask(self, operation: str, **members: object) -> dict[str, Any]:
        """Call an operation; a refusal must be one that the model allows."""
        try:
            answer: dict[str, Any] = self.client._make_api_call(operation, members)
        except ClientError as error:
            code = error.response["Error"]["Code"]
            status = error.response["ResponseMetadata"]["HTTPStatusCode"]
            modelled = {s.name for s in service_model().operation_model(operation).error_shapes}
            assert status == 400, f"{operation}: {code}"
            assert code in modelled | UNMODELLED, f"{operation}: {code}"
            return {}
        return answer

    def arn_of(self, name: str) -> str:
        """Return the ARN of a project, or of one that never was."""
        found = self.ask("DescribeProjects", ProjectNames=[name]).get("ProjectDescriptions", [])
        missing = f"arn:aws:rekognition:us-east-1:123456789012:project/{name}/1"
        return str(found[0]["ProjectArn"]) if found else missing

    def dataset_of(self, name: str, kind: str) -> str:
        """Return the ARN of a project's dataset, or of one that never was."""
        for project in self.ask("DescribeProjects", ProjectNames=[name])["ProjectDescriptions"]:
            for dataset in project["Datasets"]:
                if dataset["DatasetType"] == kind:
                    return str(dataset["DatasetArn"])
        return f"{self.arn_of(name).rpartition('/')[0]}/dataset/{kind.lower()}/1"

    def version_of(self, name: str, version: str) -> str:
        """Return the ARN of a version, or of one that never was."""
        answer = self.ask(
            "DescribeProjectVersions", ProjectArn=self.arn_of(name), VersionNames=[version]
        )
        found = answer.get("ProjectVersionDescriptions", [])
        missing = f"arn:aws:rekognition:us-east-1:123456789012:project/{name}/version/{version}/1"
        return str(found[0]["ProjectVersionArn"]) if found else missing

    @rule(name=names)
    def create_project(self, name: str) -> None:
        """CreateProject."""
        self.ask("CreateProject", ProjectName=name)

    @rule(name=names)
    def delete_project(self, name: str) -> None:
        """DeleteProject."""
        self.ask("DeleteProject", ProjectArn=self.arn_of(name))

    @rule(name=names, kind=kinds, empty=st.booleans())
    def create_dataset(self, name: str, kind: str, empty: bool) -> None:
        """CreateDataset, empty or from the manifest."""
        manifest = {"GroundTruthManifest": {"S3Object": {"Bucket": BUCKET, "Name": "all.manifest"}}}
        source = {} if empty else {"DatasetSource": manifest}
        self.ask("CreateDataset", ProjectArn=self.arn_of(name), DatasetType=kind, **source)

    @rule(name=names, kind=kinds)
    def delete_dataset(self, name: str, kind: str) -> None:
        """DeleteDataset."""
        self.ask("DeleteDataset", DatasetArn=self.dataset_of(name, kind))

    @rule(name=names, kind=kinds, first=st.integers(0, 8), text=st.sampled_from(["", "{", "{}"]))
    def update_entries(self, name: str, kind: str, first: int, text: str) -> None:
        """UpdateDatasetEntries, with lines of the manifest and perhaps a broken one."""
        changes = "\n".join([*self.lines[first:], text]) or "{}"
        arn = self.dataset_of(name, kind)
        self.ask("UpdateDatasetEntries", DatasetArn=arn, Changes={"GroundTruth": changes.encode()})

    @rule(name=names)
    def distribute(self, name: str) -> None:
        """DistributeDatasetEntries."""
        arns = [{"Arn": self.dataset_of(name, kind)} for kind in ("TRAIN", "TEST")]
        self.ask("DistributeDatasetEntries", Datasets=arns)

    @rule(name=names, kind=kinds, size=st.integers(1, 4))
    def list_dataset(self, name: str, kind: str, size: int) -> None:
        """Read all pages of entries and labels."""
        for operation in ("ListDatasetEntries", "ListDatasetLabels"):
            members: dict[str, object] = {"DatasetArn": self.dataset_of(name, kind)}
            while token := self.ask(operation, MaxResults=size, **members).get("NextToken"):
                members["NextToken"] = token

    @rule(name=names, version=names)
    def train(self, name: str, version: str) -> None:
        """CreateProjectVersion on the project's datasets."""
        output = {"S3Bucket": BUCKET, "S3KeyPrefix": "out"}
        arn = self.arn_of(name)
        self.ask("CreateProjectVersion", ProjectArn=arn, VersionName=version, OutputConfig=output)

    @rule(source=names, name=names, version=names)
    def copy(self, source: str, name: str, version: str) -> None:
        """CopyProjectVersion."""
        self.ask(
            "CopyProjectVersion",
            SourceProjectArn=self.arn_of(source),
            SourceProjectVersionArn=self.version_of(source, version),
            DestinationProjectArn=self.arn_of(name),
            VersionName="copied",
            OutputConfig={"S3Bucket": BUCKET, "S3KeyPrefix": "copies"},
        )

    @rule(name=names, version=names | st.just("copied"), units=st.integers(1, 6))
    def start(self, name: str, version: str, units: int) -> None:
        """StartProjectVersion."""
        arn = self.version_of(name, version)
        self.ask("StartProjectVersion", ProjectVersionArn=arn, MinInferenceUnits=units)

    @rule(name=names, version=names | st.just("copied"))
    def stop(self, name: str, version: str) -> None:
        """StopProjectVersion."""
        self.ask("StopProjectVersion", ProjectVersionArn=self.version_of(name, version))

    @rule(name=names, version=names | st.just("copied"))
    def delete_version(self, name: str, version: str) -> None:
        """DeleteProjectVersion."""
        self.ask("DeleteProjectVersion", ProjectVersionArn=self.version_of(name, version))

    @rule(name=names, version=names | st.just("copied"), floor=st.sampled_from([0, 50, 100]))
    def detect(self, name: str, version: str, floor: int) -> None:
        """DetectCustomLabels."""
        answer = self.ask(
            "DetectCustomLabels",
            ProjectVersionArn=self.version_of(name, version),
            Image={"Bytes": png("red", 99)},
            MinConfidence=floor,
        )
        confidences = [found["Confidence"] for found in answer.get("CustomLabels", [])]
        assert confidences == sorted(confidences, reverse=True)
        assert all(floor <= confidence <= 100 for confidence in confidences)

    @rule(name=names, policy=names, revision=st.sampled_from([None, "0123456789abcdef"]))
    def put_policy(self, name: str, policy: str, revision: str | None) -> None:
        """PutProjectPolicy, ListProjectPolicies and perhaps DeleteProjectPolicy."""
        arn = self.arn_of(name)
        statement = {
            "Effect": "Allow",
            "Principal": {"AWS": "arn:aws:iam::222222222222:root"},
            "Action": "rekognition:CopyProjectVersion",
            "Resource": f"{arn.rpartition('/')[0]}/version/*",
        }
        document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        known = {"PolicyRevisionId": revision} if revision else {}
        self.ask(
            "PutProjectPolicy", ProjectArn=arn, PolicyName=policy, PolicyDocument=document, **known
        )
        self.ask("ListProjectPolicies", ProjectArn=arn)
        if revision:
            self.ask("DeleteProjectPolicy", ProjectArn=arn, PolicyName=policy)

    @rule(name=names, key=st.sampled_from(["team", "rcl-flow"]))
    def tag(self, name: str, key: str) -> None:
        """Tag a project, read its tags and take one away."""
        arn = self.arn_of(name)
        self.ask("TagResource", ResourceArn=arn, Tags={key: "x"})
        tags = self.ask("ListTagsForResource", ResourceArn=arn).get("Tags", {key: "x"})
        assert tags[key] == "x"
        self.ask("UntagResource", ResourceArn=arn, TagKeys=["rcl-flow"])

    @rule(seconds=seconds)
    def wait(self, seconds: float) -> None:
        """Let time pass."""
        self.clock.advance(seconds)

    @invariant()
    def states_follow_from_states(self) -> None:
        """What a describe shows can follow from what the last one showed."""
        if not hasattr(self, "client"):
            return
        for project in self.ask("DescribeProjects")["ProjectDescriptions"]:
            self._see(PROJECT_STATES, project["ProjectArn"], project["Status"])
            for dataset in project["Datasets"]:
                self._see(DATASET_STATES, dataset["DatasetArn"], dataset["Status"])
            versions = self.ask("DescribeProjectVersions", ProjectArn=project["ProjectArn"])
            for version in versions.get("ProjectVersionDescriptions", []):
                self._see(VERSION_STATES, version["ProjectVersionArn"], version["Status"])
                assert version["StatusMessage"]

    @invariant()
    def bill_is_complete(self) -> None:
        """Running models are billed, others are not, trained ones were, and all adds up."""
        if not hasattr(self, "client"):
            return
        report = self.world.meter.report(self.clock.now())
        lines = report["versions"]
        assert all(value >= 0 for entry in lines.values() for value in self._amounts(entry))
        for name, total in report["total"].items():
            assert total == pytest.approx(sum(entry[name] for entry in lines.values()))
        for arn, state in self.seen.items():
            entry = lines.get(arn, {"intervals": [], "billed_training_seconds": 0})
            running = [each for each in entry["intervals"] if each["ended_at"] is None]
            if "/version/" in arn and state in VERSION_STATES:
                assert len(running) == (1 if state == "RUNNING" else 0), (arn, state)
            if state == "TRAINING_COMPLETED":
                assert entry["billed_training_seconds"] >= 1

    def _see(self, states: States, arn: str, state: str) -> None:
        assert state in states
        assert state in reachable(states, self.seen.get(arn, state)), (arn, self.seen[arn], state)
        self.seen[arn] = state

    def _amounts(self, entry: dict[str, Any]) -> list[float]:
        kept = (entry["billed_training_seconds"], entry["inference_unit_seconds"], entry["usd"])
        return [*kept, *(each["seconds"] for each in entry["intervals"])]


TestEmulator = EmulatorMachine.TestCase
