"""Tests of topics and event buses, read back from the queues behind them, against moto."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cache
from typing import Any

import pytest

from rcl_flow.aws.notifications import (
    EventBus,
    Topic,
    events_client,
    region_of_topic,
    sns_client,
)
from rcl_flow.aws.retry import Caller
from rcl_flow.aws.session import AwsAccess, make_session
from rcl_flow.emulator.testing import emulated_aws
from rcl_flow.errors import AwsRefusedError
from tests.unit.clocks import FakeClock

ACCESS = AwsAccess("us-east-1", emulated=True)
AT = datetime(2026, 11, 24, 3, tzinfo=UTC)
ARN = "arn:aws:rekognition:us-east-1:123456789012:project/shades/version/rf-1/1700000000000"


@cache
def clients() -> tuple[Any, Any, Any]:
    """Return the clients that all tests share; making one takes longer than most tests."""
    session = make_session(ACCESS)
    return (
        session.client("sqs"),
        sns_client(session, ACCESS, "us-east-1"),
        events_client(session, ACCESS),
    )


class Account:
    """An account with a topic, a bus, and a queue behind each."""

    def __init__(self) -> None:
        """Make them."""
        self.sqs, self.sns, self.events = clients()
        self.caller = Caller(FakeClock(), attempts=2)
        self.topic_arn = self.sns.create_topic(Name="alerts")["TopicArn"]
        self.events.create_event_bus(Name="models")

    def queue(self, name: str) -> tuple[str, str]:
        """Return URL and ARN of a new queue."""
        url = self.sqs.create_queue(QueueName=name)["QueueUrl"]
        found = self.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
        return url, found["Attributes"]["QueueArn"]

    def received(self, url: str) -> list[dict[str, Any]]:
        """Return the documents in a queue."""
        found = self.sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10)
        return [json.loads(message["Body"]) for message in found.get("Messages", ())]

    def topic(self, arn: str = "") -> Topic:
        """Return the gateway to the topic."""
        return Topic(self.sns, self.caller, arn or self.topic_arn)

    def bus(self, name: str = "models") -> EventBus:
        """Return the gateway to the bus."""
        return EventBus(self.events, self.caller, name)


@pytest.fixture
def account() -> Iterator[Account]:
    """Return an empty account."""
    with emulated_aws():
        yield Account()


def test_message_reaches_the_subscribers_of_the_topic(account: Account) -> None:
    """Subject, text and attributes arrive; an attribute without a value is left out."""
    url, arn = account.queue("mails")
    account.sns.subscribe(TopicArn=account.topic_arn, Protocol="sqs", Endpoint=arn)
    account.topic().publish("It is done", "F1 0.9", {"kind": "run-succeeded", "run_id": ""})
    (message,) = account.received(url)
    assert (message["Subject"], message["Message"]) == ("It is done", "F1 0.9")
    assert message["MessageAttributes"] == {"kind": {"Type": "String", "Value": "run-succeeded"}}


def test_subscription_can_filter_by_kind(account: Account) -> None:
    """Whoever is called at night wants to hear of failures alone."""
    url, arn = account.queue("nights")
    account.sns.subscribe(
        TopicArn=account.topic_arn,
        Protocol="sqs",
        Endpoint=arn,
        Attributes={"FilterPolicy": json.dumps({"kind": ["model-not-stopped"]})},
    )
    topic = account.topic()
    topic.publish("s", "done", {"kind": "run-succeeded"})
    topic.publish("s", "runs still", {"kind": "model-not-stopped"})
    assert [message["Message"] for message in account.received(url)] == ["runs still"]


def test_topic_that_is_gone_is_an_error(account: Account) -> None:
    """The error says what AWS answered."""
    with pytest.raises(AwsRefusedError, match="Publish: AWS answered NotFound"):
        account.topic(account.topic_arn + "x").publish("s", "t", {})


def test_event_reaches_the_rule_that_matches_it(account: Account) -> None:
    """Rules match source and detail type; the target gets the detail, time and resource."""
    url, arn = account.queue("trained")
    account.events.put_rule(
        Name="trained",
        EventBusName="models",
        EventPattern=json.dumps({"source": ["rcl-flow"], "detail-type": ["Training Finished"]}),
    )
    account.events.put_targets(
        Rule="trained", EventBusName="models", Targets=[{"Id": "queue", "Arn": arn}]
    )
    bus = account.bus()
    bus.put("Model Started", {"run_id": "r1"}, AT)
    bus.put("Training Finished", {"run_id": "r1", "gap_f1": -0.02}, AT, ARN)
    (event,) = account.received(url)
    assert event["source"] == "rcl-flow"
    assert event["detail-type"] == "Training Finished"
    assert event["detail"] == {"run_id": "r1", "gap_f1": -0.02}
    assert event["resources"] == [ARN]
    assert event["time"] == "2026-11-24T03:00:00Z"


class RefusingBus:
    """A client whose answer is a success that holds a refused event, as EventBridge gives it."""

    def put_events(self, **_: object) -> dict[str, Any]:
        """Refuse the only event."""
        return {
            "FailedEntryCount": 1,
            "Entries": [{"ErrorCode": "NotAuthorizedForSource", "ErrorMessage": "no"}],
            "ResponseMetadata": {"RequestId": "req-5"},
        }


def test_event_that_is_refused_in_a_successful_answer_is_an_error() -> None:
    """PutEvents answers 200 though it has taken none."""
    client: Any = RefusingBus()
    with pytest.raises(AwsRefusedError, match="NotAuthorizedForSource: no") as caught:
        EventBus(client, Caller(FakeClock()), "models").put("Run Failed", {}, AT)
    assert caught.value.request_id == "req-5"


def test_topic_is_asked_in_its_own_region() -> None:
    """SNS takes a message in the topic's region alone, which need not be the model's."""
    assert region_of_topic("arn:aws:sns:eu-west-1:123456789012:alerts") == "eu-west-1"
    client: Any = sns_client(make_session(ACCESS), ACCESS, "eu-west-1")
    assert client.meta.region_name == "eu-west-1"


def test_clients_wait_five_seconds_at_most() -> None:
    """A message that nobody takes must not hold anything up."""
    for client in clients()[1:]:
        config: Any = client.meta.config
        assert (config.connect_timeout, config.read_timeout) == (5, 5)
        assert config.retries["total_max_attempts"] == 1
