"""Everything that is printed: results to stdout, progress and errors to stderr."""

import json
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, TextIO

from rcl_flow.cli.log_format import log_lines
from rcl_flow.errors import RclFlowError

if TYPE_CHECKING:
    from rcl_flow.cli.progress import Watcher

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

    def result(self, text: str) -> None:
        """Print text for a person; nothing with `--json`."""
        if not self.as_json:
            print(text, file=self._stdout, flush=True)

    def document(self, document: object) -> None:
        """Print a JSON value; nothing without `--json`."""
        if self.as_json:
            print(json.dumps(document, ensure_ascii=False), file=self._stdout, flush=True)

    def note(self, text: str) -> None:
        """Print a line to stderr; an object where the log is JSON."""
        lines = log_lines()
        self._log(text if lines is None else lines.note(text))

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
        self._log(f"error [{error.slug}]: {error.message}")
        self._log(f"  hint: {error.hint}")

    def watcher(self) -> "Watcher":
        """Return what shows a run's progress: live on a terminal, plain lines elsewhere.

        Where the log is JSON, each line is an object, on a terminal too.
        """
        from rcl_flow.cli.progress import LineWatcher, TerminalWatcher

        lines = log_lines()
        if lines is not None:
            return LineWatcher(self._stderr, lines.of)
        if self._stderr.isatty():
            return TerminalWatcher(self._stderr)
        return LineWatcher(self._stderr)

    def _log(self, line: str) -> None:
        print(line, file=self._stderr, flush=True)


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
