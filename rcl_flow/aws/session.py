"""The one place that makes AWS clients: credentials, endpoint, time-outs, no hidden retries."""

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import boto3
import botocore.config
import botocore.session
from botocore.awsrequest import AWSRequest
from botocore.credentials import AssumeRoleCredentialFetcher, DeferredRefreshableCredentials
from botocore.exceptions import NoCredentialsError

if TYPE_CHECKING:
    from types_boto3_rekognition import RekognitionClient
    from types_boto3_s3 import S3Client
    from types_boto3_scheduler import EventBridgeSchedulerClient
    from types_boto3_sts import STSClient

_EMULATOR_KEY = "EMULATORKEY000000000"


@dataclass(frozen=True, slots=True)
class AwsAccess:
    """How AWS, or an emulator of it, is reached."""

    region: str
    profile: str | None = None
    role_arn: str | None = None
    endpoint_url: str | None = None
    emulated: bool = False
    """Use fixed fake credentials and ignore the machine's AWS configuration altogether."""


def make_session(access: AwsAccess) -> boto3.Session:
    """Return a session for `access`, with a refreshing assumed role where one is named.

    Raises:
        botocore.exceptions.ProfileNotFound: the profile is not in the shared config.
    """
    if access.emulated:
        return boto3.Session(
            aws_access_key_id=_EMULATOR_KEY,
            aws_secret_access_key=_EMULATOR_KEY,
            region_name=access.region,
            botocore_session=_isolated_session(),
        )
    session = boto3.Session(profile_name=access.profile, region_name=access.region)
    return _assume(session, access.role_arn, access) if access.role_arn else session


def rekognition_client(session: boto3.Session, access: AwsAccess) -> "RekognitionClient":
    """Return a Rekognition client whose calls are sent exactly once."""
    return session.client("rekognition", endpoint_url=access.endpoint_url, config=_config(access))


def sts_client(session: boto3.Session, access: AwsAccess) -> "STSClient":
    """Return an STS client whose calls are sent exactly once."""
    return session.client("sts", endpoint_url=access.endpoint_url, config=_config(access))


def scheduler_client(session: boto3.Session, access: AwsAccess) -> "EventBridgeSchedulerClient":
    """Return an EventBridge Scheduler client whose calls are sent exactly once."""
    return session.client("scheduler", endpoint_url=access.endpoint_url, config=_config(access))


def ssm_client(session: boto3.Session, access: AwsAccess) -> Any:  # noqa: ANN401  # no stubs
    """Return a Systems Manager client whose calls are sent exactly once."""
    return session.client("ssm", endpoint_url=access.endpoint_url, config=_config(access))


def s3_client(session: boto3.Session, access: AwsAccess) -> "S3Client":
    """Return an S3 client whose calls are sent exactly once, and objects without asking first."""
    client = session.client(
        "s3",
        endpoint_url=access.endpoint_url,
        config=_config(access).merge(
            botocore.config.Config(
                s3={"addressing_style": "path"} if access.endpoint_url else {},
            )
        ),
    )
    client.meta.events.register("request-created.s3.PutObject", _ask_not_first)
    return client


def _ask_not_first(request: AWSRequest, **_: object) -> None:
    """Send an image with its request; waiting for leave to send it takes as long as a put."""
    del request.headers["Expect"]


def _config(access: AwsAccess) -> botocore.config.Config:
    return botocore.config.Config(
        proxies={} if access.emulated else None,  # a company's proxy does not know this machine
        retries={"total_max_attempts": 1},
        connect_timeout=10,
        read_timeout=60,
        max_pool_connections=64,
        tcp_keepalive=True,
        user_agent_extra="rcl-flow",
    )


def _isolated_session() -> botocore.session.Session:
    nothing = (None, None, None, None)
    return botocore.session.Session(
        session_vars={
            "profile": nothing,
            "config_file": (None, None, "/dev/null", None),
            "credentials_file": (None, None, "/dev/null", None),
        }
    )


def _assume(session: boto3.Session, role_arn: str, access: AwsAccess) -> boto3.Session:
    if session.get_credentials() is None:
        raise NoCredentialsError
    inner = botocore.session.Session(profile=access.profile)
    fetcher = AssumeRoleCredentialFetcher(
        client_creator=partial(inner.create_client, endpoint_url=access.endpoint_url),
        source_credentials=session.get_credentials(),
        role_arn=role_arn,
        extra_args={"RoleSessionName": "rcl-flow"},
    )
    # botocore has no public setter for credentials that refresh themselves
    credentials = DeferredRefreshableCredentials(
        method="assume-role", refresh_using=fetcher.fetch_credentials
    )
    inner._credentials = credentials  # type: ignore[attr-defined]  # missing in the stubs
    return boto3.Session(botocore_session=inner, region_name=access.region)
