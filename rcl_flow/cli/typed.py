"""The command line as it was typed, to say how a command goes on that was broken off."""

import shlex
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Final

_PROGRAM: Final = "rcl-flow"
_TYPED: ContextVar[str] = ContextVar("typed", default="")
_END_TOLD: ContextVar[bool] = ContextVar("end told", default=False)


@contextmanager
def typed(arguments: Sequence[str]) -> Iterator[None]:
    """Remember the arguments while the block lasts."""
    token, told = _TYPED.set(shlex.join([_PROGRAM, *arguments])), _END_TOLD.set(False)
    try:
        yield
    finally:
        _TYPED.reset(token)
        _END_TOLD.reset(told)


def typed_command() -> str:
    """Return the command to paste into a shell; empty where nothing was typed."""
    return _TYPED.get()


def note_told_end() -> None:
    """Remember that it was told how the command was broken off."""
    _END_TOLD.set(True)


def is_end_told() -> bool:
    """Say whether it was told how the command was broken off."""
    return _END_TOLD.get()
