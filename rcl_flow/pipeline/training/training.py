"""The one paid training on a content: looked for before it is asked for, then waited for."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from rcl_flow.aws.descriptions import (
    TRAINED,
    TRAINING,
    VersionDescription,
)
from rcl_flow.aws.errors import Failure, classify
from rcl_flow.aws.waiting import Pace
from rcl_flow.core import limits
from rcl_flow.core.naming import CONTENT_TAG, version_name
from rcl_flow.errors import (
    AwsRefusedError,
    BudgetExceededError,
    ForeignVersionError,
    TrainingFailedError,
)
from rcl_flow.pipeline.costs.outlook import tell_training_outlook
from rcl_flow.pipeline.runs.making import await_sight, make_once
from rcl_flow.pipeline.runs.results import (
    AskedTraining,
    TrainedVersion,
    TrainingWanted,
)
from rcl_flow.pipeline.runs.run import Pause, Run
from rcl_flow.pipeline.state.ledger import LedgerEntry, record_training
from rcl_flow.pipeline.training.datasets import managed_tags
from rcl_flow.pipeline.training.failures import explain_failure

_SECONDS_PER_HOUR = 3600
_LIMIT_SECONDS = 900.0

T = TypeVar("T")


def find_training(
    project: str, content_digest: str, run: Run, *, retry_failed: bool
) -> AskedTraining | None:
    """Return the version that was asked for on that content, or None when there is none yet.

    Raises:
        TrainingFailedError: its last training has failed, or it was trained and is gone, and a
            retry was not asked for.
        ForeignVersionError: a version of its name was made from other content.
    """
    found = run.services.rekognition.find_project(project)
    if found is None:
        _require_not_gone(content_digest, run, retry=retry_failed)
        return None
    attempt = _newest_attempt(found.arn, content_digest, run, retry_failed=retry_failed)
    if attempt.version is None:
        _require_not_gone(content_digest, run, retry=retry_failed)
        return None
    _require_same_content(attempt.version, content_digest, run)
    run.created(project_arn=found.arn, project_version_arn=attempt.version.arn)
    return _asked(found.arn, attempt.version)


def ask_training(wanted: TrainingWanted, run: Run) -> AskedTraining:
    """Start the training on that content, unless it was started before.

    Raises:
        TrainingFailedError: that training has failed before, and a retry was not asked for.
        Pause: in a tick, when the account trains as much as it may.
    """
    attempt = _newest_attempt(
        wanted.project_arn, wanted.content_digest, run, retry_failed=wanted.retry_failed
    )
    version = attempt.version or _create_version(wanted, attempt.name, run)
    run.services.store.put(_asked_key(wanted.content_digest, run), version.arn.encode())
    run.created(project_version_arn=version.arn)
    return _asked(wanted.project_arn, version)


def _asked_key(content_digest: str, run: Run) -> str:
    return f"trainings/{run.services.backend.identity}/{run.config.project}/{content_digest}"


def _require_not_gone(content_digest: str, run: Run, *, retry: bool) -> None:
    """Refuse to pay again for a training that was paid for and deleted, unless told to."""
    before = run.services.store.get(_asked_key(content_digest, run))
    if before is not None and not retry:
        raise TrainingFailedError(
            f"The version {before.document.decode()} was trained on this data and is gone: "
            "somebody deleted it.",
            hint="Train it anew with `--retry-training`; that is paid for again.",
        )


def _require_same_content(version: VersionDescription, content_digest: str, run: Run) -> None:
    tagged = run.services.rekognition.tags_of(version.arn).get(CONTENT_TAG)
    if tagged != content_digest:
        raise ForeignVersionError(
            f"The version {version.arn} has the name of this data's training, and its tag "
            f"{CONTENT_TAG} is {tagged or 'missing'} instead of {content_digest}.",
            hint="Delete that version, or use another project: it was not trained on this data.",
            operation="ListTagsForResource",
            code="ForeignVersion",
        )


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
    rekognition = run.services.rekognition

    def look() -> VersionDescription | None:
        return rekognition.find_version(wanted.project_arn, name)

    def make() -> VersionDescription | None:
        rekognition.create_version(
            wanted.project_arn,
            name,
            wanted.output,
            kms_key_id=wanted.kms_key_id,
            tags=managed_tags(wanted.tags, wanted.content_digest),
        )
        return await_sight(look, run)

    made = when_allowed(lambda: make_once(make, look, run), wanted.project_arn, run)
    if made is None:
        raise AwsRefusedError(
            f"The version {name} was asked for and cannot be seen yet.",
            hint="Run the same command again.",
            operation="DescribeProjectVersions",
            code="VersionMissing",
        )
    return made


def when_allowed(ask: Callable[[], T], project_arn: str, run: Run) -> T:
    """Ask for a training; while the account trains as much as it may, wait and ask again.

    Raises:
        Pause: in a tick, instead of waiting.
        AwsRefusedError: the project is full of versions, or `training.timeout_hours` are over.
    """
    began = run.services.clock.now()
    while True:
        try:
            return ask()
        except AwsRefusedError as error:
            seconds = (run.services.clock.now() - began).total_seconds()
            late = seconds >= run.config.training.timeout_hours * _SECONDS_PER_HOUR
            if classify(error) is not Failure.LIMIT or late or _is_full(project_arn, run):
                raise
            run.log.notice(f"{error.message} It is asked for again when another has ended.")
        pause = run.services.every_seconds(_LIMIT_SECONDS)
        if not run.blocking:
            raise Pause(pause)
        run.waking_clock.sleep(pause)


def _is_full(project_arn: str, run: Run) -> bool:
    """Say whether no training that ends will make room: the project has all its versions."""
    count = sum(1 for _ in run.services.rekognition.versions(project_arn))
    return count >= limits.MAX_VERSIONS_PER_PROJECT


def await_training(asked: AskedTraining, run: Run) -> TrainedVersion:
    """Wait until the training has ended and return the trained version.

    Raises:
        TrainingFailedError: with the service's codes explained.
        Pause: in a tick, while it trains.
    """
    run.update(project_version_arn=asked.version_arn)
    tell_training_outlook(run)
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
    _enter_ledger(version, run)
    run.announce(
        "training-finished",
        f"{version.arn} is trained.",
        {"training_seconds_billed": version.training_seconds_billed},
    )
    return trained_version(version, project_arn=asked.project_arn, trained_here=True)


def _find_asked(asked: AskedTraining, run: Run) -> VersionDescription:
    _require_training_budget(asked, run)
    found = run.services.rekognition.find_version(asked.project_arn, asked.version_name)
    if found is None:
        raise TrainingFailedError(
            f"The version {asked.version_arn} is gone: somebody deleted it.",
            hint="Train it anew with `--retry-training`; that is paid for again.",
        )
    return found


def _require_training_budget(asked: AskedTraining, run: Run) -> None:
    waited = (run.services.clock.now() - asked.created_at).total_seconds()
    hours = run.config.budget.max_training_hours
    if hours is not None and waited >= hours * _SECONDS_PER_HOUR:
        found = run.services.rekognition.find_version(asked.project_arn, asked.version_name)
        if found is None or found.status in TRAINING:
            raise BudgetExceededError(
                f"The training of {asked.version_arn} lasts for {waited / _SECONDS_PER_HOUR:.1f} "
                f"hours; budget.max_training_hours is {hours:g}.",
                hint="The service cannot be told to stop a training; delete the version when it "
                "has ended, or raise the budget and run the same command again.",
            )


def _enter_ledger(version: VersionDescription, run: Run) -> None:
    seconds = version.training_seconds_billed
    entry = LedgerEntry(
        kind="training",
        run_id=run.run_id,
        project=run.config.project,
        project_version_arn=version.arn,
        at=version.created_at,
        seconds=seconds,
        inference_units=0,
        usd=round(seconds * run.config.prices.training_usd_per_hour / _SECONDS_PER_HOUR, 6),
        images=run.training_images,
    )
    record_training(run.services.store, run.services.backend.identity, entry)


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
