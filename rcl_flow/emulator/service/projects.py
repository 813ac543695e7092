"""The operations on projects."""

from rcl_flow.emulator.conditions.clock import GONE, Step, Timeline
from rcl_flow.emulator.errors import in_use, invalid_parameter, limit_exceeded
from rcl_flow.emulator.service.pages import paginate
from rcl_flow.emulator.service.state import Context, Dataset, Project
from rcl_flow.emulator.shapes import JsonObject

CUSTOM_LABELS = "CUSTOM_LABELS"


class Projects:
    """Creates, describes and deletes projects."""

    def __init__(self, context: Context) -> None:
        """Work on the resources of `context`."""
        self._context = context

    def create(self, request: JsonObject) -> JsonObject:
        """CreateProject."""
        name, feature = request["ProjectName"], request.get("Feature", CUSTOM_LABELS)
        if feature == CUSTOM_LABELS and "AutoUpdate" in request:
            raise invalid_parameter("AutoUpdate is not supported by Custom Labels projects.")
        self._require_room(name)
        number = self._context.numbers.take()
        project = Project(
            arn=self._context.place.arn(f"project/{name}/{number}"),
            number=number,
            name=name,
            feature=feature,
            auto_update=request.get("AutoUpdate"),
            timeline=Timeline(self._context.world.clock, "CREATED"),
            tags=dict(request.get("Tags", {})),
        )
        self._context.store.add(project)
        return {"ProjectArn": project.arn}

    def describe(self, request: JsonObject) -> JsonObject:
        """DescribeProjects."""
        names = request.get("ProjectNames")
        features = request.get("Features", [CUSTOM_LABELS])
        chosen = [
            (project.number, _describe(project, state))
            for project in self._context.store.projects()
            if project.feature in features
            and (names is None or project.name in names)
            and (state := project.timeline.observe()) != GONE
        ]
        page, more = paginate("DescribeProjects", request, chosen, descending=False)
        return {"ProjectDescriptions": page, **more}

    def delete(self, request: JsonObject) -> JsonObject:
        """DeleteProject."""
        project = self._context.store.project(request["ProjectArn"])
        if project.versions() or project.datasets():
            raise in_use("The project still has project versions or datasets; delete them first.")
        if project.timeline.read() == "CREATED":
            gone = Step(self._context.world.delays.deleting, enter=lambda due: GONE)
            project.timeline.move("DELETING", gone)
        return {"Status": "DELETING"}

    def _require_room(self, name: str) -> None:
        projects = self._context.store.projects()
        if any(project.name == name for project in projects):
            raise in_use(f"A project named {name} exists already.")
        quotas = self._context.world.quotas
        if quotas and len(projects) >= quotas.projects:
            raise limit_exceeded(f"The account has {quotas.projects} projects already.")


def _describe(project: Project, state: str) -> JsonObject:
    datasets = sorted(project.datasets().values(), key=lambda dataset: dataset.number)
    described = [(dataset, dataset.timeline.observe()) for dataset in datasets]
    auto_update = {"AutoUpdate": project.auto_update} if project.auto_update else {}
    return {
        "ProjectArn": project.arn,
        "CreationTimestamp": project.number / 1000,
        "Status": state,
        "Datasets": [_dataset_line(d, status) for d, status in described if status != GONE],
        "Feature": project.feature,
        **auto_update,
    }


def _dataset_line(dataset: Dataset, status: str) -> JsonObject:
    code = {"StatusMessageCode": dataset.message_code} if dataset.message_code else {}
    return {
        "CreationTimestamp": dataset.created_at,
        "DatasetType": dataset.kind,
        "DatasetArn": dataset.arn,
        "Status": status,
        "StatusMessage": dataset.message,
        **code,
    }
