"""Tests of stopping several models."""

from datetime import UTC, datetime

import pytest

from rcl_flow.errors import ModelNotStoppedError
from rcl_flow.pipeline.serving.stopping import not_stopped, stop_each
from rcl_flow.pipeline.state.backend import Backend
from rcl_flow.pipeline.state.records import ArmedModel

BACKEND = Backend(kind="aws", region="eu-west-1")


def armed(name: str) -> ArmedModel:
    """Return the record of a model."""
    return ArmedModel(
        project_version_arn=name,
        run_id="r",
        backend=BACKEND,
        inference_units=1,
        armed_at=datetime(2026, 1, 2, tzinfo=UTC),
        usd_per_hour=4.0,
    )


def test_stop_each_tries_every_model_when_some_do_not_stop() -> None:
    """One model that does not stop keeps none of the others running, and all of them are named."""
    tried = []

    def stop(model: ArmedModel) -> None:
        tried.append(model.project_version_arn)
        if model.project_version_arn != "b":
            raise not_stopped(model.project_version_arn, "refused", BACKEND, 4.0)

    with pytest.raises(ModelNotStoppedError) as caught:
        stop_each([armed("a"), armed("b"), armed("c")], stop)
    assert tried == ["a", "b", "c"]
    assert "MODEL a " in caught.value.message
    assert "MODEL c " in caught.value.message
    assert "MODEL b " not in caught.value.message
    assert "rcl-flow stop c" in caught.value.hint


def test_not_stopped_says_what_it_costs_and_what_to_type() -> None:
    """The error has the command, the region and the price of an hour."""
    error = not_stopped("arn", "refused", BACKEND, 8.0)
    assert "8.00 USD an hour" in error.message
    assert "aws rekognition stop-project-version --project-version-arn arn" in error.hint
    assert "--region eu-west-1" in error.hint
