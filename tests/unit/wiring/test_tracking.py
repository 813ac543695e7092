"""Tests of what is asked, before a run costs anything, of a config that logs to MLflow."""

import os

import pytest

from rcl_flow.config import FlowConfig
from rcl_flow.errors import ExtraMissingError
from rcl_flow.wiring.tracking import require_tracking


def config(uri: str | None) -> FlowConfig:
    """Return a config that logs there."""
    return FlowConfig.model_validate(
        {
            "project": "shades",
            "data": {split: {"folder": split} for split in ("train", "test", "holdout")},
            "tracking": {"mlflow_uri": uri},
        }
    )


def test_package_that_is_missing_is_an_error_at_the_start() -> None:
    """A training of a day must not end in it."""
    with pytest.raises(ExtraMissingError, match="mlflow is not installed") as caught:
        require_tracking(config("http://127.0.0.1:5000"), package="no_such_package")
    assert "pip install 'rcl-flow[mlflow]'" in caught.value.hint
    assert caught.value.exit_code == 2


def test_config_without_a_store_needs_no_package() -> None:
    """The default asks for nothing."""
    require_tracking(config(None), package="no_such_package")


def test_mlflow_is_told_to_be_brief_unless_the_user_has_said_otherwise(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A server that is down must not hold the end of a run up for minutes."""
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "5")
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_TIMEOUT", "")
    monkeypatch.delenv("MLFLOW_HTTP_REQUEST_TIMEOUT")
    monkeypatch.setenv("MLFLOW_DISABLE_TELEMETRY", "")
    monkeypatch.delenv("MLFLOW_DISABLE_TELEMETRY")
    require_tracking(config("http://127.0.0.1:5000"), package="pytest")
    assert os.environ["MLFLOW_HTTP_REQUEST_MAX_RETRIES"] == "5"
    assert os.environ["MLFLOW_HTTP_REQUEST_TIMEOUT"] == "10"
    assert os.environ["MLFLOW_DISABLE_TELEMETRY"] == "true"
