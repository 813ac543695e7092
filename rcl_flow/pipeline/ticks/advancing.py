"""One tick of a run, seen from outside: what a scheduler has to do next."""

import math
from collections.abc import Callable
from typing import Final, Literal

from rcl_flow.config import FlowConfig
from rcl_flow.core.values import Frozen
from rcl_flow.errors import AwsUnreachableError, LeaseLostError, RclFlowError, RunHeldError
from rcl_flow.pipeline.runs.run import Pause
from rcl_flow.pipeline.runs.services import Services
from rcl_flow.pipeline.sharding.shard_limits import predicting_at_once
from rcl_flow.pipeline.sharding.shards import FanOut
from rcl_flow.pipeline.ticks.executions import ExecutionLog

NO_MODEL: Final = "none"
_LEAST_SECONDS: Final = 60
"""A wait on AWS is no shorter, unless it is none at all.

At 30 s a day's ticks reach the 25,000 events that an execution may have, and it dies uncaught.
Source: AWS Step Functions developer guide, quotas of standard workflows.
"""
_HELD_SECONDS: Final = 300.0
"""After how long a project is looked at again that another run holds."""


class Transient(Exception):  # noqa: N818  # its name is what the state machine's Retry lists
    """A tick that could not be done for now: AWS did not answer."""


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
    execution: ExecutionLog,
    failed: Callable[[RclFlowError], None] = lambda _error: None,
) -> Directive:
    """Do what can be done now of a run and say how it goes on.

    Args:
        line: replays the run's line as a tick; it raises `Pause` where it waits.
        config: the run's.
        services: the run's.
        execution: remembers which runs are this driver's.
        failed: is told of the error that ends the run.

    Raises:
        Transient: AWS did not answer; the same tick may be tried again.
    """
    try:
        line()
    except Pause as pause:
        execution.note()
        return _paused(pause, config, services, execution.armed_model() or NO_MODEL)
    except (RunHeldError, LeaseLostError) as error:
        failed(error)
        # the model, if any, is the other run's: nobody here may stop it
        return Directive(next="WAIT", seconds=_wait_seconds(_HELD_SECONDS, services))
    except RclFlowError as error:
        failed(error)
        if _is_transient(error):
            raise Transient(f"[{error.slug}] {error.message}") from error
        reason = f"[{error.slug}] {error.message}"
        model_arn = execution.armed_model() or NO_MODEL
        return Directive(next="FAILED", reason=reason, model_arn=model_arn)
    return Directive(next="DONE")


def _is_transient(error: RclFlowError) -> bool:
    """Say whether AWS did not answer; a store in S3 hides that behind an error of its own."""
    return isinstance(error, AwsUnreachableError) or isinstance(
        error.__cause__, AwsUnreachableError
    )


def _paused(pause: Pause, config: FlowConfig, services: Services, model_arn: str) -> Directive:
    if not isinstance(pause, FanOut):
        seconds = _wait_seconds(pause.seconds, services)
        return Directive(next="WAIT", seconds=seconds, model_arn=model_arn)
    return Directive(
        next="MAP",
        bucket=pause.plan.bucket,
        shards_key=pause.plan.key,
        step=pause.step,
        concurrency=_concurrency(pause, config),
        model_arn=model_arn,
    )


def _wait_seconds(seconds: float, services: Services) -> int:
    if services.backend.kind == "emulator":
        return int(seconds)
    return max(math.ceil(seconds), _LEAST_SECONDS) if seconds > 0 else 0


def _concurrency(fan_out: FanOut, config: FlowConfig) -> int:
    if fan_out.step != "predict":
        return min(fan_out.shards, _most_workers(config))
    return min(fan_out.shards, predicting_at_once(config))


def _most_workers(config: FlowConfig) -> int:
    workers = config.executor.workers
    return _USUAL_WORKERS if workers == "auto" else workers


_USUAL_WORKERS: Final = 10
"""What a new account may have of concurrent executions of functions.

Source: AWS Lambda developer guide, quotas (new accounts start with fewer than 1,000).
"""
