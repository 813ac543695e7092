"""Fixtures of the emulator's tests: clients that meet the emulator inside moto's mock."""

from collections.abc import Iterator
from typing import Any

import boto3
import moto  # noqa: F401  # before any client is made, so that its hook is in each of them
import pytest
from botocore.awsrequest import AWSRequest
from botocore.config import Config

from rcl_flow.emulator.conditions.clock import ManualClock
from rcl_flow.emulator.conditions.world import World
from rcl_flow.emulator.testing import emulated_aws
from tests.emulator.builders import BUCKET, OTHER_ACCOUNT, OTHER_BUCKET, Aws

ONE_ATTEMPT = Config(retries={"total_max_attempts": 1})
UNCHECKED = Config(retries={"total_max_attempts": 1}, parameter_validation=False)


@pytest.fixture(scope="session")
def session() -> boto3.Session:
    """Return a session with the keys of nobody."""
    return boto3.Session("AKIAEMULATOREMULATOR", "secret", region_name="us-east-1")


@pytest.fixture(scope="session")
def clients(session: boto3.Session) -> dict[str, Any]:
    """Return the clients that all tests share; making one takes longer than most tests."""
    return {
        "s3": session.client("s3", config=ONE_ATTEMPT),
        "rekognition": session.client("rekognition", config=ONE_ATTEMPT),
        "unchecked": session.client("rekognition", config=UNCHECKED),
    }


@pytest.fixture(scope="session")
def other_clients(session: boto3.Session) -> dict[str, Any]:
    """Return clients that moto takes for those of another account."""
    made = {
        "s3": session.client("s3", config=ONE_ATTEMPT),
        "rekognition": session.client("rekognition", config=ONE_ATTEMPT),
        "unchecked": session.client("rekognition", config=UNCHECKED),
    }
    for client in made.values():
        client.meta.events.register("before-sign", _as_other_account)
    return made


def _as_other_account(request: AWSRequest, **_: object) -> None:
    request.headers["x-moto-account-id"] = OTHER_ACCOUNT


@pytest.fixture
def world() -> World:
    """Return a world whose clock stands until it is told to move."""
    return World(clock=ManualClock())


@pytest.fixture
def aws(clients: dict[str, Any], world: World) -> Iterator[Aws]:
    """Return clients of an empty emulator, with one bucket."""
    with emulated_aws(world):
        clients["s3"].create_bucket(Bucket=BUCKET)
        yield Aws(world=world, **clients)


@pytest.fixture
def other(aws: Aws, other_clients: dict[str, Any]) -> Aws:
    """Return clients of another account of the same emulator, with one bucket."""
    other_clients["s3"].create_bucket(Bucket=OTHER_BUCKET)
    return Aws(world=aws.world, **other_clients)
