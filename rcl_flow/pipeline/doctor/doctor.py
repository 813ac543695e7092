"""Look at all that a run of a config will need, without making anything that stays or bills."""

from collections.abc import Iterator
from datetime import datetime
from typing import Final

from rcl_flow.aws.descriptions import TRAINED
from rcl_flow.aws.errors import Failure, classify
from rcl_flow.aws.identity import Identity
from rcl_flow.aws.probes_rekognition import PROBE_NAME
from rcl_flow.aws.probing import Probes, refused_at
from rcl_flow.aws.rekognition import Rekognition
from rcl_flow.clock import Clock
from rcl_flow.config import FlowConfig
from rcl_flow.core.arns import parse_version_arn
from rcl_flow.core.doctor.diagnosis import (
    REGIONS,
    Check,
    Reply,
    clock_check,
    ok,
    problem,
    region_check,
    skipped,
)
from rcl_flow.core.doctor.permissions import (
    SCHEDULER_ACTIONS,
    Caller,
    WatchdogKind,
    permission_check,
    rekognition_actions,
    rekognition_resource,
    watchdog_resource,
)
from rcl_flow.errors import AwsRefusedError
from rcl_flow.pipeline.doctor.account import (
    Account,
    Instruments,
    live_checks,
    look_around,
    quota_checks,
)
from rcl_flow.pipeline.doctor.buckets import Storage, bucket_checks, data_checks
from rcl_flow.pipeline.doctor.delivery import delivery_checks

_AFTER_CREDENTIALS: Final = (
    *("bucket", "data", "permissions", "quotas", "running models", "watchdog"),
)


def examine(config: FlowConfig, tools: Instruments) -> tuple[Check, ...]:
    """Return one check for each thing that a run of the config will need."""
    try:
        identity = tools.probes.identity()
    except AwsRefusedError as error:
        skew = _skew_seconds(refused_at(error), tools.clock)
        foreign = tools.probes.foreign_endpoints()
        return unidentified(config, error, clock_check(skew), foreign)
    return tuple(_examine(config, tools, identity))


def unidentified(
    config: FlowConfig,
    error: AwsRefusedError,
    clock: Check | None = None,
    foreign: tuple[str, ...] = (),
) -> tuple[Check, ...]:
    """Return what can be said when AWS is out of reach or does not take the credentials.

    Args:
        config: The config.
        error: Why nobody could be identified.
        clock: The check of the clock, where AWS has told a time.
        foreign: The addresses other than AWS's that were asked.
    """
    region = config.aws.region
    lost = classify(error) is Failure.LOST
    first = (
        problem("network", error.message, _network_cure(config, foreign))
        if lost
        else problem("credentials", error.message, error.hint)
    )
    needs = "Needs the network." if lost else "Needs credentials."
    return (
        first,
        clock or skipped("clock", "AWS was not asked."),
        skipped("region", needs) if region in REGIONS else region_check(region, Reply(), "nobody"),
        *(skipped(name, needs) for name in _AFTER_CREDENTIALS),
    )


def _network_cure(config: FlowConfig, foreign: tuple[str, ...]) -> str:
    endpoint = config.aws.endpoint_url
    if endpoint is not None:
        return f"See that {endpoint} (`aws.endpoint_url`) answers, or correct it."
    if foreign:
        return f"See that {foreign[0]} answers, or unset AWS_ENDPOINT_URL to ask AWS."
    return "Check the network, HTTPS_PROXY and `aws.region`, then run the doctor again."


def _examine(config: FlowConfig, tools: Instruments, identity: Identity) -> Iterator[Check]:
    region = config.aws.region
    caller = Caller(identity.arn, identity.account, region)
    yield ok("credentials", f"{identity.arn} of account {identity.account}.")
    if foreign := tools.probes.foreign_endpoints():
        yield _endpoint_check(foreign, config)
    yield clock_check(_skew_seconds(identity.answered_at, tools.clock))
    stem = caller.rekognition_arn(f"project/{config.project}")
    answer = tools.probes.rekognition("DescribeProjects", stem, config.bucket)
    found = region_check(region, answer, caller.arn)
    yield found
    storage = Storage(config, config.bucket, tools.probes, tools.s3, caller)
    yield from bucket_checks(storage)
    yield from data_checks(storage)
    if found.status == "problem":
        yield from (skipped(name, "Needs the region.") for name in _AFTER_CREDENTIALS[2:])
        return
    account = look_around(tools.rekognition)
    yield from _permission_checks(config, tools.probes, caller, account)
    yield from _model_checks(config, tools.rekognition, caller)
    yield from quota_checks(config, account)
    yield from live_checks(config, tools, account)
    yield from _schedule_checks(config, tools.probes, caller)
    yield from delivery_checks(config, tools.probes, caller)


def _endpoint_check(foreign: tuple[str, ...], config: FlowConfig) -> Check:
    """Say that it is not AWS that all of this is true of."""
    what = f"Calls go to {', '.join(foreign)}, which is not AWS; what follows is true of it alone."
    if config.backend == "emulator":
        return ok("endpoint", what)
    named = "AWS_ENDPOINT_URL" if config.aws.endpoint_url is None else "`aws.endpoint_url`"
    return ok("endpoint", what, f"Unset {named} to ask AWS.")


def _skew_seconds(answered_at: datetime | None, clock: Clock) -> float | None:
    return None if answered_at is None else (clock.now() - answered_at).total_seconds()


def _permission_checks(
    config: FlowConfig, probes: Probes, caller: Caller, account: Account | AwsRefusedError
) -> Iterator[Check]:
    name = config.project
    exists = isinstance(account, Account) and account.project(name) is not None
    operations = rekognition_actions(
        trains=config.model.project_version_arn is None,
        project_exists=exists,
        watchdog=_watchdog_kind(config),
    )
    for operation in operations:
        stem = caller.rekognition_arn(f"project/{name}")
        reply = probes.rekognition(operation, stem, config.bucket)
        resource = rekognition_resource(operation, name, caller)
        yield permission_check(f"rekognition:{operation}", reply, resource, caller)
    if config.training.kms_key_id is not None:
        yield skipped("kms:CreateGrant", "It cannot be asked for without making a grant.")


def _model_checks(config: FlowConfig, rekognition: Rekognition, caller: Caller) -> Iterator[Check]:
    arn = config.model.project_version_arn
    parts = parse_version_arn(arn or "")
    if arn is None or parts is None:
        return
    cure = "Correct `model.project_version_arn`."
    if (parts.region, parts.account) != (caller.region, caller.account):
        where = f"account {caller.account}, {caller.region}"
        yield problem("model", f"{arn} is not in the config's {where}.", cure)
        return
    try:
        version = rekognition.find_version_by_arn(arn)
    except AwsRefusedError as error:
        yield skipped("model", f"It may not be looked at: {error.message}")
        return
    if version is None:
        yield problem("model", f"There is no version {arn}.", cure)
    elif version.status not in TRAINED:
        yield problem("model", f"{arn} is {version.status}, so it cannot be started.", cure)
    else:
        yield ok("model", f"{arn} is {version.status}.")


def _watchdog_kind(config: FlowConfig) -> WatchdogKind:
    safety = config.safety
    if safety.watchdog == "off":
        return "off"
    return "tag" if safety.stop_role_arn(config.backend) is None else "scheduler"


def _schedule_checks(config: FlowConfig, probes: Probes, caller: Caller) -> Iterator[Check]:
    """Make, change and delete a schedule that is switched off, which proves iam:PassRole too."""
    safety = config.safety
    role = safety.stop_role_arn(config.backend)
    if role is None:
        reasons = {
            "tag": "The stop is a tag; `rcl-flow reap` has to be run by you, as by cron.",
            "off": "Nothing stops the model when this machine dies: `safety.watchdog` is off.",
        }
        yield skipped("watchdog", reasons[_watchdog_kind(config)])
        return
    version_arn = caller.rekognition_arn(f"project/{config.project}/version/{PROBE_NAME}/1")
    resource = watchdog_resource(safety.schedule_group, caller)
    replies = {
        action: probes.schedule(action, safety.schedule_group, version_arn, role)
        for action in SCHEDULER_ACTIONS
    }
    told = set()
    for action, reply in replies.items():
        check = permission_check(f"scheduler:{action}", reply, resource, caller)
        repeated = check.status == "problem" and check.what in told
        told.add(check.what)
        # iam:PassRole is asked for by two of them
        yield skipped(check.name, "It is refused for the same cause.") if repeated else check
    yield _watchdog_check(replies["CreateSchedule"], config)


def _watchdog_check(made: Reply, config: FlowConfig) -> Check:
    if made.kind in {"denied", "silent"}:
        return skipped("watchdog", "No schedule could be made; see scheduler:CreateSchedule.")
    if made.kind == "done" or made.code == "ConflictException":
        return ok("watchdog", "A schedule that was switched off could be made and removed.")
    return problem(
        "watchdog",
        f"The Scheduler refuses the schedule that stops the model: {made.message}",
        f"Make the group `{config.safety.schedule_group}` or correct `safety.schedule_group`."
        if made.kind == "not_found"
        else "Correct `safety.watchdog_role_arn`: the role must trust scheduler.amazonaws.com and "
        "allow rekognition:StopProjectVersion.",
    )
