"""The folders of finished runs, for other machines that share the state."""

from pathlib import Path

from rcl_flow.files import write_bytes
from rcl_flow.pipeline.runs.services import Services
from rcl_flow.pipeline.state.records import run_folder
from rcl_flow.pipeline.state.store import StateStore


def share_folder(run_id: str, services: Services) -> None:
    """Put the files of a run's folder into the shared store; nothing where the state is not shared.

    Raises:
        StoreError: the store cannot be written.
    """
    if not services.state_is_shared:
        return
    folder = run_folder(services.workspace, run_id)
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            services.store.put(_key(run_id, path.relative_to(folder)), path.read_bytes())


def shared_file(run_id: str, name: str, store: StateStore) -> bytes | None:
    """Return a file of the run's folder that is in the store, for machines that look only.

    Raises:
        StoreError: the store cannot be read.
    """
    found = store.get(_key(run_id, Path(name)))
    return None if found is None else found.document


def bring_folder(run_id: str, services: Services) -> Path:
    """Return the run's folder, with the files that another machine has shared and are not here.

    Raises:
        LocalFilesError: a file cannot be written.
        StoreError: the store cannot be read.
    """
    return bring_files(run_id, services.store, services.workspace)


def bring_files(run_id: str, store: StateStore, workspace: Path) -> Path:
    """Do the same with a store alone; one that is not shared holds no files.

    Raises:
        LocalFilesError: a file cannot be written.
        StoreError: the store cannot be read.
    """
    folder, prefix = run_folder(workspace, run_id), f"{_key(run_id, Path())}/"
    for key, content in store.below(prefix):
        path = folder / key.removeprefix(prefix)
        if not path.exists():
            write_bytes(path, content)
    return folder


def _key(run_id: str, path: Path) -> str:
    name = path.as_posix()
    return f"files/{run_id}" if name == "." else f"files/{run_id}/{name}"
