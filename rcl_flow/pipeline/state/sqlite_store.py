"""The state store of one machine: documents in an SQLite file."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from rcl_flow.clock import Clock
from rcl_flow.errors import LocalFilesError, StoreError
from rcl_flow.files import make_folder
from rcl_flow.pipeline.state.store import Stored

_BUSY_SECONDS = 30


class SqliteStore:
    """Documents in a file; safe for several processes on one machine, on a local disk."""

    def __init__(self, path: Path, clock: Clock) -> None:
        """Open the database file at `path`, creating it where missing.

        Raises:
            StoreError: it cannot be opened or is not a database of this program.
            LocalFilesError: its folder cannot be created, or the disk is full or read-only.
        """
        make_folder(path.parent)
        self._path = path
        self._clock = clock
        with self._connection() as connection:
            connection.execute(
                "CREATE TABLE IF NOT EXISTS documents (key TEXT PRIMARY KEY, "
                "document BLOB NOT NULL, version INTEGER NOT NULL, written_at REAL NOT NULL)"
            )

    def get(self, key: str) -> Stored | None:
        """Return the document at `key`, or None."""
        with self._connection() as connection:
            row = connection.execute(
                "SELECT document, version, written_at FROM documents WHERE key = ?", (key,)
            ).fetchone()
        if row is None:
            return None
        return Stored(bytes(row[0]), str(row[1]), max(0.0, self._now() - float(row[2])))

    def put_if_absent(self, key: str, document: bytes) -> str | None:
        """Write a new document and return its version; None, writing nothing, when there is one."""
        with self._connection() as connection:
            cursor = connection.execute(
                "INSERT OR IGNORE INTO documents VALUES (?, ?, 1, ?)", (key, document, self._now())
            )
        return "1" if cursor.rowcount == 1 else None

    def put_if_match(self, key: str, document: bytes, version: str) -> str | None:
        """Replace that version, return the new one; None, writing nothing, when it is another."""
        with self._connection() as connection:
            cursor = connection.execute(
                "UPDATE documents SET document = ?, version = version + 1, written_at = ? "
                "WHERE key = ? AND version = ?",
                (document, self._now(), key, int(version)),
            )
        return str(int(version) + 1) if cursor.rowcount == 1 else None

    def put(self, key: str, document: bytes) -> None:
        """Write the document whatever was there before."""
        with self._connection() as connection:
            connection.execute(
                "INSERT INTO documents VALUES (?, ?, 1, ?) ON CONFLICT (key) DO UPDATE SET "
                "document = excluded.document, version = version + 1, "
                "written_at = excluded.written_at",
                (key, document, self._now()),
            )

    def delete(self, key: str) -> None:
        """Remove the document at `key`, where there is one."""
        with self._connection() as connection:
            connection.execute("DELETE FROM documents WHERE key = ?", (key,))

    def below(self, prefix: str) -> list[tuple[str, bytes]]:
        """Return the keys that start with `prefix`, sorted, with their documents."""
        with self._connection() as connection:
            rows = connection.execute(
                "SELECT key, document FROM documents WHERE substr(key, 1, ?) = ? ORDER BY key",
                (len(prefix), prefix),
            ).fetchall()
        return [(str(key), bytes(document)) for key, document in rows]

    def _now(self) -> float:
        return self._clock.now().timestamp()

    @contextmanager
    def _connection(self) -> Iterator[sqlite3.Connection]:
        try:
            with closing(sqlite3.connect(self._path, timeout=_BUSY_SECONDS)) as connection:
                connection.execute("PRAGMA synchronous=FULL")
                with connection:
                    yield connection
        except sqlite3.Error as error:
            if any(word in str(error) for word in ("full", "readonly")):
                raise LocalFilesError(
                    f"Cannot write the state store {self._path}: {error}.",
                    hint="Make room or give another workspace, then run the same command again.",
                ) from error
            raise StoreError(
                f"The state store {self._path} cannot be used: {error}.",
                hint="Check free space and permissions. If the file is damaged: what runs, tells "
                "`rcl-flow reap --dry-run --all-regions`. Then move it away, but keep it: runs and "
                "champion are lost with it; the next run trains nothing twice.",
            ) from error
