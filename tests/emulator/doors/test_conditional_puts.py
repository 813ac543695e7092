"""Of several conditional writes of one key, one succeeds: what leases in S3 rest on."""

import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Barrier

import boto3
from botocore.exceptions import ClientError
from moto.s3.responses import S3Response

from rcl_flow.emulator.testing import emulated_aws

WRITERS = 8
RACES = 25


@contextmanager
def hasty_threads() -> Iterator[None]:
    """Let the interpreter change threads at every chance."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        yield
    finally:
        sys.setswitchinterval(before)


def test_of_writers_that_race_for_a_key_one_wins() -> None:
    """However the threads take turns between looking and writing."""
    with emulated_aws(), ThreadPoolExecutor(WRITERS) as pool:
        client = boto3.client("s3", "us-east-1")
        client.create_bucket(Bucket="acme")
        client.put_object(Bucket="acme", Key="first", Body=b"")  # all is imported by now
        together = Barrier(WRITERS)

        def write(key: str) -> bool:
            together.wait()
            try:
                client.put_object(Bucket="acme", Key=key, Body=b"mine", IfNoneMatch="*")
            except ClientError as error:
                assert error.response["Error"]["Code"] == "PreconditionFailed"
                return False
            return True

        with hasty_threads():
            wins = [sum(pool.map(write, [str(race)] * WRITERS)) for race in range(RACES)]
    assert wins == [1] * RACES


def test_moto_is_as_it_was_afterwards() -> None:
    """Other tests of a user's own are not touched."""
    before = S3Response.put_object
    with emulated_aws():
        assert S3Response.put_object is not before
    assert S3Response.put_object is before
