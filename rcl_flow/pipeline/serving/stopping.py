"""Stop a model and believe it only when STOPPED was read back."""

from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass

from rcl_flow.aws.descriptions import BILLING, STARTING, STOPPING, VersionDescription
from rcl_flow.aws.waiting import Pace, wait_while
from rcl_flow.core.arns import parse_version_arn
from rcl_flow.errors import AwsRefusedError, ModelNotStoppedError, RclFlowError
from rcl_flow.pipeline.runs.services import Services
from rcl_flow.pipeline.serving.watchdog import unwatch
from rcl_flow.pipeline.state.backend import Backend
from rcl_flow.pipeline.state.ledger import LedgerEntry, record_inference
from rcl_flow.pipeline.state.records import ArmedModel, armed_key

_STOP_ATTEMPTS = 5
_LOOKS_FOR_A_START = 2
_SECONDS_PER_HOUR = 3600


def stop_and_confirm(armed: ArmedModel, services: Services, pace: Pace, *, images: int = 0) -> str:
    """Stop the model of `armed`, remove its watchdog, enter the ledger, and forget the record.

    Args:
        armed: the model; without a run's id nothing of its cost is known.
        services: how it is reached.
        pace: how often to look, and for how long.
        images: how many it has answered, for the ledger.

    Returns:
        The status that was read back; the record is gone.

    Raises:
        ModelNotStoppedError: it could not be confirmed as stopped; the record stays.
    """
    arn = armed.project_version_arn
    if armed.asked_at is not None and armed.running_since is None:
        _await_late_start(arn, services, pace)
    stops = _ask_at_once(arn, services) if armed.running_since is not None else None
    first, status = confirm_stopped(
        arn, services, pace, usd_per_hour=armed.usd_per_hour, stops=stops
    )
    unwatch(armed, services)
    if armed.run_id and armed.asked_at is not None:
        record_inference(
            services.store, armed.backend.identity, _entry(armed, first, images, services)
        )
    services.store.delete(armed_key(arn))
    return status


def _ask_at_once(arn: str, services: Services) -> bool:
    """Ask a model that was seen to run to stop before anything is looked at; say whether it does.

    Whatever is refused is looked at, and asked again, by `confirm_stopped`.
    """
    try:
        services.rekognition.stop_version(arn)
    except AwsRefusedError:
        return False
    return True


def _await_late_start(arn: str, services: Services, pace: Pace) -> None:
    """Give a start whose answer nobody has seen time to show, before it is taken for none."""
    for _ in range(_LOOKS_FOR_A_START):
        with suppress(RclFlowError):
            if _look(arn, services).status in BILLING:
                return
        services.clock.sleep(pace.every_seconds)


def _entry(armed: ArmedModel, first: str, images: int, services: Services) -> LedgerEntry:
    """Return what the model has cost, from RUNNING, or else the asking, to the reading back."""
    ended = services.clock.now()
    if first not in BILLING and armed.watched_until is not None:
        ended = min(ended, armed.watched_until)  # the watchdog or somebody else was faster
    began = armed.running_since or armed.asked_at or ended
    seconds = max(0.0, (ended - began).total_seconds())
    return LedgerEntry(
        kind="inference",
        run_id=armed.run_id,
        project=armed.project,
        project_version_arn=armed.project_version_arn,
        at=armed.armed_at,
        seconds=seconds,
        inference_units=armed.inference_units,
        usd=round(seconds * armed.usd_per_hour / _SECONDS_PER_HOUR, 6),
        images=images,
    )


def stop_each(models: Iterable[ArmedModel], stop: Callable[[ArmedModel], None]) -> None:
    """Stop every one of the models, whatever becomes of the others.

    Raises:
        ModelNotStoppedError: naming all that could not be confirmed as stopped.
        RclFlowError: all were stopped, and something else went wrong with one.
    """
    failures: list[ModelNotStoppedError] = []
    others: list[RclFlowError] = []
    for model in models:
        try:
            stop(model)
        except ModelNotStoppedError as error:
            failures.append(error)
        except RclFlowError as error:
            others.append(error)
    if failures:
        raise ModelNotStoppedError(
            "\n".join(failure.message for failure in failures),
            hint="\n".join(failure.hint for failure in failures),
            project_version_arn=failures[0].project_version_arn,
        )
    if others:
        raise others[0]


def confirm_stopped(
    arn: str, services: Services, pace: Pace, *, usd_per_hour: float, stops: bool | None = None
) -> tuple[str, str]:
    """Bring the model to a state that does not bill; return the state before and the one after.

    Args:
        arn: the version's.
        services: how it is reached.
        pace: how often to look, and for how long.
        usd_per_hour: what it costs while it runs.
        stops: what became of asking it just now, when it ran; None if it was not asked.

    Raises:
        ModelNotStoppedError: with the command to type and what it costs an hour.
    """
    try:
        found = _look(arn, services).status
        first = "RUNNING" if stops else found
        status = _stop(found, arn, services, pace, attempts=_STOP_ATTEMPTS - (stops is not None))
    except RclFlowError as error:
        raise not_stopped(arn, error.message, services.backend, usd_per_hour) from error
    if status in BILLING:
        raise not_stopped(arn, f"its status is {status}", services.backend, usd_per_hour)
    return first, status


def _stop(status: str, arn: str, services: Services, pace: Pace, *, attempts: int) -> str:
    def wait(working: frozenset[str]) -> str:
        return wait_while(
            lambda: _look(arn, services), working, clock=services.clock, pace=pace
        ).status

    if status in STARTING:
        status = wait(STARTING)
    for attempt in range(1, attempts + 1):
        if status != "RUNNING":
            break
        try:
            services.rekognition.stop_version(arn)
        except AwsRefusedError:
            if attempt == attempts:
                raise
        status = _look(arn, services).status
        if status == "RUNNING":
            services.clock.sleep(pace.every_seconds)
            status = _look(arn, services).status
    return wait(STOPPING) if status in STOPPING else status


@dataclass(frozen=True, slots=True)
class _Gone:
    """A version that does not exist bills nothing."""

    status: str = "DELETED"


def _look(arn: str, services: Services) -> VersionDescription | _Gone:
    found = services.rekognition.find_version_by_arn(arn)
    if found is not None:
        return found
    parts = parse_version_arn(arn)
    account = services.account_id()
    if parts is None or (parts.account, parts.region) != (account, services.backend.region):
        raise AwsRefusedError(
            f"it cannot be seen with the credentials of account {account} in "
            f"{services.backend.region}",
            hint="Use the credentials and region that it was started with.",
            operation="DescribeProjectVersions",
            code="OtherAccount",
        )
    return _Gone()


def not_stopped(arn: str, why: str, backend: Backend, usd_per_hour: float) -> ModelNotStoppedError:
    """Return the error that says what may be billing, how much, and the command to type."""
    endpoint = backend.endpoint_url
    command = f"aws rekognition stop-project-version --project-version-arn {arn}"
    command += f" --region {backend.region}"
    command += f" --endpoint-url {endpoint}" if endpoint else ""
    return ModelNotStoppedError(
        f"THE MODEL {arn} COULD NOT BE CONFIRMED AS STOPPED ({why}). "
        f"While it runs it costs {usd_per_hour:.2f} USD an hour.",
        hint=f"Run `rcl-flow stop {arn}`, or: {command}",
        project_version_arn=arn,
    )
