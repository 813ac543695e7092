"""Know the lines of a cache by their digests, and leave those of a file where they are.

A line is a kilobyte: of a quarter of a million only the places are held in memory.
"""

import os
import weakref
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from rcl_flow.errors import LocalFilesError
from rcl_flow.pipeline.images.measure_lines import digest_of_line

_READ_BYTES: Final = 4096
"""More than most lines have."""
_BEGINNING_BYTES: Final = 128
"""Of a line: the digest is among them."""


class KnownLines:
    """Lines by digest, of a file that grows or of this process alone; safe to read in threads.

    Of two lines for one digest the later one counts. A torn last line is not there yet.
    """

    def __init__(self, path: Path | None = None) -> None:
        """Learn what is in the file.

        Args:
            path: of a file that others append to as well; without one all is kept in memory.

        Raises:
            LocalFilesError: the file cannot be read.
        """
        self._path = path
        self._descriptor = -1
        self._end = 0
        self._places: dict[bytes, int] = {}
        self._told: dict[bytes, str] = {}
        self.look_again()

    def __contains__(self, sha256: str) -> bool:
        """Say whether there is a line for a digest."""
        key = _key(sha256)
        return key in self._places or key in self._told

    def get(self, sha256: str) -> str | None:
        """Return the line for a digest; None where there is none, or no longer.

        Raises:
            LocalFilesError: the file cannot be read.
        """
        place = self._places.get(_key(sha256))
        if place is None:
            return self._told.get(_key(sha256))
        line = self._line_at(place)
        return line if digest_of_line(line) == sha256 else None

    def add(self, lines: Mapping[str, str]) -> None:
        """Learn lines by their digests; only those that are not in the file stay in memory.

        Raises:
            LocalFilesError: the file cannot be read.
        """
        self.look_again()
        for sha256, line in lines.items():
            if _key(sha256) not in self._places:
                self._told[_key(sha256)] = line

    def look_again(self) -> None:
        """Learn what was appended to the file since.

        Raises:
            LocalFilesError: the file cannot be read.
        """
        try:
            for place, line in self._appended():
                digest = digest_of_line(line)
                if digest:
                    self._places[_key(digest)] = place
        except OSError as error:
            raise self._unreadable(error) from error

    def _appended(self) -> Iterator[tuple[int, str]]:
        if self._path is None or not self._path.exists():
            return
        with self._path.open("rb") as file:
            file.seek(self._end)
            for line in file:
                if line.endswith(b"\n"):
                    place, self._end = self._end, self._end + len(line)
                    yield place, line[:_BEGINNING_BYTES].decode(errors="replace")
            if self._descriptor < 0:
                self._descriptor = os.dup(file.fileno())
                weakref.finalize(self, os.close, self._descriptor)

    def _line_at(self, place: int) -> str:
        """Return the line that begins there; threads may read at several places at a time."""
        parts: list[bytes] = []
        try:
            while True:
                part = os.pread(self._descriptor, _READ_BYTES, place)
                line, ended, _ = part.partition(b"\n")
                parts.append(line)
                if ended or not part:
                    return b"".join(parts).decode(errors="replace")
                place += len(part)
        except OSError as error:
            raise self._unreadable(error) from error

    def _unreadable(self, error: OSError) -> LocalFilesError:
        return LocalFilesError(
            f"Cannot read {self._path}: {error.strerror or error}.",
            hint="Check the disk and the permissions, or remove the file: it is a cache.",
        )


def _key(sha256: str) -> bytes:
    """Return a digest in half the memory; nothing for what is none."""
    try:
        return bytes.fromhex(sha256)
    except ValueError:
        return b""
