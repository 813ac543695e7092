"""The Lambda handler: `advance` does one tick over the same engine as the command line.

The state machine around it has no logic of the pipeline: it waits, fans out and stops the model.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from rcl_flow.config import FlowConfig
from rcl_flow.errors import ConfigError, StoreError
from rcl_flow.pipeline.advancing import Directive, advance
from rcl_flow.pipeline.flow import Options, run_flow
from rcl_flow.pipeline.retraining import retrain
from rcl_flow.pipeline.s3_store import S3Store
from rcl_flow.pipeline.services import Services
from rcl_flow.pipeline.shard_work import work_on
from rcl_flow.pipeline.still_training import look_at_training
from rcl_flow.pipeline.store import StateStore
from rcl_flow.pipeline.tick_executor import TickExecutor
from rcl_flow.wiring.services import make_services
from rcl_flow.wiring.worker_config import read_worker_config

_LINES: Mapping[str, Callable[[FlowConfig, Services, Options], object]] = {
    "run": run_flow,
    "retrain": retrain,
}


def handler(event: Mapping[str, Any], context: object) -> dict[str, Any]:
    """Do what the event asks for.

    Args:
        event: `op`: `advance` with `run_id` (the execution's name) and `input` (`command`: `run`
            or `retrain`; `config`: an s3:// URI in place of the function's own;
            `retry_training`), or `shard` with `shard` (its key in the store).
        context: of Lambda; its request id is logged.

    Raises:
        ConfigError: the event or the config is not valid.
        RclFlowError: a shard cannot be done; a tick's errors are a directive `FAILED`.
    """
    given = event.get("input") or {}
    if not isinstance(given, Mapping):
        raise ConfigError(
            "The execution's input is not a JSON object.",
            hint='Start it with {"command": "retrain"} or {"command": "run"}.',
        )
    config = read_worker_config(given.get("config"))
    services = make_services(config, lambda _event: None)
    if event.get("op") == "shard":
        return work_on(str(event["shard"]), services).model_dump(mode="json")
    return _tick(config, services, given).model_dump(mode="json")


def _tick(config: FlowConfig, services: Services, given: Mapping[str, Any]) -> Directive:
    command = given.get("command", "retrain")
    if command not in _LINES:
        raise ConfigError(
            f"The execution's input asks for the command {command!r}.",
            hint="Give `run` or `retrain`.",
        )
    options = Options(
        blocking=False, consent=True, retry_training=given.get("retry_training") is True
    )
    ticking = replace(services, shard_executor=_tick_executor(services.store))

    def line() -> None:
        with services.guard.listening():
            look_at_training(config, ticking)
            _LINES[command](config, ticking, options)

    return advance(line, config, ticking)


def _tick_executor(store: StateStore) -> TickExecutor:
    if not isinstance(store, S3Store):
        raise StoreError(
            "The worker's state is not shared.", hint="Set `state.store: s3` in its config."
        )
    return TickExecutor(store)
