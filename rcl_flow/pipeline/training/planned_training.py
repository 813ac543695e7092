"""What a run would do to come to a trained version, found out by looking alone."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from rcl_flow.aws.descriptions import (
    DATASET_WORKING,
    TRAINING,
    DatasetReference,
    ProjectDescription,
    VersionDescription,
)
from rcl_flow.core.costs.plan import PlannedStep
from rcl_flow.core.datasets.dataset import Dataset, Datasets
from rcl_flow.core.naming import images_prefix, version_name
from rcl_flow.core.training.dataset_delta import chunk_lines
from rcl_flow.errors import DatasetGateError, ForeignVersionError, TrainingFailedError
from rcl_flow.pipeline.data.linting import require_trainable
from rcl_flow.pipeline.runs.results import AskedTraining, UploadWanted
from rcl_flow.pipeline.runs.run import Run
from rcl_flow.pipeline.training.dataset_delta import read_delta
from rcl_flow.pipeline.training.datasets import dataset_of, judge_dataset
from rcl_flow.pipeline.training.training import find_training
from rcl_flow.pipeline.training.uploading import (
    images_to_send,
    manifest_of,
    training_content,
    upload_wanted,
)

_BYTES_PER_MB = 1_000_000


@dataclass(frozen=True, slots=True)
class PlannedTraining:
    """The steps up to the version."""

    steps: tuple[PlannedStep, ...]
    version: VersionDescription | None = None
    """The version that is there; it may train still."""
    bills: bool = False
    """Whether a training will be paid for that is not paid for yet."""


def plan_existing(arn: str, run: Run) -> PlannedTraining:
    """Plan to judge a version that exists without training."""
    version = run.services.rekognition.find_version_by_arn(arn)
    if version is None:
        return PlannedTraining((_refused("version", f"There is no project version {arn}."),))
    step = PlannedStep(step="version", action="reuse", detail=f"{version.name}, {version.status}")
    return PlannedTraining((step,), version)


def plan_training(datasets: Datasets, run: Run, *, bucket_exists: bool) -> PlannedTraining:
    """Plan to upload, make project and datasets, and train; or to use what was trained before."""
    config = run.config
    if datasets.train is None or datasets.test is None:
        return PlannedTraining((_refused("data", "There is nothing to train on."),))
    wanted = upload_wanted(config, datasets.train, datasets.test)
    content = training_content(wanted, config.training)
    try:
        asked = find_training(config.project, content, run, retry_failed=False)
    except (TrainingFailedError, ForeignVersionError) as error:
        return PlannedTraining((_refused("version", f"{error.message} {error.hint}"),))
    if asked is not None:
        return _adopted(asked, run)
    return _trained(wanted, content, run, bucket_exists=bucket_exists)


def _adopted(asked: AskedTraining, run: Run) -> PlannedTraining:
    version = run.services.rekognition.find_version(asked.project_arn, asked.version_name)
    trains = version is not None and version.status in TRAINING
    detail = f"{asked.version_name} was trained on this content"
    if trains:
        detail = f"{asked.version_name} trains on this content since {asked.created_at:%H:%M} UTC"
    unneeded = tuple(
        PlannedStep(step=name, action="nothing", detail="not needed: the version is there")
        for name in ("images", "manifests", "datasets")
    )
    step = PlannedStep(step="version", action="adopt" if trains else "reuse", detail=detail)
    return PlannedTraining((*unneeded, step), version, bills=trains)


def _trained(
    wanted: UploadWanted, content: str, run: Run, *, bucket_exists: bool
) -> PlannedTraining:
    manifests = {split.split: manifest_of(wanted, split) for split in (wanted.train, wanted.test)}
    try:
        require_trainable(manifests["train"], manifests["test"], run.services.backend.region)
    except DatasetGateError as error:
        return PlannedTraining((_refused("manifests", error.message),))
    project = run.services.rekognition.find_project(wanted.project)
    kinds: tuple[tuple[Literal["TRAIN", "TEST"], Dataset], ...]
    kinds = (("TRAIN", wanted.train), ("TEST", wanted.test))
    name = version_name(content)
    steps = (
        _images(wanted, run, bucket_exists=bucket_exists),
        PlannedStep(
            step="manifests", action="send", detail="train and test", calls={"PutObject": 2}
        ),
        PlannedStep(step="project", action="reuse", detail=wanted.project)
        if project
        else PlannedStep(
            step="project", action="create", detail=wanted.project, calls={"CreateProject": 1}
        ),
        *(
            _dataset(kind, dataset, manifests[dataset.split], project, run)
            for kind, dataset in kinds
        ),
        PlannedStep(step="version", action="train", detail=name, calls={"CreateProjectVersion": 1}),
    )
    return PlannedTraining(_until_refused(steps), bills=True)


def _images(wanted: UploadWanted, run: Run, *, bucket_exists: bool) -> PlannedStep:
    s3 = run.services.s3
    present = s3.sizes(wanted.bucket, images_prefix(wanted.prefix)) if bucket_exists else {}
    images = images_to_send(wanted, present)
    if not images.missing:
        detail = f"all {images.present} are in the bucket"
        return PlannedStep(step="images", action="reuse", detail=detail)
    megabytes = sum(image.size_bytes for image in images.missing) / _BYTES_PER_MB
    detail = f"{len(images.missing)} images ({megabytes:.1f} MB)"
    return PlannedStep(
        step="images",
        action="send",
        detail=f"{detail}, {images.present} are there" if images.present else detail,
        calls={"PutObject": len(images.missing)},
    )


def _dataset(
    kind: Literal["TRAIN", "TEST"],
    dataset: Dataset,
    manifest: bytes,
    project: ProjectDescription | None,
    run: Run,
) -> PlannedStep:
    """Plan one dataset as `pipeline.datasets` would treat it."""
    step, size = f"{kind} dataset", f"{len(dataset.distinct())} images"
    found = dataset_of(project, kind)
    if found is None:
        return PlannedStep(step=step, action="create", detail=size, calls={"CreateDataset": 1})
    tags = run.services.rekognition.tags_of(found.arn)
    match judge_dataset(found, tags, hashlib.sha256(manifest).hexdigest()):
        case "reuse":
            return PlannedStep(step=step, action="reuse", detail=size)
        case "foreign":
            return _refused(step, f"It is there, and rcl-flow did not make it: {found.arn}.")
        case "update":
            return _updated_dataset(step, size, found, manifest, run)
        case "replace":
            return _replaced_dataset(step, f"{size}, in place of one that is {found.status}")


def _updated_dataset(
    step: str, size: str, found: DatasetReference, manifest: bytes, run: Run
) -> PlannedStep:
    """Plan the update of a dataset of ours with other content, of which images may have to go."""
    if found.status in DATASET_WORKING:
        detail = f"{size}, when it is no longer {found.status}"
        return PlannedStep(step=step, action="update", detail=detail)
    delta = read_delta(found.arn, manifest, run)
    if delta.removed:
        detail = f"{size}, in place of other content: {len(delta.removed)} have to go"
        return _replaced_dataset(step, detail)
    parts = sum(1 for _ in chunk_lines(delta.to_send))
    calls = {"TagResource": 2, "UpdateDatasetEntries": parts} if parts else {"TagResource": 1}
    return PlannedStep(step=step, action="update", detail=f"{size}: {delta.text}", calls=calls)


def _replaced_dataset(step: str, detail: str) -> PlannedStep:
    calls = {"DeleteDataset": 1, "CreateDataset": 1}
    return PlannedStep(step=step, action="replace", detail=detail, calls=calls)


def _until_refused(steps: tuple[PlannedStep, ...]) -> tuple[PlannedStep, ...]:
    """Return the steps up to the first that is refused: nothing is done after it."""

    def walk() -> Iterator[PlannedStep]:
        for step in steps:
            yield step
            if step.action == "refuse":
                return

    return tuple(walk())


def _refused(step: str, why: str) -> PlannedStep:
    return PlannedStep(step=step, action="refuse", detail=why)
