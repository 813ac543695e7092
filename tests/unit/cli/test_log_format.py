"""Tests of the choice between a log for people and one JSON object a line."""

import io
import json
import logging
from collections.abc import Iterator

import pytest

from rcl_flow.cli.app import run_app
from rcl_flow.cli.console import Console
from rcl_flow.cli.log_format import (
    LogFormat,
    choose_log_format,
    log_lines,
    log_of_one_command,
    option_first,
)
from rcl_flow.errors import AwsRefusedError
from rcl_flow.pipeline.runs.events import MetricsLine, RunOpened, StepFinished, StepStarted

REFUSED = AwsRefusedError("No.", hint="Ask.", operation="X", code="Y", request_id="req-3")


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        """Say yes."""
        return True


@pytest.fixture(autouse=True)
def _one_command() -> Iterator[None]:
    """Undo what a test chooses."""
    with log_of_one_command():
        yield


def objects(text: str) -> list[dict[str, object]]:
    """Return the object of each line."""
    return [json.loads(line) for line in text.splitlines()]


@pytest.mark.parametrize("chosen", ["auto", "human"])
@pytest.mark.parametrize("kind", [io.StringIO, Terminal])
def test_log_is_for_people_unless_json_is_asked_for(
    chosen: LogFormat, kind: type[io.StringIO]
) -> None:
    """A pipe gets the same lines as before: scripts that read them go on working."""
    stream = kind()
    choose_log_format(chosen, stream)
    assert log_lines() is None
    Console(as_json=False, stderr=stream).note("on the way")
    assert stream.getvalue() == "on the way\n"


def test_json_log_has_notes_events_and_the_failure_of_one_run() -> None:
    """All that a command says on stderr is objects, and they share run, attempt and step."""
    stream = Terminal()
    choose_log_format("json", stream)
    console = Console(as_json=False, stderr=stream)
    console.note("on the way")
    with console.watcher() as watcher:
        watcher.tell(RunOpened("r1", 2))
        watcher.tell(StepStarted("upload"))
        watcher.tell(StepFinished("upload", 1.0, False, "3 images"))
        watcher.tell(MetricsLine('{"_aws": {}}'))
    Console(as_json=True, stdout=io.StringIO(), stderr=stream).failure(REFUSED)
    lines = objects(stream.getvalue())
    assert [line.get("event") for line in lines] == [
        "note",
        "run-opened",
        "step-started",
        "step-finished",
        None,
        "failed",
    ]
    last = lines[-1]
    assert (last["run_id"], last["attempt"], last["step"]) == ("r1", 2, "upload")
    assert (last["request_id"], last["slug"]) == ("req-3", "aws-refused")


def test_json_log_has_what_libraries_warn_of() -> None:
    """Nothing on stderr is left as plain text."""
    stream = io.StringIO()
    choose_log_format("json", stream)
    logging.getLogger("urllib3").warning("pool of %s is full", "x")
    logging.getLogger("urllib3").info("not this")
    logging.getLogger("rcl_flow").error("broken")
    found = [(line["level"], line["text"]) for line in objects(stream.getvalue())]
    assert found == [("warning", "pool of x is full"), ("error", "broken")]


def test_choice_ends_with_its_command() -> None:
    """A process that runs several commands, as tests do, has a choice for each."""
    handlers = list(logging.getLogger().handlers)
    with log_of_one_command():
        choose_log_format("json", io.StringIO())
        assert log_lines() is not None
    assert log_lines() is None
    assert logging.getLogger().handlers == handlers


@pytest.mark.parametrize(
    ("typed", "parsed"),
    [
        (
            ["run", "c", "--log-format", "json", "--yes"],
            ["--log-format", "json", "run", "c", "--yes"],
        ),
        (["run", "--log-format=json", "c"], ["--log-format=json", "run", "c"]),
        (["--log-format", "json", "run"], ["--log-format", "json", "run"]),
        (["run", "c", "--log-format"], ["--log-format"]),
        (["run", "--", "--log-format", "json"], ["run", "--", "--log-format", "json"]),
        (["run", "c"], ["run", "c"]),
        ([], []),
    ],
)
def test_option_may_be_typed_after_the_command(typed: list[str], parsed: list[str]) -> None:
    """It is the program's option; after `--` there are no options."""
    assert option_first(typed) == parsed


@pytest.mark.parametrize(
    "arguments",
    [
        ["validate", "no-such.yaml", "--log-format", "json"],
        ["--log-format=json", "validate", "no-such.yaml"],
        ["no-such-command", "--log-format", "json"],
        ["run", "--no-such-option", "--log-format", "json"],
    ],
)
def test_errors_of_the_command_line_are_objects(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """A mistake in the command line or the config is told in the chosen form as well."""
    assert run_app(arguments) == 2
    lines = objects(capsys.readouterr().err)
    assert lines[-1]["event"] == "failed"
    assert lines[-1]["exit_code"] == 2


@pytest.mark.parametrize("behind", [[], ["--", "x"]])
def test_option_without_its_value_is_asked_for_it(
    behind: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """It is an option that is known, wherever it stands, and JSON stays wanted."""
    assert run_app(["validate", "flow.yaml", "--json", "--log-format", *behind]) == 2
    told = capsys.readouterr()
    assert "Option '--log-format' requires an argument." in told.err
    assert json.loads(told.out)["error"]["slug"] == "config-invalid"


def test_unknown_format_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    """The message names those that there are."""
    assert run_app(["power", "--log-format", "xml"]) == 2
    told = capsys.readouterr().err
    assert "for '--log-format': 'xml' is not one of 'auto', 'human', 'plain', 'json'" in told


def test_unknown_format_of_the_environment_is_told_as_that(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody has typed an option that could be corrected."""
    monkeypatch.setenv("RCL_FLOW_LOG_FORMAT", "xml")
    assert run_app(["power"]) == 2
    assert "Invalid value for RCL_FLOW_LOG_FORMAT: 'xml'" in capsys.readouterr().err
