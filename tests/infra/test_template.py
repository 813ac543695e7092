"""The template as the linter and CloudFormation take it, and what it promises of security."""

import importlib
import json
import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from rcl_flow.report.schedules.cron import parse_cron
from rcl_flow.wiring.worker_config import CONFIG_VARIABLE
from tests.infra.resolving import resolved, resources
from tests.infra.template import TEMPLATE, only_resource, template

CFN_LINT = TEMPLATE.parents[1] / ".venv-infra" / "bin" / "cfn-lint"
MOST_INLINE_BYTES = 51_200
"""What CloudFormation takes without a bucket for templates."""
STUB_PIP = """
import os, pathlib, sys, time

target = pathlib.Path(sys.argv[sys.argv.index("--target") + 1])
noted = {"direct_url.json": str(target), "RECORD": str(time.time_ns()), "METADATA": "Version: 1"}
for name, text in {f"rcl_flow-1.dist-info/{name}": text for name, text in noted.items()}.items():
    (target / name).parent.mkdir(parents=True, exist_ok=True)
    (target / name).write_text(text)
for name in ("handler.py", "__pycache__/handler.cpython-313.pyc"):
    path = target / "rcl_flow" / "worker" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("" if name == "handler.py" else str(time.time_ns()))
    os.utime(path, ns=(time.time_ns(), time.time_ns()))
"""
"""Installs what differs each time, as pip does, beside what does not."""
SKIPPED_CHECKS = {
    "Bucket": {"CKV_AWS_18"},
    "WorkerRole": {"CKV_AWS_111"},
    "Worker": {"CKV_AWS_115", "CKV_AWS_116", "CKV_AWS_117", "CKV_AWS_173"},
    "Undelivered": {"CKV_AWS_27"},
}


@pytest.mark.skipif(not CFN_LINT.exists(), reason="cfn-lint is installed by `make test`")
def test_linter_finds_nothing() -> None:
    """Types, references, IAM actions and the states' fields are what AWS's schemas say."""
    ended = subprocess.run([CFN_LINT, TEMPLATE], capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stdout) == (0, "")


@pytest.mark.skipif(not CFN_LINT.exists(), reason="cfn-lint is installed by `make test`")
def test_linter_would_find_a_mistake(tmp_path: Path) -> None:
    """The linter reads the state machine, and its rules are not switched off."""
    broken = tmp_path / "template.yaml"
    text = TEMPLATE.read_text()
    assert "SecondsPath" in text
    broken.write_text(text.replace("SecondsPath", "SecondPath"))
    ended = subprocess.run([CFN_LINT, broken], capture_output=True, text=True, check=False)
    assert ended.returncode != 0


def test_template_needs_no_bucket_to_be_deployed() -> None:
    """It is small enough to be sent as it is."""
    assert len(TEMPLATE.read_bytes()) < MOST_INLINE_BYTES


def test_every_exception_from_a_security_check_is_justified_where_it_is_made() -> None:
    """A check is skipped where this list says so, with a reason, and nowhere else."""
    skips = {
        name: resource["Metadata"]["checkov"]["skip"]
        for name, resource in template()["Resources"].items()
        if "Metadata" in resource
    }
    assert {name: {skip["id"] for skip in each} for name, each in skips.items()} == SKIPPED_CHECKS
    assert all(len(skip["comment"]) > 40 for each in skips.values() for skip in each)


def test_every_parameter_and_condition_is_used() -> None:
    """Nothing has to be given that changes nothing."""
    text = TEMPLATE.read_text()
    for name in template()["Parameters"]:
        assert len(re.findall(rf"\b{name}\b", text)) > 1, name
    used = json.dumps(template()["Resources"]) + json.dumps(template()["Conditions"])
    for name in template()["Conditions"]:
        assert f'"{name}"' in used.replace(f'"{name}":', ""), name


def test_function_is_one_that_the_package_has() -> None:
    """The handler can be imported, and reads its config from the variable that is set."""
    function = only_resource("AWS::Lambda::Function")
    module, _, name = function["Handler"].rpartition(".")
    assert callable(getattr(importlib.import_module(module), name))
    assert set(function["Environment"]["Variables"]) == {CONFIG_VARIABLE}
    assert function["Timeout"] == 900
    assert "ReservedConcurrentExecutions" not in function


def test_zip_is_built_for_the_function_s_runtime() -> None:
    """The wheels of the build script are of the Python that the function runs."""
    script = (TEMPLATE.parent / "build_lambda.sh").read_text()
    version = only_resource("AWS::Lambda::Function")["Runtime"].removeprefix("python")
    assert f'LAMBDA_PYTHON="${{LAMBDA_PYTHON:-{version}}}"' in script


def test_the_script_builds_the_same_bytes_twice(tmp_path: Path) -> None:
    """A note of where a wheel lay, or when, would give each build another name in the bucket."""
    stub = tmp_path / "pip.py"
    stub.write_text(STUB_PIP)
    zips = [tmp_path / f"{name}.zip" for name in ("first", "second")]
    for path in zips:
        python = f'{sys.executable} "$@"'
        wrapper = tmp_path / "python"
        wrapper.write_text(
            f'#!/bin/sh\n[ "$1" = -m ] && exec {sys.executable} {stub} "$@"\nexec {python}\n'
        )
        wrapper.chmod(0o755)
        script = ["sh", str(TEMPLATE.parent / "build_lambda.sh"), "rcl-flow==1", str(path)]
        subprocess.run(script, env={**os.environ, "PYTHON": str(wrapper)}, check=True)
    with zipfile.ZipFile(zips[0]) as archive:
        assert archive.namelist() == ["rcl_flow/worker/handler.py", "rcl_flow-1.dist-info/METADATA"]
    assert zips[0].read_bytes() == zips[1].read_bytes()


def test_default_schedule_is_valid() -> None:
    """The schedule that nobody changes is one that EventBridge Scheduler takes."""
    given = template()["Parameters"]["ScheduleExpression"]
    assert parse_cron(given["Default"]).aws == given["Default"]
    assert re.fullmatch(given["AllowedPattern"], "rate(7 days)")
    assert not re.fullmatch(given["AllowedPattern"], "0 3 * * 1")


def test_schedule_starts_the_machine_with_a_command() -> None:
    """What the worker gets as its input names what it does; a lost start is kept."""
    target = resolved(only_resource("AWS::Scheduler::Schedule")["Target"])
    assert json.loads(target["Input"].replace("Command", "retrain")) == {"command": "retrain"}
    assert target["Arn"].endswith(":stateMachine:STACK-driver")
    assert target["DeadLetterConfig"] == {"Arn": "Undelivered.Arn"}


def test_bucket_is_closed_and_encrypted() -> None:
    """A bucket that the stack makes shows nothing to anyone, and survives the stack."""
    (bucket,) = resources("AWS::S3::Bucket").values()
    given = bucket["Properties"]
    assert set(given["PublicAccessBlockConfiguration"].values()) == {True}
    assert given["OwnershipControls"]["Rules"] == [{"ObjectOwnership": "BucketOwnerEnforced"}]
    assert given["VersioningConfiguration"] == {"Status": "Enabled"}
    (rule,) = given["BucketEncryption"]["ServerSideEncryptionConfiguration"]
    assert rule["ServerSideEncryptionByDefault"]["SSEAlgorithm"] == "aws:kms"
    assert bucket["DeletionPolicy"] == bucket["UpdateReplacePolicy"] == "Retain"


def test_bucket_policy_refuses_plain_http_and_nothing_that_rekognition_needs() -> None:
    """Rekognition acts with the caller's rights, so a denial by header or address would hit it."""
    document = only_resource("AWS::S3::BucketPolicy")["PolicyDocument"]
    (statement,) = document["Statement"]
    assert statement["Effect"] == "Deny"
    assert statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}


def test_lifecycle_removes_no_state_that_a_run_needs() -> None:
    """Only what passed from tick to tick expires; journal, champion and the runs' files stay."""
    rules = only_resource("AWS::S3::Bucket")["LifecycleConfiguration"]["Rules"]
    expiring = [resolved(rule["Prefix"]) for rule in rules if "ExpirationInDays" in rule]
    passing = "shards shard-plans shard-results shard-rounds announced executions"
    assert expiring == [f"STATE/{name}/" for name in passing.split()]
    assert {rule.get("ExpirationInDays", 90) for rule in rules} == {90}


def test_whoever_raises_an_alert_may_publish_it() -> None:
    """Topic and key let alarms, rules and budgets in; without that an alert is lost in silence."""
    publishers = {"cloudwatch.amazonaws.com", "events.amazonaws.com", "budgets.amazonaws.com"}
    topic = only_resource("AWS::SNS::TopicPolicy")["PolicyDocument"]["Statement"]
    key = resolved(only_resource("AWS::KMS::Key")["KeyPolicy"]["Statement"])
    assert _services(topic) == publishers
    assert _services(key) == publishers | {"logs.REGION.amazonaws.com"}


def test_alarm_looks_at_every_version_of_the_project() -> None:
    """An alarm without dimensions would match nothing and stay quiet for ever."""
    alarm = resources("AWS::CloudWatch::Alarm")["ModelLeftRunning"]["Properties"]
    (query,) = alarm["Metrics"]
    assert resolved(query["Expression"]) == (
        'SELECT MAX(InServiceInferenceUnits) FROM SCHEMA("AWS/Rekognition", ProjectName, '
        "VersionName) WHERE ProjectName = 'PROJECT'"
    )
    assert alarm["EvaluationPeriods"] * query["Period"] == 7200


def test_every_alarm_and_the_rule_tell_the_topic() -> None:
    """No alarm is without somebody who is told."""
    alarms = resources("AWS::CloudWatch::Alarm").values()
    assert [alarm["Properties"]["AlarmActions"] for alarm in alarms] == [
        [{"Ref": "AlertsTopic"}]
    ] * 3
    rule = only_resource("AWS::Events::Rule")
    assert [target["Arn"] for target in rule["Targets"]] == [{"Ref": "AlertsTopic"}]
    assert set(rule["EventPattern"]["detail"]["status"]) == {"FAILED", "TIMED_OUT", "ABORTED"}


def _services(statements: list[dict[str, object]]) -> set[str]:
    """Return the services that statements let in."""
    found: set[str] = set()
    for statement in statements:
        principal = statement["Principal"]
        if isinstance(principal, dict) and isinstance(services := principal.get("Service"), list):
            found |= set(services)
        elif isinstance(principal, dict) and isinstance(principal.get("Service"), str):
            found.add(principal["Service"])
    return found
