"""The process's streams as they may be given: unread, closed, full, or of few letters."""

import errno
import os
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from io import BufferedWriter, FileIO, TextIOWrapper
from typing import TYPE_CHECKING, Final, TextIO

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

_NAMES: Final = ("stdout", "stderr")
_GONE: Final = frozenset({errno.EPIPE, errno.ECONNRESET})
"""How the system tells that nobody reads a pipe or a socket any more."""
_HUNG_UP: Final = frozenset({errno.EIO})
"""How it tells that of a terminal."""


@contextmanager
def ready_streams() -> Iterator[None]:
    """Let the block write to stdout and stderr, whatever they are.

    A reader that goes away, such as `head`, has read what it wanted: the rest leads nowhere, and
    the block does not notice. So does a stream that is closed. A letter that the encoding does not
    have is written as its number. What could not be written when the block ends is dropped without
    a word.
    """
    with ExitStack() as stack:
        for name in _NAMES:
            given: TextIO | None = getattr(sys, name)
            stack.callback(setattr, sys, name, given)
            setattr(sys, name, _nowhere_stream(stack) if given is None else _patient(given))
        try:
            yield
        finally:
            for name in _NAMES:
                _settle(getattr(sys, name))


class _UnreadFile(FileIO):
    """A file that leads nowhere once its reader has gone away."""

    def __init__(self, number: int) -> None:
        """Write to that file descriptor, and leave it open."""
        super().__init__(number, "w", closefd=False)
        # a terminal that has hung up is none any more
        self._gone = _GONE | _HUNG_UP if self.isatty() else _GONE

    def write(self, data: "ReadableBuffer", /) -> int:
        """Write what the system takes; all, where nobody reads it."""
        try:
            return super().write(data)
        except OSError as error:
            if error.errno not in self._gone:
                raise
        _lead_nowhere(self.fileno())
        return super().write(data)


def _patient(stream: TextIO) -> TextIO:
    """Return what writes to the same place, whoever reads there; in-memory streams as they are."""
    if not isinstance(stream, TextIOWrapper):
        return stream
    if stream.errors == "strict":
        stream.reconfigure(errors="backslashreplace")
    is_buffered = not isinstance(stream.buffer, FileIO)  # unlike with PYTHONUNBUFFERED
    if is_buffered and not isinstance(getattr(stream.buffer, "raw", None), FileIO):
        return stream
    stream.flush()
    file = _UnreadFile(stream.fileno())
    return TextIOWrapper(
        BufferedWriter(file) if is_buffered else file,
        encoding=stream.encoding,
        errors=stream.errors,
        line_buffering=stream.line_buffering,
        write_through=stream.write_through,
    )


def _settle(stream: TextIO) -> None:
    """Write what is left, or lead the stream nowhere, so that the interpreter's end is silent."""
    try:
        stream.flush()
    except OSError:
        with suppress(OSError, ValueError):
            _lead_nowhere(stream.fileno())


def _lead_nowhere(number: int) -> None:
    nowhere = _nowhere()
    os.dup2(nowhere, number)
    os.close(nowhere)


def _nowhere_stream(stack: ExitStack) -> TextIO:
    return stack.enter_context(os.fdopen(_nowhere(), "w", encoding="utf-8"))


def _nowhere() -> int:
    """Open what takes everything and keeps nothing, so that no file is taken for a stream."""
    return os.open(os.devnull, os.O_WRONLY)
