"""Everything that is printed: results to stdout, progress and errors to stderr."""

import sys
from collections.abc import Iterator, Sequence
from shutil import get_terminal_size
from typing import TYPE_CHECKING, TextIO

from rcl_flow.cli.log_format import is_plain, log_lines
from rcl_flow.cli.table import LEAST_COLUMNS, fitted, hanging
from rcl_flow.cli.typed import note_told_end, typed_command
from rcl_flow.errors import RclFlowError

if TYPE_CHECKING:
    from rcl_flow.cli.progress import Watcher
    from rcl_flow.cli.trail import Trail

FORMAT_VERSION = 1


class Console:
    """Prints for a person, or one JSON object for a machine."""

    def __init__(
        self, *, as_json: bool, stdout: TextIO | None = None, stderr: TextIO | None = None
    ) -> None:
        """Print to these streams; by default to the process's own."""
        self.as_json = as_json
        self._stdout = stdout or sys.stdout
        self._stderr = stderr or sys.stderr
        self._trail: Trail | None = None

    def result(self, text: str, *, verbatim: bool = False) -> None:
        """Print text for a person; nothing with `--json`.

        Args:
            text: on a terminal its lines are broken between words where they are too long.
            verbatim: print it as it is, since it is for another program.
        """
        if not self.as_json:
            shown = text if verbatim else _fitted(text, self._stdout)
            print(shown, file=self._stdout, flush=True)

    def document(self, document: object) -> None:
        """Print a JSON value; nothing without `--json`."""
        if self.as_json:
            print(_json_line(document, self._stdout), file=self._stdout, flush=True)

    def note(self, text: str) -> None:
        """Print a line to stderr; an object where the log is JSON."""
        lines = log_lines()
        self._log(_fitted(text, self._stderr) if lines is None else lines.note(text))

    def failure(self, error: RclFlowError) -> None:
        """Print an error with slug, place and hint; with `--json` as an object too."""
        self.complain(error)
        self.document(
            {
                "format_version": FORMAT_VERSION,
                "status": "failed",
                "error": error_document(error),
            }
        )

    def complain(self, error: RclFlowError) -> None:
        """Print an error with slug, place and hint to stderr alone."""
        lines = log_lines()
        if lines is not None:
            self._log(lines.failure(error))
            return
        self._log(_fitted(f"error [{error.slug}]: {error.message}", self._stderr))
        self._log(_fitted(f"  hint: {error.hint}", self._stderr))
        self._log(f"  more: rcl-flow explain {error.slug}")

    def watcher(self) -> "Watcher":
        """Return what shows a run's progress: live on a terminal, plain lines elsewhere.

        Where the log is JSON, each line is an object, on a terminal too. What is told is
        remembered: should the command be broken off, `broken_off` says what it leaves.
        """
        from rcl_flow.cli.progress import TracedWatcher, make_watcher
        from rcl_flow.cli.trail import Trail

        lines = log_lines()
        self._trail = self._trail or Trail()
        shown = make_watcher(self._stderr, lines.of if lines else None, plain=is_plain())
        return TracedWatcher(shown, self._trail, lambda: self.broken_off("SIGINT"))

    def broken_off(self, signal_name: str, then: str = "") -> None:
        """Print what a signal has ended, what is left in which state, and how it goes on.

        Args:
            signal_name: such as SIGINT, which Ctrl-C sends.
            then: something else that is left, as a sentence without a full stop.
        """
        from rcl_flow.cli.trail import left_behind

        note_told_end()
        step = self._trail.broken_step() if self._trail else ""
        left = left_behind(self._trail) if self._trail else []
        left += [f"{then[0].upper()}{then[1:]}."] if then else []
        text = "\n".join(_ending_lines(signal_name, step, left))
        lines = log_lines()
        self._log(text if lines is None else lines.note(text))  # the command stays in one line
        self.document(
            {
                "format_version": FORMAT_VERSION,
                "status": "interrupted",
                "signal": signal_name,
                "step": step,
                "left": left,
                "again": typed_command(),
            }
        )

    def _log(self, line: str) -> None:
        print(line, file=self._stderr, flush=True)


def _json_line(document: object, stream: TextIO) -> str:
    """Return JSON in one line; letters that the stream does not have are escaped as JSON does."""
    import json

    line = json.dumps(document, ensure_ascii=False)
    try:
        line.encode(stream.encoding or "utf-8")
    except UnicodeEncodeError:
        return json.dumps(document)
    return line


def _fitted(text: str, stream: TextIO) -> str:
    """Return text that fits the terminal; elsewhere as it is: programs read it line by line."""
    if not stream.isatty():
        return text
    return fitted(text, max(LEAST_COLUMNS, get_terminal_size().columns))


def _ending_lines(signal_name: str, step: str, left: Sequence[str]) -> Iterator[str]:
    yield f"Ended by {signal_name}{f' in the step {step}' if step else ''}."
    for sentence in left:
        yield hanging("  - ", sentence)
    if typed_command():
        yield f"To go on: {typed_command()}"


def error_document(error: RclFlowError) -> dict[str, object]:
    """Return an error for a machine."""
    return {
        "slug": error.slug,
        "message": error.message,
        "hint": error.hint,
        "exit_code": error.exit_code,
    }


def wants_json(arguments: Sequence[str]) -> bool:
    """Say whether the command line asks for JSON, for errors that come before it is parsed."""
    return "--json" in arguments
