"""Calls that tell nobody anything and write nothing, one for each way of telling others.

What would publish, put or write something is given what the service refuses; a secret is read, as a
run reads it, and dropped.
"""

from typing import TYPE_CHECKING, Any, Final

from rcl_flow.aws.notifications import (
    SOURCE,
    events_client,
    parameters_client,
    region_of_topic,
    secrets_client,
    sns_client,
)
from rcl_flow.aws.probes_rekognition import PROBE_NAME, Call

if TYPE_CHECKING:
    import boto3

    from rcl_flow.aws.session import AwsAccess

_NO_STRUCTURE: Final = "none"
"""SNS takes `json` alone. Source: SNS API reference, Publish, MessageStructure."""
_NO_JSON: Final = "rcl-flow doctor"
"""EventBridge refuses an entry whose detail is none. Source: API reference, PutEvents, Detail."""


def delivery_probe(session: "boto3.Session", access: "AwsAccess", action: str, name: str) -> Call:
    """Return a client's method and the arguments of the harmless call for `action`.

    Args:
        session: whose credentials count.
        access: the config's region.
        action: such as `sns:Publish`.
        name: the topic's ARN, or the name of bus, secret or parameter.
    """
    client: Any
    if action == "sns:Publish":
        client = sns_client(session, access, region_of_topic(name))
        given: dict[str, object] = {"TopicArn": name, "Message": PROBE_NAME}
        return client.publish, {**given, "MessageStructure": _NO_STRUCTURE}
    if action == "events:PutEvents":
        client = events_client(session, access)
        entry = {"Source": SOURCE, "DetailType": PROBE_NAME, "Detail": _NO_JSON}
        return client.put_events, {"Entries": [{**entry, "EventBusName": name}]}
    if action == "secretsmanager:GetSecretValue":
        return secrets_client(session, access).get_secret_value, {"SecretId": name}
    client = parameters_client(session, access)
    if action == "ssm:GetParameter":
        return client.get_parameter, {"Name": name, "WithDecryption": True}
    # one that exists is not overwritten, and without a type none is made
    return client.put_parameter, {"Name": name, "Value": PROBE_NAME, "Overwrite": False}
