"""Tests of the Lambda handler: what it is asked for, and what it refuses."""

from collections.abc import Callable
from typing import Any

import boto3
import pytest
import yaml

from rcl_flow.config import FlowConfig
from rcl_flow.emulator.testing import emulated_aws
from rcl_flow.errors import ConfigError, StoreError
from rcl_flow.pipeline.runs.events import Event
from rcl_flow.pipeline.runs.services import Services
from rcl_flow.wiring.services import make_services
from rcl_flow.wiring.worker_config import CONFIG_VARIABLE
from rcl_flow.worker.handler import Worker, handler
from tests.unit.wiring.test_worker_config import CONFIG, URI


def nothing_is_reached(_config: FlowConfig, _emit: Callable[[Event], None]) -> Services:
    """Fail a test that goes so far."""
    raise AssertionError("it was refused too late")


@pytest.mark.parametrize(
    ("event", "message"),
    [
        ({}, "the operation None"),
        ({"op": "erase"}, "the operation 'erase'"),
        ({"op": "shard"}, "the operation 'shard'"),
        ({"op": "advance", "input": ["run"]}, "not a JSON object"),
    ],
)
def test_events_of_another_form_are_refused(event: dict[str, Any], message: str) -> None:
    """Nothing is read or reached for them."""
    with pytest.raises(ConfigError, match=message):
        Worker(nothing_is_reached)(event, None)


def test_an_unknown_command_and_an_unknown_shard_are_refused(
    monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """The error says which, before anything is begun."""
    monkeypatch.setenv(CONFIG_VARIABLE, URI)
    monkeypatch.setenv("RCL_FLOW_WORKSPACE", str(tmp_path_factory.mktemp("function")))
    with emulated_aws() as world:
        client = boto3.client("s3", "us-east-1")
        client.create_bucket(Bucket="acme")
        client.put_object(Bucket="acme", Key="config.yaml", Body=yaml.safe_dump(CONFIG))
        worker = Worker(make_services)
        with pytest.raises(ConfigError, match="the command 'erase'"):
            worker({"op": "advance", "input": {"command": "erase"}}, None)
        with pytest.raises(StoreError, match="no shard shards/a-run/predict/1"):
            worker({"op": "shard", "shard": "shards/a-run/predict/1"}, None)
        answer = worker({"op": "advance", "input": {"command": "run"}}, None)
        assert answer["next"] == "FAILED"
        assert answer["reason"].startswith("[data-not-found]")
        assert world.calls.counts().get("CreateProject", 0) == 0


def test_the_function_names_a_handler_that_reaches_aws() -> None:
    """It is what the template's `Handler` says."""
    assert isinstance(handler, Worker)
