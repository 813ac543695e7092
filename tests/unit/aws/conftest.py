"""Gateways of an empty emulator, whose calls sleep on a clock that takes no time."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import moto  # noqa: F401  # before any client is made, so that its hook is in each of them
import pytest

from rcl_flow.aws.rekognition import Rekognition
from rcl_flow.aws.retry import Caller
from rcl_flow.aws.s3 import S3
from rcl_flow.aws.session import AwsAccess, make_session, rekognition_client, s3_client
from rcl_flow.emulator.conditions.clock import ManualClock
from rcl_flow.emulator.conditions.faults import Fault
from rcl_flow.emulator.conditions.world import World
from rcl_flow.emulator.testing import emulated_aws
from tests.unit.clocks import FakeClock

if TYPE_CHECKING:
    from types_boto3_rekognition import RekognitionClient
    from types_boto3_s3 import S3Client

BUCKET = "acme-images"


@dataclass(frozen=True)
class Gateways:
    """Both gateways, the clients below them, and the emulator that answers."""

    rekognition: Rekognition
    s3: S3
    caller: Caller
    client: "RekognitionClient"
    s3_client: "S3Client"
    clock: FakeClock
    world: World

    def arm(
        self, operation: str, code: str, times: int | None = 1, *, executed: bool = False
    ) -> None:
        """Let the operation's next calls fail with `code`."""
        self.world.faults.add(Fault(operation, times=times, code=code, executed=executed))

    def calls(self, operation: str) -> int:
        """Return how often the emulator was asked for the operation."""
        return self.world.calls.counts().get(operation, 0)


@pytest.fixture(scope="session")
def aws_clients() -> "tuple[RekognitionClient, S3Client]":
    """Return the clients that all tests share; making one takes longer than most tests."""
    access = AwsAccess("us-east-1", emulated=True)
    session = make_session(access)
    return rekognition_client(session, access), s3_client(session, access)


@pytest.fixture
def gateways(aws_clients: "tuple[RekognitionClient, S3Client]") -> Iterator[Gateways]:
    """Return gateways of an empty emulator with one bucket."""
    client, s3 = aws_clients
    clock = FakeClock()
    caller = Caller(clock)
    with emulated_aws(World(clock=ManualClock())) as world:
        s3.create_bucket(Bucket=BUCKET)
        yield Gateways(
            rekognition=Rekognition(client, caller),
            s3=S3(s3, caller, region="us-east-1"),
            caller=caller,
            client=client,
            s3_client=s3,
            clock=clock,
            world=world,
        )
