"""Find the models that a person wants stopped, and stop them one by one."""

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

from rcl_flow.aws.waiting import Pace
from rcl_flow.cli.unhindered import UnhinderedConsole
from rcl_flow.clock import SystemClock
from rcl_flow.core.arns import parse_version_arn
from rcl_flow.errors import (
    EmulatorUnavailableError,
    RclFlowError,
    StoreError,
    UnknownRunError,
)
from rcl_flow.pipeline.history.selecting import select_runs
from rcl_flow.pipeline.serving.model_use import holder_of_model
from rcl_flow.pipeline.serving.reaping import forget_watchdog
from rcl_flow.pipeline.serving.stopping import not_stopped, stop_and_confirm, stop_each
from rcl_flow.pipeline.state.backend import Backend
from rcl_flow.pipeline.state.holding import this_process
from rcl_flow.pipeline.state.records import (
    ArmedModel,
    RunRecord,
    armed_key,
    list_armed,
    list_runs,
    read_record,
    readable_armed,
    unknown_model,
)
from rcl_flow.pipeline.state.store import StateStore
from rcl_flow.wiring.services import reach_backend
from rcl_flow.wiring.stores import open_store

_PACE = Pace(every_seconds=5.0, timeout_seconds=1800.0)


def find_models(
    wanted: str | None, workspace: Path, *, profile: str | None, endpoint_url: str | None
) -> list[ArmedModel]:
    """Return the models to stop: of a run, of an ARN, or with None all that were armed here.

    Raises:
        UnknownRunError: the run is not known here, or has no model.
    """
    arn = parse_version_arn(wanted) if wanted else None
    if wanted and arn:
        backend = Backend(kind="aws", region=arn.region, profile=profile, endpoint_url=endpoint_url)
        return [_by_arn(wanted, workspace, backend)]
    store = open_store(workspace)
    if wanted is None:
        return _readable(store)
    record = select_runs(list_runs(store), wanted)[0]
    if not record.project_version_arn:
        raise UnknownRunError(
            f"The run {record.run_id} has no project version yet.", hint="There is nothing to stop."
        )
    return [_of_run(record, store)]


def require_all_read(workspace: Path) -> None:
    """Make sure, after the others were stopped, that no model's record could not be read.

    Raises:
        StoreError: one could not; its key holds the model's ARN.
    """
    list_armed(open_store(workspace))


def spare_held(
    models: Sequence[ArmedModel], workspace: Path, console: UnhinderedConsole
) -> tuple[list[ArmedModel], list[dict[str, str]]]:
    """Leave out, and tell, the models of projects that living runs hold: they stop them."""
    free: list[ArmedModel] = []
    spared: list[dict[str, str]] = []
    store = open_store(workspace)
    for model in models:
        held = holder_of_model(model, store, this_process())
        if held is None:
            free.append(model)
            continue
        arn, lease = model.project_version_arn, held.record
        console.result(f"HELD  {arn} by run {lease.run_id} on host {lease.host}")
        spared.append({"project_version_arn": arn, "run_id": lease.run_id, "host": lease.host})
    return free, spared


def stop_models(
    models: Sequence[ArmedModel], workspace: Path, console: UnhinderedConsole
) -> list[dict[str, str]]:
    """Stop every one of the models, whatever becomes of the others, and say what was read back.

    Raises:
        ModelNotStoppedError: at least one could not be confirmed as stopped.
        UnknownRunError: an ARN that no run here knows does not exist.
    """
    stopped: list[dict[str, str]] = []

    def stop(model: ArmedModel) -> None:
        arn, status = model.project_version_arn, _stop_model(model, workspace)
        stopped.append({"project_version_arn": arn, "model_status": status})
        console.result(f"{status}  {arn}")

    stop_each(models, stop)
    return stopped


def _stop_model(model: ArmedModel, workspace: Path) -> str:
    try:
        return _stop_with(model, workspace)
    except StoreError:  # what cannot be noted can be stopped all the same
        with TemporaryDirectory(prefix="rcl-flow-") as empty:
            return _stop_with(model, Path(empty))


def _stop_with(model: ArmedModel, workspace: Path) -> str:
    arn = model.project_version_arn
    try:
        services = reach_backend(model.backend, workspace, lambda _event: None)
    except EmulatorUnavailableError:
        open_store(workspace).delete(armed_key(arn))
        return "GONE"
    except StoreError:
        raise
    except RclFlowError as error:
        why = f"{error.message} {error.hint}"
        raise not_stopped(arn, why, model.backend, model.usd_per_hour) from error
    pace = Pace(services.every_seconds(_PACE.every_seconds), _PACE.timeout_seconds)
    with services.guard.listening(), services.guard.deferred():
        status = stop_and_confirm(model, services, pace)
    if model.watched_until is None:  # whoever armed it may have left a tag and a schedule
        forget_watchdog(arn, services)
    if status == "DELETED" and not model.run_id:
        raise UnknownRunError(
            f"There is no project version {arn}.",
            hint="Correct the ARN; `rcl-flow status` shows the models of this workspace.",
        )
    return status


def _readable(store: StateStore) -> list[ArmedModel]:
    """Return every model on the list; a torn record stands for the one that its key names."""
    found, torn = readable_armed(store)
    runs = list_runs(store) if torn else []
    for key in torn:
        arn = key.removeprefix(armed_key(""))
        if runs and parse_version_arn(arn):
            found.append(_unarmed(arn, runs[-1].backend, run_id=runs[-1].run_id))
    return found


def _by_arn(wanted: str, workspace: Path, backend: Backend) -> ArmedModel:
    try:
        store = open_store(workspace)
    except (UnknownRunError, StoreError):  # a broken store keeps no model running
        return _unarmed(wanted, backend)
    armed = _armed(wanted, store)
    if armed is not None:
        return armed
    for record in reversed(list_runs(store)):
        if record.project_version_arn == wanted:
            return _unarmed(wanted, record.backend, run_id=record.run_id)
    return _unarmed(wanted, backend)


def _of_run(record: RunRecord, store: StateStore) -> ArmedModel:
    arn = record.project_version_arn
    return _armed(arn, store) or _unarmed(arn, record.backend, run_id=record.run_id)


def _armed(arn: str, store: StateStore) -> ArmedModel | None:
    with suppress(StoreError):  # a torn record keeps no model running
        return read_record(store, armed_key(arn), ArmedModel)
    return None


def _unarmed(arn: str, backend: Backend, *, run_id: str = "") -> ArmedModel:
    """Return what is taken for a model that no run here has started."""
    return unknown_model(arn, backend, SystemClock().now(), run_id=run_id)
