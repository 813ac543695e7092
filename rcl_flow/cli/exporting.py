"""Export a config to a scheduler: read, refuse what cannot work, render, write."""

import json
import shlex
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import rcl_flow
from rcl_flow.cli.console import FORMAT_VERSION, Console
from rcl_flow.cli.reading import read_whole_config
from rcl_flow.cli.shipped import shipped_text
from rcl_flow.config.interpolation import variables_in
from rcl_flow.config.published import SCHEMA_NAME, schema_text, with_schema_line
from rcl_flow.config.reading import ReadConfig
from rcl_flow.config.shown import standalone_config
from rcl_flow.errors import ConfigError
from rcl_flow.files import write_text
from rcl_flow.pipeline.runs.output_folders import require_folder
from rcl_flow.report.schedules.cron import Cron, parse_cron
from rcl_flow.report.schedules.crontab import CronJob, render_crontab
from rcl_flow.report.schedules.fitness import Target, require_fitness
from rcl_flow.report.schedules.github_actions import WorkflowJob, render_workflow, workflow_path
from rcl_flow.report.schedules.step_functions import (
    Deployment,
    parameters,
    render_deploy_script,
    render_parameters,
    stack_name,
)
from rcl_flow.report.schedules.ticking import Command, named_variables

_SHIPPED: Final = {
    "template.yaml": "infra/template.yaml",
    "build_lambda.sh": "infra/build_lambda.sh",
    "constraints.txt": "constraints.txt",
}
"""What the package brings along below infra/, and where it lies in a checkout."""


_NO_BUDGET: Final = (
    "note  A schedule agrees to the cost of each run by itself, and no `budget.max_usd` limits it: "
    "`rcl-flow plan` says how much that may be."
)


@dataclass(frozen=True, slots=True)
class ExportOptions:
    """What was asked for."""

    target: Target
    config_path: Path
    out: Path | None
    schedule: str
    command: Command
    overlays: tuple[Path, ...] = ()


@dataclass(frozen=True, slots=True)
class Exported:
    """What is to be written, and what the user does with it."""

    files: dict[Path, str]
    """The text of each file."""
    next_steps: tuple[str, ...]
    """Commands, or where to look."""
    text: str = ""
    """What is printed instead of written."""
    more: dict[str, object] = field(default_factory=dict)
    """For the JSON document."""
    notes: tuple[str, ...] = ()
    """What a person should know before the next steps."""


def drive_export(options: ExportOptions, console: Console) -> None:
    """Write the files of a schedule, or print them, and say what comes next.

    Raises:
        ConfigError: the config or the schedule cannot work there, a file that was read would be
            replaced, or what is to be the folder is a file.
        LocalFilesError: a file cannot be written.
    """
    if options.out is not None:
        require_folder(options.out)
    start = parse_cron(options.schedule)
    read = read_whole_config(options.config_path, overlays=options.overlays)
    config = read.config
    require_fitness(config, options.target, str(options.config_path), options.command)
    exported = _EXPORTS[options.target](options, read, start)
    _require_sources_kept(options, exported.files)
    for path, text in exported.files.items():
        write_text(path, text)
    console.result(_text(exported), verbatim=True)
    for note in exported.notes:
        console.note(note)
    if config.budget.max_usd is None:
        console.note(_NO_BUDGET)
    console.document(
        {
            "format_version": FORMAT_VERSION,
            "target": options.target,
            "project": config.project,
            "schedule": start.aws,
            "command": options.command,
            "files": [str(path) for path in exported.files],
            "next": list(exported.next_steps),
            **exported.more,
        }
    )


def _require_sources_kept(options: ExportOptions, written: Iterable[Path]) -> None:
    sources = {path.resolve(): path for path in (options.config_path, *options.overlays)}
    for path in written:
        if path.resolve() in sources:
            raise ConfigError(
                f"The export would replace {sources[path.resolve()]}, which it is made of.",
                hint="Name another folder by `--out`.",
            )


def _step_functions(options: ExportOptions, read: ReadConfig, start: Cron) -> Exported:
    config = read.config
    deployment = Deployment(options.command, start, _package())
    folder = options.out or Path(f"rcl-flow-{config.project}")
    given = parameters(config, deployment)
    earlier = _earlier_parameters(folder / "params.json")
    replaced = {
        name: earlier[name] for name in given if earlier.get(name, given[name]) != given[name]
    }
    given |= {name: value for name, value in earlier.items() if name not in given}
    files = {
        folder / name: shipped_text(f"infra/{name}", in_checkout=place)
        for name, place in _SHIPPED.items()
    }
    files |= {
        folder / "params.json": render_parameters(given),
        folder / "deploy.sh": render_deploy_script(config, deployment),
        folder / "flow.yaml": _worker_config(options, read),
        folder / SCHEMA_NAME: schema_text(),
    }
    needs_bucket = given["CreateBucket"] == "true"
    call = shlex.join(["sh", str(folder / "deploy.sh")])
    return Exported(
        files,
        (f"CODE_BUCKET=a-bucket {call}" if needs_bucket else call,),
        more={
            "parameters": given,
            "replaced_parameters": replaced,
            "stack": stack_name(config.project),
        },
        notes=tuple(
            f"note  {folder / 'params.json'} had another {name}, which the config gives: {value!r}."
            for name, value in replaced.items()
        ),
    )


def _earlier_parameters(path: Path) -> dict[str, str]:
    """Return the parameters of an earlier export, with what somebody has added to them."""
    try:
        rows = json.loads(path.read_text(encoding="utf-8"))
        return {str(row["ParameterKey"]): str(row["ParameterValue"]) for row in rows}
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ConfigError(
            f"The parameters that were added to {path} cannot be read: {error}.",
            hint="Correct the file, or remove it: the export then writes it anew.",
        ) from error


def _worker_config(options: ExportOptions, read: ReadConfig) -> str:
    """Return the config as the function reads it: one file, without variables of this machine."""
    if options.overlays or any(variables_in(read.tree)):
        return standalone_config(read)
    return with_schema_line(options.config_path.read_text(encoding="utf-8"))


def _github_actions(options: ExportOptions, read: ReadConfig, start: Cron) -> Exported:
    config = read.config
    job = WorkflowJob(
        config_path=options.config_path.as_posix(),
        command=options.command,
        start=start,
        package=_package(),
        overlay_paths=tuple(path.as_posix() for path in options.overlays),
        variables=_variables(read),
    )
    path = (options.out or Path()) / workflow_path(config)
    names = ", ".join(("RCL_FLOW_ROLE_ARN", *job.variables))
    role = f"set {names} in the repository's environment `production`"
    return Exported({path: render_workflow(config, job)}, (role, f"commit {path}"))


def _cron(options: ExportOptions, read: ReadConfig, start: Cron) -> Exported:
    config = read.config
    here = Path.cwd()
    job = CronJob(
        program=(sys.executable, "-m", "rcl_flow"),
        command=options.command,
        config=str(options.config_path.absolute()),
        folder=str(here),
        workspace=str(here / config.workspace),
        start=start,
        variables=tuple(named_variables(config.notifications)),
        overlays=tuple(str(path.absolute()) for path in options.overlays),
        settings=_variables(read),
    )
    text = render_crontab(job)
    if options.out is None:
        return Exported({}, ("put these lines into `crontab -e`",), text, {"crontab": text})
    path = options.out / f"rcl-flow-{config.project}.cron"
    step = f"(crontab -l; cat {shlex.quote(str(path))}) | crontab -"
    if path.exists():  # lines that stay would go on starting runs
        step = f"take its earlier lines out with `crontab -e`, and put those of {path} there"
    return Exported({path: text}, (step,), more={"crontab": text})


def _variables(read: ReadConfig) -> tuple[str, ...]:
    return tuple(sorted(set(variables_in(read.tree))))


def _package() -> str:
    return f"rcl-flow=={rcl_flow.__version__}"


def _text(exported: Exported) -> str:
    if exported.text:
        return exported.text.rstrip("\n")
    written = [f"wrote  {path}" for path in exported.files]
    return "\n".join([*written, *(f"next   {step}" for step in exported.next_steps)])


_EXPORTS: Final[dict[Target, Callable[[ExportOptions, ReadConfig, Cron], Exported]]] = {
    "stepfunctions": _step_functions,
    "github-actions": _github_actions,
    "cron": _cron,
}
