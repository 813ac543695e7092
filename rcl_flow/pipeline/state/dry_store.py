"""A store that shows what another holds and keeps nothing: for looking at what would be done."""

from dataclasses import dataclass

from rcl_flow.pipeline.state.store import StateStore, Stored

_UNKEPT = "unkept"


@dataclass(frozen=True, slots=True)
class DryStore:
    """Reads go to the store behind; writes answer as there and change nothing."""

    behind: StateStore

    def get(self, key: str) -> Stored | None:
        """Return the document at `key`, or None."""
        return self.behind.get(key)

    def put_if_absent(self, key: str, document: bytes) -> str | None:
        """Say whether it would be written: a version, or None where there is a document."""
        return None if self.behind.get(key) else _UNKEPT

    def put_if_match(self, key: str, document: bytes, version: str) -> str | None:
        """Say whether it would be replaced: a version, or None where it is another one."""
        stored = self.behind.get(key)
        return _UNKEPT if stored is not None and stored.version == version else None

    def put(self, key: str, document: bytes) -> None:
        """Write nothing."""

    def delete(self, key: str) -> None:
        """Remove nothing."""

    def below(self, prefix: str) -> list[tuple[str, bytes]]:
        """Return the keys that start with `prefix`, sorted, with their documents."""
        return self.behind.below(prefix)
