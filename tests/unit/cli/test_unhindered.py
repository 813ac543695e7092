"""Tests of the console of what stops models: nothing that is told can end it."""

import errno
import io

import pytest

from rcl_flow.cli.unhindered import UnhinderedConsole
from rcl_flow.errors import ConfigError


class Broken(io.StringIO):
    """A stream that takes nothing."""

    def __init__(self, number: int) -> None:
        """Refuse with that error of the system."""
        super().__init__()
        self.number = number
        self.tries = 0

    def write(self, text: str, /) -> int:
        """Refuse."""
        self.tries += 1
        raise OSError(self.number, "no")


@pytest.mark.parametrize("number", [errno.EPIPE, errno.ENOSPC])
@pytest.mark.parametrize("as_json", [False, True])
def test_whatever_cannot_be_told_ends_nothing(number: int, as_json: bool) -> None:
    """`reap | head -1`, or a log on a full disk: the next model is stopped all the same."""
    stdout, stderr = Broken(number), Broken(number)
    console = UnhinderedConsole(as_json=as_json, stdout=stdout, stderr=stderr)
    console.result("STOPPED  a")
    console.document({"format_version": 1})
    console.note("skipped")
    console.failure(ConfigError("What happened.", hint="What to do."))
    assert stdout.tries
    assert stderr.tries


def test_full_disk_is_told_when_all_is_done() -> None:
    """A result that could not be written is no success; a reader that is gone is none to tell."""
    full = UnhinderedConsole(as_json=False, stdout=Broken(errno.ENOSPC))
    gone = UnhinderedConsole(as_json=False, stdout=Broken(errno.EPIPE))
    for console in (full, gone):
        console.result("STOPPED  a")
    gone.require_written()
    with pytest.raises(OSError, match="no") as caught:
        full.require_written()
    assert caught.value.errno == errno.ENOSPC


def test_what_can_be_told_is_told() -> None:
    """It is a console like any other."""
    stdout = io.StringIO()
    console = UnhinderedConsole(as_json=False, stdout=stdout)
    console.result("STOPPED  a")
    console.require_written()
    assert stdout.getvalue() == "STOPPED  a\n"
