"""Tests of the credentials that obstore is handed."""

from datetime import UTC, datetime, timedelta

import boto3
import botocore.session
import pytest
from botocore.credentials import DeferredRefreshableCredentials
from botocore.exceptions import CredentialRetrievalError, NoCredentialsError

from rcl_flow.aws.fast_credentials import FastCredentials


class Renewed:
    """A role's credentials, new each time, that run out in a minute."""

    def __init__(self, *, fails_at: int = 0) -> None:
        """Fail when asked for the time of that number."""
        self.times = 0
        self._fails_at = fails_at

    def __call__(self) -> dict[str, str]:
        """Return credentials as botocore's fetchers do."""
        self.times += 1
        if self.times == self._fails_at:
            raise CredentialRetrievalError(provider="assume-role", error_msg="no")
        until = datetime.now(UTC) + timedelta(minutes=1)
        key = f"KEY{self.times}"
        return {
            "access_key": key,
            "secret_key": "s",
            "token": f"token-{key}",
            "expiry_time": until.isoformat(),
        }


def session_of(renew: Renewed) -> boto3.Session:
    """Return a session whose credentials come from there."""
    inner = botocore.session.Session()
    credentials = DeferredRefreshableCredentials(method="assume-role", refresh_using=renew)
    inner._credentials = credentials  # type: ignore[attr-defined]  # missing in the stubs
    return boto3.Session(botocore_session=inner, region_name="us-east-1")


def test_credentials_are_renewed_before_they_run_out() -> None:
    """What is handed out is good for as long as obstore keeps it."""
    credentials = FastCredentials(session_of(Renewed()))
    handed = []
    for _ in range(2):
        credentials.renew()
        handed.append(credentials())
    assert [each["access_key_id"] for each in handed] == ["KEY1", "KEY2"]
    assert [each["token"] for each in handed] == ["token-KEY1", "token-KEY2"]
    until = handed[0]["expires_at"]
    assert until is not None
    assert timedelta() < until - datetime.now(UTC) <= timedelta(minutes=10)


def test_credentials_that_cannot_be_renewed_fail_as_with_boto3() -> None:
    """In the thread that puts, with botocore's own error."""
    credentials = FastCredentials(session_of(Renewed(fails_at=2)))
    credentials.renew()
    with pytest.raises(CredentialRetrievalError):
        credentials.renew()


def test_a_session_without_credentials_has_none(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither before nor after it was asked."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, "/dev/null")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    credentials = FastCredentials(boto3.Session(region_name="us-east-1"))
    with pytest.raises(NoCredentialsError):
        credentials.renew()
    with pytest.raises(NoCredentialsError):
        credentials()
