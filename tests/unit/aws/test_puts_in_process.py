"""Tests of puts inside moto's mock, which shares the process with no running emulator."""

import hashlib

from botocore.exceptions import ClientError

from rcl_flow.aws.fast_puts import FastPuts
from rcl_flow.aws.retry import Caller
from rcl_flow.aws.s3 import S3, S3Location
from rcl_flow.aws.session import AwsAccess, make_session
from tests.unit.aws.conftest import BUCKET, Gateways

PLACE = S3Location(BUCKET, "rcl-flow/images/ab/ab.png")
CONTENT = b"\x00\xffimage"


def test_fast_puts_leave_to_boto3_what_never_leaves_the_process(gateways: Gateways) -> None:
    """Inside moto's mock an object arrives in the mock, not at AWS."""
    access = AwsAccess("us-east-1", emulated=True)
    puts = FastPuts(make_session(access), gateways.s3_client)
    puts.put_object(PLACE, CONTENT, sha256=hashlib.sha256(CONTENT).hexdigest(), kms_key_id=None)
    assert gateways.s3.get(PLACE) == CONTENT


def test_puts_are_fewer_at_once_after_one_was_turned_away(gateways: Gateways) -> None:
    """The gateway's window is around each attempt, and not around the sleep between them."""
    widths: list[float] = []

    class Busy:
        most_at_once = 8

        def put_object(self, *_location: object, **_given: object) -> None:
            widths.append(s3._window.width)
            if len(widths) == 1:
                raise ClientError({"Error": {"Code": "SlowDown", "Message": ""}}, "PutObject")

    s3 = S3(gateways.s3_client, Caller(gateways.clock), region="us-east-1", puts=Busy())
    s3.put(PLACE, CONTENT)
    s3.put(PLACE, CONTENT)
    assert widths == [float("inf"), 1.0, 2.0]
    assert len(gateways.clock.sleeps) == 1
