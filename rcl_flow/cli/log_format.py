"""How a command's log is written to stderr: for people, or one JSON object a line."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Final, Literal, TextIO

if TYPE_CHECKING:
    from rcl_flow.pipeline.runs.log_lines import LogLines

LogFormat = Literal["auto", "human", "plain", "json"]
"""`auto` is `human` on every command line; only the worker, which nobody watches, writes JSON.

`plain` is `human` without what moves or has a colour, on a terminal too: for screen readers.
"""
OPTION: Final = "--log-format"
VARIABLE: Final = "RCL_FLOW_LOG_FORMAT"
"""The environment variable that sets it where it is not typed."""
_LINES: ContextVar["LogLines | None"] = ContextVar("log lines", default=None)
_PLAIN: ContextVar[bool] = ContextVar("plain log", default=False)
_UNDO: ContextVar[ExitStack | None] = ContextVar("what the command undoes", default=None)


def is_plain() -> bool:
    """Say whether nothing may move or have a colour, on a terminal either."""
    return _PLAIN.get()


def log_lines() -> "LogLines | None":
    """Return what makes the JSON lines of this command; None where people read the log."""
    return _LINES.get()


def choose_log_format(chosen: LogFormat, stream: TextIO) -> None:
    """Write the log in that form until the command ends; what libraries warn of goes along."""
    _PLAIN.set(chosen == "plain")
    if chosen != "json":
        return
    import logging

    from rcl_flow.cli.library_warnings import LibraryWarnings
    from rcl_flow.clock import SystemClock
    from rcl_flow.pipeline.runs.log_lines import LogLines

    lines = LogLines(SystemClock())
    _LINES.set(lines)
    root, handler = logging.getLogger(), LibraryWarnings(lines, stream)
    root.addHandler(handler)
    if undo := _UNDO.get():
        undo.callback(root.removeHandler, handler)


@contextmanager
def log_of_one_command() -> Iterator[None]:
    """Keep what is chosen in this block from whatever the process does next."""
    with ExitStack() as undo:
        undo.callback(_LINES.reset, _LINES.set(None))
        undo.callback(_PLAIN.reset, _PLAIN.set(False))
        undo.callback(_UNDO.reset, _UNDO.set(undo))
        yield


def option_first(arguments: Sequence[str]) -> list[str]:
    """Return the arguments with `--log-format` in front of the command, where it belongs.

    It is an option of the program and may be typed after the command, too. Without its value it
    stands alone, so that the parser asks for that.
    """
    ours, others = [], list(arguments)
    end = others.index("--") if "--" in others else len(others)
    for index, argument in enumerate(others[:end]):
        if argument == OPTION and index + 1 == end:
            return [OPTION]
        if argument == OPTION:
            ours = others[index : index + 2]
        elif argument.startswith(f"{OPTION}="):
            ours = [argument]
        if ours:
            return [*ours, *others[:index], *others[index + len(ours) :]]
    return others
