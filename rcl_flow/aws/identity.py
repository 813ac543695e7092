"""The gateway to STS: whose credentials these are."""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from rcl_flow.aws.dates import answered_at
from rcl_flow.aws.retry import Caller

if TYPE_CHECKING:
    from types_boto3_sts import STSClient


@dataclass(frozen=True, slots=True)
class Identity:
    """Whom AWS takes the caller for."""

    account: str
    """12 digits."""
    arn: str
    answered_at: datetime | None
    """AWS's own time of the answer, in whole seconds; None when it gave none."""


def account_id(client: "STSClient", caller: Caller) -> str:
    """Return the account of the credentials, 12 digits.

    Raises:
        AwsRefusedError: the credentials are not accepted.
    """
    return caller_identity(client, caller).account


def caller_identity(client: "STSClient", caller: Caller) -> Identity:
    """Return whose credentials these are, and AWS's time.

    Raises:
        AwsRefusedError: the credentials are not accepted.
    """
    answer = caller.call(client.get_caller_identity)
    return Identity(
        account=answer["Account"],
        arn=answer["Arn"],
        answered_at=answered_at(answer["ResponseMetadata"]["HTTPHeaders"]),
    )
