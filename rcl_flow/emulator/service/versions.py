"""The operations that train, describe and delete project versions."""

import logging
import math
from dataclasses import replace
from functools import partial

from rcl_flow.emulator.conditions.clock import GONE, Step, Timeline
from rcl_flow.emulator.conditions.executors import Job
from rcl_flow.emulator.data.catalogue import OUTPUT_NOT_WRITABLE, SERVICE_ISSUE
from rcl_flow.emulator.data.objects import ObjectUnavailableError
from rcl_flow.emulator.errors import ApiError, in_use, invalid_parameter, limit_exceeded
from rcl_flow.emulator.learning.luck import Luck
from rcl_flow.emulator.service.material import gather_material
from rcl_flow.emulator.service.outputs import output_folder, write_evaluation, write_validation
from rcl_flow.emulator.service.pages import paginate
from rcl_flow.emulator.service.projects import CUSTOM_LABELS
from rcl_flow.emulator.service.state import (
    UNDELETABLE_STATES,
    Context,
    Project,
    TrainedModel,
    Version,
)
from rcl_flow.emulator.service.training import TrainingOutcome, run_training
from rcl_flow.emulator.shapes import JsonObject

logger = logging.getLogger(__name__)

IN_TRAINING = "TRAINING_IN_PROGRESS"
TRAINED_MESSAGE = "The model is ready to run."
ECHOED = ("OutputConfig", "KmsKeyId", "VersionDescription")


class Versions:
    """Trains, describes and deletes project versions."""

    def __init__(self, context: Context) -> None:
        """Work on the resources of `context`."""
        self._context = context

    def create(self, request: JsonObject) -> JsonObject:
        """CreateProjectVersion."""
        project = self._context.store.project(request["ProjectArn"])
        self._require_fit(project, request)
        number = self._context.numbers.take()
        name = request["VersionName"]
        arn = self._context.place.arn(f"project/{project.name}/version/{name}/{number}")
        luck = Luck(self._context.world.training_noise, name)
        material = replace(gather_material(self._context, project, request, seed=arn), luck=luck)
        fault = self._context.world.faults.fails_later("CreateProjectVersion")
        if fault is not None:
            material = material.failing(fault.reason or SERVICE_ISSUE)
        job = self._context.world.executor.submit(partial(run_training, material))
        version = Version(
            arn=arn,
            number=number,
            name=name,
            created_at=number / 1000,
            timeline=Timeline(self._context.world.clock, IN_TRAINING),
            tags=dict(request.get("Tags", {})),
            request=request,
            message="The model is being trained.",
        )
        finish = Step(
            self._context.delay("CreateProjectVersion", self._context.world.delays.training),
            enter=lambda due: self._finish(project, version, job, due),
            ready_at=job.finished_at,
        )
        version.timeline.move(IN_TRAINING, finish)
        project.add_version(version)
        return {"ProjectVersionArn": arn}

    def describe(self, request: JsonObject) -> JsonObject:
        """DescribeProjectVersions."""
        project = self._context.store.project(request["ProjectArn"])
        names = request.get("VersionNames")
        rows = [
            (version.number, _describe(version, state))
            for version in reversed(project.versions())
            if (names is None or version.name in names)
            and (state := version.timeline.observe()) != GONE
        ]
        page, more = paginate("DescribeProjectVersions", request, rows, descending=True)
        return {"ProjectVersionDescriptions": page, **more}

    def delete(self, request: JsonObject) -> JsonObject:
        """DeleteProjectVersion."""
        _, version = self._context.store.version(request["ProjectVersionArn"])
        state = version.timeline.read()
        if state in UNDELETABLE_STATES:
            raise in_use(f"The version cannot be deleted while its status is {state}.")
        if state != "DELETING":
            gone = Step(self._context.world.delays.deleting, enter=lambda due: GONE)
            version.timeline.move("DELETING", gone)
            version.message = "The model is being deleted."
        return {"Status": "DELETING"}

    def _require_fit(self, project: Project, request: JsonObject) -> None:
        require_room(self._context, project, request["VersionName"])
        if "FeatureConfig" in request:
            raise invalid_parameter("FeatureConfig does not fit a Custom Labels project.")
        quotas = self._context.world.quotas
        if quotas is None:
            return
        states = [version.timeline.read() for version in self._context.store.versions()]
        if states.count(IN_TRAINING) >= quotas.trainings:
            raise limit_exceeded(f"At most {quotas.trainings} trainings run at a time.")

    def _finish(
        self, project: Project, version: Version, job: Job[TrainingOutcome], due: float
    ) -> str:
        outcome = job.outcome()
        version.results["TrainingEndTimestamp"] = due
        if (error := outcome.exception()) is not None:
            logger.error("a training failed", exc_info=error, extra={"version": version.arn})
            version.message = SERVICE_ISSUE
            return "TRAINING_FAILED"
        try:
            self._publish(project, version, outcome.result(), due)
        except ObjectUnavailableError:
            version.message = OUTPUT_NOT_WRITABLE
        return "TRAINING_COMPLETED" if version.model else "TRAINING_FAILED"

    def _publish(
        self, project: Project, version: Version, outcome: TrainingOutcome, due: float
    ) -> None:
        config = version.request["OutputConfig"]
        folder = output_folder(self._context.objects, config, project.name, version.name)
        version.message = outcome.failure or TRAINED_MESSAGE
        if outcome.sides is not None:
            version.results |= write_validation(folder, version.request, outcome.sides)
        if outcome.result is None:
            return
        split_here = outcome.sides is not None and outcome.sides.split_here
        written = write_evaluation(
            folder, version.arn, outcome.result, ended_at=due, split_here=split_here
        )
        version.results["TrainingDataResult"]["Output"] = written["TrainingOutput"]
        version.results["TestingDataResult"]["Output"] = written["TestingOutput"]
        version.results["EvaluationResult"] = written["EvaluationResult"]
        seconds = self._billable_seconds(version, due)
        version.results["BillableTrainingTimeInSeconds"] = seconds
        self._context.world.meter.record_training(version.arn, seconds)
        labels = outcome.result.evaluation.labels
        thresholds = {each.label: each.threshold for each in labels}
        version.model = TrainedModel(outcome.result.model, thresholds)

    def _billable_seconds(self, version: Version, ended_at: float) -> int:
        elapsed = math.ceil(ended_at - version.created_at)
        return max(1, math.ceil(elapsed * self._context.world.billable_factor))


def require_room(context: Context, project: Project, name: str) -> None:
    """Accept a project that can take one more version of that name.

    Raises:
        ApiError: It is not for Custom Labels, is being deleted, has such a version, or is full.
    """
    if project.feature != CUSTOM_LABELS:
        raise invalid_parameter("Only Custom Labels projects are emulated with versions.")
    if project.timeline.read() != "CREATED":
        raise in_use("The project is being deleted.")
    versions = project.versions()
    if any(version.name == name for version in versions):
        raise in_use(f"A version named {name} exists already.")
    quotas = context.world.quotas
    if quotas and len(versions) >= quotas.versions_per_project:
        raise ApiError("ServiceQuotaExceededException", "The project has too many versions.")


def _describe(version: Version, state: str) -> JsonObject:
    echoed = {name: version.request[name] for name in ECHOED if name in version.request}
    return {
        "ProjectVersionArn": version.arn,
        "CreationTimestamp": version.created_at,
        "Status": state,
        "StatusMessage": version.message,
        "Feature": CUSTOM_LABELS,
        **echoed,
        **version.units,
        **version.results,
    }
