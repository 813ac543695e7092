"""Find runs by what a person types, and say where each stands."""

from collections.abc import Sequence

from rcl_flow.core.history.past_runs import RunState
from rcl_flow.errors import UnknownRunError
from rcl_flow.pipeline.state.holding import Holder, this_process
from rcl_flow.pipeline.state.lease import HeldLease, holder_of
from rcl_flow.pipeline.state.records import RunRecord
from rcl_flow.pipeline.state.store import StateStore

_NO_RUNS = (
    "There are no runs in this workspace yet: run a config first; `--workspace` names another "
    "folder."
)


def select_runs(runs: Sequence[RunRecord], beginning: str | None) -> list[RunRecord]:
    """Return all runs, or the one whose id starts with `beginning`; `latest` is the newest.

    Raises:
        UnknownRunError: there is none, or more than one.
    """
    if beginning is None:
        return list(runs)
    if not beginning.strip():  # every run begins so, and the only one would be taken
        raise UnknownRunError(
            "The name of a run is empty.",
            hint="Is a variable of the shell not set? `latest` is the newest run.",
        )
    if beginning == "latest" and runs:
        return [max(runs, key=lambda record: record.started_at)]
    found = [record for record in runs if record.run_id.startswith(beginning)]
    if len(found) == 1:
        return found
    known = ", ".join(record.run_id for record in (found or list(runs))[-5:])
    told = f"{'Several runs start' if found else 'No run starts'} with {beginning!r}."
    raise UnknownRunError(
        "There is no latest run." if beginning == "latest" else told,
        hint=f"Runs here: {known}." if known else _NO_RUNS,
    )


def state_of(record: RunRecord, store: StateStore, me: Holder | None = None) -> RunState:
    """Return where a run stands: one at work by its record, that nobody holds, is interrupted.

    Args:
        record: the run's.
        store: where the leases are kept.
        me: who asks, to tell living processes from dead ones; by default this process.
    """
    if record.status != "running":
        return record.status
    return "running" if lease_of(record, store, me) else "interrupted"


def lease_of(record: RunRecord, store: StateStore, me: Holder | None = None) -> HeldLease | None:
    """Return the lease with which a run works now, or None.

    Args:
        record: the run's.
        store: where the leases are kept.
        me: who asks, to tell living processes from dead ones; by default this process.
    """
    held = holder_of(store, record.backend.identity, record.project, me or this_process())
    return held if held is not None and held.record.run_id == record.run_id else None
