"""Who uses a project's models beside its runs: `start` and `predict`, one at a time.

A run holds its project, for hours while it trains; a model that was trained before can be used
meanwhile. So these uses have a lease of their own. Each side takes its own lease first and then
looks for the other's, so that of two on one version at least one sees the other and gives way.
"""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Final, Literal

from rcl_flow.config import FlowConfig
from rcl_flow.core.arns import parse_version_arn
from rcl_flow.core.naming import digest_of
from rcl_flow.errors import RclFlowError, RunHeldError
from rcl_flow.pipeline.runs.run import Run
from rcl_flow.pipeline.runs.services import Services
from rcl_flow.pipeline.runs.steplog import StepLog
from rcl_flow.pipeline.state.holding import Holder
from rcl_flow.pipeline.state.lease import HeldLease, acquire_lease, claim, holder_of
from rcl_flow.pipeline.state.records import ArmedModel, RunRecord, read_record, run_key
from rcl_flow.pipeline.state.store import StateStore

Verb = Literal["start", "predict"]
_VERBS: Final = ("start-", "predict-")
_DIGITS: Final = 8
_SECONDS_PER_MINUTE: Final = 60


def open_use(
    verb: Verb, version_arn: str, rest: str, config: FlowConfig, services: Services
) -> Run:
    """Return what stands for a run where a model is used without one; the store has none of it.

    Args:
        verb: what is done.
        version_arn: the model.
        rest: ends the use's id; the same for the same work, so that it is resumed.
        config: how models are run, watched and paid for; the model may be another project's.
        services: gateways, clock and store.
    """
    now = services.clock.now()
    parts = parse_version_arn(version_arn)
    if parts is not None:
        config = config.model_copy(update={"project": parts.project})
    record = RunRecord(
        run_id=f"{verb}-{_mark(version_arn)}-{rest}",
        input_digest="",
        project=config.project,
        backend=services.backend,
        status="running",
        started_at=now,
        updated_at=now,
        project_version_arn=version_arn,
    )
    return Run(record, config, services, StepLog(services.emit, services.clock))


@contextmanager
def using_model(run: Run) -> Iterator[None]:
    """Hold the project's models for a use in this block.

    Args:
        run: the use, as `open_use` returns it.

    Raises:
        RunHeldError: a run, or another use, may need the same model; nothing was changed.
    """
    services, project = run.services, run.record.project
    identity = services.backend.identity
    other = holder_of(services.store, identity, _uses(project), services.holder)
    if other is not None:
        raise _held(run, other, "uses a model of the project")
    ttl_seconds = run.config.safety.lease_minutes * _SECONDS_PER_MINUTE
    wanted = claim(_uses(project), run.run_id, services.holder, ttl_seconds)
    lease = run.lease = acquire_lease(wanted, identity, services.store, services.clock)
    try:
        _require_no_run(run)
        yield
    finally:
        with suppress(RclFlowError):  # it ends by itself
            lease.release()


def require_unused(version_arn: str, run: Run) -> None:
    """Make sure that no living use has the model that a run is about to start.

    Raises:
        RunHeldError: one has; nothing was changed.
    """
    services, project = run.services, run.config.project
    name = _uses(project)
    identity = services.backend.identity
    held = holder_of(services.store, identity, name, services.holder, run_id=run.run_id)
    if held is not None and _mark(version_arn) in held.record.run_id.split("-"):
        raise _held(run, held, "uses the model")


def holder_of_model(
    armed: ArmedModel, store: StateStore, me: Holder, *, run_id: str = ""
) -> HeldLease | None:
    """Return the lease of whoever lives and stops the model: its project's run, or its use.

    Args:
        armed: the model.
        store: where the leases are kept.
        me: who asks.
        run_id: the asking run's own, which is no other.
    """
    identity = armed.backend.identity
    if not armed.run_id.startswith(_VERBS):
        return holder_of(store, identity, armed.project, me, run_id=run_id)
    held = holder_of(store, identity, _uses(armed.project), me, run_id=run_id)
    return held if held is not None and held.record.run_id == armed.run_id else None


def _require_no_run(run: Run) -> None:
    services, arn = run.services, run.record.project_version_arn
    identity = services.backend.identity
    held = holder_of(services.store, identity, run.record.project, services.holder)
    if held is None:
        return
    record = read_record(services.store, run_key(held.record.run_id), RunRecord)
    # a run that does not say yet which model it needs may need this one
    if record is None or record.project_version_arn in {"", arn}:
        raise _held(run, held, "may need the same model")


def _held(run: Run, held: HeldLease, why: str) -> RunHeldError:
    lease = held.record
    return RunHeldError(
        f"{lease.run_id} (process {lease.pid} on {lease.host}) {why}: "
        f"{run.record.project_version_arn}. Nothing was changed.",
        hint="Wait for it to end, then run the same command again; see `rcl-flow status`.",
    )


def _uses(project: str) -> str:
    """Return the name of the lease; no project's name holds a slash."""
    return f"{project}/models"


def _mark(version_arn: str) -> str:
    return digest_of([version_arn])[:_DIGITS]
