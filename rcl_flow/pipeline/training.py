"""The one paid training on a content: looked for before it is asked for, then waited for."""

from dataclasses import dataclass

from rcl_flow.aws.descriptions import (
    TRAINED,
    TRAINING,
    VersionDescription,
)
from rcl_flow.aws.waiting import Pace
from rcl_flow.core.naming import version_name
from rcl_flow.errors import (
    AwsRefusedError,
    AwsUnreachableError,
    TrainingFailedError,
)
from rcl_flow.pipeline.datasets import managed_tags
from rcl_flow.pipeline.failures import explain_failure
from rcl_flow.pipeline.results import (
    AskedTraining,
    TrainedVersion,
    TrainingWanted,
)
from rcl_flow.pipeline.run import Run

_SECONDS_PER_HOUR = 3600
_LOOKS = 5
_LOOK_SECONDS = 2.0


def find_training(
    project: str, content_digest: str, run: Run, *, retry_failed: bool
) -> AskedTraining | None:
    """Return the version that was asked for on that content, or None when there is none yet.

    Raises:
        TrainingFailedError: its last training has failed, and a retry was not asked for.
    """
    found = run.services.rekognition.find_project(project)
    if found is None:
        return None
    attempt = _newest_attempt(found.arn, content_digest, run, retry_failed=retry_failed)
    return _asked(found.arn, attempt.version) if attempt.version else None


def ask_training(wanted: TrainingWanted, run: Run) -> AskedTraining:
    """Start the training on that content, unless it was started before.

    Raises:
        TrainingFailedError: that training has failed before, and a retry was not asked for.
    """
    attempt = _newest_attempt(
        wanted.project_arn, wanted.content_digest, run, retry_failed=wanted.retry_failed
    )
    version = attempt.version or _create_version(wanted, attempt.name, run)
    return _asked(wanted.project_arn, version)


@dataclass(frozen=True, slots=True)
class _Attempt:
    name: str
    version: VersionDescription | None
    """None when nothing of that name was asked for yet."""


def _newest_attempt(
    project_arn: str, content_digest: str, run: Run, *, retry_failed: bool
) -> _Attempt:
    """Look through the attempts on a content for the first that has not failed."""
    number, failed = 1, None
    while True:
        name = version_name(content_digest, attempt=number)
        found = run.services.rekognition.find_version(project_arn, name)
        if found is None and failed is not None and not retry_failed:
            raise explain_failure(failed, run.services.s3)
        if found is None or found.status != "TRAINING_FAILED":
            return _Attempt(name, found)
        number, failed = number + 1, found


def _asked(project_arn: str, version: VersionDescription) -> AskedTraining:
    return AskedTraining(
        project_arn=project_arn,
        version_name=version.name,
        version_arn=version.arn,
        created_at=version.created_at,
    )


def _create_version(wanted: TrainingWanted, name: str, run: Run) -> VersionDescription:
    lost: AwsRefusedError | None = None
    try:
        run.services.rekognition.create_version(
            wanted.project_arn,
            name,
            wanted.output,
            kms_key_id=wanted.kms_key_id,
            tags=managed_tags(wanted.tags, wanted.content_digest),
        )
    except AwsUnreachableError as error:
        lost = error  # it may have been asked for all the same
    except AwsRefusedError as error:
        if error.code not in {"ResourceInUseException", "InternalServerError"}:
            raise
        lost = error
    return _see_version(wanted.project_arn, name, run, lost)


def _see_version(
    project_arn: str, name: str, run: Run, lost: AwsRefusedError | None
) -> VersionDescription:
    for _ in range(_LOOKS):
        found = run.services.rekognition.find_version(project_arn, name)
        if found is not None:
            return found
        run.services.clock.sleep(run.services.every_seconds(_LOOK_SECONDS))
    raise lost or AwsRefusedError(
        f"The version {name} was asked for and cannot be seen yet.",
        hint="Run the same command again.",
        operation="DescribeProjectVersions",
        code="VersionMissing",
    )


def await_training(asked: AskedTraining, run: Run) -> TrainedVersion:
    """Wait until the training has ended and return the trained version.

    Raises:
        TrainingFailedError: with the service's codes explained.
        Pause: in a tick, while it trains.
    """
    run.update(project_version_arn=asked.version_arn)
    training = run.config.training
    version = run.until(
        lambda: _find_asked(asked, run),
        TRAINING,
        Pace(
            training.poll_seconds,
            training.timeout_hours * _SECONDS_PER_HOUR,
            since=asked.created_at,
        ),
    )
    if version.status not in TRAINED:
        raise explain_failure(version, run.services.s3)
    return trained_version(version, project_arn=asked.project_arn, trained_here=True)


def _find_asked(asked: AskedTraining, run: Run) -> VersionDescription:
    found = run.services.rekognition.find_version(asked.project_arn, asked.version_name)
    if found is None:
        raise TrainingFailedError(
            f"The version {asked.version_arn} is gone: somebody deleted it.",
            hint="Run the same command again to train anew; that is paid for again.",
        )
    return found


def trained_version(
    version: VersionDescription, *, project_arn: str, trained_here: bool
) -> TrainedVersion:
    """Return what the journal keeps of a version that has a model.

    Raises:
        TrainingFailedError: the version has no evaluation.
    """
    if version.summary is None or version.test_snapshot is None:
        raise TrainingFailedError(
            f"The version {version.arn} is {version.status} and has no evaluation.",
            hint="Only a version that was trained, with a test dataset, can be judged.",
        )
    return TrainedVersion(
        project_arn=project_arn,
        version_name=version.name,
        version_arn=version.arn,
        training_seconds_billed=version.training_seconds_billed if trained_here else 0,
        trained_here=trained_here,
        summary_file=version.summary,
        test_snapshot=version.test_snapshot,
    )
