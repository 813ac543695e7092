"""Models that are kept running on purpose: started with their end set, which can be moved."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from rcl_flow.aws.descriptions import STARTING, UP
from rcl_flow.aws.errors import Failure, classify
from rcl_flow.config import FlowConfig, SafetyConfig
from rcl_flow.core.costs.budget import Spent, breach_of
from rcl_flow.errors import (
    AwsRefusedError,
    ConfigError,
    ConsentNeededError,
    ModelNotStartedError,
)
from rcl_flow.pipeline.runs.results import TrainedVersion
from rcl_flow.pipeline.runs.run import Pause, Run
from rcl_flow.pipeline.runs.services import Services
from rcl_flow.pipeline.serving.abandoned import stop_abandoned
from rcl_flow.pipeline.serving.model_use import open_use, using_model
from rcl_flow.pipeline.serving.served_model import ServedModel, about_to_start
from rcl_flow.pipeline.serving.serving import stop_armed
from rcl_flow.pipeline.serving.starting import await_running, describe, not_running, start_model
from rcl_flow.pipeline.serving.watchdog import watch
from rcl_flow.pipeline.state.records import ArmedModel, armed_key, read_record
from rcl_flow.pipeline.training.evaluating import find_existing

_SECONDS_PER_HOUR = 3600


@dataclass(frozen=True, slots=True)
class Hosting:
    """How a model is to be kept running."""

    until: datetime
    inference_units: int


@dataclass(frozen=True, slots=True)
class Hosted:
    """A model that is kept running, and how it came to that."""

    armed: ArmedModel
    is_new: bool
    """False for one that ran already, whose end alone was moved."""


def hosting_for(hours: float, units: int | None, config: FlowConfig, now: datetime) -> Hosting:
    """Return how long from now, and how large, a model is to be kept.

    Args:
        hours: at most that long.
        units: inference units; None for the config's.
        config: says how long and how large at most.
        now: the time.

    Raises:
        ConfigError: it is longer or larger than the config allows, or nothing would end it.
    """
    inference, safety = config.inference, config.safety
    if safety.watchdog == "off":
        raise ConfigError(
            "`safety.watchdog: off` leaves nothing that stops a model which is kept running.",
            hint="Choose `scheduler` or `tag`.",
        )
    if not 0 < hours <= safety.max_kept_hours:
        raise ConfigError(
            f"--for {hours:g} is not above 0 and at most safety.max_kept_hours "
            f"{safety.max_kept_hours:g}.",
            hint="A later `rcl-flow start` moves the end; or raise `safety.max_kept_hours`.",
        )
    usual = 1 if inference.inference_units == "auto" else inference.inference_units
    wanted = usual if units is None else units
    if wanted > max(usual, inference.max_inference_units):
        raise ConfigError(
            f"--units {wanted} is more than inference.max_inference_units "
            f"{inference.max_inference_units}.",
            hint="Raise it in the config when the account's quota is higher.",
        )
    return Hosting(now + timedelta(hours=hours), wanted)


def require_hosting_consent(
    hours: float, hosting: Hosting, config: FlowConfig, *, consent: bool
) -> None:
    """Refuse to start what bills without a word of whoever pays, as a run does.

    Raises:
        ConsentNeededError: with dollars an hour and in all.
    """
    if config.backend == "emulator" or consent:
        return
    seconds, units = hours * _SECONDS_PER_HOUR, hosting.inference_units
    spent = Spent(inference_seconds=seconds, inference_unit_seconds=seconds * units)
    if config.budget.is_given and breach_of(config.budget, spent, config.prices) is None:
        return
    price = units * config.prices.inference_unit_usd_per_hour
    told = "hour" if hours == 1 else "hours"
    raise ConsentNeededError(
        f"The model costs {price:.2f} USD an hour, {price * hours:.2f} USD in {hours:g} {told} "
        f"(prices of {config.prices.as_of}, from the config).",
        hint="Add `--yes` to agree, give a `budget:` above that in the config, or a shorter "
        "`--for`. `rcl-flow stop` ends it earlier.",
    )


def host(version_arn: str, hosting: Hosting, config: FlowConfig, services: Services) -> Hosted:
    """Keep a model running until its end, as `rcl-flow start` does.

    What dead runs have left running is stopped first; the model itself may just be over its end.

    Raises:
        ConfigError: there is no such version.
        RunHeldError: a run, or another use, needs the model now.
        RclFlowError: as `keep_running`.
    """
    moment = f"{services.clock.now():%Y%m%dT%H%M%SZ}"
    run = open_use("start", version_arn, moment, config, services)
    version = find_existing(version_arn, run)
    before = _record(version, run)
    keeper = before.run_id if before is not None and before.kept_until is not None else ""
    stop_abandoned(services, run.log, except_run=keeper)
    with using_model(run):
        return keep_running(version, hosting, run)


def keep_running(version: TrainedVersion, hosting: Hosting, run: Run) -> Hosted:
    """Have the model running until its end; one that is kept already gets that end.

    Its end is set, as schedule and tag, before it is started. The caller holds the project's
    models (`using_model`). The same use goes on where a tick before has asked for the start.

    Raises:
        Pause: in a tick, while it starts; its end is set.
        ModelNotStartedError: it did not come up and was stopped again, somebody else runs it, or
            the account runs as many models as it may.
        ModelNotStoppedError: it did not come up and could not be confirmed as stopped.
        WatchdogNotArmedError: what ends it cannot be set: it was not started.
    """
    found, before = describe(version, run), _record(version, run)
    if before is None and found.status in UP:
        raise ModelNotStartedError(
            f"{version.version_arn} is {found.status} and was not started from here. "
            "Nothing was changed.",
            hint="Use it as it is; or, when nobody else needs it, "
            f"`rcl-flow stop {version.version_arn}` and the same command again.",
        )
    is_own = before is not None and before.run_id == run.run_id
    if before is not None and before.kept_until is not None and found.status in UP:
        moved = _move_end(before, version, hosting, run)
        if moved is not None:
            return Hosted(moved, is_new=is_own and before.running_since is None)
        before = _record(version, run)
    if before is not None:
        stop_armed(before, run)  # it has ended; what it has cost is entered
    if is_own and not run.blocking and found.status == "FAILED":
        raise not_running(found)  # or it would be started again tick after tick
    return Hosted(_start(version, hosting, run), is_new=True)


def _record(version: TrainedVersion, run: Run) -> ArmedModel | None:
    return read_record(run.services.store, armed_key(version.version_arn), ArmedModel)


def _move_end(
    before: ArmedModel, version: TrainedVersion, hosting: Hosting, run: Run
) -> ArmedModel | None:
    """Give a kept model another end; None when it has stopped meanwhile, as at its old end."""
    if before.inference_units != hosting.inference_units:
        run.log.notice(
            f"It runs with {before.inference_units} inference unit(s) and keeps them: stop it "
            "first to change that."
        )
    served = ServedModel(run, before.model_copy(update={"kept_until": hosting.until}), Spent())
    _set_end(served, run.config.safety, hosting)
    found = describe(version, run)
    if found.status not in UP:
        return None
    if _pauses(run) and found.status in STARTING:
        raise Pause(run.services.every_seconds(run.config.inference.poll_seconds))
    await_running(version, run)
    if served.armed.running_since is None:
        _note_running(served)
    return served.armed


def _start(version: TrainedVersion, hosting: Hosting, run: Run) -> ArmedModel:
    """Set the end, then start; what does not come up, or is given up, is stopped again."""
    units = hosting.inference_units
    armed = about_to_start(version.version_arn, units, run)
    served = ServedModel(run, armed.model_copy(update={"kept_until": hosting.until}), Spent())
    runs = False
    try:
        _set_end(served, run.config.safety, hosting)
        with run.log.step("start model") as step:
            _ask(version, served)
            found = describe(version, run)
            start_model(found, version, run, units=units, pausing=_pauses(run))
            _note_running(served)
            step.detail = f"RUNNING with {units} inference unit(s), until {hosting.until:%H:%M} UTC"
        runs = True
    except Pause:
        runs = True  # or will: the next tick sees to it, and else its end is set
        raise
    finally:
        if not runs:
            stop_armed(served.armed, run)
    return served.armed


def _pauses(run: Run) -> bool:
    """Say whether a tick leaves the model starting: only when the next one surely comes soon."""
    return not run.blocking and run.config.safety.pause_while_starting


def _note_running(served: ServedModel) -> None:
    served.mark("running_since")
    armed = served.armed
    text, units = f"{armed.project_version_arn} runs.", armed.inference_units
    served.run.announce("model-started", text, {"inference_units": units})


def _set_end(served: ServedModel, safety: SafetyConfig, hosting: Hosting) -> None:
    served.run.confirm_lease()
    served.keep(served.armed)
    watch(served.armed, safety, served.run.services, served.keep, until=hosting.until)


def _ask(version: TrainedVersion, served: ServedModel) -> None:
    """Ask for the start once, to be told at once when the account has no room for the model.

    What else becomes of the asking is looked at by `start_model`, which asks again if it must.

    Raises:
        ModelNotStartedError: the account runs as many models or units as it may.
    """
    run, units = served.run, served.armed.inference_units
    served.mark("asked_at")
    run.confirm_lease()
    try:
        with run.services.guard.deferred():  # a start under way cannot be taken back
            run.services.rekognition.start_version(version.version_arn, inference_units=units)
    except AwsRefusedError as error:
        if classify(error) is Failure.LIMIT:
            raise ModelNotStartedError(
                f"{version.version_arn} was not started: the account runs as many models or "
                f"inference units as it may ({error.message}).",
                hint="By default two models may run at once. Stop one that nobody needs "
                "(`rcl-flow status`, `rcl-flow doctor`), or ask AWS for a higher quota.",
            ) from error
