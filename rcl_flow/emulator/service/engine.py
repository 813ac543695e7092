"""The emulated service of one account in one region: every operation, behind one lock."""

import threading
from collections.abc import Callable

from rcl_flow.emulator.conditions.world import World
from rcl_flow.emulator.data.objects import ObjectStore
from rcl_flow.emulator.errors import ApiError
from rcl_flow.emulator.service.arns import Numbers, Place
from rcl_flow.emulator.service.datasets import Datasets
from rcl_flow.emulator.service.entries import Entries
from rcl_flow.emulator.service.models import Models, detect, read_image
from rcl_flow.emulator.service.projects import Projects
from rcl_flow.emulator.service.state import ACTIVE_STATES, Context, Store
from rcl_flow.emulator.service.tagging import Tagging
from rcl_flow.emulator.service.versions import Versions
from rcl_flow.emulator.shapes import JsonObject

Operation = Callable[[JsonObject], JsonObject]


class Service:
    """Amazon Rekognition Custom Labels, for one account in one region.

    Requests are dictionaries as boto3 takes them, valid by the service's model; answers are
    dictionaries with times in seconds since 1970. Every operation may raise an `ApiError`.
    """

    def __init__(self, place: Place, objects: ObjectStore, world: World) -> None:
        """Start empty, at `place`; `objects` is its S3, and `world` what it shares with others."""
        self._lock = threading.RLock()
        self._context = Context(place, world, objects, Numbers(world.clock), Store())
        projects, datasets = Projects(self._context), Datasets(self._context)
        entries, versions = Entries(self._context), Versions(self._context)
        tagging, self._models = Tagging(self._context), Models(self._context)
        self._operations: dict[str, Operation] = {
            "CreateProject": projects.create,
            "DescribeProjects": projects.describe,
            "DeleteProject": projects.delete,
            "CreateDataset": datasets.create,
            "DescribeDataset": datasets.describe,
            "DeleteDataset": datasets.delete,
            "ListDatasetEntries": entries.list_entries,
            "ListDatasetLabels": entries.list_labels,
            "CreateProjectVersion": versions.create,
            "DescribeProjectVersions": versions.describe,
            "DeleteProjectVersion": versions.delete,
            "StartProjectVersion": self._models.start,
            "StopProjectVersion": self._models.stop,
            "TagResource": tagging.tag,
            "UntagResource": tagging.untag,
            "ListTagsForResource": tagging.list,
        }

    @property
    def world(self) -> World:
        """What the service shares with other accounts and regions."""
        return self._context.world

    def call(self, operation: str, request: JsonObject) -> JsonObject:
        """Carry out `operation`.

        Raises:
            ApiError: The service refuses it, or it is not emulated yet.
        """
        if operation == "DetectCustomLabels":
            return self._detect(request)
        if operation not in self._operations:
            raise ApiError("UnknownOperationException", f"{operation} is not emulated yet.")
        with self._lock:
            return self._operations[operation](request)

    def active_versions(self) -> list[JsonObject]:
        """Return the versions that train, start, run or stop, without counting as a describe."""
        with self._lock:
            return [
                {"project_version_arn": version.arn, "status": state}
                for version in self._context.store.versions()
                if (state := version.timeline.read()) in ACTIVE_STATES
            ]

    def _detect(self, request: JsonObject) -> JsonObject:
        with self._lock:
            model = self._models.running_model(request["ProjectVersionArn"])
        return detect(model, read_image(self._context, request["Image"]), request)


OPERATIONS = frozenset(
    {
        "CreateProject",
        "DescribeProjects",
        "DeleteProject",
        "CreateDataset",
        "DescribeDataset",
        "ListDatasetEntries",
        "ListDatasetLabels",
        "UpdateDatasetEntries",
        "DistributeDatasetEntries",
        "DeleteDataset",
        "CreateProjectVersion",
        "CopyProjectVersion",
        "DescribeProjectVersions",
        "DeleteProjectVersion",
        "StartProjectVersion",
        "StopProjectVersion",
        "DetectCustomLabels",
        "PutProjectPolicy",
        "ListProjectPolicies",
        "DeleteProjectPolicy",
        "TagResource",
        "UntagResource",
        "ListTagsForResource",
    }
)
"""All operations of Custom Labels, those included that are not emulated yet."""
