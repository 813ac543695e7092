"""The gateway to STS: whose credentials these are."""

from typing import TYPE_CHECKING

from rcl_flow.aws.retry import Caller

if TYPE_CHECKING:
    from types_boto3_sts import STSClient


def account_id(client: "STSClient", caller: Caller) -> str:
    """Return the account of the credentials, 12 digits.

    Raises:
        AwsRefusedError: the credentials are not accepted.
    """
    return caller.call(client.get_caller_identity)["Account"]
