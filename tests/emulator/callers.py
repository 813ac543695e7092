"""What the tests of permissions share: an administrator's session by each way in, and users."""

from collections.abc import Iterator, Mapping
from typing import Any

import boto3
from botocore.exceptions import ClientError
from moto.moto_api._internal.models import moto_api_backend

from rcl_flow.emulator.conditions.world import World
from rcl_flow.emulator.doors.moto_ext import uninstall
from rcl_flow.emulator.embedded import local_session
from rcl_flow.emulator.permissions import UserKeys, enforced_policies
from rcl_flow.emulator.sessions import isolated_session
from rcl_flow.emulator.settings import EmulatorSettings
from rcl_flow.emulator.testing import emulated_aws, running_emulator

DENIED = "AccessDeniedException"


def embedded() -> Iterator[boto3.Session]:
    """Return the administrator's session on an emulator behind an embedded session."""
    with enforced_policies():
        yield local_session(World())
    moto_api_backend.reset()
    uninstall()


def mocked() -> Iterator[boto3.Session]:
    """Return the administrator's session on an emulator inside moto's mock."""
    with emulated_aws(World()), enforced_policies():
        yield isolated_session("us-east-1")


def served() -> Iterator[boto3.Session]:
    """Return the administrator's session on an emulator over HTTP."""
    with running_emulator(EmulatorSettings(enforce_policies=True)) as box:
        yield box.session


WAYS_IN = (embedded, mocked, served)


def acting(session: boto3.Session, service: str, keys: UserKeys) -> Any:  # noqa: ANN401  # client
    """Return a client that acts as a user."""
    return session.client(service, **keys.client_options)  # type: ignore[call-overload]  # any


def code_of(client: Any, operation: str, request: Mapping[str, Any]) -> str:  # noqa: ANN401
    """Return the error code that a request is answered with, or `OK`."""
    try:
        client._make_api_call(operation, dict(request))
    except ClientError as error:
        return str(error.response["Error"]["Code"])
    return "OK"
