"""Keep what each version was trained on, so that any machine can tell what has changed since."""

from rcl_flow.core.dataset import Dataset
from rcl_flow.core.retraining import TrainedOn, trained_on
from rcl_flow.pipeline.records import read_record
from rcl_flow.pipeline.services import Services


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


def _key(project_version_arn: str, services: Services) -> str:
    return f"trained-on/{services.backend.identity}/{project_version_arn}"
