"""What libraries warn of, in a log of JSON lines."""

import logging
from typing import TYPE_CHECKING, Literal, TextIO

if TYPE_CHECKING:
    from rcl_flow.pipeline.runs.log_lines import LogLines


class LibraryWarnings(logging.Handler):
    """Writes what a library warns of as a line of the log."""

    def __init__(self, lines: "LogLines", stream: TextIO) -> None:
        """Write to the stream, in the form of the lines."""
        super().__init__(logging.WARNING)
        self._lines = lines
        self._stream = stream

    def emit(self, record: logging.LogRecord) -> None:
        """Write the record."""
        level: Literal["warning", "error"] = "warning"
        if record.levelno >= logging.ERROR:
            level = "error"
        self._stream.write(f"{self._lines.note(record.getMessage(), level)}\n")
        self._stream.flush()
