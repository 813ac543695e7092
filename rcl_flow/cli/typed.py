"""The command line as it was typed, to say how a command goes on that was broken off."""

import shlex
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Final

_PROGRAM: Final = "rcl-flow"
_TYPED: ContextVar[str] = ContextVar("typed", default="")


@contextmanager
def typed(arguments: Sequence[str]) -> Iterator[None]:
    """Remember the arguments while the block lasts."""
    token = _TYPED.set(shlex.join([_PROGRAM, *arguments]))
    try:
        yield
    finally:
        _TYPED.reset(token)


def typed_command() -> str:
    """Return the command to paste into a shell; empty where nothing was typed."""
    return _TYPED.get()
