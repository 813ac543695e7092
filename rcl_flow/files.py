"""The only writer: every file is replaced whole or appended to line by line, and fsynced."""

import os
import shutil
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from rcl_flow.errors import LocalFilesError


def make_folder(folder: Path) -> Path:
    """Create `folder` and its parents where missing, and return it.

    Raises:
        LocalFilesError: the folder cannot be created.
    """
    with _local_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)
    return folder


def write_bytes(path: Path, content: bytes) -> None:
    """Replace `path` by `content` so that a reader sees the old file or the new one, whole.

    Raises:
        LocalFilesError: the file cannot be written.
    """
    temporary = path.with_name(f".{path.name}.{os.getpid()}.{threading.get_ident()}.tmp")
    with _local_errors(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            with temporary.open("wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(path)
            _sync_folder(path.parent)
        finally:
            temporary.unlink(missing_ok=True)


def write_text(path: Path, content: str) -> None:
    """Replace `path` by `content` in UTF-8, as `write_bytes` does."""
    write_bytes(path, content.encode())


def append_lines(path: Path, lines: Iterable[str]) -> None:
    """Append `lines`, each ended by a newline, in one write that is fsynced.

    A torn last line that an earlier crash left is cut off first.

    Raises:
        LocalFilesError: the file cannot be written.
    """
    content = "".join(f"{line}\n" for line in lines).encode()
    with _local_errors(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o644)
        try:
            _cut_torn_tail(descriptor)
            _write_all(descriptor, content)
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def remove_file(path: Path) -> None:
    """Remove a file, where there is one.

    Raises:
        LocalFilesError: it cannot be removed.
    """
    with _local_errors(path):
        path.unlink(missing_ok=True)


def remove_tree(folder: Path) -> None:
    """Remove a folder with all that is in it, where there is one.

    Raises:
        LocalFilesError: something in it cannot be removed.
    """
    with _local_errors(folder):
        if folder.is_dir():
            shutil.rmtree(folder)


def read_lines(path: Path) -> Iterator[str]:
    """Yield the whole lines of `path` in order, without a torn last one; none if it is absent."""
    if not path.exists():
        return
    with _local_errors(path), path.open("rb") as file:
        for line in file:
            if line.endswith(b"\n"):
                yield line[:-1].decode(errors="replace")


def _sync_folder(folder: Path) -> None:
    """Make a replacement in `folder` survive a loss of power."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _cut_torn_tail(descriptor: int) -> None:
    size = os.fstat(descriptor).st_size
    end = size
    while end and os.pread(descriptor, 1, end - 1) != b"\n":
        end -= 1
    if end < size:
        os.ftruncate(descriptor, end)


def _write_all(descriptor: int, content: bytes) -> None:
    rest = memoryview(content)
    while rest:
        rest = rest[os.write(descriptor, rest) :]


@contextmanager
def _local_errors(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise LocalFilesError(
            f"Cannot use {path}: {error.strerror or error}.",
            hint="Check the path, its permissions, and free disk space.",
        ) from error
