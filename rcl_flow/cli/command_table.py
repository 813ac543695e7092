"""The commands by name and section, each loaded when it is typed."""

from collections.abc import Iterator, MutableMapping
from contextlib import AbstractContextManager
from importlib import import_module
from typing import Any, Final, Protocol

import typer
from typer.core import TyperCommand, TyperGroup

from rcl_flow.cli.completing import offer_values

SECTIONS: Final = {
    "Begin": {
        "init": "Look at labelled images and write a config for them",
        "demo-data": "Write the demo's real images and a config for them",
        "validate": "Check a config: typing mistakes, wrong values, what is missing",
        "explain": "Say what an error, a finding or an exit code means",
    },
    "Your data": {
        "audit": "Find leaks, duplicates, bad boxes and gaps before you pay",
        "lint": "Find what makes an import or a training fail, line by line",
        "convert": "Convert between the formats of labelled images",
        "split": "Draw train, test and holdout; groups stay together",
        "augment": "Add training images where the audit found gaps",
        "power": "Say how much a holdout of some size can tell",
    },
    "Train and judge": {
        "doctor": "Check credentials, permissions, bucket, quotas, watchdog",
        "plan": "Say what a run would reuse, make, call and cost",
        "run": "From images to a judged model, and stop what runs",
        "report": "Render a finished run's report again",
        "evaluate": "Judge a finished run's answers again, for free",
        "compare": "Say which of two runs is better, and on which images",
        "runs": "Show each project's history, and what it cost",
    },
    "Production": {
        "predict": "Run images through a model, and stop it",
        "start": "Keep a model running until a set end",
        "retrain": "Train when the policy says so, promote what is not worse",
        "promote": "Let a run's model become the champion",
        "rollback": "Let the champion before take the place again",
        "copy": "Bring a model to another project, account or region",
        "export": "Write what puts a config on a schedule",
    },
    "Nothing left running": {
        "status": "Show runs, spending, and every model that runs",
        "stop": "Stop a model, and confirm that it has stopped",
        "reap": "Stop every model whose time is over; for cron",
        "gc": "Remove what a run has made, on AWS and here",
    },
    "Test without AWS": {
        "emulate": "Serve emulated Custom Labels and S3 on 127.0.0.1",
    },
}
"""The commands in the order of the help, each with what it does, for the list of all."""

_DOES: Final = {name: does for section in SECTIONS.values() for name, does in section.items()}

COMMANDS: Final = tuple(_DOES)
"""Each is a function of its name in a module of its name."""


class _Formatter(Protocol):
    """What lays a help out, whose class is click's or Typer's own, by the version of Typer."""

    def section(self, name: str) -> AbstractContextManager[None]:
        """Return what indents the lines below a heading."""
        ...

    def write_dl(self, rows: list[tuple[str, str]]) -> None:
        """Write two columns."""
        ...


class CommandTable(TyperGroup):
    """The root: what is registered at it, after the commands of the table."""

    def __init__(self, **settings: Any) -> None:  # noqa: ANN401  # what Typer gives its groups
        """Take Typer's settings of a group as they are."""
        super().__init__(**settings)
        self.commands = _LoadedOnDemand(self.commands)

    def format_commands(self, ctx: object, formatter: _Formatter) -> None:
        """Write the list of all commands; none is loaded for it."""
        width = max(map(len, COMMANDS))
        for section, commands in SECTIONS.items():
            with formatter.section(section):
                formatter.write_dl([(name.ljust(width), does) for name, does in commands.items()])

    def shell_complete(self, ctx: Any, incomplete: str) -> Any:  # noqa: ANN401
        """Offer the commands to a shell; none is loaded for it."""
        loaded = self.commands
        self.commands = {
            name: TyperCommand(name, short_help=does, rich_markup_mode=None)
            for name, does in _DOES.items()
        }
        try:
            return super().shell_complete(ctx, incomplete)
        finally:
            self.commands = loaded


class _LoadedOnDemand(MutableMapping[str, Any]):
    """The values are Typer's commands, whose own classes differ from version to version."""

    def __init__(self, registered: MutableMapping[str, Any]) -> None:
        self._commands: dict[str, Any] = dict.fromkeys(COMMANDS) | dict(registered)

    def __getitem__(self, name: str) -> Any:  # noqa: ANN401
        if self._commands[name] is None:
            self._commands[name] = _load(name)
        return self._commands[name]

    def __setitem__(self, name: str, command: Any) -> None:  # noqa: ANN401
        self._commands[name] = command

    def __delitem__(self, name: str) -> None:
        del self._commands[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._commands)

    def __len__(self) -> int:
        return len(self._commands)


def _load(name: str) -> TyperCommand:
    function = name.replace("-", "_")
    module = import_module(f"rcl_flow.cli.commands.{function}")
    alone = typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)
    offer_values(getattr(module, function))
    alone.command(name=name)(getattr(module, function))
    command = typer.main.get_command(alone)
    if not isinstance(command, TyperCommand):
        raise TypeError(f"{name} is no command")
    return command
