"""Give the readers of annotations their way to local files and to S3."""

import functools
from collections.abc import Callable, Sequence
from typing import Final

from rcl_flow.aws.errors import tells_of_one_object
from rcl_flow.aws.s3 import S3, S3Location
from rcl_flow.errors import (
    AwsRefusedError,
    ConfigError,
    DataNotFoundError,
)
from rcl_flow.formats.access import Access
from rcl_flow.formats.folder import local_uris
from rcl_flow.formats.places import is_s3
from rcl_flow.formats.sizes import size_in_header

_HEAD_BYTES: Final = 65_536
"""Enough for the size of most images; a JPEG with large metadata is read whole."""


def make_access(connect: Callable[[], S3]) -> Access:
    """Return access to local files and, once an s3:// URI is asked for, to S3.

    Args:
        connect: returns the gateway to S3; called when it is first needed, and only once.
    """
    files = _Files(connect)
    return Access(files.open_bytes, files.list_uris, files.image_size)


class _Files:
    """Reads files and lists folders; a prefix in S3 is listed once."""

    def __init__(self, connect: Callable[[], S3]) -> None:
        self._gateway = functools.cache(connect)
        self._listings: dict[str, tuple[str, ...]] = {}

    def open_bytes(self, uri: str) -> bytes:
        if is_s3(uri):
            bucket, key = _bucket_and_key(uri)
            return self._gateway().get(S3Location(bucket, key))
        return _read_local(uri)

    def _first_bytes(self, uri: str) -> bytes:
        if is_s3(uri):
            bucket, key = _bucket_and_key(uri)
            return self._gateway().get(S3Location(bucket, key), first_bytes=_HEAD_BYTES)
        return _read_local(uri, _HEAD_BYTES)

    def list_uris(self, uri: str) -> Sequence[str]:
        if not is_s3(uri):
            return local_uris(uri)
        if uri not in self._listings:
            bucket, key = _bucket_and_key(uri)
            self._listings[uri] = _s3_uris(bucket, key, self._gateway())
        return self._listings[uri]

    def image_size(self, uri: str) -> tuple[int, int] | None:
        try:
            head = self._first_bytes(uri)
            size = size_in_header(head)
            if size is None and len(head) == _HEAD_BYTES:
                size = size_in_header(self.open_bytes(uri))
        except (DataNotFoundError, AwsRefusedError) as error:
            if not tells_of_one_object(error):
                raise
            return None
        return size


def _read_local(path: str, length_bytes: int = -1) -> bytes:
    try:
        with open(path, "rb", buffering=0) as file:  # noqa: PTH123  # a Path takes as long as reading
            return file.read(length_bytes)
    except (OSError, ValueError) as error:
        raise DataNotFoundError(
            f"Cannot read {path}: {getattr(error, 'strerror', None) or error}.",
            hint="Correct the path, or the permissions of the file.",
        ) from error


def _s3_uris(bucket: str, key: str, s3: S3) -> tuple[str, ...]:
    below = f"{key.rstrip('/')}/" if key else ""
    keys = s3.sizes(bucket, below)
    if not keys and key and not key.endswith("/"):
        keys = {key: 0} if key in s3.sizes(bucket, key) else {}
    # a key that ends in / is how consoles show an empty folder
    return tuple(f"s3://{bucket}/{one}" for one in sorted(keys) if not one.endswith("/"))


def _bucket_and_key(uri: str) -> tuple[str, str]:
    bucket, _, key = uri.removeprefix("s3://").partition("/")
    if not bucket:
        raise ConfigError(f"{uri} names no bucket.", hint="Write s3://bucket/prefix.")
    return bucket, key
