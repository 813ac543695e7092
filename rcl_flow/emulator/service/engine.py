"""The emulated service of one account in one region: every operation, behind one lock."""

from collections.abc import Callable

from rcl_flow.emulator.conditions.world import World
from rcl_flow.emulator.data.objects import ObjectStore
from rcl_flow.emulator.service.access import require_own
from rcl_flow.emulator.service.arns import Numbers, Place
from rcl_flow.emulator.service.copying import Copying
from rcl_flow.emulator.service.datasets import Datasets
from rcl_flow.emulator.service.distribution import Distribution
from rcl_flow.emulator.service.entries import Entries
from rcl_flow.emulator.service.models import Models, detect, read_image
from rcl_flow.emulator.service.policies import Policies
from rcl_flow.emulator.service.projects import Projects
from rcl_flow.emulator.service.state import (
    ACTIVE_STATES,
    ChosenDelay,
    Context,
    Neighbours,
    Store,
    no_choice,
    no_neighbours,
)
from rcl_flow.emulator.service.tagging import Tagged, Tagging, tagged_resources
from rcl_flow.emulator.service.updates import Updates
from rcl_flow.emulator.service.versions import Versions
from rcl_flow.emulator.shapes import JsonObject

Operation = Callable[[JsonObject], JsonObject]


class Service:
    """Amazon Rekognition Custom Labels, for one account in one region.

    Requests are dictionaries as boto3 takes them, valid by the service's model; answers are
    dictionaries with times in seconds since 1970. Every operation may raise an `ApiError`.
    """

    def __init__(
        self,
        place: Place,
        objects: ObjectStore,
        world: World,
        neighbours: Neighbours = no_neighbours,
        chosen_delay: ChosenDelay = no_choice,
    ) -> None:
        """Start empty.

        Args:
            place: Whose service it is, and where.
            objects: Its S3.
            world: What it shares with other accounts and regions.
            neighbours: What finds the same region of another account.
            chosen_delay: What knows how long a user wants states to last.
        """
        self.context = Context(
            place, world, objects, Numbers(world.clock), Store(), neighbours, chosen_delay
        )
        self._lock = world.lock
        self._models = Models(self.context)
        self._operations = _operations(self.context, self._models)

    @property
    def world(self) -> World:
        """What the service shares with other accounts and regions."""
        return self.context.world

    def call(self, operation: str, request: JsonObject) -> JsonObject:
        """Carry out `operation`.

        Raises:
            ApiError: The service refuses it.
        """
        require_own(self.context.place, operation, request)
        if operation == "DetectCustomLabels":
            return self._detect(request)
        with self._lock:
            return self._operations[operation](request)

    def meddle(self, action: str, request: JsonObject, answer: JsonObject) -> None:
        """Do what a fault says somebody else does to the call's version, behind its back.

        Args:
            action: `delete-version` or `stop-version`.
            request: The call's; it names the version, or a project whose newest version is meant.
            answer: The call's; it names the version that the call has made.
        """
        arn = answer.get("ProjectVersionArn") or request.get("ProjectVersionArn")
        with self._lock:
            meant = [
                version
                for project in self.context.store.projects()
                for version in project.versions()
                if version.arn == arn or (arn is None and project.arn == request.get("ProjectArn"))
            ]
            if meant:
                self._models.lose(meant[-1], gone=action == "delete-version")

    def tagged_resources(self) -> list[Tagged]:
        """Return all resources with their tags."""
        with self._lock:
            return list(tagged_resources(self.context.store))

    def active_versions(self) -> list[JsonObject]:
        """Return the versions that train, start, run or stop, without counting as a describe."""
        with self._lock:
            return [
                {"project_version_arn": version.arn, "status": state}
                for version in self.context.store.versions()
                if (state := version.timeline.read()) in ACTIVE_STATES
            ]

    def _detect(self, request: JsonObject) -> JsonObject:
        with self._lock:
            model = self._models.running_model(request["ProjectVersionArn"])
        return detect(model, read_image(self.context, request["Image"]), request)


def _operations(context: Context, models: Models) -> dict[str, Operation]:
    projects, datasets, entries = Projects(context), Datasets(context), Entries(context)
    versions, policies, tagging = Versions(context), Policies(context), Tagging(context)
    return {
        "CreateProject": projects.create,
        "DescribeProjects": projects.describe,
        "DeleteProject": projects.delete,
        "CreateDataset": datasets.create,
        "DescribeDataset": datasets.describe,
        "DeleteDataset": datasets.delete,
        "ListDatasetEntries": entries.list_entries,
        "ListDatasetLabels": entries.list_labels,
        "UpdateDatasetEntries": Updates(context).update,
        "DistributeDatasetEntries": Distribution(context).distribute,
        "CreateProjectVersion": versions.create,
        "CopyProjectVersion": Copying(context).copy,
        "DescribeProjectVersions": versions.describe,
        "DeleteProjectVersion": versions.delete,
        "StartProjectVersion": models.start,
        "StopProjectVersion": models.stop,
        "PutProjectPolicy": policies.put,
        "ListProjectPolicies": policies.list,
        "DeleteProjectPolicy": policies.delete,
        "TagResource": tagging.tag,
        "UntagResource": tagging.untag,
        "ListTagsForResource": tagging.list,
    }
