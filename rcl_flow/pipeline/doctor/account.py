"""The doctor's look at the account: its projects, quotas and models that run."""

from collections.abc import Iterator
from dataclasses import dataclass

from rcl_flow.aws.descriptions import BILLING, TRAINING, ProjectDescription, VersionDescription
from rcl_flow.aws.errors import Failure, classify
from rcl_flow.aws.probing import Probes
from rcl_flow.aws.rekognition import Rekognition
from rcl_flow.aws.s3 import S3
from rcl_flow.clock import Clock
from rcl_flow.config import FlowConfig
from rcl_flow.core.doctor.diagnosis import (
    MAX_PROJECTS,
    MAX_RUNNING_MODELS,
    Check,
    LiveModel,
    live_model_check,
    max_trainings,
    ok,
    quota_check,
    skipped,
    units_check,
)
from rcl_flow.core.limits import MAX_VERSIONS_PER_PROJECT
from rcl_flow.errors import AwsRefusedError


@dataclass(frozen=True, slots=True)
class Instruments:
    """What the doctor looks with."""

    probes: Probes
    rekognition: Rekognition
    s3: S3
    clock: Clock


@dataclass(frozen=True, slots=True)
class Account:
    """The projects and versions of the region that may be seen."""

    projects: tuple[ProjectDescription, ...]
    versions: tuple[tuple[ProjectDescription, VersionDescription], ...]
    hidden: int
    """Projects whose versions may not be described."""

    def project(self, name: str) -> ProjectDescription | None:
        """Return the project of that name, or None."""
        return next((one for one in self.projects if one.arn.split("/")[1] == name), None)

    def count(self, statuses: frozenset[str]) -> int:
        """Return how many versions have one of the statuses."""
        return sum(version.status in statuses for _, version in self.versions)


def look_around(rekognition: Rekognition) -> Account | AwsRefusedError:
    """Return what the account has in the region, or why its projects may not be listed."""
    try:
        projects = tuple(rekognition.projects())
    except AwsRefusedError as error:
        return error
    versions: list[tuple[ProjectDescription, VersionDescription]] = []
    hidden = 0
    for project in projects:
        try:
            versions += [(project, version) for version in rekognition.versions(project.arn)]
        except AwsRefusedError as error:
            hidden += classify(error) is not Failure.NOT_FOUND
    return Account(projects, tuple(versions), hidden)


def quota_checks(config: FlowConfig, account: Account | AwsRefusedError) -> Iterator[Check]:
    """Yield for each default quota whether what a run needs fits below it."""
    inference, region = config.inference, config.aws.region
    units = inference.inference_units
    yield units_check(1 if units == "auto" else units, inference.max_inference_units)
    if isinstance(account, AwsRefusedError):
        yield skipped("quotas", f"Projects may not be listed: {account.message}")
        return
    trains = config.model.project_version_arn is None
    own = account.project(config.project)
    versions = sum(project is own for project, _ in account.versions)
    delete = "Delete what is not needed, or ask AWS for more."
    wait = "Wait until one ends, stop one, or ask AWS for more."
    wanted = (
        ("projects", len(account.projects), MAX_PROJECTS, trains and own is None, delete),
        ("versions of the project", versions, MAX_VERSIONS_PER_PROJECT, trains, delete),
        ("trainings", account.count(TRAINING), max_trainings(region), trains, wait),
        ("running models", account.count(BILLING), MAX_RUNNING_MODELS, True, wait),
    )
    for name, used, quota, needed, cure in wanted:
        yield quota_check(f"quota: {name}", used, quota, wanted=int(needed), cure=cure)


def live_checks(
    config: FlowConfig, tools: Instruments, account: Account | AwsRefusedError
) -> Iterator[Check]:
    """Yield every model that bills in the region."""
    if isinstance(account, AwsRefusedError):
        yield skipped("running models", f"Projects may not be listed: {account.message}")
        return
    live = [version for _, version in account.versions if version.status in BILLING]
    for version in live:
        model = _live_model(version, config, tools)
        yield live_model_check(model, tools.clock.now())
    if account.hidden:
        yield skipped(
            "running models",
            f"The versions of {account.hidden} other project(s) may not be described, so a model "
            "that runs there is not seen.",
            "Allow rekognition:DescribeProjectVersions on `*`.",
        )
    elif not live:
        yield ok("running models", f"No model runs in {config.aws.region}.")


def _live_model(
    version: VersionDescription,
    config: FlowConfig,
    tools: Instruments,
) -> LiveModel:
    try:
        tags = tools.rekognition.tags_of(version.arn)
    except AwsRefusedError:
        tags = None
    usd_per_hour = config.prices.inference_unit_usd_per_hour * max(1, version.inference_units)
    return LiveModel(version.arn, version.status, usd_per_hour, tags)
