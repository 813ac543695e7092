"""Where a workspace's state is when it is shared: commands without a config find it here."""

from pathlib import Path

from pydantic import ValidationError

from rcl_flow.core.values import Frozen
from rcl_flow.errors import StoreError
from rcl_flow.files import remove_file, write_bytes
from rcl_flow.pipeline.state.backend import Backend

_NAME = "shared-state.json"


class SharedState(Frozen):
    """A state store in S3, and how it is reached."""

    backend: Backend
    bucket: str
    prefix: str


def read_pointer(workspace: Path) -> SharedState | None:
    """Return where the workspace's state is shared, or None when it is in the workspace.

    Raises:
        StoreError: the file that says so is damaged.
    """
    path = workspace / _NAME
    if not path.is_file():
        return None
    try:
        return SharedState.model_validate_json(path.read_bytes())
    except (OSError, ValidationError) as error:
        raise StoreError(
            f"{path} does not say where the state is.",
            hint="Run a config with `state.store: s3` again; it writes the file anew.",
        ) from error


def write_pointer(workspace: Path, shared: SharedState | None) -> None:
    """Keep where the workspace's state is; None for the workspace itself."""
    path = workspace / _NAME
    if shared is not None:
        write_bytes(path, shared.model_dump_json(indent=1).encode())
    elif path.is_file():
        remove_file(path)
