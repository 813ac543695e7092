"""The operation that copies a trained version to another project, also from another account."""

from collections.abc import Callable
from functools import partial

from rcl_flow.emulator.conditions.clock import Step, Timeline
from rcl_flow.emulator.data.catalogue import OUTPUT_NOT_WRITABLE, SERVICE_ISSUE
from rcl_flow.emulator.data.objects import ObjectRef, ObjectUnavailableError
from rcl_flow.emulator.errors import access_denied, in_use, invalid_parameter
from rcl_flow.emulator.service.arns import place_of
from rcl_flow.emulator.service.material import FileProblemError, require_output
from rcl_flow.emulator.service.outputs import OutputFolder, output_folder
from rcl_flow.emulator.service.policy_documents import permits_copy
from rcl_flow.emulator.service.state import Context, Project, Version
from rcl_flow.emulator.service.versions import require_room
from rcl_flow.emulator.shapes import JsonObject

COPIED_RESULTS = (
    "ManifestSummary",
    "TrainingDataResult",
    "TestingDataResult",
    "EvaluationResult",
)
COPIED = "The model was copied and is ready to run."
RESULTS_UNREADABLE = "The training results of the source model cannot be read."


class Copying:
    """Copies project versions."""

    def __init__(self, context: Context) -> None:
        """Copy to the projects of `context`."""
        self._context = context

    def copy(self, request: JsonObject) -> JsonObject:
        """CopyProjectVersion."""
        there, source = self._source(request)
        project = self._context.store.project(request["DestinationProjectArn"])
        name, clock = request["VersionName"], self._context.world.clock
        require_room(self._context, project, name)
        number = self._context.numbers.take()
        version = Version(
            arn=self._context.place.arn(f"project/{project.name}/version/{name}/{number}"),
            number=number,
            name=name,
            created_at=number / 1000,
            timeline=Timeline(clock, "COPYING_IN_PROGRESS"),
            tags=dict(request.get("Tags", {})),
            request=request,
            message="The model is being copied.",
            results={"SourceProjectVersionArn": source.arn},
        )
        problem = self._foreseen_problem(request)
        finish = Step(
            self._context.delay("CopyProjectVersion", self._context.world.delays.copying),
            enter=lambda due: self._finish(project, version, source, there, problem=problem),
        )
        version.timeline.move("COPYING_IN_PROGRESS", finish)
        project.add_version(version)
        return {"ProjectVersionArn": version.arn}

    def _source(self, request: JsonObject) -> tuple[Context, Version]:
        arn = request["SourceProjectVersionArn"]
        there = self._account_of(request["SourceProjectArn"], arn)
        project = there.store.project(request["SourceProjectArn"])
        owner, version = there.store.version(arn)
        if owner is not project:
            raise invalid_parameter("The source version is not one of the source project.")
        state = version.timeline.read()
        if state == "DELETING" or state.endswith("_IN_PROGRESS"):
            raise in_use(f"The version cannot be copied while its status is {state}.")
        if version.model is None:
            raise invalid_parameter(f"There is no model to copy: the version's status is {state}.")
        return there, version

    def _account_of(self, project_arn: str, version_arn: str) -> Context:
        here = self._context.place
        places = [place_of(project_arn), place_of(version_arn)]
        if any(place is None or place.region != here.region for place in places):
            raise invalid_parameter("A model can be copied within one Region only.")
        accounts = {place.account for place in places if place}
        if accounts == {here.account}:
            return self._context
        for account in accounts - {here.account}:
            there = self._context.neighbours(account)
            if there is not None and _permits(there, project_arn, version_arn, here.account):
                return there
        raise access_denied(here.account, "CopyProjectVersion", version_arn)

    def _foreseen_problem(self, request: JsonObject) -> str | None:
        if self._context.world.faults.fails_later("CopyProjectVersion"):
            return SERVICE_ISSUE
        try:
            require_output(self._context, request["OutputConfig"])
        except FileProblemError as problem:
            return str(problem)
        return None

    def _finish(
        self,
        project: Project,
        version: Version,
        source: Version,
        there: Context,
        *,
        problem: str | None,
    ) -> str:
        config = version.request["OutputConfig"]
        folder = output_folder(self._context.objects, config, project.name, version.name)
        try:
            results = {} if problem else _copied_results(source, partial(_copy_file, there, folder))
        except ObjectUnavailableError:
            problem = OUTPUT_NOT_WRITABLE
        except FileProblemError as error:
            problem = str(error)
        if problem is not None:
            version.message = problem
            return "COPYING_FAILED"
        version.results |= results
        version.model, version.message = source.model, COPIED
        return "COPYING_COMPLETED"


def _permits(there: Context, project_arn: str, version_arn: str, account: str) -> bool:
    projects = (each for each in there.store.projects() if each.arn == project_arn)
    documents = [policy.document for each in projects for policy in each.policies.values()]
    return permits_copy(documents, account=account, version_arn=version_arn)


def _copied_results(source: Version, copy: Callable[[JsonObject], JsonObject]) -> JsonObject:
    def copied(member: object) -> object:
        if isinstance(member, list):
            return [copied(each) for each in member]
        if not isinstance(member, dict):
            return member
        # what a training was given belongs to the source
        kept = {name: value for name, value in member.items() if name != "Input"}
        return copy(kept) if "Bucket" in kept else {k: copied(v) for k, v in kept.items()}

    return {k: copied(source.results[k]) for k in COPIED_RESULTS if k in source.results}


def _copy_file(there: Context, folder: OutputFolder, s3_object: JsonObject) -> JsonObject:
    name: str = s3_object["Name"]
    try:
        text = there.objects.read(ObjectRef(s3_object["Bucket"], name)).decode()
    except (ObjectUnavailableError, UnicodeDecodeError) as error:
        raise FileProblemError(RESULTS_UNREADABLE) from error
    kind, _, _ = name.rpartition("/")[2].partition("-")
    copied: JsonObject = folder.write(kind, text)["S3Object"]
    return copied
