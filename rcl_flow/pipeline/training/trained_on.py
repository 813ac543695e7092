"""Keep what each version was trained on, so that any machine can tell what has changed since."""

from datetime import datetime

from rcl_flow.core.datasets.dataset import Dataset
from rcl_flow.core.retraining.data_changes import TrainedOn, trained_on
from rcl_flow.core.values import Frozen
from rcl_flow.pipeline.runs.services import Services
from rcl_flow.pipeline.state.records import read_record, write_record


def record_trained_on(train: Dataset, project_version_arn: str, services: Services) -> None:
    """Keep the training images of a version that was just trained; once for each version.

    Raises:
        StoreError: the store cannot be written.
    """
    key = _key(project_version_arn, services)
    if services.store.get(key) is None:
        known = trained_on(train, project_version_arn, services.clock.now())
        services.store.put_if_absent(key, known.model_dump_json().encode())


def read_trained_on(project_version_arn: str, services: Services) -> TrainedOn | None:
    """Return what a version was trained on, or None where nobody kept it.

    Raises:
        StoreError: the record is not in the form of this version.
    """
    return read_record(services.store, _key(project_version_arn, services), TrainedOn)


def find_trained_on(project_version_arn: str, services: Services) -> TrainedOn | None:
    """Return what a version was trained on; of a copy that has no record, its source's.

    Raises:
        StoreError: the record is not in the form of this version.
    """
    known = read_trained_on(project_version_arn, services)
    if known is not None:
        return known
    found = services.rekognition.find_version_by_arn(project_version_arn)
    source = found.source_version_arn if found else None
    return read_trained_on(source, services) if source else None


def carry_trained_on(
    source_arn: str, theirs: Services, project_version_arn: str, services: Services
) -> None:
    """Keep for a copy what its source was trained on, where that is known.

    Args:
        source_arn: the version that was copied.
        theirs: services of its account.
        project_version_arn: the copy.
        services: of the copy.

    Raises:
        StoreError: a store cannot be read or written.
    """
    known = find_trained_on(source_arn, theirs)
    if known is not None:
        copied = known.model_copy(update={"project_version_arn": project_version_arn})
        key = _key(project_version_arn, services)
        services.store.put_if_absent(key, copied.model_dump_json().encode())


class AskedTraining(Frozen):
    """The training of a project that was asked for last, whatever became of it."""

    project_version_arn: str
    at: datetime


def note_training(
    train: Dataset, project_version_arn: str, project: str, services: Services
) -> None:
    """Keep that a training was asked for now, and on what.

    Raises:
        StoreError: the store cannot be written.
    """
    record_trained_on(train, project_version_arn, services)
    asked = AskedTraining(project_version_arn=project_version_arn, at=services.clock.now())
    write_record(services.store, _last_key(project, services), asked)


def read_last_training(project: str, services: Services) -> AskedTraining | None:
    """Return the training that was asked for last, or None where none is known.

    Raises:
        StoreError: the record is not in the form of this version.
    """
    return read_record(services.store, _last_key(project, services), AskedTraining)


def _last_key(project: str, services: Services) -> str:
    return f"last-trainings/{services.backend.identity}/{project}"


def _key(project_version_arn: str, services: Services) -> str:
    return f"trained-on/{services.backend.identity}/{project_version_arn}"
