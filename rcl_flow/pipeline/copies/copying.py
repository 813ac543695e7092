"""Copy a trained version to another project, also of another account, within one region."""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from typing import Final, Literal

from rcl_flow.aws.descriptions import COPYING, TRAINED, VersionDescription
from rcl_flow.aws.errors import Failure, classify
from rcl_flow.aws.s3 import S3Location
from rcl_flow.aws.waiting import Pace
from rcl_flow.config import FlowConfig
from rcl_flow.core.arns import parse_version_arn
from rcl_flow.core.naming import digest_of, output_prefix
from rcl_flow.core.promotion.copy_policy import account_principal
from rcl_flow.errors import AwsRefusedError, ConfigError, ForeignVersionError
from rcl_flow.pipeline.copies.copy_policies import CopyPermit, permitted
from rcl_flow.pipeline.runs.making import await_sight, make_once
from rcl_flow.pipeline.runs.opening import leased, open_run
from rcl_flow.pipeline.runs.results import ProjectWanted
from rcl_flow.pipeline.runs.run import Run
from rcl_flow.pipeline.runs.services import Services
from rcl_flow.pipeline.runs.steplog import StepLog
from rcl_flow.pipeline.state.backend import Backend
from rcl_flow.pipeline.training.datasets import find_or_make_project, managed_tags
from rcl_flow.pipeline.training.uploading import require_bucket

CopyWay = Literal["copy", "retrain"]
_PACE: Final = Pace(every_seconds=15.0, timeout_seconds=4 * 3600.0)
"""How long a copy takes is not published; the guide's script looks once a minute, without an end.

Source: developer guide, "Copying a model" (read 2026-11-23).
"""
_DENIALS: Final = 6
_DENIED_SECONDS: Final = 10.0
"""A policy that was just put takes a moment to be in force everywhere."""


@dataclass(frozen=True, slots=True)
class CopySource:
    """A version that has a model, and the account that it is in."""

    services: Services
    project_arn: str
    version: VersionDescription


def choose_way(source: Backend, target: Backend) -> tuple[CopyWay, str]:
    """Return how a model comes from one backend to another, and why so.

    Source: API reference, CopyProjectVersion (read 2026-11-23): accounts may differ, the region
    may not.
    """
    if source.kind != target.kind:
        return "retrain", f"no model leaves the backend `{source.kind}`"
    if source.region != target.region:
        return "retrain", f"the service copies no model from {source.region} to {target.region}"
    elsewhere = (source.endpoint_url, source.emulator_instance) != (
        target.endpoint_url,
        target.emulator_instance,
    )
    if elsewhere:
        return "retrain", "the destination is another emulator, or has another endpoint"
    return "copy", "the region is the same"


def find_source(arn: str, services: Services) -> CopySource:
    """Return the version that is to be copied.

    Raises:
        ConfigError: it is gone, or has no model.
    """
    parts = parse_version_arn(arn)
    project = services.rekognition.find_project(parts.project) if parts else None
    version = services.rekognition.find_version_by_arn(arn)
    if project is None or version is None or version.status not in TRAINED:
        state = version.status if version else "not there"
        raise ConfigError(
            f"The version {arn or 'of that run'} cannot be copied: it is {state}.",
            hint="Name a finished run whose model is still there; `rcl-flow runs` lists them.",
        )
    return CopySource(services, project.arn, version)


def copy_model(
    source: CopySource, config: FlowConfig, services: Services, log: StepLog
) -> VersionDescription:
    """Return the copy in the destination's project, made where it is not there yet.

    The source project's policy permits it meanwhile, when the accounts differ.

    Args:
        source: what is copied.
        config: the destination's.
        services: of the destination.
        log: where the steps are announced.

    Raises:
        ConfigError: source and destination are the same project.
        ForeignVersionError: a version of the copy's name is no copy of that version.
        AwsRefusedError: a side does not permit it, or the copy failed.
        RunHeldError: a run works in the destination's project.
    """
    run = open_run(config, ["copy", source.version.arn], services, log, blocking=True)
    with leased(run):
        emulated = config.backend == "emulator"
        require_bucket(config.storage, config.bucket, services.s3, create=emulated)
        with log.step("ensure project") as step:
            project_arn = find_or_make_project(ProjectWanted(config.project, config.tags), run)
            step.detail = config.project
        if project_arn == source.project_arn:
            raise ConfigError(
                f"The model is in the project {config.project} of that account already.",
                hint="Name another project, account or region in the destination's config.",
            )
        with log.step("copy version") as step:
            copied = _ensure_copy(source, project_arn, run)
            step.detail = copied.name
        return copied


def copy_name(source_arn: str, *, attempt: int = 1) -> str:
    """Return the name of a version's copy: the same version gets the same name everywhere."""
    name = f"copy-{digest_of([source_arn])[:16]}"
    return name if attempt == 1 else f"{name}-{attempt}"


def _ensure_copy(source: CopySource, project_arn: str, run: Run) -> VersionDescription:
    rekognition = run.services.rekognition
    attempt = 1
    while True:
        name = copy_name(source.version.arn, attempt=attempt)
        found = rekognition.find_version(project_arn, name)
        if found is None or found.status != "COPYING_FAILED":
            break
        attempt += 1
    if found is not None:
        _require_copy_of(source.version.arn, found)
    permission, spreads = _permission(source, project_arn, run)
    if found is not None and found.status not in COPYING:
        with permission:  # whose end takes away what an interruption has left
            return found
    with permission:
        if found is None:
            denials = _DENIALS if spreads else 0
            found = _when_permitted(lambda: _ask(source, project_arn, name, run), denials, run)
        return _await_copy(found, project_arn, run)


def _require_copy_of(source_arn: str, found: VersionDescription) -> None:
    if found.source_version_arn != source_arn:
        raise ForeignVersionError(
            f"The version {found.arn} has the name of the copy, and is a copy of "
            f"{found.source_version_arn or 'nothing'}.",
            hint="Delete that version, or name another project.",
            operation="DescribeProjectVersions",
            code="ForeignVersion",
        )


def _permission(
    source: CopySource, project_arn: str, run: Run
) -> tuple[AbstractContextManager[None], bool]:
    """Return what permits the copy while it is made, and whether it has to spread first.

    Within one account the caller's own policies permit it.
    """
    account = run.services.account_id()
    parts = parse_version_arn(source.version.arn)
    if parts is not None and parts.account == account:
        return nullcontext(), False
    partition = source.version.arn.split(":")[1]
    permit = CopyPermit(
        source.project_arn,
        source.version.arn,
        # a role that the config names can be told; of other credentials only the account is sure
        run.config.aws.role_arn or account_principal(account, partition),
        project_arn,
    )
    return permitted(permit, source.services.rekognition.copies, run.log), True


def _ask(source: CopySource, project_arn: str, name: str, run: Run) -> VersionDescription:
    services, config = run.services, run.config
    rekognition = services.rekognition

    def look() -> VersionDescription | None:
        return rekognition.find_version(project_arn, name)

    def make() -> VersionDescription | None:
        arn = rekognition.copies.copy_version(
            (source.project_arn, source.version.arn),
            project_arn,
            name,
            S3Location(config.bucket, output_prefix(config.storage.prefix, config.project)),
            kms_key_id=config.training.kms_key_id,
            tags=managed_tags(config.tags),
        )
        # who asked for a version may remove it: `rcl-flow gc` reads this
        key = f"trainings/{services.backend.identity}/{config.project}/{name}"
        services.store.put(key, arn.encode())
        return await_sight(look, run)

    made = make_once(make, look, run)
    if made is None:
        raise AwsRefusedError(
            f"The copy {name} was asked for and cannot be seen yet.",
            hint="Run the same command again.",
            operation="DescribeProjectVersions",
            code="VersionMissing",
        )
    return made


def _when_permitted(
    ask: Callable[[], VersionDescription], denials: int, run: Run
) -> VersionDescription:
    """Ask for the copy; bear so many denials, until a policy that was just put is in force."""
    for _ in range(denials):
        try:
            return ask()
        except AwsRefusedError as error:
            if classify(error) is not Failure.DENIED:
                raise
        run.waking_clock.sleep(run.services.every_seconds(_DENIED_SECONDS))
    return ask()


def _await_copy(asked: VersionDescription, project_arn: str, run: Run) -> VersionDescription:
    """Wait until the copy is made.

    Raises:
        AwsRefusedError: it failed, or somebody deleted it.
    """

    def look() -> VersionDescription:
        found = run.services.rekognition.find_version(project_arn, asked.name)
        return found or replace(asked, status="DELETED", status_message="somebody deleted it")

    copied = run.until_awake(look, COPYING, _PACE)
    if copied.status not in TRAINED:
        raise AwsRefusedError(
            f"The copy {copied.arn} is {copied.status}: {copied.status_message}",
            hint="Correct what the message names, such as the destination's bucket, then run the "
            "same command again: it is copied anew.",
            operation="CopyProjectVersion",
            code=copied.status,
        )
    return copied
