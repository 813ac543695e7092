"""The gateway to Systems Manager's Parameter Store: names that hold a text."""

from typing import Literal, Protocol

from rcl_flow.aws.errors import Failure, classify
from rcl_flow.aws.retry import Caller
from rcl_flow.aws.session import AwsAccess, make_session, ssm_client
from rcl_flow.errors import AwsRefusedError


class SsmClient(Protocol):
    """What is used of botocore's client, whose stubs are no dependency for two calls."""

    def put_parameter(
        self,
        *,
        Name: str,  # noqa: N803  # botocore's names
        Value: str,  # noqa: N803
        Type: Literal["String"],  # noqa: N803
        Overwrite: bool,  # noqa: N803
    ) -> object:
        """Write a parameter."""

    def get_parameter(self, *, Name: str) -> dict[str, dict[str, str]]:  # noqa: N803
        """Read a parameter."""


class Parameters:
    """Parameters of one account and region; each method may be repeated."""

    def __init__(self, client: SsmClient, caller: Caller) -> None:
        """Send calls through `client`."""
        self._client = client
        self._caller = caller

    def put(self, name: str, value: str) -> None:
        """Let the parameter hold that text, whether it was there or not.

        Raises:
            AwsRefusedError: it cannot be written, such as for want of `ssm:PutParameter`.
        """
        self._caller.call(
            self._client.put_parameter, Name=name, Value=value, Type="String", Overwrite=True
        )

    def get(self, name: str) -> str | None:
        """Return what the parameter holds, or None when there is none of that name.

        Raises:
            AwsRefusedError: it cannot be read.
        """
        try:
            found = self._caller.call(self._client.get_parameter, Name=name)
        except AwsRefusedError as error:
            if error.code != "ParameterNotFound" and classify(error) is not Failure.NOT_FOUND:
                raise
            return None
        return found["Parameter"]["Value"]


def open_parameters(access: AwsAccess, caller: Caller) -> Parameters:
    """Return the gateway to the parameters of an account."""
    return Parameters(ssm_client(make_session(access), access), caller)
