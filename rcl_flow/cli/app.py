"""The command line's root: its commands, and the one place that turns errors into exit codes."""

import errno
import sys
from collections.abc import Sequence
from contextlib import suppress
from shutil import get_terminal_size
from typing import Annotated, Final, Protocol, runtime_checkable

import typer

from rcl_flow.cli.command_loading import CommandTable
from rcl_flow.cli.command_table import COMMANDS
from rcl_flow.cli.console import Console, wants_json
from rcl_flow.cli.log_format import (
    OPTION,
    VARIABLE,
    LogFormat,
    choose_log_format,
    log_of_one_command,
)
from rcl_flow.cli.table import LEAST_COLUMNS
from rcl_flow.cli.typed import is_end_told, typed, typed_command
from rcl_flow.errors import ConfigError, LocalFilesError, RclFlowError
from rcl_flow.pipeline.runs.signals import Signalled

app = typer.Typer(
    name="rcl-flow",
    cls=CommandTable,
    help="Train, judge and safely run Amazon Rekognition Custom Labels models from one YAML file.",
    epilog="Example: rcl-flow demo-data demo && rcl-flow run demo/rcl-flow.yaml",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)


_ABORTED: Final = 1
_INTERRUPTED: Final = 130
"""What the parser makes of Ctrl-C: 128 and the number of SIGINT."""
_NARROW: Final = 52
"""On fewer columns the parser's own helps are too wide."""
_MARGIN: Final = 2
"""Columns that the parser leaves free at the right."""
_NOTHING_TYPED: Final = "NoArgsIsHelpError"
_FULL: Final = "The disk is full where the output goes."
_FULL_HINT: Final = "Make room there, or send the output elsewhere, and run the command again."


class _Context(Protocol):
    """What the parser knows of the command that was typed."""

    @property
    def command_path(self) -> str:
        """The command with the program before it."""
        ...

    def get_usage(self) -> str:
        """Return the usage in one line."""
        ...


@runtime_checkable
class _UsageError(Protocol):
    """A mistake in the command line, as the parser raises it.

    Its class is click's or Typer's own, by the version of Typer.
    """

    ctx: _Context | None

    def format_message(self) -> str:
        """Say what is wrong."""
        ...

    def show(self) -> None:
        """Print it in the parser's own way."""
        ...


def _show_version(value: bool) -> None:  # typer's callback form
    if value:
        from rcl_flow import __version__

        Console(as_json=False).result(f"rcl-flow {__version__}")
        raise typer.Exit


def _choose_log_format(value: LogFormat) -> LogFormat:  # before mistakes are looked for
    choose_log_format(value, sys.stderr)
    return value


@app.callback()
def _root(
    version: bool = typer.Option(  # handled by its callback
        False, "--version", callback=_show_version, is_eager=True, help="Print the version."
    ),
    log_format: Annotated[
        LogFormat,
        typer.Option(
            OPTION,
            metavar="FORMAT",
            callback=_choose_log_format,
            is_eager=True,
            envvar=VARIABLE,
            show_envvar=False,
            help="How progress and errors are written to stderr: for people (auto, human), for "
            "screen readers (plain: nothing moves), or one JSON object a line (json). May be "
            f"typed after the command, too; or set {VARIABLE}.",
        ),
    ] = "auto",
) -> None:
    pass


def run_app(arguments: Sequence[str]) -> int:
    """Run the command line and return the exit code.

    A bug, which is no `RclFlowError`, passes through and shows its traceback.
    """
    with log_of_one_command(), typed(arguments):
        return _run(arguments, Console(as_json=wants_json(arguments)))


def _run(arguments: Sequence[str], console: Console) -> int:
    try:
        code = app(list(arguments), standalone_mode=False, terminal_width=_help_columns())
    except SystemExit as ended:
        return ended.code if isinstance(ended.code, int) else int(ended.code is not None)
    except (typer.Abort, Signalled) as ended:
        return _broken_off(ended, console)
    except (RclFlowError, OSError) as error:
        return _refused(_clear(error), console)
    except Exception as error:
        if isinstance(error, _UsageError):
            return _mistyped(error, arguments, console)
        raise
    if code == _INTERRUPTED and not is_end_told():  # while nothing was shown
        console.broken_off("SIGINT")
    return code if isinstance(code, int) else 0


def _help_columns() -> int | None:
    """Return how wide a help is on a narrow terminal; None where the parser knows by itself."""
    columns = get_terminal_size().columns
    return max(LEAST_COLUMNS, columns) - _MARGIN if columns < _NARROW else None


def _broken_off(ended: typer.Abort | Signalled, console: Console) -> int:
    if isinstance(ended, Signalled):
        console.broken_off(str(ended))
        return ended.exit_code
    console.note("Aborted.")
    return _ABORTED


def _clear(error: RclFlowError | OSError) -> RclFlowError:
    """Return the error as one that a person understands.

    Raises:
        OSError: it is a bug.
    """
    if isinstance(error, RclFlowError):
        return error
    if error.errno == errno.ENOSPC:  # of stdout or stderr; files are written through rcl_flow.files
        return LocalFilesError(_FULL, hint=_FULL_HINT)
    raise error


def _refused(error: RclFlowError, console: Console) -> int:
    with suppress(OSError):  # the disk is full
        console.failure(error)
    return error.exit_code


def _mistyped(mistake: _UsageError, arguments: Sequence[str], console: Console) -> int:
    if type(mistake).__name__ == _NOTHING_TYPED:
        mistake.show()  # the help
        return ConfigError.exit_code
    if mistake.ctx is not None:
        console.note(mistake.ctx.get_usage())
    message = " ".join(mistake.format_message().split()).replace("Value error, ", "")
    if OPTION not in typed_command():  # the environment has set it
        message = message.replace(f"'{OPTION}'", VARIABLE)
    if not message.endswith((".", "?")):
        message += "."
    hint = f"`{_command_of(mistake, arguments)} --help` shows how it is typed."
    return _refused(ConfigError(message, hint=hint), console)


def _command_of(mistake: _UsageError, arguments: Sequence[str]) -> str:
    """Return the command whose help has what was mistyped; the parser does not always know it."""
    if mistake.ctx is not None:
        return mistake.ctx.command_path
    named = [each for each in arguments if each in COMMANDS]
    is_ours = OPTION in mistake.format_message()  # the program's own option
    return " ".join(["rcl-flow", *([] if is_ours else named[:1])])
