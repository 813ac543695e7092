"""One tick of a run, seen from outside: what a scheduler has to do next."""

import math
from collections.abc import Callable
from typing import Final, Literal

from rcl_flow.config import FlowConfig
from rcl_flow.core.values import Frozen
from rcl_flow.errors import RclFlowError
from rcl_flow.pipeline.records import list_armed
from rcl_flow.pipeline.run import Pause
from rcl_flow.pipeline.services import Services
from rcl_flow.pipeline.shards import FanOut

NO_MODEL: Final = "none"
_LEAST_SECONDS: Final = 60
"""A wait on AWS is no shorter, unless it is none at all.

At 30 s a day's ticks reach the 25,000 events that an execution may have, and it dies uncaught.
Source: AWS Step Functions developer guide, quotas of standard workflows.
"""
_THREADS_PER_UNIT: Final = 5
"""Calls a second that one inference unit answers at best.

Source: shared figures of AWS demos; AWS publishes no rate.
"""


class Directive(Frozen):
    """What is to be done next, and which model may be running meanwhile."""

    next: Literal["WAIT", "MAP", "DONE", "FAILED"]
    seconds: int = 0
    """For WAIT: until the next tick."""
    model_arn: str = NO_MODEL
    """What has to be stopped should nobody come back; `none` without one."""
    bucket: str = ""
    """For MAP: where the list of shards is, with its key."""
    shards_key: str = ""
    concurrency: int = 1
    """For MAP: how many shards may be under way at once."""
    step: str = ""
    """For MAP: what is done to each."""
    reason: str = ""
    """For FAILED: slug and message."""


def advance(
    line: Callable[[], object],
    config: FlowConfig,
    services: Services,
    failed: Callable[[RclFlowError], None] = lambda _error: None,
) -> Directive:
    """Do what can be done now of a run and say how it goes on.

    Args:
        line: replays the run's line as a tick; it raises `Pause` where it waits.
        config: the run's.
        services: the run's.
        failed: is told of the error that ends the run.
    """
    try:
        line()
    except FanOut as fan_out:
        return Directive(
            next="MAP",
            bucket=fan_out.plan.bucket,
            shards_key=fan_out.plan.key,
            step=fan_out.step,
            concurrency=_concurrency(fan_out, config),
            model_arn=_armed(config, services),
        )
    except Pause as pause:
        seconds = _wait_seconds(pause.seconds, services)
        return Directive(next="WAIT", seconds=seconds, model_arn=_armed(config, services))
    except RclFlowError as error:
        failed(error)
        reason = f"[{error.slug}] {error.message}"
        return Directive(next="FAILED", reason=reason, model_arn=_armed(config, services))
    return Directive(next="DONE")


def _armed(config: FlowConfig, services: Services) -> str:
    """Return the model of the project that may be running; its record was written before.

    One that is kept running on purpose has an end of its own, and is not the run's to stop.
    """
    identity = services.backend.identity
    for armed in list_armed(services.store):
        mine = armed.project == config.project and armed.kept_until is None
        if mine and armed.backend.identity == identity:
            return armed.project_version_arn
    return NO_MODEL


def _wait_seconds(seconds: float, services: Services) -> int:
    if services.backend.kind == "emulator":
        return int(seconds)
    return max(math.ceil(seconds), _LEAST_SECONDS) if seconds > 0 else 0


def _concurrency(fan_out: FanOut, config: FlowConfig) -> int:
    if fan_out.step != "predict":
        return min(fan_out.shards, _most_workers(config))
    calls = config.inference.most_units * _THREADS_PER_UNIT
    return max(1, min(fan_out.shards, math.ceil(calls / config.inference.concurrency)))


def _most_workers(config: FlowConfig) -> int:
    workers = config.executor.workers
    return _USUAL_WORKERS if workers == "auto" else workers


_USUAL_WORKERS: Final = 10
"""What a new account may have of concurrent executions of functions.

Source: AWS Lambda developer guide, quotas (new accounts start with fewer than 1,000).
"""
