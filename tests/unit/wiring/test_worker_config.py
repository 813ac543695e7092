"""Tests of the worker's config: an object in S3, named by the function's environment."""

from collections.abc import Callable, Iterator

import boto3
import pytest
import yaml

from rcl_flow.emulator.testing import emulated_aws
from rcl_flow.errors import AwsRefusedError, ConfigError
from rcl_flow.wiring.worker_config import CONFIG_VARIABLE, WorkerConfigs

Put = Callable[..., None]
URI = "s3://acme/config.yaml"
CONFIG = {
    "project": "parts",
    "backend": "aws",
    "storage": {"bucket": "acme"},
    "state": {"store": "s3"},
    "data": {split: {"folder": f"s3://acme/{split}/"} for split in ("train", "test", "holdout")},
}


@pytest.fixture
def put(monkeypatch: pytest.MonkeyPatch) -> Iterator[Put]:
    """Return what puts a config with some sections replaced; the environment names it."""
    monkeypatch.setenv(CONFIG_VARIABLE, URI)
    with emulated_aws():
        client = boto3.client("s3", "us-east-1")
        client.create_bucket(Bucket="acme")

        def put_config(**sections: object) -> None:
            body = yaml.safe_dump(CONFIG | sections)
            client.put_object(Bucket="acme", Key="config.yaml", Body=body)

        yield put_config


def test_the_environment_names_the_config(put: Put) -> None:
    """A tick pauses while the model starts, and keeps its files where a function may."""
    put()
    config = WorkerConfigs().read()
    assert config.project == "parts"
    assert config.safety.pause_while_starting
    assert config.workspace == "/tmp/rcl-flow"  # noqa: S108


def test_a_config_that_is_gone_is_refused(put: Put, monkeypatch: pytest.MonkeyPatch) -> None:
    """The error is the one of the object that is not there."""
    put()
    monkeypatch.setenv(CONFIG_VARIABLE, "s3://acme/another.yaml")
    with pytest.raises(AwsRefusedError):
        WorkerConfigs().read()


@pytest.mark.parametrize("sections", [{"backend": "emulator"}, {"state": {"store": "local"}}])
def test_a_config_that_stays_on_one_machine_is_refused(
    put: Put, sections: dict[str, object]
) -> None:
    """A function has no disk that lasts and no emulator."""
    put(**sections)
    with pytest.raises(ConfigError, match=r"state.store: s3"):
        WorkerConfigs().read()


def test_a_config_that_is_no_object_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """The message names the variable."""
    monkeypatch.delenv(CONFIG_VARIABLE, raising=False)
    with pytest.raises(ConfigError, match="is not an s3:// URI") as caught:
        WorkerConfigs().read()
    assert CONFIG_VARIABLE in caught.value.hint


def test_variables_are_those_of_the_function(put: Put, monkeypatch: pytest.MonkeyPatch) -> None:
    """One config for two stacks; a variable that the function lacks is named."""
    put(tags={"stage": "${PARTS_STAGE}"})
    with pytest.raises(
        ConfigError, match=r"s3://acme/config\.yaml:\d+: tags\.stage: .*PARTS_STAGE"
    ):
        WorkerConfigs().read()
    monkeypatch.setenv("PARTS_STAGE", "prod")
    assert WorkerConfigs().read().tags == {"stage": "prod"}
