"""The operations that create, describe and delete datasets."""

from collections.abc import Sequence

from rcl_flow.emulator.conditions.clock import GONE, Step, Timeline
from rcl_flow.emulator.data.catalogue import (
    BUCKET_FORBIDDEN,
    max_manifest_lines,
)
from rcl_flow.emulator.data.imports import ImportedManifest, import_manifest
from rcl_flow.emulator.data.manifests import CheckedLine
from rcl_flow.emulator.data.objects import (
    ObjectForbiddenError,
    ObjectRef,
    ObjectUnavailableError,
)
from rcl_flow.emulator.errors import (
    ApiError,
    in_use,
    invalid_parameter,
    invalid_s3_object,
    not_found,
)
from rcl_flow.emulator.service.changes import Load, begin_change, fail_on_purpose
from rcl_flow.emulator.service.projects import CUSTOM_LABELS
from rcl_flow.emulator.service.state import Context, Dataset, Project
from rcl_flow.emulator.shapes import JsonObject

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
        load, message = self._source(request.get("DatasetSource", {}), kind)
        if self._context.world.faults.fails_later("CreateDataset"):
            load = fail_on_purpose
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
        )
        delay = self._context.delay("CreateDataset", self._context.world.delays.dataset)
        begin_change(dataset, "CREATE", load, delay=delay, message=message)
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

    def _source(self, source: JsonObject, kind: str) -> tuple[Load, str]:
        if len(source) > 1:
            raise invalid_parameter("DatasetSource takes a manifest or a dataset, not both.")
        if "GroundTruthManifest" in source:
            ref = object_ref(source["GroundTruthManifest"].get("S3Object", {}))
            return self._manifest(ref, kind), MADE_FROM_MANIFEST
        if "DatasetArn" in source:
            entries = self._entries_of(source["DatasetArn"])
            return lambda: ImportedManifest(entries), MADE_FROM_DATASET
        return ImportedManifest, MADE_EMPTY

    def _manifest(self, ref: ObjectRef, kind: str) -> Load:
        max_lines = max_manifest_lines(self._context.place.region, testing=kind == "TEST")
        try:
            body, _ = fetch_manifest(self._context, ref)
        except ObjectForbiddenError:
            return lambda: ImportedManifest(error=BUCKET_FORBIDDEN)
        except ObjectUnavailableError as error:
            raise invalid_s3_object() from error
        return lambda: import_manifest(ref.key, body, max_lines=max_lines)

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


def fetch_manifest(context: Context, ref: ObjectRef) -> tuple[bytes, str]:
    """Return a manifest file and the account that its bucket belongs to.

    Raises:
        ObjectForbiddenError: It may not be read.
        ObjectUnavailableError: There is none, or its bucket is in another region.
    """
    facts = context.objects.bucket(ref.bucket)
    if facts is not None and not facts.accessible:
        raise ObjectForbiddenError(ref.bucket)
    if facts is None or facts.region != context.place.region:
        raise ObjectUnavailableError(ref.bucket)
    return context.objects.read(ref), facts.owner


def _stats(entries: Sequence[CheckedLine]) -> JsonObject:
    return {
        "LabeledEntries": sum(entry.is_labeled for entry in entries),
        "TotalEntries": len(entries),
        "TotalLabels": len({label for entry in entries for label in entry.declared}),
        "ErrorEntries": sum(bool(entry.errors) for entry in entries),
    }
