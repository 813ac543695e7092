"""Tests of the gateway to Parameter Store, against moto."""

from collections.abc import Iterator

import pytest

from rcl_flow.aws.parameters import Parameters, open_parameters
from rcl_flow.aws.retry import Caller
from rcl_flow.aws.session import AwsAccess
from rcl_flow.emulator.testing import emulated_aws
from rcl_flow.errors import AwsRefusedError
from tests.unit.clocks import FakeClock

NAME = "/parts/champion"


@pytest.fixture
def parameters() -> Iterator[Parameters]:
    """Return the gateway to an account without parameters."""
    with emulated_aws():
        yield open_parameters(AwsAccess("us-east-1", emulated=True), Caller(FakeClock()))


def test_parameter_holds_what_was_put_last(parameters: Parameters) -> None:
    """The first time it is made, then changed; nothing is there before."""
    assert parameters.get(NAME) is None
    parameters.put(NAME, "arn:one")
    parameters.put(NAME, "arn:two")
    assert parameters.get(NAME) == "arn:two"


def test_refused_write_is_an_error_of_ours(parameters: Parameters) -> None:
    """Systems Manager keeps names that begin with aws for itself."""
    with pytest.raises(AwsRefusedError, match="PutParameter"):
        parameters.put("/aws/champion", "arn:one")
