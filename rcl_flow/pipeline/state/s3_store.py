"""The state store of several machines: documents in S3, written on conditions."""

from collections.abc import Callable
from typing import TypeVar

from rcl_flow.aws.s3 import S3, S3Location
from rcl_flow.errors import AwsRefusedError, StoreError
from rcl_flow.pipeline.state.store import Stored

T = TypeVar("T")


class S3Store:
    """Documents below a prefix of a bucket; S3 lets exactly one of several writers win."""

    def __init__(self, s3: S3, bucket: str, prefix: str) -> None:
        """Keep documents in `bucket`, each under `prefix` and its key."""
        self._s3 = s3
        self._bucket = bucket
        self._prefix = f"{prefix.strip('/')}/" if prefix.strip("/") else ""

    def get(self, key: str) -> Stored | None:
        """Return the document at `key`, or None."""
        found = self._ask(lambda: self._s3.get_versioned(self.location(key)))
        return Stored(found.content, found.etag, found.age_seconds) if found else None

    def put_if_absent(self, key: str, document: bytes) -> str | None:
        """Write a new document and return its version; None, writing nothing, when there is one."""
        return self._ask(lambda: self._s3.put_if_absent(self.location(key), document))

    def put_if_match(self, key: str, document: bytes, version: str) -> str | None:
        """Replace that version, return the new one; None, writing nothing, when it is another."""
        return self._ask(lambda: self._s3.put_if_match(self.location(key), document, version))

    def put(self, key: str, document: bytes) -> None:
        """Write the document whatever was there before."""
        self._ask(lambda: self._s3.put(self.location(key), document))

    def delete(self, key: str) -> None:
        """Remove the document at `key`, where there is one."""
        self._ask(lambda: self._s3.delete(self.location(key)))

    def below(self, prefix: str) -> list[tuple[str, bytes]]:
        """Return the keys that start with `prefix`, sorted, with their documents."""
        keys = self._ask(lambda: self._s3.sizes(self._bucket, self._prefix + prefix))
        found: list[tuple[str, bytes]] = []
        for key in sorted(keys):
            name = key.removeprefix(self._prefix)
            stored = self.get(name)
            if stored is not None:  # deleted since it was listed
                found.append((name, stored.document))
        return found

    def location(self, key: str) -> S3Location:
        """Return the object that holds the document at `key`."""
        return S3Location(self._bucket, self._prefix + key)

    def _ask(self, call: Callable[[], T]) -> T:
        try:
            return call()
        except AwsRefusedError as error:
            raise StoreError(
                f"The state store s3://{self._bucket}/{self._prefix} cannot be used: "
                f"{error.message}",
                hint=error.hint,
            ) from error
