"""A deployed driver with its bucket, data and alerts, on the emulator and a virtual clock."""

import json
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import boto3
import yaml
from moto import mock_aws
from moto.s3.models import s3_backends
from moto.stepfunctions.parser.models import stepfunctions_parser_backends

from rcl_flow.config import FlowConfig
from rcl_flow.emulator.conditions.clock import ManualClock
from rcl_flow.emulator.conditions.faults import Fault
from rcl_flow.emulator.conditions.world import World
from rcl_flow.emulator.doors.moto_ext import install, uninstall
from rcl_flow.pipeline.runs.events import Event
from rcl_flow.pipeline.runs.services import Services
from rcl_flow.wiring.services import make_services
from rcl_flow.worker.handler import Worker
from tests.digits import demo_digits
from tests.infra.adapters import MOTO_CONFIG, in_process_functions
from tests.infra.resources import ACCOUNT
from tests.infra.template import state_machine

REGION = "us-east-1"
BUCKET = "parts-data"
PROJECT = "digits"
CONFIG_URI = f"s3://{BUCKET}/config.yaml"
ROLE = "arn:aws:iam::123456789012:role/parts"
LABELS = ("zero", "one", "seven")
IMAGES = {"train": 12, "test": 6, "holdout": 20}
PATIENCE_SECONDS = 120.0
FUNCTION_SECONDS = 900
"""What a function may take."""


class WorldClock:
    """The worker's clock: the emulator's, on which sleeping takes no time."""

    def __init__(self, world: World) -> None:
        """Tell the time of `world`."""
        self._clock = world.clock

    def now(self) -> datetime:
        """Return the time in UTC, with its zone."""
        return datetime.fromtimestamp(self._clock.now(), UTC)

    def sleep(self, seconds: float) -> None:
        """Move on by `seconds`."""
        self._clock.sleep(seconds)


@dataclass
class Ended:
    """How an execution ended."""

    status: str
    states: list[str]
    """The states that were entered, in order."""


@dataclass
class Deployment:
    """The driver, and what happens around it."""

    world: World
    workspace: Path
    before: Callable[[Mapping[str, Any]], None] = lambda _event: None
    """Called before each invocation of the worker; may raise as a broken package does."""
    ticks: list[dict[str, Any]] = field(default_factory=list)
    """What the worker has answered to `advance`."""
    shards: list[str] = field(default_factory=list)
    """The shards that the worker was given, in order."""
    services: Services | None = None
    lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        """Make the function, which stays warm."""
        self.worker = Worker(self._connect)

    def invoke(self, event: Mapping[str, Any], context: object) -> dict[str, Any]:
        """Do what the function does; a wait takes virtual time, and then none."""
        if event.get("op") == "shard":
            with self.lock:
                self.shards.append(str(event["shard"]))
        self.before(event)
        began = self.world.clock.now()
        answer = self.worker(event, context)
        lasted = self.world.clock.now() - began
        assert lasted < FUNCTION_SECONDS, f"this invocation would be cut off: {lasted:.0f} s"
        if event.get("op") == "advance":
            self.ticks.append(dict(answer))
            self.world.clock.advance(float(answer["seconds"]))
            answer["seconds"] = 0
        return answer

    def _connect(self, config: FlowConfig, emit: Callable[[Event], None]) -> Services:
        with self.lock:
            if self.services is None:  # as a warm function keeps its clients
                config = config.model_copy(update={"workspace": str(self.workspace)})
                made = make_services(config, emit)
                self.services = replace(made, clock=WorldClock(self.world))
            return self.services

    def run(self, given: Mapping[str, Any] | None = None, name: str = "weekly") -> Ended:
        """Start an execution and wait for its end."""
        states = client("stepfunctions")
        arn = states.list_state_machines()["stateMachines"][0]["stateMachineArn"]
        payload = json.dumps(given or {"command": "run"})
        execution = states.start_execution(stateMachineArn=arn, name=name, input=payload)
        execution_arn = execution["executionArn"]
        until = time.monotonic() + PATIENCE_SECONDS
        engine = stepfunctions_parser_backends[ACCOUNT][
            REGION
        ]  # a look by a client costs a thousandfold
        while engine.describe_execution(execution_arn).status == "RUNNING":
            assert time.monotonic() < until, self.ticks
            time.sleep(0.02)
        events = states.get_execution_history(executionArn=execution_arn, maxResults=1000)["events"]
        return Ended(
            status=states.describe_execution(executionArn=execution_arn)["status"],
            states=[
                event["stateEnteredEventDetails"]["name"]
                for event in events
                if "stateEnteredEventDetails" in event
            ],
        )

    def fail(self, operation: str, *, times: int | None = 1, **how: Any) -> None:  # noqa: ANN401
        """Let the next calls of an operation fail."""
        self.world.faults.add(Fault(operation, times=times, **how))

    def calls(self, operation: str) -> int:
        """Return how often an operation was asked for."""
        return self.world.calls.counts().get(operation, 0)

    def model_status(self) -> str:
        """Return the status of the project's newest version, or `none`."""
        rekognition = client("rekognition")
        projects = rekognition.describe_projects(ProjectNames=[PROJECT])["ProjectDescriptions"]
        if not projects:
            return "none"
        found = rekognition.describe_project_versions(ProjectArn=projects[0]["ProjectArn"])
        versions = found["ProjectVersionDescriptions"]
        return versions[0]["Status"] if versions else "none"

    def alerts(self) -> list[str]:
        """Return the messages that the topic has delivered."""
        queue = client("sqs")
        url = queue.get_queue_url(QueueName="alerts")["QueueUrl"]
        found = queue.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", [])
        return [message["Body"] for message in found]


@contextmanager
def deployed(folder: Path, *, with_data: bool = True, **sections: object) -> Iterator[Deployment]:
    """Deploy the driver with real digits in S3, a config whose sections may be replaced, alerts."""
    world = World(clock=ManualClock())
    deployment = Deployment(world, folder / "workspace")
    with mock_aws(config=MOTO_CONFIG), in_process_functions(deployment.invoke):
        install(world)
        try:
            client("s3").create_bucket(Bucket=BUCKET)
            if with_data:
                put_data()
            put_config(**sections)
            _create_driver(_create_topic())
            yield deployment
        finally:
            uninstall()


def put_config(**sections: object) -> None:
    """Write the config that the worker reads, with some sections replaced."""
    config: dict[str, object] = {
        "project": PROJECT,
        "backend": "aws",
        "aws": {"region": REGION},
        "storage": {"bucket": BUCKET},
        "state": {"store": "s3"},
        "data": {
            split: {"folder": f"s3://{BUCKET}/data/{split}/"}
            for split in ("train", "test", "holdout")
        },
        "safety": {"watchdog_role_arn": ROLE},
        "gates": {"min_holdout_images": 40, "min_holdout_f1": 0.5},
        "audit": {"duplicates": {"near_duplicate_bits": 1}},
    }
    put_object("config.yaml", yaml.safe_dump(config | sections).encode())


@cache
def client(service: str) -> Any:  # noqa: ANN401  # of any service
    """Return the client of a service that all deployments share; making one takes long."""
    session: Any = boto3.Session("AKIADEPLOYED", "secret", region_name=REGION)
    return session.client(service)


def put_object(key: str, body: bytes) -> None:
    """Put an object where moto keeps it, without the way over a client."""
    s3_backends[ACCOUNT]["aws"].put_object(BUCKET, key, body)


def put_data() -> None:
    """Put real digits into the bucket."""
    digits = demo_digits()
    for split, count in IMAGES.items():
        for label in LABELS:
            chosen = [each for each in digits if (each.split, each.label) == (split, label)]
            for image in chosen[:count]:
                put_object(f"data/{split}/{label}/{image.file_name}", image.png)


def _create_topic() -> str:
    queues = client("sqs")
    url = queues.create_queue(QueueName="alerts")["QueueUrl"]
    wanted = queues.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
    topics = client("sns")
    topic: str = topics.create_topic(Name="alerts")["TopicArn"]
    topics.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=wanted["Attributes"]["QueueArn"])
    return topic


def _create_driver(topic_arn: str) -> None:
    values = {"WorkerArn": f"arn:aws:lambda:{REGION}:123456789012:function:worker"}
    text = json.dumps(state_machine())
    for name, value in {**values, "AlertsArn": topic_arn}.items():
        text = text.replace(f"${{{name}}}", value)
    client("stepfunctions").create_state_machine(
        name="driver", definition=without_backoff(text), roleArn=ROLE
    )


def without_backoff(definition: str) -> str:
    """Return the definition with every pause before a retry at a second at most.

    How often is retried, and after which errors, stays as it is.
    """
    states = json.loads(definition)
    _shorten(states)
    return json.dumps(states)


def _shorten(node: object) -> None:
    if isinstance(node, dict):
        if "IntervalSeconds" in node:
            node["IntervalSeconds"] = 1
            node["BackoffRate"] = 1.0
        for child in node.values():
            _shorten(child)
    elif isinstance(node, list):
        for child in node:
            _shorten(child)
