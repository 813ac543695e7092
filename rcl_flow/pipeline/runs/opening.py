"""Open a run: the one of the same config and content, held by this process alone."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress

from rcl_flow.config import FlowConfig
from rcl_flow.core.naming import digest_of, run_id
from rcl_flow.errors import LeaseLostError, RclFlowError
from rcl_flow.files import make_folder
from rcl_flow.pipeline.runs.run import Pause, Run
from rcl_flow.pipeline.runs.services import Services
from rcl_flow.pipeline.runs.signals import Signalled
from rcl_flow.pipeline.runs.steplog import StepLog
from rcl_flow.pipeline.state.lease import Lease, acquire_lease, claim
from rcl_flow.pipeline.state.records import (
    RunRecord,
    RunStatus,
    input_key,
    read_record,
    run_key,
    write_record,
)
from rcl_flow.pipeline.state.store import StateStore

_SECONDS_PER_MINUTE = 60
_NOT_INPUT: Mapping[str, set[str] | bool] = {
    "workspace": True,
    "data": True,
    "emulator": True,
    "aws": {"profile"},
    "storage": {"upload_concurrency"},
    "training": {"poll_seconds", "timeout_hours"},
    "inference": {
        "concurrency",
        "poll_seconds",
        "start_timeout_minutes",
        "stop_timeout_minutes",
        "inference_units",
        "deadline_minutes",
        "max_inference_units",
    },
    "budget": True,
    "safety": True,
    "state": True,
    "retrain": True,
    "promotion": True,
    "executor": True,
    "notifications": True,
    "tracking": True,
    "metrics": True,
}
"""Fields that say where the data is, how fast to work and at what price, not what comes out."""


def input_digest_of(config: FlowConfig, content: Sequence[str]) -> str:
    """Return the digest of all that decides what comes out of a run.

    Args:
        config: what it says of results, not of paths, speed or price.
        content: digests of the data.
    """
    return digest_of([config.model_dump(mode="json", exclude=_NOT_INPUT), *content])


def find_record(input_digest: str, store: StateStore) -> RunRecord | None:
    """Return the newest run of those inputs, or None."""
    named = store.get(input_key(input_digest))
    return read_record(store, run_key(named.document.decode()), RunRecord) if named else None


def open_run(
    config: FlowConfig, content: Sequence[str], services: Services, log: StepLog, *, blocking: bool
) -> Run:
    """Return the newest run of that config and content, or a new one that is not kept yet.

    Args:
        config: decides with the content which run this is.
        content: digests of the data.
        services: gateways, clock and store.
        log: where steps are announced.
        blocking: False for a tick.
    """
    input_digest = input_digest_of(config, content)
    record = _record_here(input_digest, services)
    if record is None:
        now = services.clock.now()
        record = RunRecord(
            run_id=run_id(now, input_digest),
            input_digest=input_digest,
            project=config.project,
            backend=services.backend,
            status="running",
            started_at=now,
            updated_at=now,
        )
    return Run(record, config, services, log, blocking)


def _record_here(input_digest: str, services: Services) -> RunRecord | None:
    """Return the newest run of those inputs, or None; also where it ended on an emulator of before.

    What it has trained is gone with that emulator, so that it has to be made anew to be used.
    """
    record = find_record(input_digest, services.store)
    if record is None or record.status != "completed" or record.backend.kind != "emulator":
        return record
    return record if record.backend.identity == services.backend.identity else None


def keep_run(run: Run) -> None:
    """Keep a run that begins or goes on, so that the next start finds it."""
    store = run.services.store
    # the name first: killed in between, the next start finds no record there and begins anew
    store.put(input_key(run.record.input_digest), run.run_id.encode())
    run.record = run.record.model_copy(update={"attempts": run.record.attempts + 1})
    write_record(store, run_key(run.run_id), run.record)
    make_folder(run.folder)


@contextmanager
def leased(run: Run) -> Iterator[None]:
    """Hold the project's lease in this block; a pause keeps it for the next tick.

    Raises:
        RunHeldError: another run holds it; nothing was changed.
    """
    lease = run.lease = _acquire(run)
    try:
        run.record = _record_here(run.record.input_digest, run.services) or run.record
        lease.hold_for(run.run_id)
        yield
    except Pause as pause:
        lease.pause(pause.seconds)
        raise
    except BaseException:
        _release(lease)
        raise
    _release(lease)


def _acquire(run: Run) -> Lease:
    services = run.services
    ttl_seconds = run.config.safety.lease_minutes * _SECONDS_PER_MINUTE
    wanted = claim(run.config.project, run.run_id, services.holder, ttl_seconds)
    return acquire_lease(wanted, services.backend.identity, services.store, services.clock)


def _release(lease: Lease) -> None:
    with suppress(RclFlowError):  # it ends by itself
        lease.release()


@contextmanager
def recorded(run: Run) -> Iterator[None]:
    """Keep in the store how the block ends."""
    run.log.record_to(run.folder / "events.jsonl")
    run.update(status="running", error="")
    try:
        yield
    except Pause:
        _note_end(run, "paused", "")
        raise
    except LeaseLostError:
        raise  # the record is the other run's now
    except RclFlowError as error:
        _note_end(run, "failed", f"[{error.slug}] {error.message}")
        raise
    except Signalled as signalled:
        _note_end(run, "failed", f"ended by {signalled}")
        raise
    except BaseException as error:  # a bug shows its traceback, and must not look like a live run
        _note_end(run, "failed", type(error).__name__)
        raise
    run.update(status="completed")


def _note_end(run: Run, status: RunStatus, error: str) -> None:
    with suppress(RclFlowError):  # how the run ended matters more than that it can be noted
        run.update(status=status, error=error)
