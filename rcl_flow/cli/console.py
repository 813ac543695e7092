"""Everything that is printed: results to stdout, progress and errors to stderr."""

import json
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, TextIO

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
        """Print a line to stderr."""
        print(text, file=self._stderr, flush=True)

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
        self.note(f"error [{error.slug}]: {error.message}")
        self.note(f"  hint: {error.hint}")

    def watcher(self) -> "Watcher":
        """Return what shows a run's progress: live on a terminal, plain lines elsewhere."""
        from rcl_flow.cli.progress import LineWatcher, TerminalWatcher

        if self._stderr.isatty():
            return TerminalWatcher(self._stderr)
        return LineWatcher(self._stderr)


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
