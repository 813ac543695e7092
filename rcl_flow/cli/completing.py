"""What a shell offers for a half-typed value: configs, runs, projects, names of errors.

It reads names on this machine and asks nothing of AWS. What cannot be read is not offered: a
shell has no place for an error.
"""

from collections.abc import Callable
from contextlib import suppress
from inspect import signature
from pathlib import Path
from typing import Final

import typer
from typer.models import ParameterInfo

from rcl_flow.errors import RclFlowError

_CONFIG_SUFFIXES: Final = (".yaml", ".yml")
_DEFAULT_WORKSPACE: Final = Path(".rcl-flow")
_RUNS: Final = "runs/"


def complete_configs(incomplete: str) -> list[str]:
    """Return YAML files whose path begins so: in the folder that is typed, and one below it.

    Where there is none, the shell completes file names itself.
    """
    typed = incomplete[: incomplete.rfind("/") + 1]  # kept as it is, such as `./`
    folder = Path(typed)
    found = (one for place in (folder, *_folders(folder)) for one in _configs_in(place))
    names = (f"{typed}{one.relative_to(folder).as_posix()}" for one in found)
    return sorted(name for name in names if name.startswith(incomplete))


def complete_runs(ctx: typer.Context, incomplete: str) -> list[str]:
    """Return `latest` and the ids of the workspace's runs that begin so, newest first."""
    runs = sorted((key.removeprefix(_RUNS) for key, _ in _run_records(ctx)), reverse=True)
    offered = ["latest", *runs] if runs else []
    return [name for name in offered if name.startswith(incomplete)]


def complete_projects(ctx: typer.Context, incomplete: str) -> list[str]:
    """Return the projects of the workspace's runs whose names begin so."""
    found = {_project_of(document) for _, document in _run_records(ctx)}
    return sorted(name for name in found if name and name.startswith(incomplete))


def complete_names(incomplete: str) -> list[str]:
    """Return what `rcl-flow explain` knows and begins so: slugs, exit codes, rules, codes."""
    from rcl_flow.cli.explaining import explanations

    with suppress(OSError, RclFlowError):
        return [one.name for one in explanations() if one.name.startswith(incomplete)]
    return []


_BY_METAVAR: Final[dict[str, Callable[..., list[str]]]] = {
    "CONFIG": complete_configs,
    "RUN": complete_runs,
    "RUN|ARN": complete_runs,
    "A": complete_runs,
    "B": complete_runs,
    "PROJECT": complete_projects,
}
"""By what the help calls a value, so that each command that takes one completes it."""


def offer_values(command: Callable[..., object]) -> None:
    """Let a shell complete the command's values that the help calls CONFIG, RUN or PROJECT."""
    for parameter in signature(command).parameters.values():
        for about in getattr(parameter.annotation, "__metadata__", ()):
            if isinstance(about, ParameterInfo) and about.autocompletion is None:
                about.autocompletion = _BY_METAVAR.get(str(about.metavar))


def _configs_in(folder: Path) -> list[Path]:
    return [one for one in _entries(folder) if one.suffix in _CONFIG_SUFFIXES and _is(one.is_file)]


def _folders(folder: Path) -> list[Path]:
    return [one for one in _entries(folder) if not one.name.startswith(".") and _is(one.is_dir)]


def _entries(folder: Path) -> list[Path]:
    with suppress(OSError, ValueError):
        return list(folder.iterdir())
    return []


def _is(asked: Callable[[], bool]) -> bool:
    """Answer a question about a file; of one that may not be looked at, no."""
    with suppress(OSError):
        return asked()
    return False


def _run_records(ctx: typer.Context) -> list[tuple[str, bytes]]:
    """Return the keys and documents of the runs; of a workspace without any, or a shared one, none.

    What other machines share is on AWS, and a shell does not wait for that.
    """
    from rcl_flow.clock import SystemClock
    from rcl_flow.pipeline.state.sqlite_store import SqliteStore
    from rcl_flow.wiring.stores import STORE_NAME

    workspace = ctx.params.get("workspace") or _DEFAULT_WORKSPACE
    path = Path(str(workspace)) / STORE_NAME
    if not path.is_file():
        return []
    with suppress(RclFlowError):
        return SqliteStore(path, SystemClock()).below(_RUNS)
    return []


def _project_of(document: bytes) -> str:
    import json

    with suppress(ValueError):
        record = json.loads(document)
        return str(record.get("project", "")) if isinstance(record, dict) else ""
    return ""
