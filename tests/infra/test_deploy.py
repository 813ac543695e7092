"""The template deployed: every reference is resolved, and every property is the service's own."""

import json

import boto3
import pytest
from moto import mock_aws

from tests.infra.adapters import MOTO_CONFIG
from tests.infra.resources import ADAPTED
from tests.infra.stack import EVERYTHING, REGION, stack
from tests.infra.template import template

EXCLUDED = {"BucketKeyPolicy"}
"""What is made only when the bucket's key is another one than the stack's."""

pytestmark = pytest.mark.filterwarnings("ignore:Tried to parse:UserWarning")


def test_everything_that_the_template_can_have_is_made() -> None:
    """All resources and outputs are there; those that only an adapter makes are known by name."""
    with mock_aws(config=MOTO_CONFIG), stack() as made:
        declared = {name: each["Type"] for name, each in template()["Resources"].items()}
        for name in EXCLUDED:
            del declared[name]
        assert made.resources == declared
        assert made.outputs.keys() == template()["Outputs"].keys()
        assert all(made.identifiers[name] for name in made.resources)
        assert not any("${" in value or "{'" in value for value in made.outputs.values())
        adapted = {kind for kind in made.resources.values() if kind in ADAPTED}
        assert adapted == set(ADAPTED)


def test_outputs_name_what_the_config_needs() -> None:
    """They are those that the config's fields take."""
    with mock_aws(config=MOTO_CONFIG), stack() as made:
        assert made.outputs["WatchdogRoleArn"].endswith(":role/rcl-flow-watchdog")
        assert (
            made.outputs["AlertsTopicArn"] == f"arn:aws:sns:{REGION}:123456789012:rcl-flow-alerts"
        )
        assert made.outputs["ConfigUri"] == "s3://parts-data/config.yaml"
        assert made.outputs["DriverArn"].endswith(":stateMachine:parts-driver")
        assert ":role/" in made.outputs["CiRoleArn"]


def test_the_schedule_starts_the_driver_with_the_command() -> None:
    """Its target is the state machine, its input what the worker reads."""
    with mock_aws(config=MOTO_CONFIG), stack() as made:
        client = boto3.client("scheduler", REGION)
        (listed,) = [
            each
            for each in client.list_schedules()["Schedules"]
            if each["Target"]["Arn"] == made.outputs["DriverArn"]
        ]
        schedule = client.get_schedule(Name=listed["Name"], GroupName=listed["GroupName"])
        assert json.loads(schedule["Target"]["Input"]) == {"command": "retrain"}
        assert schedule["ScheduleExpression"] == "cron(0 3 ? * MON *)"
        dead_letters = schedule["Target"]["DeadLetterConfig"]["Arn"]
        assert dead_letters.endswith(made.outputs["UndeliveredUrl"].rsplit("/", 1)[-1])


def test_alarms_and_budget_tell_the_topic() -> None:
    """Nobody has to look at a page to hear of a model that was left running."""
    with mock_aws(config=MOTO_CONFIG), stack() as made:
        topic = made.outputs["AlertsTopicArn"]
        alarms = boto3.client("cloudwatch", REGION).describe_alarms()["MetricAlarms"]
        assert len(alarms) == 3
        assert all(alarm["AlarmActions"] == [topic] for alarm in alarms)
        (budget,) = boto3.client("budgets", REGION).describe_budgets(AccountId="123456789012")[
            "Budgets"
        ]
        assert float(budget["BudgetLimit"]["Amount"]) == float(EVERYTHING["MonthlyBudgetUsd"])


def test_the_least_is_a_stack_too() -> None:
    """Without bus, budget, GitHub, mail and keys, what is optional is not made."""
    without = {
        name: ""
        for name in (
            "AlertsEmail",
            "EventBusName",
            "ChampionParameter",
            "SecretArns",
            "TrainingKeyArn",
            "ReadKeyArns",
            "GitHubRepository",
        )
    }
    rest = {"CreateKey": "false", "ScheduleGroupName": "default"}
    with mock_aws(config=MOTO_CONFIG), stack(**without, **rest) as made:
        optional = {name for name, each in template()["Resources"].items() if "Condition" in each}
        # moto compares the budget, a number, with the text '0' and finds them different
        assert made.resources.keys() & optional <= {"Bucket", "BucketPolicy", "Budget"}
        assert "CiRoleArn" not in made.outputs
