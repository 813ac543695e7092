"""The process's streams as they may be given: closed, full, or of an encoding of few letters."""

import os
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from io import TextIOWrapper
from typing import Final, TextIO

_NAMES: Final = ("stdout", "stderr")


@contextmanager
def ready_streams() -> Iterator[None]:
    """Let the block write to stdout and stderr, whatever they are.

    One that is closed leads nowhere. A letter that the encoding does not have is written as its
    number. What could not be written when the block ends is dropped without a word.
    """
    with ExitStack() as stack:
        for name in _NAMES:
            stream: TextIO | None = getattr(sys, name)
            if stream is None:
                nowhere = stack.enter_context(os.fdopen(_nowhere(), "w", encoding="utf-8"))
                setattr(sys, name, nowhere)
                stack.callback(setattr, sys, name, None)
            elif isinstance(stream, TextIOWrapper) and stream.errors == "strict":
                stream.reconfigure(errors="backslashreplace")
        try:
            yield
        finally:
            for name in _NAMES:
                _settle(getattr(sys, name))


def _settle(stream: TextIO) -> None:
    """Write what is left, or lead the stream nowhere, so that the interpreter's end is silent."""
    try:
        stream.flush()
    except OSError:
        with suppress(OSError, ValueError):
            nowhere = _nowhere()
            os.dup2(nowhere, stream.fileno())
            os.close(nowhere)


def _nowhere() -> int:
    """Open what takes everything and keeps nothing, so that no file is taken for a stream."""
    return os.open(os.devnull, os.O_WRONLY)
