"""Whether a config can run on a schedule: what would fail there is refused here."""

from collections.abc import Callable, Iterator
from typing import Final, Literal

from rcl_flow.config import FlowConfig
from rcl_flow.errors import ConfigError
from rcl_flow.report.schedules.data_places import data_uris, is_in_s3
from rcl_flow.report.schedules.ticking import GIVE_UP_SECONDS, Command

Target = Literal["stepfunctions", "github-actions", "cron"]

LEAST_POLL_SECONDS: Final = 60.0
"""The worker never asks sooner for another tick."""
EVENTS_PER_TICK: Final = 9
"""What the driver's way round adds to an execution's history."""
MOST_EVENTS: Final = 25_000
"""An execution with more ends, and nothing in it can catch that.

Source: AWS Step Functions developer guide, quotas of standard workflows.
"""
_EVENTS_LEFT: Final = 5_000
"""For what is not the training: the model's start, shards, what is waited for besides."""
_SECONDS_PER_HOUR: Final = 3600
Problem = tuple[str, str]
"""What would not work, and what to do about it."""


def require_fitness(
    config: FlowConfig, target: Target, name: str, command: Command = "retrain"
) -> None:
    """Refuse a config that cannot run there.

    Args:
        config: as it is read.
        target: where it is to run.
        name: of the config's file, for the message.
        command: what is to run; `run` trains once, whatever `promotion.repeat` says.

    Raises:
        ConfigError: with the first thing that would not work.
    """
    if command == "run":
        once = config.promotion.model_copy(update={"repeat": 1})
        config = config.model_copy(update={"promotion": once})
    for check in _CHECKS[target]:
        for problem, cure in check(config):
            raise ConfigError(f"{name} cannot run on {_WORDS[target]}: {problem}", hint=cure)


def _backend(config: FlowConfig) -> Iterator[Problem]:
    if config.backend == "emulator":
        yield (
            "`backend: emulator` lives on this machine and forgets what it trained.",
            "Set `backend: aws`; without AWS, `rcl-flow run` is all that a job in CI needs.",
        )


def _watchdog(config: FlowConfig) -> Iterator[Problem]:
    if config.safety.stop_role_arn("aws") is None:
        yield (
            "nothing would stop a model whose machine is gone.",
            "Set `safety.watchdog_role_arn`; `infra/template.yaml` makes that role, and its name "
            "is yours to choose: arn:aws:iam::ACCOUNT:role/rcl-flow-watchdog.",
        )


def _shared_state(config: FlowConfig) -> Iterator[Problem]:
    if config.state.store != "s3":
        yield (
            "`state.store: local` is gone after each tick.",
            "Set `state.store: s3`.",
        )


def _credentials(config: FlowConfig) -> Iterator[Problem]:
    if config.aws.profile is not None:
        yield (
            "`aws.profile` names a profile of this machine.",
            "Leave it out: the role of the schedule is used.",
        )
    if config.aws.endpoint_url is not None:
        yield (
            "`aws.endpoint_url` names an endpoint in place of AWS's own.",
            "Leave it out.",
        )


def _function(config: FlowConfig) -> Iterator[Problem]:
    for field, uri in data_uris(config.data):
        if not is_in_s3(uri):
            yield (
                f"`{field}` is the local path {uri}.",
                "Put the data into S3 and name them by s3:// URIs; `rcl-flow convert` writes a "
                "manifest with `--images-prefix s3://…`.",
            )
    if config.aws.role_arn is not None:
        yield ("`aws.role_arn` is not the function's own role.", "Leave it out.")
    if config.executor.kind == "ray":
        yield (
            "`executor.kind: ray` needs a cluster, and the state machine hands shards out itself.",
            "Leave it out.",
        )
    if config.tracking.mlflow_uri is not None:
        yield ("`tracking.mlflow_uri` needs MLflow, which the function has not.", "Leave it out.")


def _history(config: FlowConfig) -> Iterator[Problem]:
    training, repeat = config.training, config.promotion.repeat
    seconds = training.timeout_hours * _SECONDS_PER_HOUR * repeat
    hours = f"`training.timeout_hours` {training.timeout_hours:g}"
    if repeat > 1:
        hours += f", `promotion.repeat` {repeat} times,"
    ticks = seconds / training.poll_seconds
    too_often = training.poll_seconds < LEAST_POLL_SECONDS
    if too_often or ticks * EVENTS_PER_TICK > MOST_EVENTS - _EVENTS_LEFT:
        yield (
            f"with `training.poll_seconds` {training.poll_seconds:g} a training of {hours} has "
            f"more events than the {MOST_EVENTS:,} that an execution may have.",
            "Set `training.poll_seconds` to 60 or more; 300 is plenty for a training of hours.",
        )
    if seconds > GIVE_UP_SECONDS:
        yield (
            f"{hours} is longer than an execution goes on, "
            f"{GIVE_UP_SECONDS // _SECONDS_PER_HOUR} hours.",
            "Set one of them lower; a training takes half an hour to a day, and those of "
            "`promotion.repeat` come one after the other.",
        )


def _names(config: FlowConfig) -> Iterator[Problem]:
    for field, prefix in (
        ("storage.prefix", config.storage.prefix),
        ("state.prefix", config.state.prefix),
    ):
        if not prefix.strip("/"):
            yield (f"`{field}` is empty, so the roles would reach the whole bucket.", "Set it.")
    for field, key in (
        ("storage.kms_key_id", config.storage.kms_key_id),
        ("training.kms_key_id", config.training.kms_key_id),
    ):
        if key is not None and not key.startswith("arn:"):
            yield (f"`{field}` is no ARN, which the roles need.", "Give the key's ARN.")
    role = config.safety.watchdog_role_arn or ""
    if role.count("/") > 1:
        yield (
            f"`safety.watchdog_role_arn` {role} has a path.",
            "Give a role without one, such as arn:aws:iam::ACCOUNT:role/rcl-flow-watchdog.",
        )
    topic = config.notifications.sns_topic_arn
    home = f":sns:{config.aws.region}:{_account_of(role)}:"
    if topic is not None and home not in topic:
        yield (
            f"`notifications.sns_topic_arn` {topic} is of another region or account than the rest.",
            "Name a topic beside the watchdog's role in `aws.region`; the stack makes it.",
        )


def _secrets(config: FlowConfig) -> Iterator[Problem]:
    told = config.notifications
    for field, secret in (("slack", told.slack), ("webhook", told.webhook)):
        if secret is not None and secret.startswith("env:"):
            yield (
                f"`notifications.{field}` {secret} names a variable, which the function has not.",
                "Put the address into Secrets Manager and give secretsmanager:NAME.",
            )


def _account_of(role_arn: str) -> str:
    parts = role_arn.split(":")
    return parts[4] if len(parts) > 4 else ""  # noqa: PLR2004  # an ARN's fifth part


_Check = Callable[[FlowConfig], Iterator[Problem]]
_CHECKS: Final[dict[Target, tuple[_Check, ...]]] = {
    "stepfunctions": (
        _backend,
        _watchdog,
        _shared_state,
        _credentials,
        _function,
        _history,
        _names,
        _secrets,
    ),
    "github-actions": (_backend, _watchdog, _shared_state, _credentials),
    "cron": (_backend, _watchdog),
}
_WORDS: Final[dict[Target, str]] = {
    "stepfunctions": "Step Functions",
    "github-actions": "GitHub Actions",
    "cron": "cron",
}
