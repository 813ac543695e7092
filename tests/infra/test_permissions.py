"""The template's policies, enforced: each role can do its work, and nothing beside it.

Rekognition, S3 and EventBridge Scheduler are judged on the resources of a request. moto judges all
else as if its resource were `*`, which no scoped statement allows; parameters and topics are given
their ARNs here. So not enforced are: keys (moto's S3 asks KMS for no right), events, secrets, logs,
conditions such as iam:PassedToService, and what the state machine calls, which moto does without
its role. Those statements are held by name in test_policies_static.py.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from moto import mock_aws
from moto.iam.models import iam_backends
from moto.s3.models import s3_backends
from moto.sns.responses import SNSResponse
from moto.ssm.responses import SimpleSystemManagerResponse

from rcl_flow.config import FlowConfig
from rcl_flow.emulator.conditions.clock import ManualClock
from rcl_flow.emulator.conditions.world import World
from rcl_flow.emulator.doors.moto_ext import install, uninstall
from rcl_flow.emulator.permissions import enforced_policies
from rcl_flow.pipeline.runs.events import Event
from rcl_flow.pipeline.runs.services import Services
from rcl_flow.wiring.services import make_services
from rcl_flow.wiring.worker_config import CONFIG_VARIABLE
from rcl_flow.worker.handler import Worker
from tests.infra.adapters import MOTO_CONFIG
from tests.infra.deployment import (
    BUCKET,
    CONFIG_URI,
    PROJECT,
    REGION,
    WorldClock,
    put_config,
    put_data,
)
from tests.infra.resources import ACCOUNT
from tests.infra.stack import EVERYTHING, Stack, stack

TICKS = 20
CHAMPION = f"/{EVERYTHING['ChampionParameter']}"
HOOK = "_determine_resource"
"""The method that moto asks for a request's resource; it has none for most services."""


class Roles:
    """Acts as the stack's roles."""

    def __init__(self, made: Stack, world: World, environment: pytest.MonkeyPatch) -> None:
        """Act on the stack `made`."""
        self._made = made
        self.topic = made.outputs["AlertsTopicArn"]
        self._environment = environment
        self.world = world

    @contextmanager
    def acting_as(self, role: str) -> Iterator[boto3.Session]:
        """Let every new session act as the role, and policies count, in this block."""
        arn = f"arn:aws:iam::{ACCOUNT}:role/{self._made.identifiers[role]}"
        answer = boto3.client("sts", REGION).assume_role(RoleArn=arn, RoleSessionName="test")
        given = answer["Credentials"]
        with self._environment.context() as environment, enforced_policies():
            environment.setenv("AWS_ACCESS_KEY_ID", given["AccessKeyId"])
            environment.setenv("AWS_SECRET_ACCESS_KEY", given["SecretAccessKey"])
            environment.setenv("AWS_SESSION_TOKEN", given["SessionToken"])
            yield boto3.Session()


def _parameter_of(response: SimpleSystemManagerResponse) -> str:
    name = json.loads(response.body)["Name"].lstrip("/")
    return f"arn:aws:ssm:{REGION}:{ACCOUNT}:parameter/{name}"


def _topic_of(response: SNSResponse) -> str:
    return str(response._get_param("TopicArn"))


@contextmanager
def judged_by_resource() -> Iterator[None]:
    """Let moto judge parameters and topics by their ARNs in this block."""
    hooked: dict[type, Callable[..., str]] = {
        SimpleSystemManagerResponse: _parameter_of,
        SNSResponse: _topic_of,
    }
    for response, resource in hooked.items():
        setattr(response, HOOK, resource)
    try:
        yield
    finally:
        for response in hooked:
            delattr(response, HOOK)


@pytest.fixture
def roles(monkeypatch: pytest.MonkeyPatch) -> Iterator[Roles]:
    """The deployed stack with data and a config, and its roles."""
    world = World(clock=ManualClock())
    with mock_aws(config=MOTO_CONFIG):
        install(world)
        try:
            with stack() as made, judged_by_resource():
                _read_inline_policies_as_json()
                # moto reads no conditions, so "deny without TLS" would deny everything
                s3_backends[ACCOUNT]["aws"].buckets[BUCKET].policy = None
                put_data()
                put_config(
                    executor={"shard_size": 40},
                    promotion={"ssm_parameter": CHAMPION},
                    notifications={"sns_topic_arn": made.outputs["AlertsTopicArn"]},
                    safety={
                        "watchdog_role_arn": made.outputs["WatchdogRoleArn"],
                        "schedule_group": "rcl-flow",
                    },
                )
                monkeypatch.setenv(CONFIG_VARIABLE, CONFIG_URI)
                yield Roles(made, world, monkeypatch)
        finally:
            uninstall()


def _read_inline_policies_as_json() -> None:
    """Write the policies of roles anew: moto's CloudFormation keeps them as Python prints them."""
    for role in iam_backends[ACCOUNT]["aws"].roles.values():
        for name, document in role.policies.items():
            if not isinstance(document, str):
                role.policies[name] = json.dumps(document)


def denied(call: Callable[..., object], **arguments: object) -> bool:
    """Say whether the call is refused for want of permission."""
    try:
        call(**arguments)
    except ClientError as error:
        # moto answers in XML where SSM's clients read JSON, and find the status alone
        return error.response["Error"]["Code"] in {"AccessDenied", "AccessDeniedException", "403"}
    return False


def test_the_worker_can_do_its_retraining(roles: Roles, tmp_path: Path) -> None:
    """From images to a promoted model, in shards too, with the worker's role alone."""

    def connect(config: FlowConfig, emit: Callable[[Event], None]) -> Services:
        config = config.model_copy(update={"workspace": str(tmp_path / "workspace")})
        return replace(make_services(config, emit), clock=WorldClock(roles.world))

    worker = Worker(connect)
    event = {"op": "advance", "run_id": "weekly", "input": {"command": "retrain"}}
    ticks: list[Mapping[str, Any]] = []
    with roles.acting_as("WorkerRole"):
        while (not ticks or ticks[-1]["next"] in {"WAIT", "MAP"}) and len(ticks) < TICKS:
            ticks.append(worker(event, None))
            roles.world.clock.advance(ticks[-1]["seconds"])
            for key in _handed_out(ticks[-1]):
                worker({"op": "shard", "shard": key}, None)
    assert ticks[-1]["next"] == "DONE", ticks[-1]
    assert {tick["step"] for tick in ticks} >= {"measure", "predict"}
    champion = boto3.client("ssm", REGION).get_parameter(Name=CHAMPION)["Parameter"]
    assert f":project/{PROJECT}/version/" in champion["Value"]


def test_the_worker_writes_no_other_parameter_and_tells_no_other_topic(roles: Roles) -> None:
    """The champion's parameter and the stack's topic are the only ones."""
    other = boto3.client("sns", REGION).create_topic(Name="others")["TopicArn"]
    with roles.acting_as("WorkerRole") as session:
        ssm, sns = session.client("ssm", REGION), session.client("sns", REGION)
        assert denied(ssm.put_parameter, Name="/others", Value="x", Type="String")
        ssm.put_parameter(Name=CHAMPION, Value="x", Type="String")
        assert denied(sns.publish, TopicArn=other, Message="x")
        sns.publish(TopicArn=roles.topic, Message="x")


def _handed_out(tick: Mapping[str, Any]) -> list[str]:
    """Return the shards that a tick hands out, read as the state machine does."""
    if tick["next"] != "MAP":
        return []
    # past all permissions: on AWS the map reads the plan with the flow's role
    plan = s3_backends[ACCOUNT]["aws"].get_object(tick["bucket"], tick["shards_key"])
    assert plan is not None
    keys = json.loads(plan.value)
    assert isinstance(keys, list)
    return keys


def _version(project: str) -> str:
    return f"arn:aws:rekognition:{REGION}:{ACCOUNT}:project/{project}/version/v1/1600000000000"


def test_the_worker_reaches_no_other_project_bucket_or_role(roles: Roles) -> None:
    """What is not this project's is refused; so is what a run never does."""
    boto3.client("s3", REGION).create_bucket(Bucket="others")
    with roles.acting_as("WorkerRole") as session:
        rekognition = session.client("rekognition", REGION)
        other, own = _version("others"), _version("digits")
        image = {"Bytes": b"x"}
        assert denied(rekognition.detect_custom_labels, ProjectVersionArn=other, Image=image)
        assert denied(
            rekognition.start_project_version, ProjectVersionArn=other, MinInferenceUnits=1
        )
        assert denied(rekognition.stop_project_version, ProjectVersionArn=other)
        assert denied(rekognition.delete_project_version, ProjectVersionArn=own)
        s3 = session.client("s3", REGION)
        assert denied(s3.list_objects_v2, Bucket="others")
        assert denied(s3.put_object, Bucket="others", Key="rcl-flow/a", Body=b"")
        assert denied(s3.put_object, Bucket=BUCKET, Key="data/train/a.png", Body=b"")
        assert denied(s3.delete_object, Bucket=BUCKET, Key="rcl-flow/images/a.png")
        assert denied(s3.put_object, Bucket=BUCKET, Key="config.yaml", Body=b"")
        s3.put_object(Bucket=BUCKET, Key="rcl-flow/state/a", Body=b"")
        s3.delete_object(Bucket=BUCKET, Key="rcl-flow/state/a")
        schedule = {
            "Name": "rcl-stop-1",
            "GroupName": "rcl-flow",
            "ScheduleExpression": "at(2030-01-01T00:00:00)",
            "FlexibleTimeWindow": {"Mode": "OFF"},
            "Target": {
                "Arn": "arn:aws:scheduler:::aws-sdk:rekognition:stopProjectVersion",
                "RoleArn": f"arn:aws:iam::{ACCOUNT}:role/administrator",
                "Input": json.dumps({"ProjectVersionArn": own}),
            },
        }
        scheduler = session.client("scheduler", REGION)
        assert denied(scheduler.create_schedule, **schedule)
        assert denied(scheduler.create_schedule, **{**schedule, "Name": "another"})


@pytest.mark.parametrize("role", ["FlowRole", "WatchdogRole"])
def test_who_only_stops_can_only_stop(roles: Roles, role: str) -> None:
    """State machine and schedule end a model of this project, and begin nothing."""
    with roles.acting_as(role) as session:
        rekognition = session.client("rekognition", REGION)
        own = _version("digits")
        assert not denied(rekognition.stop_project_version, ProjectVersionArn=own)
        assert denied(rekognition.stop_project_version, ProjectVersionArn=_version("others"))
        assert denied(rekognition.start_project_version, ProjectVersionArn=own, MinInferenceUnits=1)
        assert denied(
            rekognition.detect_custom_labels, ProjectVersionArn=own, Image={"Bytes": b"x"}
        )
        s3 = session.client("s3", REGION)
        assert denied(s3.get_object, Bucket=BUCKET, Key="config.yaml")
        plan = "rcl-flow/state/shard-plans/predict/1.json"
        assert denied(s3.get_object, Bucket=BUCKET, Key=plan) is (role == "WatchdogRole")
