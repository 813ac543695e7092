"""A run and what its steps need, each made by the step itself."""

import hashlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rcl_flow.aws.rekognition import Rekognition
from rcl_flow.aws.retry import Caller
from rcl_flow.aws.s3 import S3, S3Location
from rcl_flow.aws.scheduler import Scheduler
from rcl_flow.config import FlowConfig
from rcl_flow.core.datasets.dataset import Dataset, DatasetImage, Split
from rcl_flow.emulator.conditions.faults import Fault
from rcl_flow.emulator.conditions.world import World
from rcl_flow.pipeline.runs.events import Event, Notice
from rcl_flow.pipeline.runs.opening import keep_run, open_run
from rcl_flow.pipeline.runs.results import (
    DatasetsWanted,
    ProjectWanted,
    TrainedVersion,
    TrainingWanted,
    UploadedManifests,
    UploadWanted,
)
from rcl_flow.pipeline.runs.run import Run
from rcl_flow.pipeline.runs.services import Services
from rcl_flow.pipeline.runs.steplog import StepLog
from rcl_flow.pipeline.state.backend import Backend
from rcl_flow.pipeline.state.records import ArmedModel
from rcl_flow.pipeline.state.sqlite_store import SqliteStore
from rcl_flow.pipeline.training.datasets import ensure_datasets, ensure_project
from rcl_flow.pipeline.training.training import ask_training, await_training
from rcl_flow.pipeline.training.uploading import upload
from tests.emulator.builders import png
from tests.unit.clocks import FakeClock

if TYPE_CHECKING:
    from types_boto3_rekognition import RekognitionClient
    from types_boto3_s3 import S3Client
    from types_boto3_scheduler import EventBridgeSchedulerClient

BUCKET = "acme-images"
REGION = "us-east-1"
LABELS = ("red", "green", "blue")


@dataclass
class Bench:
    """One workspace, one emulator."""

    folder: Path
    world: World
    client: "RekognitionClient"
    s3_client: "S3Client"
    scheduler_client: "EventBridgeSchedulerClient"
    clock: FakeClock = field(default_factory=FakeClock)
    told: list[Event] = field(default_factory=list)

    def arm(
        self,
        operation: str,
        code: str | None = None,
        times: int | None = 1,
        *,
        executed: bool = False,
        fails_later: bool = False,
    ) -> None:
        """Let the operation's next calls fail."""
        self.world.faults.add(
            Fault(operation, times=times, code=code, executed=executed, fails_later=fails_later)
        )

    def calls(self, operation: str) -> int:
        """Return how often the emulator was asked for the operation."""
        return self.world.calls.counts().get(operation, 0)

    @property
    def notices(self) -> list[str]:
        """What a person was told to read."""
        return [event.text for event in self.told if isinstance(event, Notice)]

    def services(self, instance: str = "one") -> Services:
        """Return services on this emulator and workspace."""
        caller = Caller(self.clock)
        workspace = self.folder / "workspace"
        return Services(
            rekognition=Rekognition(self.client, caller),
            s3=S3(self.s3_client, caller, region=REGION),
            scheduler=Scheduler(self.scheduler_client, caller),
            clock=self.clock,
            store=SqliteStore(workspace / "state.sqlite", self.clock),
            workspace=workspace,
            backend=Backend(kind="emulator", region=REGION, emulator_instance=instance),
            emit=self.told.append,
            account_id=lambda: "123456789012",
        )

    def run(self, *, blocking: bool = True, instance: str = "one", **sections: object) -> Run:
        """Return the run of a small config, in which `sections` replace the defaults."""
        config = FlowConfig.model_validate(
            {
                "project": "shades",
                "data": {split: {"folder": split} for split in ("train", "test", "holdout")},
                "storage": {"bucket": BUCKET},
                **sections,
            }
        )
        services = self.services(instance)
        log = StepLog(self.told.append, self.clock)
        run = open_run(config, ["content"], services, log, blocking=blocking)
        keep_run(run)
        return run

    def image(self, name: str, content: bytes, *labels: str) -> DatasetImage:
        """Write an image to disk and return it."""
        path = self.folder / "data" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        sha256 = hashlib.sha256(content).hexdigest()
        return DatasetImage(str(path), sha256, len(content), "PNG", labels)

    def dataset(self, split: Split, count: int, first: int) -> Dataset:
        """Write `count` images of each label, numbered from `first`, and return them."""
        return Dataset(
            split,
            tuple(
                self.image(f"{label}-{number}.png", png(label, number), label)
                for label in LABELS
                for number in range(first, first + count)
            ),
        )

    def upload_wanted(self, first: int = 0) -> UploadWanted:
        """Return small datasets to upload; another `first` is other content."""
        return UploadWanted(
            project="shades",
            bucket=BUCKET,
            prefix="rcl-flow",
            kms_key_id=None,
            train=self.dataset("train", 4, first),
            test=self.dataset("test", 2, first + 4),
        )

    def datasets_wanted(self, run: Run, first: int = 0) -> DatasetsWanted:
        """Upload small datasets and return what has to be made of them."""
        manifests: UploadedManifests = upload(self.upload_wanted(first), run)
        return DatasetsWanted(ensure_project(ProjectWanted("shades", {}), run), manifests, {})

    def training_wanted(self, run: Run, *, retry_failed: bool = False) -> TrainingWanted:
        """Make datasets and return the training on them."""
        wanted = self.datasets_wanted(run)
        ensure_datasets(wanted, run)
        return TrainingWanted(
            project_arn=wanted.project.arn,
            content_digest=wanted.digest,
            output=S3Location(BUCKET, "out"),
            kms_key_id=None,
            tags={},
            retry_failed=retry_failed,
        )

    def trained(self, run: Run) -> TrainedVersion:
        """Train a version."""
        return await_training(ask_training(self.training_wanted(run), run), run)

    def armed(self, version: TrainedVersion, run: Run, **facts: object) -> ArmedModel:
        """Return the record that a run leaves that dies with its model running."""
        now = self.clock.now()
        known = ArmedModel(
            project_version_arn=version.version_arn,
            run_id=run.run_id,
            backend=run.services.backend,
            inference_units=1,
            armed_at=now,
            asked_at=now,
            usd_per_hour=4.0,
        )
        return known.model_copy(update=facts)

    def status(self, version: TrainedVersion) -> str:
        """Return the version's status as a look at the service shows it."""
        return self.versions(version.project_arn)[0]["Status"]  # type: ignore[no-any-return]

    def versions(self, project_arn: str) -> list[dict[str, Any]]:
        """Return the descriptions of the project's versions."""
        found: Any = self.client.describe_project_versions(ProjectArn=project_arn)
        return list(found["ProjectVersionDescriptions"])
