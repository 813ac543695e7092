"""A tick's first look: while the version trains, nothing is replayed and no image read."""

from rcl_flow.aws.descriptions import TRAINING
from rcl_flow.config import FlowConfig
from rcl_flow.pipeline.runs.run import Pause
from rcl_flow.pipeline.runs.services import Services
from rcl_flow.pipeline.state.lease import acquire_lease, claim
from rcl_flow.pipeline.state.records import RunRecord, list_runs
from rcl_flow.pipeline.training.training import await_training

_SECONDS_PER_MINUTE = 60
_SECONDS_PER_HOUR = 3600


def look_at_training(config: FlowConfig, services: Services) -> None:
    """Leave the tick at once when the project's paused run waits for a training that goes on.

    Raises:
        Pause: it trains; the project stays taken for the run.
        RunHeldError: another run holds the project.
    """
    for record in list_runs(services.store):
        if _waits_for_training(record, config, services) and _trains(record, config, services):
            _pause(record, config, services)


def _waits_for_training(record: RunRecord, config: FlowConfig, services: Services) -> bool:
    return (
        record.status == "paused"
        and record.step == await_training.__name__
        and record.project == config.project
        and record.backend.identity == services.backend.identity
        and bool(record.project_version_arn)
    )


def _trains(record: RunRecord, config: FlowConfig, services: Services) -> bool:
    """Say whether it trains and may; one that takes too long is the run's own to judge."""
    found = services.rekognition.find_version_by_arn(record.project_version_arn)
    if found is None or found.status not in TRAINING:
        return False
    seconds = (services.clock.now() - found.created_at).total_seconds()
    limits = [config.training.timeout_hours, config.budget.max_training_hours]
    return all(seconds < hours * _SECONDS_PER_HOUR for hours in limits if hours is not None)


def _pause(record: RunRecord, config: FlowConfig, services: Services) -> None:
    ttl_seconds = config.safety.lease_minutes * _SECONDS_PER_MINUTE
    wanted = claim(config.project, record.run_id, services.holder, ttl_seconds)
    seconds = services.every_seconds(config.training.poll_seconds)
    acquire_lease(wanted, services.backend.identity, services.store, services.clock).pause(seconds)
    raise Pause(seconds)
