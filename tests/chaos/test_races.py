"""Two at once on one project: processes, machines, and one that slept while another took over."""

from pathlib import Path
from typing import Any

import pytest

from tests.chaos.bench import Bench, Workspace, open_benches
from tests.chaos.orders import Ended, Jump, Kill, Order
from tests.chaos.verdict import judge

HELD = 7
SHARED = {"state": {"store": "s3"}}
LEASE_SECONDS = 15 * 60


def start_both(one: Workspace, other: Workspace, **changes: Any) -> list[Ended]:  # noqa: ANN401
    """Run two configs at the same time, each as if on a machine of its own."""
    return one.bench.carry_out(
        Order(str(one.config), host="alpha", **changes), Order(str(other.config), host="beta")
    )


@pytest.mark.parametrize("attempt", range(2))
def test_two_runs_of_one_workspace_train_once(bench: Bench, attempt: int) -> None:
    """Two processes start at once: one does the work, the other says who holds it."""
    workspace = bench.fresh()

    ends = bench.carry_out(*[Order(str(workspace.config))] * 2)

    assert sorted(end.code for end in ends) in ([0, 0], [0, HELD]), [end.document for end in ends]
    winner = next(end for end in ends if end.code == 0)
    assert judge(workspace, winner).faults == []


@pytest.mark.parametrize("attempt", range(2))
def test_two_machines_on_one_project_train_once(bench: Bench, attempt: int) -> None:
    """Two hosts with one state store in S3 start at once: the loser exits 7 and changes nothing."""
    workspaces = bench.fresh(**SHARED), bench.another(**SHARED)

    ends = start_both(*workspaces)

    assert sorted(end.code for end in ends) in ([0, 0], [0, HELD]), [end.document for end in ends]
    for workspace, end in zip(workspaces, ends, strict=True):
        if end.code == 0:
            assert judge(workspace, end).trainings == []
            assert judge(workspace, end).running == []
        else:
            assert "alpha" in end.document["message"] or "beta" in end.document["message"]
    assert bench.ask("GET", "calls")["counts"]["CreateProjectVersion"] == 1


@pytest.mark.parametrize(
    "nap",
    [
        Kill("record", 4, "after"),
        Kill("call", 1, "before", "CreateProject"),
        Kill("call", 1, "before", "CreateProjectVersion"),
        Kill("call", 1, "after", "CreateProjectVersion"),
        Kill("call", 1, "before", "StartProjectVersion"),
        Kill("call", 1, "after", "StartProjectVersion"),
        Kill("call", 2, "before", "DetectCustomLabels"),
        Kill("call", 1, "before", "StopProjectVersion"),
    ],
    ids=lambda nap: f"{nap.when}-{nap.operation or nap.kind}-{nap.number}",
)
def test_laptop_that_wakes_after_its_lease_was_taken(bench: Bench, nap: Kill) -> None:
    """A machine sleeps for an hour, another one does the run: the first wakes and does no harm."""
    workspace = bench.fresh()
    config = str(workspace.config)
    an_hour_later = (Jump(after_readings=1, seconds=3600.0),)

    slept, took_over = bench.carry_out(
        Order(config, host="laptop", nap=nap),
        Order(config, host="server", takes_over=True, jumps=an_hour_later),
    )

    assert slept.code in {0, HELD}, slept.document
    assert judge(workspace, took_over).faults == []


def test_model_of_a_run_that_is_never_resumed_is_stopped(tmp_path: Path) -> None:
    """Killed while the model answers, and nobody comes back: the schedule stops it in time."""
    with open_benches(tmp_path, 1) as (bench,):  # its emulator's clock is moved
        workspace = bench.fresh()
        workspace.run(kill=Kill("call", 2, "before", "DetectCustomLabels"))
        running = bench.ask("GET", "meter")["running"]

        bench.ask("POST", "clock", {"advance_seconds": LEASE_SECONDS + 61})
        bench.ask("POST", "clock", {"advance_seconds": 60})

        assert [model["status"] for model in running] == ["RUNNING"]
        assert bench.ask("GET", "meter")["running"] == []
        (bill,) = bench.ask("GET", "meter")["versions"].values()
        (interval,) = bill["intervals"]
        assert interval["seconds"] <= LEASE_SECONDS + 61
        # what the watchdog has stopped, the next run starts again and finishes
        later = (Jump(after_readings=1, seconds=LEASE_SECONDS + 121.0),)
        assert judge(workspace, workspace.run(jumps=later)).faults == []
