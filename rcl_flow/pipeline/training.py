"""Project, datasets and the one paid training, each looked for before it is made."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from rcl_flow.aws.descriptions import (
    DATASET_DELETING,
    DATASET_USABLE,
    DATASET_WORKING,
    TRAINED,
    TRAINING,
    DatasetDescription,
    DatasetReference,
    VersionDescription,
)
from rcl_flow.aws.s3 import S3Location
from rcl_flow.aws.waiting import Pace
from rcl_flow.core.naming import CONTENT_TAG, MANAGED_TAG, version_name
from rcl_flow.errors import (
    AwsRefusedError,
    AwsUnreachableError,
    ForeignDatasetError,
    TrainingFailedError,
)
from rcl_flow.pipeline.failures import explain_failure
from rcl_flow.pipeline.results import (
    AskedTraining,
    DatasetsWanted,
    Project,
    ProjectDatasets,
    ProjectWanted,
    TrainedVersion,
    TrainingWanted,
    UploadedManifest,
)
from rcl_flow.pipeline.run import Run

_DATASET_TIMEOUT_SECONDS = 3600.0
_DATASET_POLL_SECONDS = 5.0
_SECONDS_PER_HOUR = 3600
_LOOKS = 5
_LOOK_SECONDS = 2.0


def ensure_project(wanted: ProjectWanted, run: Run) -> Project:
    """Return the project of that name, made when it is not there."""
    found = run.services.rekognition.find_project(wanted.name)
    arn = found.arn if found else _create_project(wanted, run)
    return Project(arn=arn, name=wanted.name)


def _create_project(wanted: ProjectWanted, run: Run) -> str:
    rekognition = run.services.rekognition
    try:
        return rekognition.create_project(wanted.name, managed_tags(wanted.tags))
    except AwsRefusedError:
        found = rekognition.find_project(wanted.name)  # the answer may have been lost
        if found is None:
            raise
        return found.arn


def ensure_datasets(wanted: DatasetsWanted, run: Run) -> ProjectDatasets:
    """Return the project's datasets with the manifests' content, made or replaced as needed.

    Raises:
        ForeignDatasetError: there is a dataset of other content that rcl-flow did not make.
        AwsRefusedError: a dataset cannot be made, or the service dropped lines of it.
    """
    manifests = wanted.manifests
    train = _ensure_dataset("TRAIN", manifests.train, wanted, run)
    test = _ensure_dataset("TEST", manifests.test, wanted, run)
    for arn, manifest in ((train, manifests.train), (test, manifests.test)):
        _await_dataset(arn, manifest, run)
    return ProjectDatasets(
        project=wanted.project,
        train_arn=train,
        test_arn=test,
        train_images=manifests.train.images,
        test_images=manifests.test.images,
    )


def _ensure_dataset(
    kind: Literal["TRAIN", "TEST"], manifest: UploadedManifest, wanted: DatasetsWanted, run: Run
) -> str:
    rekognition = run.services.rekognition
    found = _find_dataset(kind, wanted.project, run)
    if found is not None:
        tags = rekognition.tags_of(found.arn)
        usable = found.status in DATASET_USABLE | DATASET_WORKING
        if tags.get(CONTENT_TAG) == manifest.content_digest and usable:
            return found.arn
        if MANAGED_TAG not in tags:
            raise ForeignDatasetError(
                f"The project {wanted.project.name} has a {kind} dataset that rcl-flow did not "
                f"make: {found.arn}.",
                hint="Use another project, or delete that dataset yourself.",
                operation="CreateDataset",
                code="ForeignDataset",
            )
        _delete_dataset(kind, found, wanted.project, run)
    return rekognition.create_dataset(
        wanted.project.arn,
        kind,
        S3Location(wanted.manifests.bucket, manifest.key),
        managed_tags(wanted.tags, manifest.content_digest),
    )


def _find_dataset(kind: str, project: Project, run: Run) -> DatasetReference | None:
    found = run.services.rekognition.find_project(project.name)
    for dataset in found.datasets if found else ():
        if dataset.dataset_type == kind:
            return dataset
    return None


def _delete_dataset(kind: str, found: DatasetReference, project: Project, run: Run) -> None:
    run.log.notice(f"The {kind} dataset has other content: it is replaced.")
    if found.status not in DATASET_DELETING:
        run.services.rekognition.delete_dataset(found.arn)
    gone = DatasetReference(found.arn, kind, "GONE")
    run.until_awake(
        lambda: _find_dataset(kind, project, run) or gone,
        DATASET_DELETING | DATASET_USABLE | DATASET_WORKING,
        Pace(_DATASET_POLL_SECONDS, _DATASET_TIMEOUT_SECONDS),
    )


def _await_dataset(arn: str, manifest: UploadedManifest, run: Run) -> DatasetDescription:
    dataset = run.until(
        lambda: run.services.rekognition.describe_dataset(arn),
        DATASET_WORKING,
        Pace(_DATASET_POLL_SECONDS, _DATASET_TIMEOUT_SECONDS),
    )
    if dataset.status not in DATASET_USABLE:
        raise AwsRefusedError(
            f"The dataset {arn} is {dataset.status}: {dataset.status_message}",
            hint="Correct what the message names, then run again: the dataset is made anew.",
            operation="CreateDataset",
            code=dataset.status,
        )
    if dataset.total_entries != manifest.images or dataset.error_entries:
        raise AwsRefusedError(
            f"The dataset {arn} has {dataset.total_entries} entries, {dataset.error_entries} of "
            f"them with errors, of the {manifest.images} images that were sent.",
            hint="Look at the dataset in the console; `aws rekognition list-dataset-entries "
            "--has-errors` names the entries.",
            operation="DescribeDataset",
            code="EntriesDropped",
        )
    return dataset


def find_training(
    project: str, content_digest: str, run: Run, *, retry_failed: bool
) -> AskedTraining | None:
    """Return the version that was asked for on that content, or None when there is none yet.

    Raises:
        TrainingFailedError: its last training has failed, and a retry was not asked for.
    """
    found = run.services.rekognition.find_project(project)
    if found is None:
        return None
    attempt = _newest_attempt(found.arn, content_digest, run, retry_failed=retry_failed)
    return _asked(found.arn, attempt.version) if attempt.version else None


def ask_training(wanted: TrainingWanted, run: Run) -> AskedTraining:
    """Start the training on that content, unless it was started before.

    Raises:
        TrainingFailedError: that training has failed before, and a retry was not asked for.
    """
    attempt = _newest_attempt(
        wanted.project_arn, wanted.content_digest, run, retry_failed=wanted.retry_failed
    )
    version = attempt.version or _create_version(wanted, attempt.name, run)
    return _asked(wanted.project_arn, version)


@dataclass(frozen=True, slots=True)
class _Attempt:
    name: str
    version: VersionDescription | None
    """None when nothing of that name was asked for yet."""


def _newest_attempt(
    project_arn: str, content_digest: str, run: Run, *, retry_failed: bool
) -> _Attempt:
    """Look through the attempts on a content for the first that has not failed."""
    number, failed = 1, None
    while True:
        name = version_name(content_digest, attempt=number)
        found = run.services.rekognition.find_version(project_arn, name)
        if found is None and failed is not None and not retry_failed:
            raise explain_failure(failed, run.services.s3)
        if found is None or found.status != "TRAINING_FAILED":
            return _Attempt(name, found)
        number, failed = number + 1, found


def _asked(project_arn: str, version: VersionDescription) -> AskedTraining:
    return AskedTraining(
        project_arn=project_arn,
        version_name=version.name,
        version_arn=version.arn,
        created_at=version.created_at,
    )


def _create_version(wanted: TrainingWanted, name: str, run: Run) -> VersionDescription:
    lost: AwsRefusedError | None = None
    try:
        run.services.rekognition.create_version(
            wanted.project_arn,
            name,
            wanted.output,
            kms_key_id=wanted.kms_key_id,
            tags=managed_tags(wanted.tags, wanted.content_digest),
        )
    except AwsUnreachableError as error:
        lost = error  # it may have been asked for all the same
    except AwsRefusedError as error:
        if error.code not in {"ResourceInUseException", "InternalServerError"}:
            raise
        lost = error
    return _see_version(wanted.project_arn, name, run, lost)


def _see_version(
    project_arn: str, name: str, run: Run, lost: AwsRefusedError | None
) -> VersionDescription:
    for _ in range(_LOOKS):
        found = run.services.rekognition.find_version(project_arn, name)
        if found is not None:
            return found
        run.services.clock.sleep(run.services.every_seconds(_LOOK_SECONDS))
    raise lost or AwsRefusedError(
        f"The version {name} was asked for and cannot be seen yet.",
        hint="Run the same command again.",
        operation="DescribeProjectVersions",
        code="VersionMissing",
    )


def await_training(asked: AskedTraining, run: Run) -> TrainedVersion:
    """Wait until the training has ended and return the trained version.

    Raises:
        TrainingFailedError: with the service's codes explained.
        Pause: in a tick, while it trains.
    """
    run.update(project_version_arn=asked.version_arn)
    training = run.config.training
    version = run.until(
        lambda: _find_asked(asked, run),
        TRAINING,
        Pace(
            training.poll_seconds,
            training.timeout_hours * _SECONDS_PER_HOUR,
            since=asked.created_at,
        ),
    )
    if version.status not in TRAINED:
        raise explain_failure(version, run.services.s3)
    return trained_version(version, project_arn=asked.project_arn, trained_here=True)


def _find_asked(asked: AskedTraining, run: Run) -> VersionDescription:
    found = run.services.rekognition.find_version(asked.project_arn, asked.version_name)
    if found is None:
        raise TrainingFailedError(
            f"The version {asked.version_arn} is gone: somebody deleted it.",
            hint="Run the same command again to train anew; that is paid for again.",
        )
    return found


def trained_version(
    version: VersionDescription, *, project_arn: str, trained_here: bool
) -> TrainedVersion:
    """Return what the journal keeps of a version that has a model.

    Raises:
        TrainingFailedError: the version has no evaluation.
    """
    if version.summary is None or version.test_snapshot is None:
        raise TrainingFailedError(
            f"The version {version.arn} is {version.status} and has no evaluation.",
            hint="Only a version that was trained, with a test dataset, can be judged.",
        )
    return TrainedVersion(
        project_arn=project_arn,
        version_name=version.name,
        version_arn=version.arn,
        training_seconds_billed=version.training_seconds_billed if trained_here else 0,
        trained_here=trained_here,
        summary_file=version.summary,
        test_snapshot=version.test_snapshot,
    )


def managed_tags(tags: Mapping[str, str], content_digest: str = "") -> dict[str, str]:
    """Return the config's tags with those by which rcl-flow knows its own resources."""
    content = {CONTENT_TAG: content_digest} if content_digest else {}
    return {**tags, MANAGED_TAG: "true", **content}
