"""Tell where a workspace stands: lines for a person, an object for a machine."""

import shlex
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path

from rcl_flow.cli.cost_text import cost_cell, price_text
from rcl_flow.cli.options import DEFAULT_WORKSPACE
from rcl_flow.cli.statuses import ModelStanding, ProjectStanding, RunStanding, Standing
from rcl_flow.cli.table import table
from rcl_flow.pipeline.state.records import RunRecord
from rcl_flow.report.figures import format_count

_SECONDS_PER_HOUR = 3600
_INDENT = "    "
_NONE_RUNS = "No model runs that this workspace knows of; for all, wherever they are from:"
_TRAINS = "its training may still be under way: it is billed, and ends by itself"


def status_lines(
    standing: Standing, now: datetime, workspace: Path = DEFAULT_WORKSPACE
) -> Iterator[str]:
    """Yield what a person reads; what costs money now comes last, nearest to the prompt.

    Args:
        standing: of the workspace.
        now: aware of its time zone.
        workspace: for the command that looks for all models.
    """
    yield from _run_lines(standing.runs)
    if standing.projects:
        rows = table([_project_row(project) for project in standing.projects]).splitlines()
        for row, project in zip(rows, standing.projects, strict=True):
            yield row
            yield f"{_INDENT}on {project.identity}"
    for key in standing.unreadable:
        yield f"UNREADABLE  {key}"
        if key.startswith("armed/"):
            yield f"{_INDENT}a model that may run; stop it with: rcl-flow stop {key[6:]}"
    for model in standing.models:
        yield from _model_lines(model, now)
    if not any(model.may_bill for model in standing.models):
        yield _NONE_RUNS
        yield _INDENT + _look_for_all(standing, workspace)


def _look_for_all(standing: Standing, workspace: Path) -> str:
    """Return the command that lists every model, in all regions where there may be AWS's."""
    emulated = standing.runs and all(
        each.record.backend.kind == "emulator" for each in standing.runs
    )
    regions = [] if emulated else ["--all-regions"]
    place = [] if workspace == DEFAULT_WORKSPACE else ["--workspace", str(workspace)]
    return shlex.join(["rcl-flow", "reap", "--dry-run", *regions, *place])


def _run_lines(runs: Sequence[RunStanding]) -> Iterator[str]:
    heads = table([_head(run) for run in runs]).splitlines()
    for head, run in zip(heads, runs, strict=True):
        yield head
        yield from (_INDENT + line for line in _run_details(run))


def status_document(standing: Standing) -> dict[str, object]:
    """Return the same facts for a machine."""
    return {
        "format_version": 1,
        "runs": [
            {
                **run.record.model_dump(mode="json"),
                "spent_usd": run.spent_usd,
                "held_by": _holder(run),
            }
            for run in standing.runs
        ],
        "projects": [
            {
                "backend": project.identity,
                "project": project.project,
                "spent_usd": project.spent_usd,
                "trainings": project.count("training"),
                "times_running": project.count("inference"),
            }
            for project in standing.projects
        ],
        "models": [
            {**model.armed.model_dump(mode="json"), "model_status": model.status}
            for model in standing.models
        ],
        "unreadable": list(standing.unreadable),
    }


def _head(run: RunStanding) -> tuple[str, ...]:
    record = run.record
    broken_off = run.is_interrupted or _was_signalled(record)
    status = "interrupted" if broken_off else record.status
    kind = record.backend.kind
    return record.run_id, status, record.project, kind, _run_cost(run)


def _run_cost(run: RunStanding) -> str:
    return cost_cell(run.spent_usd, paid=run.record.backend.kind == "aws")


def _run_details(run: RunStanding) -> Iterator[str]:
    record, held = run.record, run.held
    if record.status != "completed" and record.step:
        yield f"at: {record.step.replace('_', ' ')}"
    if record.step == "await_training" and _may_train(record):
        yield _TRAINS
    if held is not None and held.record.state == "paused":
        yield f"keeps the project for its next tick, for {held.left_seconds / 60:.0f} min"
    elif held is not None:
        lease = held.record
        yield (
            f"at work: process {lease.pid} on {lease.host}, its lease lasts "
            f"{held.left_seconds / 60:.0f} min"
        )
    if run.is_interrupted:
        yield "nobody is at work on it: run its config again to resume"
    if record.project_version_arn:
        yield record.project_version_arn
    if record.error:
        yield record.error + (": run its config again to resume" if _was_signalled(record) else "")


def _may_train(record: RunRecord) -> bool:
    return record.status in {"running", "paused"} or _was_signalled(record)


def _was_signalled(record: RunRecord) -> bool:
    return record.error.startswith("ended by ")


def _project_row(project: ProjectStanding) -> tuple[str, ...]:
    trainings = format_count(project.count("training"), "training")
    running = project.count("inference")
    return (
        "project",
        project.project,
        f"{cost_cell(project.spent_usd, paid=project.is_paid)} in all",
        f"{trainings}, {format_count(running, 'time')} running",
    )


def _model_lines(model: ModelStanding, now: datetime) -> Iterator[str]:
    armed = model.armed
    if not model.may_bill:
        yield f"MODEL  {model.status}, so it costs nothing now"
        yield f"{_INDENT}{armed.project_version_arn}"
        yield f"{_INDENT}forget it with: rcl-flow stop {armed.project_version_arn}"
        return
    since = armed.running_since or armed.asked_at or armed.armed_at
    kept = "" if armed.kept_until is None else "kept running, "
    paid = armed.backend.kind == "aws"
    usd = (now - since).total_seconds() / _SECONDS_PER_HOUR * armed.usd_per_hour
    yield (
        f"MODEL  {model.status}  {kept}{price_text(armed.usd_per_hour, paid=paid)} since "
        f"{since:%Y-%m-%d %H:%M} UTC, {max(usd, 0.0):.2f} USD so far"
    )
    yield f"{_INDENT}{armed.project_version_arn}"
    yield _INDENT + _limit(model)
    yield f"{_INDENT}stop it with: rcl-flow stop {armed.project_version_arn}"


def _limit(model: ModelStanding) -> str:
    until = model.armed.watched_until
    if until is None:
        return "nothing stops it when its run has ended: it has no watchdog"
    by = "its schedule" if model.armed.schedule_group else "`rcl-flow reap`"
    if model.armed.kept_until is not None:
        return f"stopped by {by} at {until:%Y-%m-%d %H:%M} UTC; `rcl-flow start` moves that"
    return f"stopped by {by} at {until:%Y-%m-%d %H:%M} UTC, unless its run goes on"


def _holder(run: RunStanding) -> dict[str, object] | None:
    if run.held is None:
        return None
    lease = run.held.record
    return {
        "host": lease.host,
        "pid": lease.pid,
        "state": lease.state,
        "left_seconds": round(run.held.left_seconds, 1),
    }
