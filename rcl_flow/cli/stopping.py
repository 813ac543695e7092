"""Find the models that a person wants stopped, and stop them one by one."""

from pathlib import Path

from rcl_flow.aws.waiting import Pace
from rcl_flow.cli.wiring import STORE_NAME, open_store, reach_backend
from rcl_flow.clock import SystemClock
from rcl_flow.core.arns import parse_version_arn
from rcl_flow.core.cost import Prices
from rcl_flow.errors import EmulatorUnavailableError, UnknownRunError
from rcl_flow.pipeline.records import ArmedModel, RunRecord, armed_key, list_armed, list_runs
from rcl_flow.pipeline.selecting import select_runs
from rcl_flow.pipeline.services import Backend
from rcl_flow.pipeline.stopping import stop_and_confirm
from rcl_flow.pipeline.store import StateStore

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
        return list_armed(store)
    record = select_runs(list_runs(store), wanted)[0]
    if not record.project_version_arn:
        raise UnknownRunError(
            f"The run {record.run_id} has no project version yet.", hint="There is nothing to stop."
        )
    return [_of_run(record, store)]


def stop_model(model: ArmedModel, workspace: Path) -> str:
    """Stop one model and return the status that was read back.

    Raises:
        ModelNotStoppedError: it could not be confirmed as stopped.
    """
    try:
        services = reach_backend(model.backend, workspace, lambda _event: None)
    except EmulatorUnavailableError:
        StateStore(workspace / STORE_NAME).delete(armed_key(model.project_version_arn))
        return "GONE"
    pace = Pace(services.every_seconds(_PACE.every_seconds), _PACE.timeout_seconds)
    status, _ = stop_and_confirm(model, services, pace)
    return status


def _by_arn(wanted: str, workspace: Path, backend: Backend) -> ArmedModel:
    if (workspace / STORE_NAME).is_file():
        store = open_store(workspace)
        known = {model.project_version_arn: model for model in list_armed(store)}
        if wanted in known:
            return known[wanted]
        for record in reversed(list_runs(store)):
            if record.project_version_arn == wanted:
                return _of_run(record, store)
    return ArmedModel(
        project_version_arn=wanted,
        run_id="",
        backend=backend,
        inference_units=1,
        armed_at=SystemClock().now(),
        usd_per_hour=Prices().inference_unit_usd_per_hour,
    )


def _of_run(record: RunRecord, store: StateStore) -> ArmedModel:
    for model in list_armed(store):
        if model.project_version_arn == record.project_version_arn:
            return model
    return ArmedModel(
        project_version_arn=record.project_version_arn,
        run_id=record.run_id,
        backend=record.backend,
        inference_units=1,
        armed_at=SystemClock().now(),
        usd_per_hour=Prices().inference_unit_usd_per_hour,
    )
