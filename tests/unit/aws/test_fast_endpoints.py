"""Tests of where a bucket's requests go: where boto3 would send them, or boto3 has to."""

import pytest

from rcl_flow.aws.fast_endpoints import BucketAddress, bucket_address, proxy_of

EMULATOR = "http://127.0.0.1:4566"
IRELAND = "https://s3.eu-west-1.amazonaws.com"


@pytest.mark.parametrize(
    ("endpoint", "bucket", "url", "is_virtual"),
    [
        (IRELAND, "acme", "https://acme.s3.eu-west-1.amazonaws.com", True),
        ("https://s3.amazonaws.com", "acme", "https://acme.s3.amazonaws.com", True),
        (
            "https://s3.dualstack.eu-west-1.amazonaws.com",
            "acme",
            "https://acme.s3.dualstack.eu-west-1.amazonaws.com",
            True,
        ),
        (
            "https://s3.cn-north-1.amazonaws.com.cn",
            "acme",
            "https://acme.s3.cn-north-1.amazonaws.com.cn",
            True,
        ),
        ("https://s3.us-gov-west-1.amazonaws.com", "a.b.c", None, False),
        (IRELAND, "Old_Name", None, False),
        (EMULATOR + "/", "acme", EMULATOR, False),
    ],
)
def test_bucket_address_is_where_boto3_would_send(
    endpoint: str, bucket: str, url: str | None, is_virtual: bool
) -> None:
    """The bucket is in the host's name where the certificate covers it; never elsewhere."""
    assert bucket_address(endpoint, {}, bucket) == BucketAddress(url or endpoint, is_virtual)


def test_bucket_address_hears_the_wish_for_paths() -> None:
    """Whoever says so in the configuration has a reason."""
    found = bucket_address(IRELAND, {"addressing_style": "path"}, "acme")
    assert found == BucketAddress(IRELAND, is_virtual=False)


@pytest.mark.parametrize(
    ("endpoint", "settings", "bucket"),
    [
        ("https://s3-fips.eu-west-1.amazonaws.com", {}, "acme"),
        ("https://s3-accelerate.amazonaws.com", {}, "acme"),
        (IRELAND, {"use_accelerate_endpoint": True}, "acme"),
        (IRELAND, {}, "arn:aws:s3:eu-west-1:123456789012:accesspoint/a"),
        ("https://bucket.vpce-1a2b.s3.eu-west-1.vpce.amazonaws.com", {}, "acme"),
    ],
)
def test_bucket_address_is_none_where_boto3_alone_knows(
    endpoint: str, settings: dict[str, bool], bucket: str
) -> None:
    """Nothing is guessed."""
    assert bucket_address(endpoint, settings, bucket) is None


@pytest.mark.parametrize(
    ("proxies", "expected"),
    [
        ({}, None),
        ({"http": "http://proxy:3128"}, "http://proxy:3128"),
        ({"http": "proxy:3128"}, "http://proxy:3128"),
        ({"https": "http://proxy:3128"}, None),
    ],
)
def test_proxy_of_is_the_configurations_proxy(
    proxies: dict[str, str], expected: str | None
) -> None:
    """By the scheme, as boto3 reads it."""
    assert proxy_of(BucketAddress(EMULATOR, is_virtual=False), proxies) == expected


@pytest.mark.parametrize(("excluded", "expected"), [("", "http://p:1"), ("127.0.0.1", None)])
def test_proxy_of_is_the_environments_without_one_in_the_configuration(
    excluded: str, expected: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And the environment says for which hosts it is not."""
    monkeypatch.setenv("http_proxy", "http://p:1")
    monkeypatch.setenv("no_proxy", excluded)
    assert proxy_of(BucketAddress(EMULATOR, is_virtual=False), None) == expected
