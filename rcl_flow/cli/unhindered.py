"""A console for what stops models: a full disk where the output goes keeps none running."""

from collections.abc import Iterator
from contextlib import contextmanager

from rcl_flow.cli.console import Console
from rcl_flow.errors import RclFlowError


class UnhinderedConsole(Console):
    """Prints what it can, and says only at the end what could not be printed."""

    _unwritten: OSError | None = None

    def result(self, text: str, *, verbatim: bool = False) -> None:
        """Print text for a person, where that is possible."""
        with self._unhindered():
            super().result(text, verbatim=verbatim)

    def document(self, document: object) -> None:
        """Print a JSON value, where that is possible."""
        with self._unhindered():
            super().document(document)

    def note(self, text: str) -> None:
        """Print a line to stderr, where that is possible."""
        with self._unhindered():
            super().note(text)

    def complain(self, error: RclFlowError) -> None:
        """Print an error to stderr, where that is possible."""
        with self._unhindered():
            super().complain(error)

    def require_written(self) -> None:
        """Say, when all is done, that something could not be printed.

        Raises:
            OSError: the first that could not.
        """
        if self._unwritten is not None:
            raise self._unwritten

    @contextmanager
    def _unhindered(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            self._unwritten = self._unwritten or error
