"""Tests of reading a secret address, against moto."""

import json
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest

from rcl_flow.aws.notifications import parameters_client, secrets_client
from rcl_flow.aws.retry import Caller
from rcl_flow.aws.secrets import Secrets
from rcl_flow.aws.session import AwsAccess, make_session
from rcl_flow.emulator.testing import emulated_aws
from rcl_flow.errors import AwsRefusedError
from tests.unit.clocks import FakeClock

ADDRESS = "https://hooks.example.com/T0SECRET"


@cache
def clients() -> tuple[Any, Any]:
    """Return the clients that all tests share; making one takes longer than most tests."""
    access = AwsAccess("us-east-1", emulated=True)
    session = make_session(access)
    return secrets_client(session, access), parameters_client(session, access)


class Vault:
    """Both services, with the gateway to them."""

    def __init__(self) -> None:
        """Make the clients."""
        self.manager, self.parameters = clients()
        self.secrets = Secrets(self.manager, self.parameters, Caller(FakeClock(), attempts=2))


@pytest.fixture
def vault() -> Iterator[Vault]:
    """Return an account without secrets."""
    with emulated_aws():
        yield Vault()


@pytest.mark.parametrize(
    ("stored", "found"),
    [
        (ADDRESS, ADDRESS),
        (json.dumps({"url": ADDRESS}), ADDRESS),
        ('{"a": "1", "b": "2"}', '{"a": "1", "b": "2"}'),
        ('{"a": 1}', '{"a": 1}'),
        ("[1]", "[1]"),
    ],
)
def test_secret_is_its_text_or_the_only_value_in_it(vault: Vault, stored: str, found: str) -> None:
    """The console stores a pair of key and value, the command line plain text."""
    vault.manager.create_secret(Name="slack", SecretString=stored)
    assert vault.secrets.secret("slack") == found


def test_secret_that_is_not_there_is_an_error(vault: Vault) -> None:
    """The error names what was asked for as AWS does."""
    with pytest.raises(AwsRefusedError, match="GetSecretValue: AWS answered ResourceNotFound"):
        vault.secrets.secret("slack")


def test_secret_of_bytes_is_an_error(vault: Vault) -> None:
    """An address is text."""
    vault.manager.create_secret(Name="slack", SecretBinary=b"\x00\x01")
    with pytest.raises(AwsRefusedError, match="the secret slack is no text"):
        vault.secrets.secret("slack")


@pytest.mark.parametrize("kind", ["SecureString", "String"])
def test_parameter_is_decrypted(vault: Vault, kind: str) -> None:
    """Both kinds of parameters give the address."""
    vault.parameters.put_parameter(Name="/rcl/slack", Value=ADDRESS, Type=kind)
    assert vault.secrets.parameter("/rcl/slack") == ADDRESS


def test_parameter_that_is_not_there_is_an_error(vault: Vault) -> None:
    """The error is AWS's."""
    with pytest.raises(AwsRefusedError, match="GetParameter: AWS answered ParameterNotFound"):
        vault.secrets.parameter("/rcl/slack")
