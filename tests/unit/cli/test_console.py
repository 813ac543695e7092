"""Tests of what is printed where."""

import io
import json
from typing import Any

import pytest

from rcl_flow.cli.console import Console, wants_json
from rcl_flow.cli.progress import LineWatcher, TerminalWatcher
from rcl_flow.errors import CredentialsError

ERROR = CredentialsError("No login: ü.", hint="Log in.", operation="X", code="Y")


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        """Say yes."""
        return True


def consoles(*, as_json: bool) -> tuple[Console, io.StringIO, io.StringIO]:
    """Return a console and the streams that it prints to."""
    stdout, stderr = io.StringIO(), io.StringIO()
    return Console(as_json=as_json, stdout=stdout, stderr=stderr), stdout, stderr


def test_console_prints_text_for_a_person() -> None:
    """Without --json the document is not printed."""
    console, stdout, stderr = consoles(as_json=False)
    console.result("all good")
    console.document({"status": "valid"})
    assert stdout.getvalue() == "all good\n"
    assert stderr.getvalue() == ""


def test_console_prints_one_object_for_a_machine() -> None:
    """With --json stdout holds the document and nothing else."""
    console, stdout, stderr = consoles(as_json=True)
    console.result("all good")
    console.note("on the way")
    console.document({"status": "valid"})
    assert json.loads(stdout.getvalue()) == {"status": "valid"}
    assert stderr.getvalue() == "on the way\n"


def test_failure_names_slug_and_hint_on_stderr() -> None:
    """An error says what happened and what to do, away from the result."""
    console, stdout, stderr = consoles(as_json=False)
    console.failure(ERROR)
    assert stdout.getvalue() == ""
    assert stderr.getvalue() == "error [aws-credentials]: No login: ü.\n  hint: Log in.\n"


def test_failure_is_an_object_too_for_a_machine() -> None:
    """A machine branches on slug and exit code."""
    console, stdout, _ = consoles(as_json=True)
    console.failure(ERROR)
    document: dict[str, Any] = json.loads(stdout.getvalue())
    assert document["status"] == "failed"
    assert document["error"]["slug"] == "aws-credentials"
    assert document["error"]["exit_code"] == ERROR.exit_code


@pytest.mark.parametrize(
    ("stream", "kind"), [(io.StringIO(), LineWatcher), (Terminal(), TerminalWatcher)]
)
def test_watcher_fits_the_stream(stream: io.StringIO, kind: type) -> None:
    """A log gets lines; only a terminal gets a live display."""
    assert isinstance(Console(as_json=False, stderr=stream).watcher(), kind)


@pytest.mark.parametrize(
    ("arguments", "wanted"), [(["run", "--json"], True), (["run", "--jsonl"], False), ([], False)]
)
def test_wants_json_sees_the_option(arguments: list[str], wanted: bool) -> None:
    """Errors before parsing follow the option as well."""
    assert wants_json(arguments) is wanted
