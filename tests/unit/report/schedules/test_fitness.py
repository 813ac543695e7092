"""Tests of what is refused before it fails on a schedule."""

from typing import Any, get_args

import pytest

from rcl_flow.errors import ConfigError
from rcl_flow.report.schedules.fitness import Target, require_fitness
from tests.unit.report.schedules.scheduled import ROLE, scheduled

TARGETS: tuple[Target, ...] = get_args(Target)
LOCAL = {name: {"folder": f"images/{name}"} for name in ("train", "test", "holdout")}
TOPIC = "arn:aws:sns:eu-west-1:123456789012:alerts"


@pytest.mark.parametrize("target", TARGETS)
def test_fit_config_passes(target: Target) -> None:
    """A config whose data and state lie in S3 can run anywhere."""
    require_fitness(scheduled(), target, "flow.yaml")


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize(
    ("sections", "field"),
    [
        ({"backend": "emulator"}, "backend: emulator"),
        ({"safety": {}}, "machine is gone"),
        ({"safety": {"watchdog": "tag", "watchdog_role_arn": ROLE}}, "machine is gone"),
    ],
)
def test_what_works_on_no_schedule_is_refused(
    target: Target, sections: dict[str, Any], field: str
) -> None:
    """The emulator forgets, and without a watchdog nothing stops what a dead machine started."""
    with pytest.raises(ConfigError, match=field):
        require_fitness(scheduled(**sections), target, "flow.yaml")


@pytest.mark.parametrize(
    ("sections", "field"),
    [
        ({"state": {"store": "local"}}, "state.store"),
        ({"aws": {"profile": "me"}}, "aws.profile"),
        ({"aws": {"endpoint_url": "http://localhost:4599"}}, "aws.endpoint_url"),
    ],
)
def test_what_other_machines_do_not_have_is_refused_off_this_one(
    sections: dict[str, Any], field: str
) -> None:
    """State and profiles of this machine are no use on another; cron runs on this one."""
    config = scheduled(**sections)
    require_fitness(config, "cron", "flow.yaml")
    for target in ("stepfunctions", "github-actions"):
        with pytest.raises(ConfigError, match=field):
            require_fitness(config, target, "flow.yaml")


@pytest.mark.parametrize(
    ("sections", "field"),
    [
        ({"data": LOCAL}, "data.train.folder"),
        ({"training": {"poll_seconds": 59}}, "training.poll_seconds"),
        ({"training": {"poll_seconds": 60, "timeout_hours": 72}}, "25,000"),
        ({"training": {"poll_seconds": 600, "timeout_hours": 97}}, "96 hours"),
        (
            {"training": {"poll_seconds": 60, "timeout_hours": 30}, "promotion": {"repeat": 2}},
            "25,000",
        ),
        (
            {"training": {"poll_seconds": 600, "timeout_hours": 33}, "promotion": {"repeat": 3}},
            "`promotion.repeat` 3 times, is longer .* 96 hours",
        ),
        ({"aws": {"role_arn": ROLE}}, "aws.role_arn"),
        ({"executor": {"kind": "ray"}}, "executor.kind"),
        ({"tracking": {"mlflow_uri": "http://mlflow"}}, "mlflow_uri"),
        ({"storage": {"bucket": "parts", "prefix": "/"}}, "storage.prefix"),
        ({"state": {"store": "s3", "prefix": ""}}, "state.prefix"),
        ({"storage": {"bucket": "parts", "kms_key_id": "alias/mine"}}, "storage.kms_key_id"),
        ({"training": {"kms_key_id": "1234"}}, "training.kms_key_id"),
        ({"safety": {"watchdog_role_arn": f"{ROLE[:31]}path/dog"}}, "has a path"),
        ({"notifications": {"sns_topic_arn": TOPIC}}, "another region"),
        ({"notifications": {"slack": "env:SLACK"}}, "notifications.slack"),
        ({"notifications": {"webhook": "env:HOOK"}}, "notifications.webhook"),
    ],
)
def test_what_a_function_does_not_have_is_refused(sections: dict[str, Any], field: str) -> None:
    """A function has no disk, no variables, no Ray and no MLflow, and an execution has limits."""
    config = scheduled(**sections)
    require_fitness(config, "github-actions", "flow.yaml")
    with pytest.raises(ConfigError, match=field) as raised:
        require_fitness(config, "stepfunctions", "flow.yaml")
    assert raised.value.message.startswith("flow.yaml cannot run on Step Functions: ")
    assert raised.value.hint


def test_a_run_trains_once_whatever_the_repeats() -> None:
    """`promotion.repeat` is about `retrain`; the limits of `run` are those of one training."""
    promotion, training = {"repeat": 3}, {"poll_seconds": 600, "timeout_hours": 33}
    config = scheduled(promotion=promotion, training=training)
    require_fitness(config, "stepfunctions", "flow.yaml", "run")
    shorter = scheduled(promotion=promotion, training=training | {"timeout_hours": 32})
    require_fitness(shorter, "stepfunctions", "flow.yaml", "retrain")
