"""Where a worker of an executor enters: a shard's key and how to reach what it needs, as text."""

import functools
import tempfile
from pathlib import Path

from rcl_flow.core.values import Frozen
from rcl_flow.errors import RclFlowError
from rcl_flow.pipeline.runs.services import Services
from rcl_flow.pipeline.state.backend import Backend
from rcl_flow.pipeline.state.shared_state import SharedState, read_pointer, write_pointer
from rcl_flow.pipeline.ticks.shard_work import work_on
from rcl_flow.wiring.services import reach_backend


class Errand(Frozen):
    """A shard, and how the worker reaches its run's store."""

    key: str = ""
    """Of the shard in the store."""
    backend: Backend
    workspace: str
    """The absolute path of the run's, which may be on another machine."""
    shared: SharedState


class ShardFailedError(Exception):
    """A shard could not be done; unlike its cause, this can be sent between processes."""


def work_on_shard(document: str) -> None:
    """Work on the shard that a document names.

    Args:
        document: an `Errand` as JSON.

    Raises:
        ShardFailedError: it could not be done; it may be tried again.
    """
    errand = Errand.model_validate_json(document)
    try:
        work_on(errand.key, _services(errand.backend, errand.workspace, errand.shared))
    except RclFlowError as error:
        raise ShardFailedError(f"[{error.slug}] {error.message}") from None


@functools.lru_cache(maxsize=1)
def _services(backend: Backend, workspace: str, shared: SharedState) -> Services:
    """Return services that last as long as the worker asks for the same run's."""
    folder = Path(workspace)
    if read_pointer(folder) != shared:  # another machine: nothing of the run is here but its store
        folder = Path(tempfile.mkdtemp(prefix="rcl-flow-"))
        write_pointer(folder, shared)
    return reach_backend(backend, folder, lambda _event: None)
