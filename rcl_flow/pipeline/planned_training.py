"""What a run would do to come to a trained version, found out by looking alone."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from rcl_flow.aws.descriptions import (
    DATASET_USABLE,
    DATASET_WORKING,
    TRAINING,
    DatasetReference,
    ProjectDescription,
    VersionDescription,
)
from rcl_flow.aws.s3 import parse_s3_uri
from rcl_flow.core.dataset import Dataset, Datasets
from rcl_flow.core.naming import CONTENT_TAG, MANAGED_TAG, image_key, images_prefix, version_name
from rcl_flow.core.plan import PlannedStep
from rcl_flow.errors import DatasetGateError, ForeignVersionError, TrainingFailedError
from rcl_flow.pipeline.linting import require_trainable
from rcl_flow.pipeline.results import AskedTraining, UploadWanted
from rcl_flow.pipeline.run import Run
from rcl_flow.pipeline.training import find_training
from rcl_flow.pipeline.uploading import manifest_of, training_content

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


def plan_training(
    datasets: Datasets, bucket: str, run: Run, *, bucket_exists: bool
) -> PlannedTraining:
    """Plan to upload, make project and datasets, and train; or to use what was trained before."""
    config = run.config
    if datasets.train is None or datasets.test is None:
        return PlannedTraining((_refused("data", "There is nothing to train on."),))
    wanted = UploadWanted(
        project=config.project,
        bucket=bucket,
        prefix=config.storage.prefix,
        kms_key_id=config.storage.kms_key_id,
        train=datasets.train,
        test=datasets.test,
    )
    content = training_content(wanted, config.training.kms_key_id)
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
    sizes = {
        image_key(wanted.prefix, image.sha256, image.image_format): image.size_bytes
        for dataset in (wanted.train, wanted.test)
        for image in dataset.distinct()
        if parse_s3_uri(image.uri) is None
    }
    missing = [size for key, size in sizes.items() if present.get(key) != size]
    there = len(sizes) - len(missing)
    if not missing:
        return PlannedStep(step="images", action="reuse", detail=f"all {there} are in the bucket")
    detail = f"{len(missing)} images ({sum(missing) / _BYTES_PER_MB:.1f} MB)"
    return PlannedStep(
        step="images",
        action="send",
        detail=f"{detail}, {there} are there" if there else detail,
        calls={"PutObject": len(missing)},
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
    found = _find_dataset(kind, project)
    if found is None:
        return PlannedStep(step=step, action="create", detail=size, calls={"CreateDataset": 1})
    tags = run.services.rekognition.tags_of(found.arn)
    usable = found.status in DATASET_USABLE | DATASET_WORKING
    if usable and tags.get(CONTENT_TAG) == hashlib.sha256(manifest).hexdigest():
        return PlannedStep(step=step, action="reuse", detail=size)
    if MANAGED_TAG not in tags:
        return _refused(step, f"It is there, and rcl-flow did not make it: {found.arn}.")
    return PlannedStep(
        step=step,
        action="replace",
        detail=f"{size}, in place of other content",
        calls={"DeleteDataset": 1, "CreateDataset": 1},
    )


def _find_dataset(kind: str, project: ProjectDescription | None) -> DatasetReference | None:
    datasets = project.datasets if project else ()
    return next((one for one in datasets if one.dataset_type == kind), None)


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
