"""The state store: documents by key with get, put-if-absent and put-if-match, in SQLite."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from rcl_flow.errors import LocalFilesError, StoreError
from rcl_flow.files import make_folder

_BUSY_SECONDS = 30


@dataclass(frozen=True, slots=True)
class Stored:
    """A document and the version of it that was read."""

    document: bytes
    version: int


class StateStore:
    """Documents that survive a crash at any moment; safe for several processes on one host."""

    def __init__(self, path: Path) -> None:
        """Open the database file at `path`, creating it where missing.

        Raises:
            StoreError: it cannot be opened or is not a database of this program.
            LocalFilesError: its folder cannot be created, or the disk is full or read-only.
        """
        make_folder(path.parent)
        self._path = path
        with self._connection() as connection:
            connection.execute(
                "CREATE TABLE IF NOT EXISTS documents "
                "(key TEXT PRIMARY KEY, document BLOB NOT NULL, version INTEGER NOT NULL)"
            )

    def get(self, key: str) -> Stored | None:
        """Return the document at `key`, or None."""
        with self._connection() as connection:
            row = connection.execute(
                "SELECT document, version FROM documents WHERE key = ?", (key,)
            ).fetchone()
        return Stored(bytes(row[0]), int(row[1])) if row else None

    def put_if_absent(self, key: str, document: bytes) -> bool:
        """Write a new document; return False, writing nothing, when there is one already."""
        with self._connection() as connection:
            cursor = connection.execute(
                "INSERT OR IGNORE INTO documents VALUES (?, ?, 1)", (key, document)
            )
        return cursor.rowcount == 1

    def put_if_match(self, key: str, document: bytes, version: int) -> bool:
        """Replace the document; return False, writing nothing, when its version is another."""
        with self._connection() as connection:
            cursor = connection.execute(
                "UPDATE documents SET document = ?, version = version + 1 "
                "WHERE key = ? AND version = ?",
                (document, key, version),
            )
        return cursor.rowcount == 1

    def put(self, key: str, document: bytes) -> None:
        """Write the document whatever was there before."""
        with self._connection() as connection:
            connection.execute(
                "INSERT INTO documents VALUES (?, ?, 1) ON CONFLICT (key) "
                "DO UPDATE SET document = excluded.document, version = version + 1",
                (key, document),
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
                hint="Check free space and permissions. If the file is damaged, move it away: the "
                "next run finds its work on AWS again and trains nothing twice.",
            ) from error
