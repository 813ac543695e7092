"""The commands by name, each loaded when it is typed, or listed with its help."""

from collections.abc import Iterator, MutableMapping
from importlib import import_module
from typing import Any, Final

import typer
from typer.core import TyperCommand, TyperGroup

COMMANDS: Final = (
    "init",
    "run",
    "retrain",
    "plan",
    "doctor",
    "power",
    "validate",
    "lint",
    "audit",
    "convert",
    "split",
    "augment",
    "predict",
    "status",
    "start",
    "stop",
    "reap",
    "gc",
    "promote",
    "rollback",
    "evaluate",
    "report",
    "compare",
    "copy",
    "runs",
    "export",
    "emulate",
    "demo-data",
)
"""In the order of the help; each is a function of its name in a module of its name."""


class CommandTable(TyperGroup):
    """The root: what is registered at it, after the commands of the table."""

    def __init__(self, **settings: Any) -> None:  # noqa: ANN401  # what Typer gives its groups
        """Take Typer's settings of a group as they are."""
        super().__init__(**settings)
        self.commands = _LoadedOnDemand(self.commands)


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
    alone.command(name=name)(getattr(module, function))
    command = typer.main.get_command(alone)
    if not isinstance(command, TyperCommand):
        raise TypeError(f"{name} is no command")
    return command
