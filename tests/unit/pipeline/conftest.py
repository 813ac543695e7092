"""A run on an empty emulator, with data on disk and a clock that takes no time."""

import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import moto  # noqa: F401  # before any client is made, so that its hook is in each of them
import pytest

from rcl_flow.aws.session import (
    AwsAccess,
    make_session,
    rekognition_client,
    s3_client,
    scheduler_client,
)
from rcl_flow.emulator.conditions.clock import ManualClock
from rcl_flow.emulator.conditions.world import Delays, World
from rcl_flow.emulator.testing import emulated_aws
from tests.unit.pipeline.bench import BUCKET, REGION, Bench

if TYPE_CHECKING:
    from types_boto3_rekognition import RekognitionClient
    from types_boto3_s3 import S3Client
    from types_boto3_scheduler import EventBridgeSchedulerClient

    Clients = tuple[RekognitionClient, S3Client, EventBridgeSchedulerClient]

MakeBench = Callable[[Delays], Bench]


def end_threads() -> None:
    """Wait for calls that a failed step left under way, or they reach the next test's emulator."""
    for thread in threading.enumerate():
        if thread.name.startswith("rcl-flow"):
            thread.join()


@pytest.fixture(scope="session")
def aws_clients() -> "Clients":
    """Return the clients that all tests share; making one takes longer than most tests."""
    access = AwsAccess(REGION, emulated=True)
    session = make_session(access)
    return (
        rekognition_client(session, access),
        s3_client(session, access),
        scheduler_client(session, access),
    )


@pytest.fixture
def slow_bench(aws_clients: "Clients", tmp_path: Path) -> Iterator[MakeBench]:
    """Return what makes a bench whose states last as long as the test says."""
    with ExitStack() as stack:

        def make(delays: Delays) -> Bench:
            world = World(clock=ManualClock(), delays=delays)
            stack.enter_context(emulated_aws(world))
            aws_clients[1].create_bucket(Bucket=BUCKET)
            return Bench(tmp_path, world, *aws_clients)

        yield make
        end_threads()


@pytest.fixture
def bench(aws_clients: "Clients", tmp_path: Path) -> Iterator[Bench]:
    """Return a bench whose states in progress are each shown once."""
    with emulated_aws(World(clock=ManualClock())) as world:
        aws_clients[1].create_bucket(Bucket=BUCKET)
        yield Bench(tmp_path, world, *aws_clients)
        end_threads()
