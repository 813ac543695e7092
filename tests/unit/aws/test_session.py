"""Tests of how clients are made."""

import botocore.exceptions
import pytest

from rcl_flow.aws.session import (
    AwsAccess,
    make_session,
    rekognition_client,
    s3_client,
    scheduler_client,
    sts_client,
)

EMULATED = AwsAccess("eu-west-1", endpoint_url="http://127.0.0.1:9", emulated=True)


def test_clients_send_each_call_once_and_within_a_time() -> None:
    """Botocore's own retries would multiply ours, and its default waits are too long."""
    session = make_session(EMULATED)
    for make in (rekognition_client, s3_client, scheduler_client, sts_client):
        client = make(session, EMULATED)
        config = client.meta.config
        assert config.retries["total_max_attempts"] == 1  # type: ignore[attr-defined]
        assert config.connect_timeout == 10  # type: ignore[attr-defined]
        assert config.read_timeout == 60  # type: ignore[attr-defined]


def test_clients_meet_the_given_endpoint_and_region() -> None:
    """One endpoint serves all services."""
    session = make_session(EMULATED)
    for make in (rekognition_client, s3_client, scheduler_client, sts_client):
        client = make(session, EMULATED)
        assert client.meta.endpoint_url == "http://127.0.0.1:9"
        assert client.meta.region_name == "eu-west-1"


def test_s3_client_writes_the_bucket_into_the_path_when_there_is_an_endpoint() -> None:
    """A bucket as a host name cannot be resolved on a machine's own emulator."""
    client = s3_client(make_session(EMULATED), EMULATED)
    url = client.generate_presigned_url("get_object", Params={"Bucket": "b", "Key": "k"})
    assert url.startswith("http://127.0.0.1:9/b/k?")


def test_make_session_ignores_the_machines_configuration_when_emulated(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A profile that does not exist breaks real sessions and leaves emulated ones alone."""
    monkeypatch.setenv("AWS_PROFILE", "nobody")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAREALREALREALREAL")
    credentials = make_session(EMULATED).get_credentials()
    assert credentials is not None
    assert credentials.access_key == "EMULATORKEY000000000"
    with pytest.raises(botocore.exceptions.ProfileNotFound):
        make_session(AwsAccess("us-east-1"))


def test_make_session_assumes_the_role_later_when_one_is_named(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A role is assumed with the first call and again before it runs out."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAREALREALREALREAL")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    monkeypatch.delenv("AWS_PROFILE", raising=False)
    access = AwsAccess("us-east-1", role_arn="arn:aws:iam::123456789012:role/r")
    credentials = make_session(access).get_credentials()
    assert credentials is not None
    assert credentials.method == "assume-role"
