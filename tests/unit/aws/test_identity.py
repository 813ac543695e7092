"""Tests of the gateway to STS and of AWS's time."""

from collections.abc import Iterator
from datetime import UTC, timedelta
from typing import TYPE_CHECKING

import pytest

from rcl_flow.aws.identity import account_id, caller_identity
from rcl_flow.aws.retry import Caller
from rcl_flow.aws.session import AwsAccess, make_session, sts_client
from rcl_flow.clock import SystemClock
from rcl_flow.emulator.testing import emulated_aws
from tests.unit.clocks import FakeClock

if TYPE_CHECKING:
    from types_boto3_sts import STSClient


@pytest.fixture
def client() -> "Iterator[STSClient]":
    """Return a client of the emulated account."""
    access = AwsAccess("us-east-1", emulated=True)
    with emulated_aws():
        yield sts_client(make_session(access), access)


def test_caller_identity_says_who_and_when(client: "STSClient") -> None:
    """The doctor compares the machine's clock with the time of the answer."""
    found = caller_identity(client, Caller(FakeClock()))
    assert found.account == "123456789012"
    assert found.arn.startswith("arn:aws:sts::123456789012:")
    assert found.answered_at is not None
    assert found.answered_at.tzinfo is UTC
    assert abs(found.answered_at - SystemClock().now()) < timedelta(minutes=1)


def test_account_id_is_that_of_the_credentials(client: "STSClient") -> None:
    """Twelve digits, as a string: some begin with 0."""
    assert account_id(client, Caller(FakeClock())) == "123456789012"
