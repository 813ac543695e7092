"""Tests of the sinks of transitions: told once, in the background, and never at a run's expense."""

import json
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from rcl_flow.clock import SystemClock
from rcl_flow.config import FlowConfig
from rcl_flow.core.history.transition_kinds import TransitionKind
from rcl_flow.core.history.transitions import Transition, nobody
from rcl_flow.emulator.sessions import isolated_session
from rcl_flow.emulator.testing import emulated_aws
from rcl_flow.errors import AwsRefusedError
from rcl_flow.integrations.webhook import DeliveryError
from rcl_flow.pipeline.runs.events import Event, Notice
from rcl_flow.pipeline.state.backend import Backend
from rcl_flow.pipeline.state.sqlite_store import SqliteStore
from rcl_flow.wiring.announcing import (
    Announcer,
    Office,
    Sink,
    find_address,
    make_announce,
    settle,
)
from tests.unit.clocks import FakeClock
from tests.unit.integrations.receiver import Receiver, receiving

BACKEND = Backend(kind="emulator", region="us-east-1", emulator_instance="one")
AT = datetime(2026, 11, 24, 3, tzinfo=UTC)
ADDRESS = "https://hooks.example.com/T0SECRET"


def transition(kind: TransitionKind = "run-succeeded", text: str = "Done.") -> Transition:
    """Return a transition of a run."""
    return Transition(kind, "shades", AT, text, run_id="r1")


@dataclass
class Desk:
    """A store, and what was said of sinks that failed."""

    folder: Path
    said: list[Event] = field(default_factory=list)

    @property
    def store(self) -> SqliteStore:
        """The workspace's store."""
        return SqliteStore(self.folder / "state.sqlite", SystemClock())

    def announcer(self, *sinks: Sink) -> Announcer:
        """Return what tells these sinks."""
        return Announcer(sinks, Office(self.store, self.said.append))

    def announce(self, **notifications: object) -> Any:  # noqa: ANN401  # an Announcer
        """Return what tells the sinks of a config, as a process that was just started."""
        config = FlowConfig.model_validate(
            {
                "project": "shades",
                "data": {split: {"folder": split} for split in ("train", "test", "holdout")},
                "notifications": notifications,
            }
        )
        return make_announce(config, BACKEND, self.store, self.said.append)

    @property
    def notices(self) -> list[str]:
        """What a person was told to read."""
        return [event.text for event in self.said if isinstance(event, Notice)]

    def everything(self) -> str:
        """Return all that is in the workspace, and all that was said."""
        files = [p.read_bytes().decode("latin-1") for p in self.folder.rglob("*") if p.is_file()]
        return "\n".join([*files, *map(repr, self.said)])


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """Return an empty workspace."""
    return Desk(tmp_path)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """Return a server that takes what is posted."""
    with receiving() as server:
        yield server


def listening(told: list[Transition], name: str = "slack", *kinds: TransitionKind) -> Sink:
    """Return a sink that is told into a list."""
    return Sink(name, frozenset(kinds) if kinds else None, lambda: told.append)


def test_config_without_sinks_tells_nobody(desk: Desk) -> None:
    """No thread and no store are needed for it."""
    assert desk.announce() is nobody
    settle(nobody)


def test_transition_is_told_once_whoever_replays_it(desk: Desk) -> None:
    """The next tick, or another machine with the same store, tells nothing again."""
    told: list[Transition] = []
    for _ in range(3):
        announce = desk.announcer(listening(told))
        announce(transition())
        announce(replace(transition(), at=datetime(2026, 11, 25, tzinfo=UTC)))
        assert announce.settle()
    assert told == [transition()]


def test_sink_is_told_in_order_and_of_its_kinds_alone(desk: Desk) -> None:
    """A bus gets all; the others what the config lists."""
    bus: list[Transition] = []
    chat: list[Transition] = []
    announce = desk.announcer(
        listening(bus, "event_bus"), listening(chat, "slack", "run-failed", "run-succeeded")
    )
    for kind in ("run-started", "model-started", "run-failed", "run-succeeded"):
        announce(transition(kind))
    assert announce.settle()
    assert [each.kind for each in bus] == [
        "run-started",
        "model-started",
        "run-failed",
        "run-succeeded",
    ]
    assert [each.kind for each in chat] == ["run-failed", "run-succeeded"]


def test_slow_sink_delays_neither_the_run_nor_another_sink(desk: Desk) -> None:
    """A stop never waits for a webhook; at the end it is given up after the time that it has."""
    goes_on, is_told = threading.Event(), threading.Event()

    def wait(_transition: Transition) -> None:
        goes_on.wait(60)

    def note(_transition: Transition) -> None:
        is_told.set()

    announce = desk.announcer(
        Sink("webhook", None, lambda: wait), Sink("slack", None, lambda: note)
    )
    began = time.monotonic()
    announce(transition())
    assert is_told.wait(20)
    assert not announce.settle(0.2)
    assert time.monotonic() - began < 20
    goes_on.set()
    assert announce.settle()


@pytest.mark.parametrize(
    ("error", "why"),
    [
        (DeliveryError("it answered HTTP 500"), "it answered HTTP 500"),
        (
            AwsRefusedError("Publish: AWS answered X.", hint="h", operation="P", code="X"),
            "Publish: AWS answered X.",
        ),
        (ValueError("no address: https://SECRET"), "ValueError"),
    ],
)
def test_sink_that_fails_is_told_of_once(desk: Desk, error: Exception, why: str) -> None:
    """A person reads it once; the run and the other sinks go on."""
    told: list[Transition] = []

    def fail(_transition: Transition) -> None:
        raise error

    announce = desk.announcer(Sink("webhook", None, lambda: fail), listening(told))
    for kind in ("run-started", "run-failed"):
        announce(transition(kind))
    assert announce.settle()
    assert desk.notices == [f"notifications.webhook was not told of run-started: {why}."]
    assert len(told) == 2


def test_sink_that_failed_is_told_by_the_next_tick(desk: Desk) -> None:
    """What it did not take is not noted as told."""
    told: list[Transition] = []

    def fail(_transition: Transition) -> None:
        raise DeliveryError("it answered HTTP 500")

    first = desk.announcer(Sink("slack", None, lambda: fail))
    first(transition())
    assert first.settle()
    second = desk.announcer(listening(told))
    second(transition())
    assert second.settle()
    assert told == [transition()]


def test_no_thread_is_left(desk: Desk) -> None:
    """A function that is frozen between two ticks has nothing under way."""
    announce = desk.announcer(listening([]))
    announce(transition())
    settle(announce)
    for thread in threading.enumerate():
        if thread.name.startswith("rcl-flow tells"):
            thread.join(1)
            assert not thread.is_alive()


def test_chat_and_webhook_get_their_forms_and_nobody_learns_the_address(
    desk: Desk, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A chat gets text, a webhook the versioned document; no file holds where they are."""
    monkeypatch.setenv("RCL_HOOK", receiver.url)
    announce = desk.announce(slack="env:RCL_HOOK", webhook="env:RCL_HOOK")
    announce(transition())
    assert announce.settle()
    chat, document = sorted(receiver.documents, key=len)
    assert chat == {"text": "*Run Succeeded*: shades\nDone.\nRun: r1"}
    assert (document["format_version"], document["kind"]) == (1, "run-succeeded")
    assert document["at"] == "2026-11-24T03:00:00+00:00"
    assert desk.notices == []
    assert "SECRET" not in desk.everything()


@pytest.mark.parametrize(
    ("statuses", "posts", "fails"), [([500], 2, False), ([503, 500], 2, True), ([404], 1, True)]
)
def test_webhook_that_is_broken_is_asked_once_more(
    desk: Desk,
    receiver: Receiver,
    monkeypatch: pytest.MonkeyPatch,
    statuses: list[int],
    posts: int,
    fails: bool,
) -> None:
    """A server that restarts is well a second later; a wrong address is wrong for good."""
    receiver.statuses = statuses
    monkeypatch.setenv("RCL_HOOK", receiver.url)
    announce = desk.announce(webhook="env:RCL_HOOK")
    announce(transition())
    assert announce.settle()
    assert len(receiver.requests) == posts
    assert len(desk.notices) == fails
    assert "SECRET" not in desk.everything()


@pytest.mark.parametrize(
    ("value", "why"),
    [
        (None, "the environment has no variable RCL_HOOK"),
        ("", "the environment has no variable RCL_HOOK"),
        ("http://hooks.example.com/SECRET", "its address is no https:// address"),
    ],
)
def test_address_that_cannot_be_is_a_notice(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, value: str | None, why: str
) -> None:
    """A mistake in the environment costs a message, not a run."""
    monkeypatch.delenv("RCL_HOOK", raising=False)
    if value is not None:
        monkeypatch.setenv("RCL_HOOK", value)
    announce = desk.announce(slack="env:RCL_HOOK")
    announce(transition())
    assert announce.settle()
    assert desk.notices == [f"notifications.slack was not told of run-succeeded: {why}."]
    assert "SECRET" not in desk.everything()


def test_topic_and_bus_of_the_config_are_told(desk: Desk) -> None:
    """Subject and text for people go to the topic, the document to the bus."""
    with emulated_aws():
        session = isolated_session("us-east-1")
        sqs: Any = session.client("sqs")
        sns: Any = session.client("sns")
        events: Any = session.client("events")
        queue = sqs.create_queue(QueueName="all")["QueueUrl"]
        arn = "arn:aws:sqs:us-east-1:123456789012:all"
        topic = sns.create_topic(Name="alerts")["TopicArn"]
        sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)
        pattern = json.dumps({"source": ["rcl-flow"]})
        events.put_rule(Name="all", EventPattern=pattern)
        events.put_targets(Rule="all", Targets=[{"Id": "q", "Arn": arn}])
        announce = desk.announce(sns_topic_arn=topic, event_bus="default")
        announce(transition("run-started"))
        announce(transition())
        assert announce.settle()
        found = sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10)["Messages"]
    bodies = [json.loads(message["Body"]) for message in found]
    mails = [body for body in bodies if "Subject" in body]
    assert [mail["Subject"] for mail in mails] == ["rcl-flow: Run Succeeded: shades"]
    assert mails[0]["Message"] == "Done.\nRun: r1"
    told = {body["detail-type"]: body["detail"]["run_id"] for body in bodies if "detail" in body}
    assert told == {"Run Started": "r1", "Run Succeeded": "r1"}


def test_address_is_found_where_the_reference_says() -> None:
    """A secret of Secrets Manager, or a parameter of Systems Manager."""
    with emulated_aws():
        session = isolated_session("us-east-1")
        manager: Any = session.client("secretsmanager")
        manager.create_secret(Name="slack", SecretString=json.dumps({"url": f"{ADDRESS}\n"}))
        parameters: Any = session.client("ssm")
        parameters.put_parameter(Name="/rcl/slack", Value=ADDRESS, Type="String")
        assert find_address("secretsmanager:slack", BACKEND, FakeClock()) == ADDRESS
        assert find_address("ssm:/rcl/slack", BACKEND, FakeClock()) == ADDRESS
