"""List the runs that are old, or remove what they have made."""

from collections import defaultdict
from pathlib import Path

from rcl_flow.cli.collecting import reach_where_it_is, remove_run, run_document
from rcl_flow.cli.console import FORMAT_VERSION, Console
from rcl_flow.errors import UnknownRunError
from rcl_flow.pipeline.gc.belongings import find_belongings
from rcl_flow.pipeline.gc.keeping import SortedRuns, sort_runs
from rcl_flow.pipeline.state.records import RunRecord, list_runs
from rcl_flow.wiring.stores import open_store


def drive_gc_old(
    workspace: Path, project: str | None, keep: int, console: Console, *, remove: bool
) -> None:
    """List the old runs of every project, or of one, or with `remove` remove them, oldest first.

    Args:
        workspace: the folder of state and runs.
        project: the only project; None for all.
        keep: how many of the newest versions stay, and how many champions before the present one.
        console: where the result goes.
        remove: whether to remove them.

    Raises:
        UnknownRunError: there is no run of the project.
        RclFlowError: something cannot be removed; the same call goes on.
    """
    store = open_store(workspace)
    groups = _groups(list_runs(store), project)
    found = [sort_runs(records, store, keep) for records in groups]
    documents = [
        _one(record, workspace, console, remove=remove) for each in found for record in each.old
    ]
    _tell_kept(found, console)
    if documents and not remove:
        console.result("Nothing was changed. `--yes` removes what these runs have made.")
    elif not documents:
        console.result("No run is old.")
    console.document(
        {
            "format_version": FORMAT_VERSION,
            "status": "removed" if remove else "listed",
            "runs": documents,
            "kept": [
                {"run_id": kept.record.run_id, "why": kept.why}
                for each in found
                for kept in each.kept
            ],
        }
    )


def _groups(records: list[RunRecord], project: str | None) -> list[list[RunRecord]]:
    """Return the runs of each project on each backend."""
    groups: dict[tuple[str, str], list[RunRecord]] = defaultdict(list)
    for record in records:
        if project in (None, record.project):
            groups[record.project, record.backend.identity].append(record)
    if project is not None and not groups:
        raise UnknownRunError(
            f"There are no runs of the project {project!r} in this workspace.",
            hint="`rcl-flow runs` lists every project that there is.",
        )
    return [groups[name] for name in sorted(groups)]


def _one(
    record: RunRecord, workspace: Path, console: Console, *, remove: bool
) -> dict[str, object]:
    services = reach_where_it_is(record, workspace, console)
    if remove:
        found = remove_run(record, services, workspace, console)
        console.result(f"removed  run {record.run_id}")
        return run_document("removed", record, found, workspace)
    found = find_belongings(record, services) if services else None
    console.result(f"old      {record.run_id}  {record.project_version_arn or 'no model'}")
    return run_document("listed", record, found, workspace)


def _tell_kept(found: list[SortedRuns], console: Console) -> None:
    for each in found:
        for kept in each.kept:
            console.result(f"kept     {kept.record.run_id}  {kept.why}")
