"""The Lambda handler: `advance` does one tick over the same engine as the command line.

The state machine around it has no logic of the pipeline: it waits, fans out and stops the model.
"""

import sys
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Final

from rcl_flow.clock import SystemClock
from rcl_flow.config import FlowConfig
from rcl_flow.errors import ConfigError, StoreError
from rcl_flow.pipeline.flow import Options, run_flow
from rcl_flow.pipeline.retraining.retraining import retrain
from rcl_flow.pipeline.runs.events import Event
from rcl_flow.pipeline.runs.log_lines import JsonLog, json_lines
from rcl_flow.pipeline.runs.services import Services
from rcl_flow.pipeline.state.s3_store import S3Store
from rcl_flow.pipeline.state.store import StateStore
from rcl_flow.pipeline.ticks.advancing import Directive, advance
from rcl_flow.pipeline.ticks.executions import ExecutionLog
from rcl_flow.pipeline.ticks.shard_work import work_on
from rcl_flow.pipeline.ticks.tick_executor import TickExecutor
from rcl_flow.pipeline.training.still_training import look_at_training
from rcl_flow.wiring.announcing import settling
from rcl_flow.wiring.services import make_services
from rcl_flow.wiring.worker_config import WorkerConfigs

Connect = Callable[[FlowConfig, Callable[[Event], None]], Services]

_LINES: Mapping[str, Callable[[FlowConfig, Services, Options], object]] = {
    "run": run_flow,
    "retrain": retrain,
}

_OPERATIONS: Final = ("advance", "shard")


class Worker:
    """Does what one event asks for, with services that it is given."""

    def __init__(self, connect: Connect) -> None:
        """Reach the world through `connect`."""
        self._connect = connect
        self._configs = WorkerConfigs()

    def __call__(self, event: Mapping[str, Any], _context: object) -> dict[str, Any]:
        """Do a tick or a shard.

        Args:
            event: `op`: `advance` with `run_id`, the execution's name, and `input` (`command`:
                `run` or `retrain`; `retry_training`: once), or `shard` with `shard`, its key in
                the store.

        Raises:
            ConfigError: the event or the config is not valid.
            RclFlowError: a shard cannot be done; a tick's errors are a directive `FAILED`.
            Transient: AWS did not answer; the same event may be sent again.
        """
        op, given = event.get("op"), event.get("input") or {}
        if op not in _OPERATIONS or (op == "shard" and "shard" not in event):
            raise ConfigError(
                f"The event asks for the operation {op!r}.",
                hint="The state machine of infra/template.yaml sends `advance`, or `shard` with a "
                "key.",
            )
        if not isinstance(given, Mapping):
            raise ConfigError(
                "The execution's input is not a JSON object.",
                hint='Start it with {"command": "retrain"} or {"command": "run"}.',
            )
        config = self._configs.read()
        log = json_lines(sys.stdout.write, SystemClock(), shard=str(event.get("shard", "")))
        services = self._connect(config, log)
        with settling(services.announce):  # a function is frozen as soon as it has answered
            if op == "shard":
                return work_on(str(event["shard"]), services).model_dump(mode="json")
            execution = ExecutionLog(str(event.get("run_id", "")), config, services)
            return _tick(config, services, given, execution, log).model_dump(mode="json")


def _tick(
    config: FlowConfig,
    services: Services,
    given: Mapping[str, Any],
    execution: ExecutionLog,
    log: JsonLog,
) -> Directive:
    command = given.get("command", "retrain")
    if command not in _LINES:
        raise ConfigError(
            f"The execution's input asks for the command {command!r}.",
            hint="Give `run` or `retrain`.",
        )
    options = Options(
        blocking=False,
        consent=True,
        # once: else every failed training would be repeated, and paid, until one succeeds
        retry_training=given.get("retry_training") is True and not execution.has_trained,
    )
    ticking = replace(services, shard_executor=_tick_executor(services.store))

    def line() -> None:
        with services.guard.listening():
            look_at_training(config, ticking)
            _LINES[command](config, ticking, options)

    return advance(line, config, ticking, execution, log.failure)


def _tick_executor(store: StateStore) -> TickExecutor:
    if not isinstance(store, S3Store):
        raise StoreError(
            "The worker's state is not shared.", hint="Set `state.store: s3` in its config."
        )
    return TickExecutor(store)


handler: Final = Worker(make_services)
"""What the function names as its handler."""
