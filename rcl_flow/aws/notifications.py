"""The gateways that tell of a transition: a topic of SNS, and a bus of EventBridge."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Final

import boto3
import botocore.config

from rcl_flow.aws.retry import Caller
from rcl_flow.aws.session import AwsAccess
from rcl_flow.errors import AwsRefusedError

if TYPE_CHECKING:
    from types_boto3_events import EventBridgeClient
    from types_boto3_secretsmanager import SecretsManagerClient
    from types_boto3_sns import SNSClient
    from types_boto3_ssm import SSMClient

SOURCE: Final = "rcl-flow"
TIMEOUT_SECONDS: Final = 5
"""For a connection and for an answer: nobody waits long for a message to be sent."""


class Topic:
    """A topic of Amazon SNS."""

    def __init__(self, client: "SNSClient", caller: Caller, topic_arn: str) -> None:
        """Publish to the topic through `client`, which is one of the topic's region."""
        self._client = client
        self._caller = caller
        self._arn = topic_arn

    def publish(self, subject: str, text: str, attributes: Mapping[str, str]) -> None:
        """Publish a message; subscriptions can filter by its attributes.

        Raises:
            AwsRefusedError: the topic does not take it.
        """
        self._caller.call(
            self._client.publish,
            TopicArn=self._arn,
            Subject=subject,
            Message=text,
            MessageAttributes={
                name: {"DataType": "String", "StringValue": value}
                for name, value in attributes.items()
                if value  # SNS refuses an empty one
            },
        )


class EventBus:
    """A bus of Amazon EventBridge."""

    def __init__(self, client: "EventBridgeClient", caller: Caller, name: str) -> None:
        """Put events onto the bus of that name through `client`."""
        self._client = client
        self._caller = caller
        self._name = name

    def put(
        self, detail_type: str, detail: Mapping[str, object], at: datetime, resource: str = ""
    ) -> None:
        """Put one event of the source `rcl-flow`.

        Args:
            detail_type: what has happened, in words.
            detail: what rules match on and targets get.
            at: when, with its zone.
            resource: an ARN that the event is about, if any.

        Raises:
            AwsRefusedError: the bus does not take it.
        """
        answer = self._caller.call(
            self._client.put_events,
            Entries=[
                {
                    "Source": SOURCE,
                    "DetailType": detail_type,
                    "Detail": json.dumps(detail),
                    "EventBusName": self._name,
                    "Time": at,
                    "Resources": [resource] if resource else [],
                }
            ],
        )
        for entry in answer["Entries"]:
            if entry.get("ErrorCode"):  # the call succeeds though the event is refused
                raise AwsRefusedError(
                    f"PutEvents to {self._name}: AWS answered {entry['ErrorCode']}: "
                    f"{entry.get('ErrorMessage')}",
                    hint="Correct the event bus of the config, or allow events:PutEvents on it.",
                    operation="PutEvents",
                    code=entry["ErrorCode"],
                    request_id=str(answer["ResponseMetadata"].get("RequestId", "")),
                )


def region_of_topic(topic_arn: str) -> str:
    """Return the region of a topic; messages are taken there alone."""
    return topic_arn.split(":")[3]


def sns_client(session: boto3.Session, access: AwsAccess, region: str) -> "SNSClient":
    """Return an SNS client of a region, whose calls are sent once and never last long."""
    return session.client(
        "sns", region_name=region, endpoint_url=access.endpoint_url, config=_config(access)
    )


def events_client(session: boto3.Session, access: AwsAccess) -> "EventBridgeClient":
    """Return an EventBridge client whose calls are sent once and never last long."""
    return session.client("events", endpoint_url=access.endpoint_url, config=_config(access))


def secrets_client(session: boto3.Session, access: AwsAccess) -> "SecretsManagerClient":
    """Return a Secrets Manager client whose calls are sent once and never last long."""
    return session.client(
        "secretsmanager", endpoint_url=access.endpoint_url, config=_config(access)
    )


def parameters_client(session: boto3.Session, access: AwsAccess) -> "SSMClient":
    """Return a Systems Manager client whose calls are sent once and never last long."""
    return session.client("ssm", endpoint_url=access.endpoint_url, config=_config(access))


def _config(access: AwsAccess) -> botocore.config.Config:
    return botocore.config.Config(
        proxies={} if access.emulated else None,  # a company's proxy does not know this machine
        retries={"total_max_attempts": 1},
        connect_timeout=TIMEOUT_SECONDS,
        read_timeout=TIMEOUT_SECONDS,
        user_agent_extra="rcl-flow",
    )
