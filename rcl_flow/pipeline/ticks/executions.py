"""What one execution of the driver has begun: its runs, and what it was asked to do once only."""

from typing import Final

from rcl_flow.config import FlowConfig
from rcl_flow.core.values import Frozen
from rcl_flow.pipeline.runs.services import Services
from rcl_flow.pipeline.state.lease import lease_record
from rcl_flow.pipeline.state.records import (
    RunRecord,
    list_armed,
    read_record,
    run_key,
    write_record,
)
from rcl_flow.pipeline.training.training import await_training

_UNNAMED: Final = "unnamed"


class Execution(Frozen):
    """What an execution has come to so far."""

    run_ids: tuple[str, ...] = ()
    """The runs that it has worked on; the last one is the newest."""
    has_trained: bool = False
    """A training was asked for in it: `retry_training` is used up."""


class ExecutionLog:
    """Remembers an execution from tick to tick."""

    def __init__(self, name: str, config: FlowConfig, services: Services) -> None:
        """Remember the execution of that name; one without a name is one of all such."""
        self._key = f"executions/{name or _UNNAMED}"
        self._config = config
        self._services = services
        self._known = read_record(services.store, self._key, Execution) or Execution()

    @property
    def has_trained(self) -> bool:
        """Whether a training was asked for in an earlier tick."""
        return self._known.has_trained

    def note(self) -> None:
        """Remember the run that the tick has paused: the one that has the project's lease now."""
        services = self._services
        lease = lease_record(services.store, services.backend.identity, self._config.project)
        if lease is None or lease.state != "paused":
            return
        run = read_record(services.store, run_key(lease.run_id), RunRecord)
        known = self._known
        ids = known.run_ids if lease.run_id in known.run_ids else (*known.run_ids, lease.run_id)
        waits = run is not None and run.step == await_training.__name__
        self._known = Execution(run_ids=ids, has_trained=known.has_trained or waits)
        if self._known != known:
            write_record(services.store, self._key, self._known)

    def armed_model(self) -> str | None:
        """Return the model that one of its runs may have running, or None.

        Another run's model is not its to stop, nor is one that is kept running on purpose.
        """
        for armed in list_armed(self._services.store):
            if armed.run_id in self._known.run_ids and armed.kept_until is None:
                return armed.project_version_arn
        return None
