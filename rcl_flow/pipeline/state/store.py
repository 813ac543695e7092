"""The state store: documents by key with get, put-if-absent and put-if-match."""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Stored:
    """A document and the version of it that was read."""

    document: bytes
    version: str
    """Changes with every write; only the store knows what it means."""
    age_seconds: float
    """Since it was written, by one clock for all who write: the store's own where it has one."""


class StateStore(Protocol):
    """Documents that survive a crash at any moment; each is seen whole or not at all."""

    def get(self, key: str) -> Stored | None:
        """Return the document at `key`, or None."""

    def put_if_absent(self, key: str, document: bytes) -> str | None:
        """Write a new document and return its version; None, writing nothing, when there is one."""

    def put_if_match(self, key: str, document: bytes, version: str) -> str | None:
        """Replace that version, return the new one; None, writing nothing, when it is another."""

    def put(self, key: str, document: bytes) -> None:
        """Write the document whatever was there before."""

    def delete(self, key: str) -> None:
        """Remove the document at `key`, where there is one."""

    def below(self, prefix: str) -> list[tuple[str, bytes]]:
        """Return the keys that start with `prefix`, sorted, with their documents."""
