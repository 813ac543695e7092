"""Open the store of a workspace; AWS is loaded only for one that other machines share."""

from pathlib import Path
from typing import Final

from rcl_flow.clock import SystemClock
from rcl_flow.errors import UnknownRunError
from rcl_flow.pipeline.state.shared_state import read_pointer
from rcl_flow.pipeline.state.sqlite_store import SqliteStore
from rcl_flow.pipeline.state.store import StateStore

STORE_NAME: Final = "state.sqlite"


def open_store(workspace: Path) -> StateStore:
    """Return the store of a workspace that exists.

    Raises:
        UnknownRunError: no run was ever made there.
    """
    shared = read_pointer(workspace)
    if shared is not None:
        from rcl_flow.pipeline.state.s3_store import S3Store
        from rcl_flow.wiring.gateways import open_s3

        return S3Store(open_s3(shared.backend), shared.bucket, shared.prefix)
    path = workspace / STORE_NAME
    if not path.is_file():
        raise UnknownRunError(
            f"There are no runs in the workspace {workspace}.",
            hint="Give the folder of your runs with `--workspace`, or run a config first; where "
            "other machines run it with `state.store: s3`, run it here once.",
        )
    return SqliteStore(path, SystemClock())
