"""List what a run has made, or remove it, and tell what became of each part."""

from collections.abc import Iterator
from pathlib import Path

from rcl_flow.cli.console import Console
from rcl_flow.cli.ending import told_signals
from rcl_flow.errors import ChampionProtectedError, EmulatorUnavailableError, ModelKeptError
from rcl_flow.pipeline.gc.belongings import Belongings, find_belongings
from rcl_flow.pipeline.gc.collecting import collect, forget
from rcl_flow.pipeline.gc.keeping import require_no_champion, require_not_kept
from rcl_flow.pipeline.history.selecting import select_runs
from rcl_flow.pipeline.runs.events import Event, Notice
from rcl_flow.pipeline.runs.services import Services
from rcl_flow.pipeline.state.records import RunRecord, list_runs, run_folder
from rcl_flow.pipeline.state.store import StateStore
from rcl_flow.wiring.services import reach_backend
from rcl_flow.wiring.stores import open_store


def drive_gc(
    wanted: str, workspace: Path, console: Console, *, remove: bool, force: bool = False
) -> None:
    """List what the run has made, or with `remove` remove it.

    Raises:
        UnknownRunError: there is no such run.
        ChampionProtectedError: it is the champion's, and `force` was not given.
        ModelKeptError: its model is kept running, and `force` was not given.
        RunHeldError: another run holds the project.
        typer.Exit: 128 and the signal's number when it was signalled.
    """
    store = open_store(workspace)
    record = select_runs(list_runs(store), wanted)[0]
    services = reach_where_it_is(record, workspace, console)
    if remove and services and not force:
        require_no_champion(record, store)
        require_not_kept(record, store, services.clock.now())
    if not remove:
        found = find_belongings(record, services) if services else None
        for line in _listing(record, found, workspace):
            console.result(line)
        console.result(f"Nothing was changed. {_what_removes(record, store, services, force)}")
        console.document(run_document("listed", record, found, workspace))
        return
    found = remove_run(record, services, workspace, console)
    for sentence in found.kept if found else ():
        console.result(f"kept     {sentence}")
    console.result(f"removed  run {record.run_id}; what it has spent stays in the ledger")
    console.document(run_document("removed", record, found, workspace))


def _what_removes(
    record: RunRecord, store: StateStore, services: Services | None, force: bool
) -> str:
    """Say what has to be typed to remove the run."""
    try:
        if services and not force:
            require_no_champion(record, store)
            require_not_kept(record, store, services.clock.now())
    except (ChampionProtectedError, ModelKeptError) as refusal:
        return f"`--yes` alone is refused [{refusal.slug}]. {refusal.hint}"
    return "`--yes` removes all of this."


def reach_where_it_is(record: RunRecord, workspace: Path, console: Console) -> Services | None:
    """Return services for the backend of a run, or None when it was an emulator that is gone."""

    def notice(event: Event) -> None:
        if isinstance(event, Notice):
            console.note(event.text)

    try:
        return reach_backend(record.backend, workspace, notice)
    except EmulatorUnavailableError:
        return None


def remove_run(
    record: RunRecord, services: Services | None, workspace: Path, console: Console
) -> Belongings | None:
    """Remove a run; without services, when its backend is gone, only what is here.

    Raises:
        RclFlowError: something cannot be removed; the same call goes on.
        typer.Exit: 128 and the signal's number when it was signalled.
    """
    if services is None:
        forget(record, open_store(workspace), workspace, None)
        return None
    with told_signals(console, "the same command goes on"), services.guard.listening():
        return collect(record, services, console.result)


def _listing(record: RunRecord, found: Belongings | None, workspace: Path) -> Iterator[str]:
    if found is None:
        yield "The emulator that the run was made on is gone, with all that was on it."
    else:
        for version in found.versions:
            yield f"{version.status}  {version.arn}"
        for dataset in found.datasets:
            yield f"dataset  {dataset.arn}"
        if found.project:
            yield f"project  {found.project.arn}"
        for what, keys in _objects(found).items():
            if keys:
                name = what.replace("_", " ")
                yield f"{len(keys)} {name} in s3://{found.created.bucket}, such as {keys[0]}"
    yield f"folder   {run_folder(workspace, record.run_id)}"
    yield f"state    of run {record.run_id}"
    for sentence in found.kept if found else ():
        yield f"kept: {sentence}"


def _objects(found: Belongings) -> dict[str, tuple[str, ...]]:
    return {
        "images": found.images,
        "holdout_images": found.holdout_images,
        "manifests": found.manifests,
        "output_files": found.output_files,
    }


def run_document(
    status: str, record: RunRecord, found: Belongings | None, workspace: Path
) -> dict[str, object]:
    """Return for a machine what a run has made, or had."""
    document: dict[str, object] = {
        "format_version": 1,
        "status": status,
        "run_id": record.run_id,
        "folder": str(run_folder(workspace, record.run_id)),
        "backend_is_gone": found is None,
    }
    if found is None:
        return document
    return document | {
        "versions": [version.arn for version in found.versions],
        "datasets": [dataset.arn for dataset in found.datasets],
        "project": found.project.arn if found.project else None,
        "bucket": found.created.bucket,
        **{what: list(keys) for what, keys in _objects(found).items()},
        "kept": list(found.kept),
        "heir": found.heir or None,
    }
