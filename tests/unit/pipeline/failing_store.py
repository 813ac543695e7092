"""A state store that fails when a test says so."""

from collections.abc import Callable
from dataclasses import dataclass

from rcl_flow.pipeline.state.store import StateStore, Stored

Fails = Callable[[str, str], None]
"""Is told verb and key before each call, and raises what the store is to raise."""


@dataclass
class FailingStore:
    """Passes everything on, unless `before` or, when the work is done, `after` raises."""

    behind: StateStore
    before: Fails = lambda _verb, _key: None
    after: Fails = lambda _verb, _key: None

    def get(self, key: str) -> Stored | None:
        """Return the document at `key`, or None."""
        self.before("get", key)
        return self.behind.get(key)

    def put_if_absent(self, key: str, document: bytes) -> str | None:
        """Write a new document, or nothing."""
        self.before("put_if_absent", key)
        version = self.behind.put_if_absent(key, document)
        self.after("put_if_absent", key)
        return version

    def put_if_match(self, key: str, document: bytes, version: str) -> str | None:
        """Replace that version, or nothing."""
        self.before("put_if_match", key)
        written = self.behind.put_if_match(key, document, version)
        self.after("put_if_match", key)
        return written

    def put(self, key: str, document: bytes) -> None:
        """Write the document."""
        self.before("put", key)
        self.behind.put(key, document)

    def delete(self, key: str) -> None:
        """Remove the document."""
        self.before("delete", key)
        self.behind.delete(key)

    def below(self, prefix: str) -> list[tuple[str, bytes]]:
        """Return the documents below a prefix."""
        self.before("below", prefix)
        return self.behind.below(prefix)
