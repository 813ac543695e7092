"""Tests of what is printed where."""

import inspect
import io
import json
import signal
from typing import Any

import pytest

from rcl_flow.cli.console import Console, wants_json
from rcl_flow.cli.explaining import error_kinds
from rcl_flow.cli.live import TerminalWatcher
from rcl_flow.cli.log_format import choose_log_format, log_of_one_command
from rcl_flow.cli.progress import LineWatcher, TracedWatcher
from rcl_flow.cli.typed import typed
from rcl_flow.errors import ConfigError, CredentialsError, RclFlowError
from rcl_flow.pipeline.runs.events import Notice, StepFailed, StepStarted

ERROR = CredentialsError("No login: ü.", hint="Log in.", operation="X", code="Y")


def error_of(kind: type[RclFlowError]) -> RclFlowError:
    """Return an error of a class, with a text for each detail that it asks for."""
    asked = inspect.signature(kind).parameters.values()
    details = {each.name: "x" for each in asked if each.kind is each.KEYWORD_ONLY}
    return kind("What happened.", **details | {"hint": "What to do."})


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


@pytest.mark.parametrize("kind", list(error_kinds()))
def test_every_error_is_rendered_for_people_and_machines(kind: type[RclFlowError]) -> None:
    """Both read message, hint and slug; a person also where more is told, a machine the code."""
    console, stdout, stderr = consoles(as_json=True)
    console.failure(error_of(kind))
    assert stderr.getvalue().splitlines() == [
        f"error [{kind.slug}]: What happened.",
        "  hint: What to do.",
        f"  more: rcl-flow explain {kind.slug}",
    ]
    shown = json.loads(stdout.getvalue())["error"]
    assert (shown["slug"], shown["exit_code"]) == (kind.slug, kind.exit_code)
    assert (shown["message"], shown["hint"]) == ("What happened.", "What to do.")


def test_failure_names_slug_and_hint_on_stderr() -> None:
    """An error says what happened and what to do, away from the result."""
    console, stdout, stderr = consoles(as_json=False)
    console.failure(ERROR)
    assert stdout.getvalue() == ""
    assert stderr.getvalue() == (
        "error [aws-credentials]: No login: ü.\n  hint: Log in.\n"
        "  more: rcl-flow explain aws-credentials\n"
    )


def test_failure_is_an_object_too_for_a_machine() -> None:
    """A machine branches on slug and exit code."""
    console, stdout, _ = consoles(as_json=True)
    console.failure(ERROR)
    document: dict[str, Any] = json.loads(stdout.getvalue())
    assert document["status"] == "failed"
    assert document["error"]["slug"] == "aws-credentials"
    assert document["error"]["exit_code"] == ERROR.exit_code


def watched(stream: io.StringIO) -> object:
    """Return what shows events on the stream."""
    watcher = Console(as_json=False, stderr=stream).watcher()
    assert isinstance(watcher, TracedWatcher)
    return watcher.shown


@pytest.mark.parametrize(
    ("stream", "kind"), [(io.StringIO(), LineWatcher), (Terminal(), TerminalWatcher)]
)
def test_watcher_fits_the_stream(
    stream: io.StringIO, kind: type, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A log gets lines; only a terminal gets a live display."""
    monkeypatch.setenv("TERM", "xterm")
    assert isinstance(watched(stream), kind)


def test_terminal_that_cannot_move_its_cursor_gets_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    """TERM=dumb is how such terminals, and some screen readers, are told of."""
    monkeypatch.setenv("TERM", "dumb")
    assert isinstance(watched(Terminal()), LineWatcher)


def test_plain_log_gets_lines_on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """A screen reader reads lines that stay; nothing is drawn over."""
    monkeypatch.setenv("TERM", "xterm")
    stream = Terminal()
    with log_of_one_command():
        choose_log_format("plain", stream)
        assert isinstance(watched(stream), LineWatcher)
    assert isinstance(watched(stream), TerminalWatcher)


@pytest.mark.parametrize(
    ("environment", "coloured"),
    [({}, False), ({"FORCE_COLOR": "1"}, True), ({"FORCE_COLOR": "1", "NO_COLOR": "1"}, False)],
)
def test_colours_in_a_pipe_only_when_they_are_forced(
    environment: dict[str, str], coloured: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A log has none unless FORCE_COLOR asks; NO_COLOR has the last word."""
    for name in ("FORCE_COLOR", "NO_COLOR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm")
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    stream = io.StringIO()
    with Console(as_json=False, stderr=stream).watcher() as watcher:
        watcher.tell(Notice("look"))
    assert ("\x1b[" in stream.getvalue()) is coloured
    assert "note  look" in stream.getvalue()


LONG = "model     " + "word " * 20 + "end"


@pytest.mark.parametrize(
    ("stream", "verbatim", "lines"),
    [(Terminal(), False, 2), (Terminal(), True, 1), (io.StringIO(), False, 1)],
)
def test_result_fits_a_terminal_of_80_columns(
    stream: io.StringIO, verbatim: bool, lines: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """People read wrapped lines; programs, and what is for them, get each line whole."""
    monkeypatch.setenv("COLUMNS", "80")
    Console(as_json=False, stdout=stream).result(LONG, verbatim=verbatim)
    shown = stream.getvalue().splitlines()
    assert len(shown) == lines
    assert " ".join(stream.getvalue().split()) == " ".join(LONG.split())


def test_errors_fit_a_terminal_of_80_columns(monkeypatch: pytest.MonkeyPatch) -> None:
    """The message of an error may be long; its slug stays in front."""
    monkeypatch.setenv("COLUMNS", "80")
    stream = Terminal()
    Console(as_json=False, stderr=stream).complain(ConfigError("far " * 40, hint="too " * 40))
    lines = stream.getvalue().splitlines()
    assert max(map(len, lines)) <= 80
    assert lines[0].startswith("error [config-invalid]: far far")
    assert any(line.startswith("  hint: too") for line in lines)


def test_broken_off_says_what_is_left_and_the_command_to_go_on() -> None:
    """Ctrl-C is answered with the state of what costs money, and a line to paste."""
    console, stdout, stderr = consoles(as_json=False)
    with typed(["run", "my demo.yaml"]), console.watcher() as watcher:
        for event in (StepStarted("await training"), StepFailed("await training", 7.0)):
            watcher.tell(event)
        console.broken_off("SIGINT", "the rest is kept")
    lines = stderr.getvalue().splitlines()
    assert lines[1] == "Ended by SIGINT in the step await training."
    assert lines[2].startswith("  - The training goes on without this command")
    assert lines[-2] == "  - The rest is kept."
    assert lines[-1] == "To go on: rcl-flow run 'my demo.yaml'"
    assert max(map(len, lines)) <= 80
    assert stdout.getvalue() == ""


def test_broken_off_is_an_object_too_for_a_machine() -> None:
    """A program branches on the status and runs `again`."""
    console, stdout, _ = consoles(as_json=True)
    with typed(["audit", "c.yaml", "--json"]):
        console.broken_off("SIGTERM")
    assert json.loads(stdout.getvalue()) == {
        "format_version": 1,
        "status": "interrupted",
        "signal": "SIGTERM",
        "step": "",
        "left": [],
        "again": "rcl-flow audit c.yaml --json",
    }


def test_bare_interrupt_is_told_of_by_the_watcher() -> None:
    """Commands that hold nothing back, such as audit, say what is left all the same."""
    console, _, stderr = consoles(as_json=False)
    with pytest.raises(KeyboardInterrupt), console.watcher() as watcher:
        watcher.tell(StepStarted("audit datasets"))
        raise KeyboardInterrupt
    assert "Ended by SIGINT in the step audit datasets." in stderr.getvalue()
    assert "Nothing was made on AWS" in stderr.getvalue()


@pytest.mark.parametrize(
    ("arguments", "wanted"), [(["run", "--json"], True), (["run", "--jsonl"], False), ([], False)]
)
def test_wants_json_sees_the_option(arguments: list[str], wanted: bool) -> None:
    """Errors before parsing follow the option as well."""
    assert wants_json(arguments) is wanted


def test_terminal_that_says_it_has_no_columns_is_shown_all(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """COLUMNS=0, as some terminals without a window set it."""
    monkeypatch.setenv("COLUMNS", "0")
    monkeypatch.setenv("TERM", "xterm")
    terminal = Terminal()
    with Console(as_json=False, stderr=terminal).watcher() as watcher:
        watcher.tell(Notice("look at this"))
    assert "note  look at this" in terminal.getvalue()


class Pressed(Terminal):
    """A terminal at which Ctrl-C is pressed twice whenever its cursor is hidden or shown."""

    def write(self, text: str) -> int:
        """Take the text."""
        if "\x1b[?25" in text:
            signal.raise_signal(signal.SIGINT)
            signal.raise_signal(signal.SIGINT)
        return super().write(text)


def test_terminal_has_its_cursor_back_however_ctrl_c_is_pressed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """While the display begins, and again while it ends; what is left is still told."""
    monkeypatch.setenv("TERM", "xterm")
    terminal = Pressed()
    with pytest.raises(KeyboardInterrupt), Console(as_json=False, stderr=terminal).watcher():
        pytest.fail("the block was begun")
    hidden, _, rest = terminal.getvalue().partition("\x1b[?25h")
    assert "\x1b[?25l" in hidden
    assert "Ended by SIGINT." in rest
