"""Faults of the service by kind, and what somebody else does behind a run's back."""

from typing import Any

import pytest

from tests.chaos.bench import Bench
from tests.chaos.orders import Jump
from tests.chaos.verdict import judge

PAID = ("CreateProject", "CreateDataset", "CreateProjectVersion", "StartProjectVersion")


@pytest.mark.parametrize("operation", PAID)
@pytest.mark.parametrize("loss", [{"code": "InternalServerError"}, {"reset": True}], ids=str)
def test_lost_answer_is_looked_for(bench: Bench, operation: str, loss: dict[str, Any]) -> None:
    """The request was carried out and its answer lost: nothing is made, paid or started twice."""
    workspace = bench.fresh()
    bench.ask("POST", "faults", {"operation": operation, "executed": True, "times": 1} | loss)

    ended = workspace.run()

    assert judge(workspace, ended).faults == []


@pytest.mark.parametrize("operation", ["PutObject", "GetObject", "ListObjectsV2"])
def test_storm_of_s3_is_waited_out(bench: Bench, operation: str) -> None:
    """503 SlowDown on several calls in a row delays a run and does not end it."""
    workspace = bench.fresh()
    storm = {"service": "s3", "operation": operation, "code": "SlowDown", "times": 4}
    bench.ask("POST", "faults", storm)

    ended = workspace.run()

    assert judge(workspace, ended).faults == []


def test_version_deleted_behind_our_back_is_told(bench: Bench) -> None:
    """Somebody deletes the version: the run says so, and nothing is running or bought again."""
    workspace = bench.fresh()
    bench.ask(
        "POST",
        "faults",
        {"operation": "DescribeProjectVersions", "then": "delete-version", "after": 2},
    )

    ended = workspace.run()

    # a training that is gone, or a model that cannot be started, whichever look comes third
    assert ended.code in {5, 11}, ended.document
    assert "gone" in ended.document["message"]
    assert bench.ask("GET", "meter")["running"] == []
    assert workspace.status().document["runs"][0]["status"] == "failed"


def test_model_stopped_behind_our_back_is_started_again(bench: Bench) -> None:
    """Somebody stops the model while it answers: repeating the command ends the run."""
    workspace = bench.fresh()
    bench.ask(
        "POST", "faults", {"operation": "DetectCustomLabels", "then": "stop-version", "after": 2}
    )

    first = workspace.run()

    ended = first if first.code == 0 else workspace.run()
    assert judge(workspace, ended).faults == []


@pytest.mark.parametrize("seconds", [-7200.0, 7200.0])
@pytest.mark.parametrize("after_readings", [5, 80])
def test_clock_that_jumps_changes_nothing(
    bench: Bench, seconds: float, after_readings: int
) -> None:
    """The clock is set two hours forward or back in the middle of a run."""
    workspace = bench.fresh()

    first = workspace.run(jumps=(Jump(after_readings, seconds),))

    ended = first if first.code == 0 else workspace.run()
    assert judge(workspace, ended).faults == []
