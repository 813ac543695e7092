"""Putting objects with obstore, where it is installed: a quarter of boto3's work for each object.

obstore sends and signs in native code, outside of Python's lock, so that many threads do not wait
for one another. Only its plain calls are used: its asynchronous ones can abort a process that ends.
Source: https://github.com/PyO3/pyo3-async-runtimes/issues/40 (read 2026-11-30).
"""

import os
import re
import threading
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

import boto3
from botocore.awsrequest import AWSPreparedRequest
from botocore.compat import HTTPHeaders
from botocore.exceptions import EndpointConnectionError

from rcl_flow.aws.fast_credentials import FastCredentials
from rcl_flow.aws.fast_endpoints import BucketAddress, bucket_address, proxy_of
from rcl_flow.aws.fast_errors import as_botocore
from rcl_flow.aws.locations import S3Location
from rcl_flow.aws.put_window import WIDEST
from rcl_flow.aws.puts import PlainPuts

if TYPE_CHECKING:
    from obstore.store import ClientConfig, S3Config, S3Store
    from types_boto3_s3 import S3Client

_CONNECT_TIMEOUT: Final = timedelta(seconds=10)
_PUT_TIMEOUT: Final = timedelta(seconds=300)
"""For a whole put: the largest image over a line that many of them share."""
_NO_PROXY: Final = "http://127.0.0.1:9"
"""Named as the proxy of all hosts but the endpoint's, so that no variable names another."""
_PLAIN_KEY: Final = re.compile(r"[\w.-]+(/[\w.-]+)*", re.ASCII)
"""Keys that every client writes into a URL in the same way; the keys of images are such."""


@dataclass(slots=True)
class Threads:
    """obstore's own threads: one set in a process, and a process that is forked has none of them.

    Source: https://github.com/developmentseed/obstore/issues/441 (read 2026-11-30).
    """

    process_id: int | None = None

    def are_here(self) -> bool:
        """Say whether a put would be sent; in a forked process it would wait for ever."""
        if self.process_id is None:
            self.process_id = os.getpid()
        return self.process_id == os.getpid()


_THREADS: Final = Threads()


class FastPuts:
    """Puts objects with obstore, and with boto3 what obstore cannot send."""

    def __init__(
        self, session: boto3.Session, client: "S3Client", *, threads: Threads = _THREADS
    ) -> None:
        """Open nothing before the first put, which decides in which process that is.

        Args:
            session: whose credentials sign the puts.
            client: of this session; where it sends its requests, puts are sent, too.
            threads: obstore's, of this process.
        """
        self._threads = threads
        self._client = client
        self._plain = PlainPuts(client)
        self._credentials = FastCredentials(session)
        self._region = session.region_name
        self._stores: dict[tuple[str, str | None], S3Store | None] = {}
        self._making = threading.Lock()
        self._has_sent = False
        self._is_given_up = False

    @property
    def most_at_once(self) -> int:
        """How many puts at once are still faster than fewer."""
        return self._plain.most_at_once if self._is_given_up else WIDEST

    def put_object(
        self, location: S3Location, content: bytes, *, sha256: str, kms_key_id: str | None
    ) -> None:
        """Write an object; see `Puts`. The checksum that is sent is made of the content itself."""
        store = self._store(location, kms_key_id)
        if store is None:
            self._plain.put_object(location, content, sha256=sha256, kms_key_id=kms_key_id)
            return
        try:
            self._send(store, location.key, content)
            self._has_sent = True
        except EndpointConnectionError:
            if self._has_sent:
                raise
            # boto3 may get there, which knows more of certificates and proxies, or says why not
            self._plain.put_object(location, content, sha256=sha256, kms_key_id=kms_key_id)
            self._is_given_up = True

    def _send(self, store: "S3Store", key: str, content: bytes) -> None:
        import obstore
        from obstore.exceptions import BaseError

        self._credentials.renew()
        try:
            obstore.put(store, key, content, use_multipart=False)
        except (BaseError, OSError) as error:
            # none of obstore's own text: whoever prints a chain of errors would print all of it
            raise as_botocore(error, self._client.meta.endpoint_url) from None

    def _store(self, location: S3Location, kms_key_id: str | None) -> "S3Store | None":
        """Return the store for a bucket and key of KMS, or None where boto3 has to put."""
        if self._is_given_up or not _is_plain(location.key) or not self._threads.are_here():
            return None
        wanted = location.bucket, kms_key_id
        with self._making:
            if wanted not in self._stores:
                self._stores[wanted] = self._make_store(location.bucket, kms_key_id)
            return self._stores[wanted]

    def _make_store(self, bucket: str, kms_key_id: str | None) -> "S3Store | None":
        meta = self._client.meta
        settings = getattr(meta.config, "s3", None) or {}
        address = bucket_address(meta.endpoint_url, settings, bucket)
        if address is None or self._is_answered_in_process(address):
            return None
        try:
            from obstore.store import S3Store
        except ImportError:  # it is there, but not for this machine
            return None
        return S3Store(
            bucket,
            config=_settings(address, self._region, kms_key_id),
            client_options=self._client_options(address),
            retry_config={"max_retries": 0},
            credential_provider=self._credentials,
        )

    def _is_answered_in_process(self, address: BucketAddress) -> bool:
        """Say whether requests never leave this process, as with moto, which obstore knows not."""
        request = AWSPreparedRequest("HEAD", address.url, HTTPHeaders(), None, False)
        answers = self._client.meta.events.emit("before-send.s3.HeadBucket", request=request)
        return any(answer is not None for _, answer in answers)

    def _client_options(self, address: BucketAddress) -> "ClientConfig":
        import obstore

        config = self._client.meta.config
        proxy_url = proxy_of(address, getattr(config, "proxies", None))
        extra = getattr(config, "user_agent_extra", None) or ""
        return {
            "allow_http": address.is_plain_http,
            "allow_invalid_certificates": False,
            "connect_timeout": _CONNECT_TIMEOUT,
            "timeout": _PUT_TIMEOUT,
            "proxy_url": proxy_url or _NO_PROXY,
            "proxy_excludes": "" if proxy_url else address.host,
            "user_agent": f"obstore/{obstore.__version__} {extra}".strip(),
        }


def _settings(address: BucketAddress, region: str | None, kms_key_id: str | None) -> "S3Config":
    """Return what decides a put; each is said, since variables could say something else."""
    found: S3Config = {
        "endpoint": address.url,
        "aws_endpoint_url_s3": address.url,
        "virtual_hosted_style_request": address.is_virtual,
        "checksum_algorithm": "SHA256",
        "unsigned_payload": False,
        "skip_signature": False,
        "request_payer": False,
        "s3_express": False,
    }
    if region is not None:
        found["region"] = region
    if kms_key_id is not None:
        found |= {"server_side_encryption": "aws:kms", "sse_kms_key_id": kms_key_id}
    return found


def _is_plain(key: str) -> bool:
    return bool(_PLAIN_KEY.fullmatch(key)) and not {".", ".."} & set(key.split("/"))
