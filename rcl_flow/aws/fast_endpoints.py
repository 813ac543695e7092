"""Where boto3 would send a bucket's requests, for a client that is no part of boto3."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

from botocore.utils import get_environ_proxies

_OF_AWS: Final = (".amazonaws.com", ".amazonaws.com.cn")
_KNOWN_HOST: Final = re.compile(
    r"s3(\.dualstack)?(\.[a-z]{2,3}(-[a-z]+)+-\d+)?\.amazonaws\.com(\.cn)?"
)
"""S3's regional and dual-stack endpoints.

Source: https://docs.aws.amazon.com/general/latest/gr/s3.html (read 2026-11-30).
"""
_HOST_LABEL: Final = re.compile(r"[a-z0-9][a-z0-9-]{1,61}[a-z0-9]")
"""A bucket whose name can stand before the endpoint's; a dot in it breaks the certificate.

Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/VirtualHosting.html (read 2026-11-30).
"""


@dataclass(frozen=True, slots=True)
class BucketAddress:
    """Where a bucket's requests go."""

    url: str
    is_virtual: bool
    """The bucket is a part of the host's name, and not the first part of the path."""

    @property
    def host(self) -> str:
        """The host's name, without its port."""
        return urlsplit(self.url).hostname or ""

    @property
    def is_plain_http(self) -> bool:
        """Nothing is encrypted on the way, as with an emulator on this machine."""
        return self.url.startswith("http://")


def bucket_address(
    endpoint_url: str, s3_settings: Mapping[str, Any], bucket: str
) -> BucketAddress | None:
    """Return a bucket's address, or None where only boto3 knows it.

    Args:
        endpoint_url: boto3's, after all settings and variables were heard.
        s3_settings: the section `s3` of boto3's configuration.
        bucket: the bucket's name; an access point's ARN has no address here.
    """
    parts = urlsplit(endpoint_url)
    host = parts.hostname or ""
    is_aws = host.endswith(_OF_AWS)
    if s3_settings.get("use_accelerate_endpoint") or ":" in bucket:
        return None
    if is_aws and not _KNOWN_HOST.fullmatch(host):
        return None
    by_path = not is_aws or s3_settings.get("addressing_style") == "path"
    if by_path or not _HOST_LABEL.fullmatch(bucket):
        return BucketAddress(endpoint_url.rstrip("/"), is_virtual=False)
    return BucketAddress(f"{parts.scheme}://{bucket}.{parts.netloc}", is_virtual=True)


def proxy_of(address: BucketAddress, proxies: Mapping[str, str] | None) -> str | None:
    """Return the proxy that boto3 would send the bucket's requests through, if any.

    Args:
        address: the bucket's.
        proxies: those of boto3's configuration, by scheme; None for the environment's.
    """
    known = get_environ_proxies(address.url) if proxies is None else proxies
    found = known.get(urlsplit(address.url).scheme)
    return f"http://{found}" if found and "://" not in found else found
