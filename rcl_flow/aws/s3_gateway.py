"""Making the gateway to S3, with the fastest way of putting objects that is installed."""

import importlib.util

import boto3

from rcl_flow.aws.fast_puts import FastPuts
from rcl_flow.aws.retry import Caller
from rcl_flow.aws.s3 import S3
from rcl_flow.aws.session import AwsAccess, s3_client


def make_s3_gateway(session: boto3.Session, access: AwsAccess, caller: Caller) -> S3:
    """Return the gateway to the objects that a session reaches.

    Args:
        session: whose credentials sign all calls.
        access: how S3 is reached.
        caller: how calls are repeated.
    """
    client = s3_client(session, access)
    is_fast = importlib.util.find_spec("obstore") is not None
    puts = FastPuts(session, client) if is_fast else None
    return S3(client, caller, region=access.region, puts=puts)
