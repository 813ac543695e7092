"""Tests of the deployment's parameters and script."""

import json
import os
import subprocess
from pathlib import Path

import pytest

from rcl_flow.report.schedules.cron import parse_cron
from rcl_flow.report.schedules.step_functions import (
    Deployment,
    config_key,
    parameters,
    render_deploy_script,
    render_parameters,
    stack_name,
)
from tests.unit.report.schedules.scheduled import scheduled

DEPLOYMENT = Deployment("retrain", parse_cron("cron(0 3 ? * MON *)"), "rcl-flow==1")
STUB_AWS = '#!/bin/sh\necho "$@" >> "$CALLS"\n'
STUB_BUILD = 'echo "$1 $CONSTRAINTS" > built\nmkdir -p build\necho zip > "$2"\n'


def test_parameters_are_what_the_config_says() -> None:
    """The stack makes role, group, topic and parameter under the names that the config has."""
    config = scheduled(
        aws={"region": "eu-west-1"},
        storage={"bucket": "parts", "prefix": "/flow/", "kms_key_id": "arn:aws:kms:key"},
        safety={
            "watchdog_role_arn": "arn:aws:iam::123456789012:role/dog",
            "schedule_group": "stops",
        },
        notifications={
            "sns_topic_arn": "arn:aws:sns:eu-west-1:123456789012:alerts",
            "event_bus": "bus",
            "slack": "secretsmanager:slack",
            "webhook": "ssm:/hooks/mine",
        },
        promotion={"ssm_parameter": "/parts/champion"},
    )
    assert parameters(config, DEPLOYMENT) == {
        "ProjectName": "parts",
        "BucketName": "parts",
        "CreateBucket": "false",
        "StoragePrefix": "flow",
        "StatePrefix": "rcl-flow/state",
        "ConfigKey": "flow-deploy/parts.yaml",
        "DataBuckets": "arn:aws:s3:::parts",
        "DataObjects": "arn:aws:s3:::parts/data/*,arn:aws:s3:::parts/holdout/*",
        "CodeBucket": "@CODE_BUCKET@",
        "CodeKey": "@CODE_KEY@",
        "ScheduleExpression": "cron(0 3 ? * MON *)",
        "Command": "retrain",
        "WatchdogRoleName": "dog",
        "ScheduleGroupName": "stops",
        "AlertsTopicName": "alerts",
        "EventBusName": "bus",
        "ChampionParameter": "parts/champion",
        "SecretArns": "arn:aws:secretsmanager:eu-west-1:123456789012:secret:slack-??????,"
        "arn:aws:ssm:eu-west-1:123456789012:parameter/hooks/mine",
        "KeyArn": "arn:aws:kms:key",
        "TrainingKeyArn": "",
    }


def test_config_lies_where_the_worker_cannot_write() -> None:
    """Whoever takes the function over cannot make it run something else."""
    config = scheduled()
    assert not config_key(config).startswith(f"{config.storage.prefix}/")


@pytest.mark.parametrize(
    ("project", "name"),
    [
        ("parts", "rcl-flow-parts"),
        ("a_b.c-", "rcl-flow-a-b-c"),
        ("x" * 255, f"rcl-flow-{'x' * 48}"),
    ],
)
def test_stack_has_a_name_that_a_function_can_begin_with(project: str, name: str) -> None:
    """A stack's name takes letters, digits and hyphens; a function's 64 characters."""
    assert stack_name(project) == name
    assert len(f"{name}-worker") <= 64


@pytest.mark.parametrize("made", [True, False])
def test_script_builds_deploys_and_puts_the_config(tmp_path: Path, made: bool) -> None:
    """The zip's key is new with each content, and the parameters name it."""
    storage = {"bucket": "parts", "create_bucket": made}
    config = scheduled(storage=storage)
    for name, text in {
        "deploy.sh": render_deploy_script(config, DEPLOYMENT),
        "params.json": render_parameters(parameters(config, DEPLOYMENT)),
        "build_lambda.sh": STUB_BUILD,
        "bin/aws": STUB_AWS,
    }.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    (tmp_path / "bin" / "aws").chmod(0o755)
    surroundings = {
        "PATH": f"{tmp_path / 'bin'}:{os.environ['PATH']}",
        "CALLS": str(tmp_path / "calls"),
    }
    script = ["sh", str(tmp_path / "deploy.sh")]
    if made:
        refused = subprocess.run(
            script, env=surroundings, capture_output=True, text=True, check=False
        )
        assert "name a bucket for the zip" in refused.stderr
        surroundings["CODE_BUCKET"] = "elsewhere"
    subprocess.run(script, env=surroundings, check=True)
    bucket = "elsewhere" if made else "parts"
    given = {
        row["ParameterKey"]: row["ParameterValue"]
        for row in json.loads((tmp_path / "build" / "params.json").read_text())
    }
    assert given["CodeBucket"] == bucket
    assert given["CodeKey"].startswith("rcl-flow-deploy/worker-")
    calls = (tmp_path / "calls").read_text().splitlines()
    assert calls[0] == f"s3 cp build/rcl-flow-worker.zip s3://{bucket}/{given['CodeKey']}"
    assert calls[1].startswith("cloudformation deploy --template-file template.yaml --stack-name")
    assert calls[2] == "s3 cp flow.yaml s3://parts/rcl-flow-deploy/parts.yaml"
    assert (tmp_path / "built").read_text() == "rcl-flow==1 constraints.txt\n"
