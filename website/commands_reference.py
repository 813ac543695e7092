"""The page of commands, made of what `rcl-flow COMMAND --help` says."""

from collections.abc import Iterator
from typing import Any, Final

import typer.main

from rcl_flow.cli.app import app
from website.markdown import TableRow, anchor_of, prose, table

_HEAD: Final = """\
# Commands

Every command and option of `rcl-flow`, as `rcl-flow COMMAND --help` prints them. This page is
made by `make docs-reference`. What a command ends with is in
[errors and exit codes](../errors.md). `-h` and `--help` are there for every command.
"""
_HELP: Final = "--help"
_EXAMPLE: Final = "Example: "


def commands_page() -> str:
    """Return the page, with a section for each command in the order of the help."""
    root: Any = typer.main.get_command(app)
    context = root.make_context("rcl-flow", [], resilient_parsing=True)
    names = list(root.commands)
    lines = [_HEAD, table(("command", "does"), _summaries(root, names))]
    lines += ["## Options of every command\n", _parameters(root, context)]
    for name in names:
        lines += _section(root.commands[name], name, context)
    return "\n".join(lines)


def _summaries(root: Any, names: list[str]) -> Iterator[TableRow]:  # noqa: ANN401
    for name in names:
        first = " ".join(str(root.commands[name].help).split("\n\n")[0].split())
        yield (f"[`{name}`](#{anchor_of('rcl-flow ' + name)})", prose(first))


def _section(command: Any, name: str, parent: Any) -> Iterator[str]:  # noqa: ANN401
    context = command.make_context(name, [], parent=parent, resilient_parsing=True)
    yield f"## rcl-flow {name}\n"
    usage = " ".join(command.collect_usage_pieces(context))
    yield f"```\nrcl-flow {name} {usage}\n```\n"
    for paragraph in str(command.help).split("\n\n"):
        text = " ".join(paragraph.split())
        if text.startswith(_EXAMPLE):
            yield f"```console\n$ {text.removeprefix(_EXAMPLE)}\n```\n"
        else:
            yield prose(text) + "\n"
    yield _parameters(command, context)


def _parameters(command: Any, context: Any) -> str:  # noqa: ANN401
    records = [one.get_help_record(context) for one in command.get_params(context)]
    shown = [one for one in records if one is not None and _HELP not in one[0]]
    if not shown:
        return ""
    rows = [(f"`{what.strip()}`", prose(" ".join(text.split()))) for what, text in shown]
    return table(("argument or option", "meaning"), rows)
