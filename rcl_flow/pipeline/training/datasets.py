"""A project and its two datasets, each looked for before it is made, updated or replaced."""

from collections.abc import Mapping
from typing import Literal

from rcl_flow.aws.descriptions import (
    DATASET_DELETING,
    DATASET_FAILED,
    DATASET_USABLE,
    DATASET_WORKING,
    DatasetDescription,
    DatasetReference,
    ProjectDescription,
)
from rcl_flow.aws.s3 import S3Location
from rcl_flow.core.naming import CONTENT_TAG, MANAGED_TAG
from rcl_flow.core.training.dataset_delta import DatasetDelta
from rcl_flow.errors import AwsRefusedError, ForeignDatasetError
from rcl_flow.pipeline.runs.making import make_once
from rcl_flow.pipeline.runs.results import (
    DatasetsWanted,
    Project,
    ProjectDatasets,
    ProjectWanted,
    UploadedManifest,
)
from rcl_flow.pipeline.runs.run import Run
from rcl_flow.pipeline.training.dataset_delta import (
    DATASET_PACE,
    DatasetUpdate,
    require_heeded,
    update_dataset,
)

_NOTHING_LEFT = DatasetDelta((), (), (), 0)


def ensure_project(wanted: ProjectWanted, run: Run) -> Project:
    """Return the project of that name, made when it is not there."""
    arn = find_or_make_project(wanted, run)
    run.created(project_arn=arn)
    return Project(arn=arn, name=wanted.name)


def find_or_make_project(wanted: ProjectWanted, run: Run) -> str:
    """Return the ARN of the project of that name, without noting that the run has made it."""
    rekognition = run.services.rekognition

    def look() -> str | None:
        found = rekognition.find_project(wanted.name)
        return found.arn if found else None

    def make() -> str:
        return rekognition.create_project(wanted.name, managed_tags(wanted.tags))

    return look() or make_once(make, look, run)


def ensure_datasets(wanted: DatasetsWanted, run: Run) -> ProjectDatasets:
    """Return the project's datasets with the manifests' content.

    What is missing is made. A dataset of ours with other content gets what it lacks; where images
    have to go it is made anew, since the service deletes no entry.

    Raises:
        ForeignDatasetError: there is a dataset of other content that rcl-flow did not make.
        EntriesRefusedError: entries of a dataset cannot be used.
        AwsRefusedError: a dataset cannot be made, or the service dropped lines of it.
        Pause: in a tick, while the service is at work.
    """
    manifests = wanted.manifests
    train = _ensure_dataset("TRAIN", manifests.train, wanted, run)
    test = _ensure_dataset("TEST", manifests.test, wanted, run)
    run.created(dataset_arns=(train, test))
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
    found = _find_dataset(kind, wanted.project, run)
    if found is None:
        return _create_dataset(kind, manifest, wanted, run)
    tags = run.services.rekognition.tags_of(found.arn)
    match judge_dataset(found, tags, manifest.content_digest):
        case "reuse":
            return found.arn
        case "foreign":
            raise _foreign(kind, found, wanted.project)
        case "update":
            update = DatasetUpdate(found.arn, kind, wanted.manifests.bucket, manifest)
            why = update_dataset(update, run)
        case "replace":
            why = f"it is {found.status}"
    if why is None:
        return found.arn
    run.log.notice(f"The {kind} dataset is made anew: {why}.")
    _delete_dataset(kind, found, wanted.project, run)
    return _create_dataset(kind, manifest, wanted, run)


def _foreign(kind: str, found: DatasetReference, project: Project) -> ForeignDatasetError:
    return ForeignDatasetError(
        f"The project {project.name} has a {kind} dataset that rcl-flow did not make: {found.arn}.",
        hint="Use another project, or delete that dataset yourself.",
        operation="CreateDataset",
        code="ForeignDataset",
    )


def judge_dataset(
    found: DatasetReference, tags: Mapping[str, str], content_digest: str
) -> Literal["reuse", "foreign", "update", "replace"]:
    """Say what becomes of a dataset that is there: only what rcl-flow has made is changed.

    A dataset whose update was interrupted has the tag of no content, and is updated again.
    """
    usable = found.status in DATASET_USABLE | DATASET_WORKING
    if tags.get(CONTENT_TAG) == content_digest and usable:
        return "reuse"
    if MANAGED_TAG not in tags:
        return "foreign"
    return "update" if usable else "replace"


def dataset_of(project: ProjectDescription | None, kind: str) -> DatasetReference | None:
    """Return the project's dataset of that kind, `TRAIN` or `TEST`, or None."""
    datasets = project.datasets if project else ()
    return next((dataset for dataset in datasets if dataset.dataset_type == kind), None)


def _create_dataset(
    kind: Literal["TRAIN", "TEST"], manifest: UploadedManifest, wanted: DatasetsWanted, run: Run
) -> str:
    rekognition = run.services.rekognition

    def make() -> str:
        return rekognition.create_dataset(
            wanted.project.arn,
            kind,
            S3Location(wanted.manifests.bucket, manifest.key),
            managed_tags(wanted.tags, manifest.content_digest),
        )

    def look() -> str | None:
        found = _find_dataset(kind, wanted.project, run)
        return found.arn if found else None

    return make_once(make, look, run)


def _find_dataset(kind: str, project: Project, run: Run) -> DatasetReference | None:
    return dataset_of(run.services.rekognition.find_project(project.name), kind)


def _delete_dataset(kind: str, found: DatasetReference, project: Project, run: Run) -> None:
    run.confirm_lease()
    if found.status not in DATASET_DELETING:
        run.services.rekognition.delete_dataset(found.arn)
    gone = DatasetReference(found.arn, kind, "GONE")
    run.until_awake(
        lambda: _find_dataset(kind, project, run) or gone,
        DATASET_DELETING | DATASET_USABLE | DATASET_WORKING | DATASET_FAILED,
        DATASET_PACE,
    )


def _await_dataset(arn: str, manifest: UploadedManifest, run: Run) -> DatasetDescription:
    dataset = run.until(
        lambda: run.services.rekognition.describe_dataset(arn),
        DATASET_WORKING,
        DATASET_PACE,
    )
    if dataset.status not in DATASET_USABLE:
        raise AwsRefusedError(
            f"The dataset {arn} is {dataset.status}: {dataset.status_message}",
            hint="Correct what the message names, then run again: the dataset is made anew.",
            operation="CreateDataset",
            code=dataset.status,
        )
    if dataset.error_entries:
        require_heeded(arn, _NOTHING_LEFT, run)
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


def managed_tags(tags: Mapping[str, str], content_digest: str = "") -> dict[str, str]:
    """Return the config's tags with those by which rcl-flow knows its own resources."""
    content = {CONTENT_TAG: content_digest} if content_digest else {}
    return {**tags, MANAGED_TAG: "true", **content}
