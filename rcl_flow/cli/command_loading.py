"""The root of the command line, whose commands are loaded when they are typed."""

from collections.abc import Callable, Iterable, Iterator, MutableMapping
from contextlib import AbstractContextManager
from functools import partial
from importlib import import_module
from typing import Any, Final, Protocol

import typer
from typer.core import TyperCommand, TyperGroup

from rcl_flow.cli.command_table import COMMANDS, DOES, SECTIONS
from rcl_flow.cli.completing import offer_values
from rcl_flow.cli.log_format import option_first

_NARROW_COLUMNS: Final = 50
"""Less than this, a help has no room for two columns."""
_LEFT_COLUMNS: Final = 6
"""What is longer, as most options are, then stands above what it does."""


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

    def make_context(self, info_name: Any, args: Any, *rest: Any, **settings: Any) -> Any:  # noqa: ANN401
        """Read the command line, typed whole or completed by a shell, with `--log-format` first."""
        return super().make_context(info_name, option_first(args), *rest, **settings)

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
            for name, does in DOES.items()
        }
        try:
            return super().shell_complete(ctx, incomplete)
        finally:
            self.commands = loaded


class _Command(TyperCommand):
    """A command whose help can be read on a narrow terminal."""

    def format_options(self, ctx: Any, formatter: Any) -> None:  # noqa: ANN401  # as the parser's
        """Write what can be typed; above what it does, where there is little room beside it."""
        if formatter.width < _NARROW_COLUMNS:
            formatter.write_dl = partial(_write_below, formatter.write_dl, formatter.width)
        super().format_options(ctx, formatter)


def _write_below(
    write_dl: Callable[..., None], width: int, rows: Iterable[tuple[str, str]]
) -> None:
    """Write rows one part below the other; what may stand in an argument's place, too."""
    narrow = [
        (name if len(name) < width else name.replace(" <", "\n    <"), does) for name, does in rows
    ]
    write_dl(narrow, col_max=_LEFT_COLUMNS)


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
    alone.command(name=name, cls=_Command)(getattr(module, function))
    command = typer.main.get_command(alone)
    if not isinstance(command, TyperCommand):
        raise TypeError(f"{name} is no command")
    return command
