"""Hand a champion's place over where its model is kept running; resumed where it was interrupted.

What is under way is one document, written before the new model starts and removed when the last
old one has stopped, so that whoever comes next brings it to its end or takes it back.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Final

from rcl_flow.config import FlowConfig
from rcl_flow.core.values import Frozen
from rcl_flow.pipeline.runs.run import Run
from rcl_flow.pipeline.runs.services import Services
from rcl_flow.pipeline.serving.hosting import Hosting
from rcl_flow.pipeline.serving.model_use import open_use, using_model
from rcl_flow.pipeline.serving.swapping import (
    Swapped,
    finish_swap,
    kept_models,
    stop_own,
    swap_serving,
)
from rcl_flow.pipeline.state.records import ArmedModel, read_record, write_record
from rcl_flow.pipeline.training.evaluating import find_existing

_USE: Final = "champion"
"""Ends the id of a use, which is so the same in every tick."""


class Swap(Frozen):
    """A swap under way."""

    project_version_arn: str
    """The new model."""
    olds: tuple[ArmedModel, ...]


def serve_champion(
    version_arn: str,
    switch: Callable[[], None],
    config: FlowConfig,
    services: Services,
    *,
    before_arn: str,
    blocking: bool = True,
) -> Swapped | None:
    """Switch to a new champion; where the one before is kept running, the new one takes its place.

    The new model is kept as long and as large as the old one was; what is not kept running
    is not started. Interrupted, the same call goes on, and `settle_swap` where the switch is done.

    Args:
        version_arn: the new champion's model.
        switch: moves the alias; when it raises, the alias has not moved.
        config: how models are run and watched.
        services: gateways, clock and store.
        before_arn: the champion until now; empty for none. Other models that are kept running
            are nobody's business here.
        blocking: False in a tick, which pauses while the new model starts.

    Returns:
        What was started and stopped, or None where nothing was kept running.

    Raises:
        Pause: in a tick; the alias has not moved.
        RclFlowError: as `swap_serving`; then the alias has moved only if an old model is the one
            that could not be confirmed as stopped.
    """
    run = _use(version_arn, config, services, blocking=blocking)
    project = run.record.project
    if not needs_swap(version_arn, before_arn, project, services):
        switch()
        return None
    with using_model(run):
        olds = _to_replace(version_arn, before_arn, run)
        before = _read(project, services)
        if before is not None and not (olds and before.project_version_arn == version_arn):
            _give_up(before, run)
            olds = _to_replace(version_arn, before_arn, run)
        if not olds:
            switch()
            return None
        swap = Swap(project_version_arn=version_arn, olds=tuple(olds))
        write_record(services.store, _key(project, services), swap)
        version = find_existing(version_arn, run)
        swapped = swap_serving(olds, version, _hosting(olds), switch, run)
        services.store.delete(_key(project, services))
        return swapped


def settle_swap(
    champion_arn: str,
    project: str,
    config: FlowConfig,
    services: Services,
    *,
    blocking: bool = True,
) -> Swapped | None:
    """Bring a swap that was interrupted to its end: forward if the alias has moved, else back.

    Args:
        champion_arn: the model that the alias names now; empty for none.
        project: its name.
        config: how models are run and watched.
        services: gateways, clock and store.
        blocking: False in a tick.

    Returns:
        What was started and stopped; None where nothing was left to do, or it was taken back.

    Raises:
        RclFlowError: as `swap_serving`; the alias is not touched.
    """
    found = _read(project, services)
    if found is None:
        return None
    run = _use(found.project_version_arn, config, services, blocking=blocking)
    with using_model(run):
        swap = _read(project, services)
        if swap != found:
            return None  # another process has seen to it
        if found.project_version_arn != champion_arn:
            _give_up(found, run)
            return None
        left = tuple(old for old in found.olds if _still_kept(old, run))
        if not left:
            services.store.delete(_key(project, services))
            return None
        version = find_existing(champion_arn, run)
        swapped = finish_swap(left, version, _hosting(left), run)
        services.store.delete(_key(project, services))
        return swapped


def is_swapping(project: str, services: Services) -> bool:
    """Say whether a swap of the project's models was begun and has not come to its end."""
    return _read(project, services) is not None


def needs_swap(version_arn: str, before_arn: str, project: str, services: Services) -> bool:
    """Say whether a new champion would have to be started, or a swap is to be brought to its end.

    Args:
        version_arn: the new champion's model.
        before_arn: the champion until now; empty for none.
        project: its name.
        services: whose store.

    Raises:
        StoreError: a record cannot be read.
    """
    kept = {armed.project_version_arn for armed in kept_models(project, services)}
    return before_arn in kept - {version_arn} or is_swapping(project, services)


def _use(version_arn: str, config: FlowConfig, services: Services, *, blocking: bool) -> Run:
    run = open_use("start", version_arn, _USE, config, services)
    run.blocking = blocking
    return run


def _hosting(olds: Sequence[ArmedModel]) -> Hosting:
    """Return how the new model is kept: as long and as large as the old one."""
    last = max(olds, key=_end)
    return Hosting(_end(last), last.inference_units)


def _give_up(swap: Swap, run: Run) -> None:
    """Stop the new model of a swap that will not be switched to, and forget the swap."""
    config, services = run.config, run.services
    began = _use(swap.project_version_arn, config, services, blocking=run.blocking)
    began.lease = run.lease
    stop_own(swap.project_version_arn, began)
    services.store.delete(_key(run.record.project, services))


def _to_replace(version_arn: str, before_arn: str, run: Run) -> list[ArmedModel]:
    """Return the champion's model until now where it is kept running and has not come to its end.

    One that a run uses beyond its end is left to that run.
    """
    now = run.services.clock.now()
    return [
        armed
        for armed in kept_models(run.record.project, run.services)
        if armed.project_version_arn == before_arn != version_arn and _end(armed) > now
    ]


def _still_kept(old: ArmedModel, run: Run) -> bool:
    """Say whether it is the same stretch of running: it may have been started anew since."""
    kept = kept_models(run.record.project, run.services)
    ids = {(armed.project_version_arn, armed.armed_at) for armed in kept}
    return (old.project_version_arn, old.armed_at) in ids


def _read(project: str, services: Services) -> Swap | None:
    return read_record(services.store, _key(project, services), Swap)


def _key(project: str, services: Services) -> str:
    return f"swaps/{services.backend.identity}/{project}"


def _end(armed: ArmedModel) -> datetime:
    return armed.kept_until or armed.armed_at
