"""A process that dies while it starts a model on purpose leaves nothing beyond the watchdog."""

from pathlib import Path
from typing import Any

from tests.chaos.bench import Bench, Workspace, open_benches
from tests.chaos.orders import Kill, Order
from tests.chaos.verdict import judge

HOUR_SECONDS = 3600.0


def start(workspace: Workspace, kill: Kill | None = None) -> int:
    """Keep the workspace's model running for an hour, in a process that may die; its exit code."""
    order = Order(str(workspace.config), command="start", kill=kill)
    return workspace.bench.carry_out(order)[0].code


def running(bench: Bench) -> list[dict[str, Any]]:
    """Return what bills on the emulator."""
    return list(bench.ask("GET", "meter")["running"])


def kept(workspace: Workspace) -> list[str]:
    """Return until when the models on the workspace's list are kept."""
    return [str(model["kept_until"]) for model in workspace.status().document["models"]]


def test_start_that_is_killed_leaves_nothing_beyond_its_end(tmp_path: Path) -> None:
    """Before the call nothing runs; after it the end is set already, and a second start sees it."""
    with open_benches(tmp_path, 1) as (bench,):  # its emulator's clock is moved
        workspace = bench.fresh()
        assert judge(workspace, workspace.run()).faults == []

        before_the_call = start(workspace, Kill("call", 1, "before", "StartProjectVersion"))
        assert (before_the_call, running(bench)) == (-9, [])
        assert len(kept(workspace)) == 1

        after_the_call = start(workspace, Kill("call", 1, "after", "StartProjectVersion"))
        assert after_the_call == -9
        assert len(running(bench)) == 1
        first_end = kept(workspace)

        assert start(workspace) == 0
        assert kept(workspace) > first_end
        # the run's own, and the one whose process died
        assert bench.ask("GET", "calls")["counts"]["StartProjectVersion"] == 2

        # a run of the project has nothing to ask of it, and leaves it
        assert workspace.run().document["status"] == "unchanged"
        assert len(running(bench)) == 1

        bench.ask("POST", "clock", {"advance_seconds": HOUR_SECONDS + 61})
        bench.ask("POST", "clock", {"advance_seconds": 60})
        assert running(bench) == []
