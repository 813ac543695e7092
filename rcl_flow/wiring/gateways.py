"""How a backend is reached, and the gateway to its objects."""

from rcl_flow.aws.errors import aws_errors
from rcl_flow.aws.retry import Caller
from rcl_flow.aws.s3 import S3
from rcl_flow.aws.s3_gateway import make_s3_gateway
from rcl_flow.aws.session import AwsAccess, make_session
from rcl_flow.clock import SystemClock
from rcl_flow.pipeline.state.backend import Backend

NO_ENDPOINT = "http://127.0.0.1:9"
"""Nothing listens on the discard port."""


def open_s3(backend: Backend) -> S3:
    """Return the gateway to the objects of a backend."""
    access, caller = access_of(backend)
    with aws_errors("CreateSession"):
        return make_s3_gateway(make_session(access), access, caller)


def access_of(backend: Backend) -> tuple[AwsAccess, Caller]:
    """Return how a backend is reached, and the policy of repeating calls to it."""
    access = AwsAccess(
        region=backend.region,
        profile=backend.profile,
        role_arn=backend.role_arn,
        endpoint_url=backend.endpoint_url,
        emulated=backend.kind == "emulator",
    )
    clock = SystemClock()
    # an emulator on this machine that does not answer has ended: no need to ask for a minute
    return access, Caller(clock, attempts=5) if access.emulated else Caller(clock)
