"""The resources that a service instance holds, and how they are found."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

from rcl_flow.emulator.conditions.clock import GONE, Delay, Timeline
from rcl_flow.emulator.conditions.throughput import Capacity
from rcl_flow.emulator.conditions.world import World
from rcl_flow.emulator.data.manifests import CheckedLine
from rcl_flow.emulator.data.objects import ObjectStore
from rcl_flow.emulator.errors import not_found
from rcl_flow.emulator.learning.detector import Detector
from rcl_flow.emulator.learning.learner import Classifier
from rcl_flow.emulator.service.arns import Numbers, Place
from rcl_flow.emulator.shapes import JsonObject

ACTIVE_STATES = frozenset({"TRAINING_IN_PROGRESS", "STARTING", "RUNNING", "STOPPING"})
"""The states of a version that cost money or lead to one that does."""
UNDELETABLE_STATES = ACTIVE_STATES | {"COPYING_IN_PROGRESS"}
"""The states in which a version cannot be deleted."""


@dataclass(eq=False)
class Dataset:
    """One dataset of a project."""

    arn: str
    number: int
    kind: str
    created_at: float
    updated_at: float
    timeline: Timeline
    tags: dict[str, str]
    entries: list[CheckedLine] = field(default_factory=list)
    message: str = ""
    message_code: str | None = None


@dataclass(frozen=True, slots=True)
class TrainedModel:
    """What a successful training leaves: what answers, and the evaluation's thresholds."""

    model: Classifier | Detector
    thresholds: dict[str, float]


@dataclass(eq=False)
class Version:
    """One project version; `results` are the members that training adds to its description."""

    arn: str
    number: int
    name: str
    created_at: float
    timeline: Timeline
    tags: dict[str, str]
    request: JsonObject
    message: str = ""
    results: JsonObject = field(default_factory=dict)
    units: JsonObject = field(default_factory=dict)
    model: TrainedModel | None = None
    capacity: Capacity | None = None
    """What it answers in its present run, if throughput is limited."""


@dataclass(frozen=True, slots=True)
class ProjectPolicy:
    """The latest revision of a policy that lets other accounts copy a project's models."""

    name: str
    document: str
    revision_id: str
    number: int
    created_at: float
    updated_at: float


@dataclass(eq=False)
class Project:
    """One project with its policies, by name, its datasets, by type, and its versions, by age."""

    arn: str
    number: int
    name: str
    feature: str
    auto_update: str | None
    timeline: Timeline
    tags: dict[str, str]
    policies: dict[str, ProjectPolicy] = field(default_factory=dict)
    _datasets: dict[str, Dataset] = field(default_factory=dict)
    _versions: list[Version] = field(default_factory=list)

    def datasets(self) -> dict[str, Dataset]:
        """Return the datasets that exist, by type."""
        alive = {k: d for k, d in self._datasets.items() if d.timeline.read() != GONE}
        self._datasets = alive
        return alive

    def versions(self) -> list[Version]:
        """Return the versions that exist, oldest first."""
        self._versions = [v for v in self._versions if v.timeline.read() != GONE]
        return self._versions

    def add_dataset(self, dataset: Dataset) -> None:
        """Add a dataset of a type that the project does not have."""
        self._datasets[dataset.kind] = dataset

    def add_version(self, version: Version) -> None:
        """Add a new version."""
        self._versions.append(version)


class Store:
    """All projects of one account in one region."""

    def __init__(self) -> None:
        """Start empty."""
        self._projects: list[Project] = []

    def add(self, project: Project) -> None:
        """Add a new project."""
        self._projects.append(project)

    def projects(self) -> list[Project]:
        """Return the projects that exist, oldest first."""
        self._projects = [p for p in self._projects if p.timeline.read() != GONE]
        return self._projects

    def versions(self) -> Iterator[Version]:
        """Yield the versions of all projects."""
        for project in self.projects():
            yield from project.versions()

    def project(self, arn: str) -> Project:
        """Return the project of that ARN.

        Raises:
            ApiError: There is none.
        """
        for project in self._projects:
            if project.arn == arn and project.timeline.read() != GONE:
                return project
        raise not_found(arn)

    def dataset(self, arn: str) -> tuple[Project, Dataset]:
        """Return the dataset of that ARN and its project.

        Raises:
            ApiError: There is none.
        """
        for project in self.projects():
            for dataset in project.datasets().values():
                if dataset.arn == arn:
                    return project, dataset
        raise not_found(arn)

    def version(self, arn: str) -> tuple[Project, Version]:
        """Return the version of that ARN and its project.

        Raises:
            ApiError: There is none.
        """
        for project in self._projects:
            for version in project._versions:  # hot path: reads one timeline only
                if version.arn == arn and version.timeline.read() != GONE:
                    return project, version
        raise not_found(arn)

    def tags(self, arn: str) -> dict[str, str]:
        """Return the tags of the project, dataset or version of that ARN.

        Raises:
            ApiError: There is none.
        """
        kind = arn.split(":", 5)[-1].split("/")
        if "version" in kind[2:]:
            return self.version(arn)[1].tags
        if "dataset" in kind[2:]:
            return self.dataset(arn)[1].tags
        return self.project(arn).tags


def no_choice(operation: str) -> Delay | None:
    """Say that the user has not chosen how long anything lasts."""


def no_neighbours(account: str) -> "Context | None":
    """Find no other account."""
    return None


@dataclass(frozen=True)
class Context:
    """What every operation of one account and region works with."""

    place: Place
    world: World
    objects: ObjectStore
    numbers: Numbers
    store: Store
    neighbours: "Neighbours" = no_neighbours
    """What finds the same region of another account."""
    chosen_delay: "ChosenDelay" = no_choice
    """What knows how long a user wants that which an operation begins to last."""

    def now(self) -> float:
        """Return the emulated time in seconds since 1970."""
        return self.world.clock.now()

    def delay(self, operation: str, usual: Delay) -> Delay:
        """Return how long what `operation` begins lasts: as a fault says, or the user, or usual."""
        seconds = self.world.faults.lasts_seconds(operation)
        if seconds is not None:
            return replace(usual, seconds=seconds)
        return self.chosen_delay(operation) or usual


ChosenDelay = Callable[[str], Delay | None]
Neighbours = Callable[[str], Context | None]
