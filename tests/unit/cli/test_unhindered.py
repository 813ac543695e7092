"""Tests of the console of what stops models: nothing that is told can end it."""

import errno
import io

import pytest

from rcl_flow.cli.unhindered import UnhinderedConsole
from rcl_flow.errors import ConfigError


class Broken(io.StringIO):
    """A stream on a full disk."""

    tries = 0

    def write(self, text: str, /) -> int:
        """Refuse."""
        self.tries += 1
        raise OSError(errno.ENOSPC, "no")


@pytest.mark.parametrize("as_json", [False, True])
def test_whatever_cannot_be_told_ends_nothing(as_json: bool) -> None:
    """A log on a full disk: the next model is stopped all the same."""
    stdout, stderr = Broken(), Broken()
    console = UnhinderedConsole(as_json=as_json, stdout=stdout, stderr=stderr)
    console.result("STOPPED  a")
    console.document({"format_version": 1})
    console.note("skipped")
    console.failure(ConfigError("What happened.", hint="What to do."))
    assert stdout.tries
    assert stderr.tries


def test_full_disk_is_told_when_all_is_done() -> None:
    """A result that could not be written is no success."""
    console = UnhinderedConsole(as_json=False, stdout=Broken())
    console.result("STOPPED  a")
    with pytest.raises(OSError, match="no") as caught:
        console.require_written()
    assert caught.value.errno == errno.ENOSPC


def test_what_can_be_told_is_told() -> None:
    """It is a console like any other."""
    stdout = io.StringIO()
    console = UnhinderedConsole(as_json=False, stdout=stdout)
    console.result("STOPPED  a")
    console.require_written()
    assert stdout.getvalue() == "STOPPED  a\n"
