"""The operations on datasets, except those that read their contents."""

import logging
from collections.abc import Callable, Sequence

from rcl_flow.emulator.conditions.clock import GONE, Step, Timeline
from rcl_flow.emulator.conditions.executors import capture
from rcl_flow.emulator.data.catalogue import SERVICE_ISSUE
from rcl_flow.emulator.data.imports import ImportedManifest, import_manifest
from rcl_flow.emulator.data.manifests import CheckedLine
from rcl_flow.emulator.data.objects import ObjectRef, ObjectUnavailableError
from rcl_flow.emulator.errors import (
    ApiError,
    in_use,
    invalid_parameter,
    invalid_s3_object,
    not_found,
)
from rcl_flow.emulator.service.projects import CUSTOM_LABELS
from rcl_flow.emulator.service.state import Context, Dataset, Project
from rcl_flow.emulator.shapes import JsonObject

logger = logging.getLogger(__name__)

SETTLED_STATES = frozenset({"CREATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_FAILED"})
BUSY_STATES = frozenset({"CREATE_IN_PROGRESS", "UPDATE_IN_PROGRESS"})
MADE_FROM_MANIFEST = "The dataset was successfully created from the manifest file."
MADE_FROM_DATASET = "The dataset was successfully created from the dataset."
MADE_EMPTY = "The dataset was successfully created."


class Datasets:
    """Creates, describes and deletes datasets."""

    def __init__(self, context: Context) -> None:
        """Work on the resources of `context`."""
        self._context = context

    def create(self, request: JsonObject) -> JsonObject:
        """CreateDataset."""
        project = self._context.store.project(request["ProjectArn"])
        kind = request["DatasetType"]
        self._require_room(project, kind)
        load, message = self._source(request.get("DatasetSource", {}))
        if self._context.world.faults.fails_later("CreateDataset"):
            load = _fail_on_purpose
        number, now = self._context.numbers.take(), self._context.now()
        path = f"project/{project.name}/dataset/{kind.lower()}/{number}"
        dataset = Dataset(
            arn=self._context.place.arn(path),
            number=number,
            kind=kind,
            created_at=now,
            updated_at=now,
            timeline=Timeline(self._context.world.clock, "CREATE_IN_PROGRESS"),
            tags=dict(request.get("Tags", {})),
            message="The dataset is being created.",
        )
        finish = Step(
            self._context.world.delays.dataset,
            enter=lambda due: _finish_creation(dataset, due, load, message),
        )
        dataset.timeline.move("CREATE_IN_PROGRESS", finish)
        project.add_dataset(dataset)
        return {"DatasetArn": dataset.arn}

    def describe(self, request: JsonObject) -> JsonObject:
        """DescribeDataset."""
        _, dataset = self._context.store.dataset(request["DatasetArn"])
        status = dataset.timeline.observe()
        if status == GONE:
            raise not_found(dataset.arn)
        code = {"StatusMessageCode": dataset.message_code} if dataset.message_code else {}
        description = {
            "CreationTimestamp": dataset.created_at,
            "LastUpdatedTimestamp": dataset.updated_at,
            "Status": status,
            "StatusMessage": dataset.message,
            **code,
            "DatasetStats": _stats(dataset.entries),
        }
        return {"DatasetDescription": description}

    def delete(self, request: JsonObject) -> JsonObject:
        """DeleteDataset."""
        _, dataset = self._context.store.dataset(request["DatasetArn"])
        status = dataset.timeline.read()
        if status in BUSY_STATES:
            raise in_use(f"The dataset cannot be deleted while its status is {status}.")
        if status != "DELETE_IN_PROGRESS":
            gone = Step(self._context.world.delays.deleting, enter=lambda due: GONE)
            dataset.timeline.move("DELETE_IN_PROGRESS", gone)
        return {}

    def _require_room(self, project: Project, kind: str) -> None:
        if project.feature != CUSTOM_LABELS:
            raise invalid_parameter("Only Custom Labels projects are emulated with datasets.")
        if project.timeline.read() != "CREATED":
            raise not_found(project.arn)
        if kind in project.datasets():
            raise ApiError(
                "ResourceAlreadyExistsException", f"The project has a {kind} dataset already."
            )

    def _source(self, source: JsonObject) -> tuple[Callable[[], ImportedManifest], str]:
        if len(source) > 1:
            raise invalid_parameter("DatasetSource takes a manifest or a dataset, not both.")
        if "GroundTruthManifest" in source:
            ref, body = self._manifest(source["GroundTruthManifest"].get("S3Object", {}))
            return lambda: import_manifest(ref.key, body), MADE_FROM_MANIFEST
        if "DatasetArn" in source:
            entries = self._entries_of(source["DatasetArn"])
            return lambda: ImportedManifest(entries), MADE_FROM_DATASET
        return ImportedManifest, MADE_EMPTY

    def _manifest(self, s3_object: JsonObject) -> tuple[ObjectRef, bytes]:
        ref = object_ref(s3_object)
        facts = self._context.objects.bucket(ref.bucket)
        if facts is None or facts.region != self._context.place.region:
            raise invalid_s3_object()
        try:
            return ref, self._context.objects.read(ref)
        except ObjectUnavailableError as error:
            raise invalid_s3_object() from error

    def _entries_of(self, arn: str) -> tuple[CheckedLine, ...]:
        _, source = self._context.store.dataset(arn)
        if source.timeline.read() not in SETTLED_STATES:
            raise invalid_parameter("The source dataset is not ready to be copied.")
        return tuple(source.entries)


def object_ref(s3_object: JsonObject) -> ObjectRef:
    """Return the object that a request's `S3Object` names.

    Raises:
        ApiError: Its bucket or its name is missing.
    """
    if "Bucket" not in s3_object or "Name" not in s3_object:
        raise invalid_parameter("An S3Object needs a Bucket and a Name.")
    return ObjectRef(s3_object["Bucket"], s3_object["Name"], s3_object.get("Version"))


def _fail_on_purpose() -> ImportedManifest:
    return ImportedManifest(error=SERVICE_ISSUE)


def _finish_creation(
    dataset: Dataset, due: float, load: Callable[[], ImportedManifest], message: str
) -> str:
    outcome = capture(load)
    dataset.updated_at = due
    if (error := outcome.exception()) is not None:
        logger.error("a dataset failed", exc_info=error, extra={"dataset": dataset.arn})
        dataset.message, dataset.message_code = SERVICE_ISSUE, "SERVICE_ERROR"
        return "CREATE_FAILED"
    imported = outcome.result()
    if imported.error is not None:
        code = "SERVICE_ERROR" if imported.error == SERVICE_ISSUE else "CLIENT_ERROR"
        dataset.message, dataset.message_code = imported.error, code
        return "CREATE_FAILED"
    dataset.entries.extend(imported.entries)
    dataset.message, dataset.message_code = message, "SUCCESS"
    return "CREATE_COMPLETE"


def _stats(entries: Sequence[CheckedLine]) -> JsonObject:
    return {
        "LabeledEntries": sum(entry.is_labeled for entry in entries),
        "TotalEntries": len(entries),
        "TotalLabels": len({label for entry in entries for label in entry.labels}),
        "ErrorEntries": sum(bool(entry.errors) for entry in entries),
    }
