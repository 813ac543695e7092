"""The sweep: killed at any of its moments, a run that is started again keeps every promise."""

import pytest

from tests.chaos.bench import Bench
from tests.chaos.orders import Kill
from tests.chaos.sweep import Tally, chosen_kills, every_kill, sweep
from tests.chaos.verdict import Verdict, judge


def test_killed_run_buys_once_and_leaves_nothing_running(
    benches: list[Bench], moments: dict[str, int], capsys: pytest.CaptureFixture[str]
) -> None:
    """`kill -9` around every record, and around three calls of each operation, then resume."""
    kills = chosen_kills(moments)

    tally = sweep(kills, benches)

    with capsys.disabled():
        print(f"\n{tally.report()}")  # noqa: T201  # the size of the sweep is part of its result
    assert tally.failures == []
    assert tally.missed_records == []
    assert tally.swept["record"] == 2 * moments["record"]


def test_every_kill_covers_each_call_before_and_after() -> None:
    """The exhaustive list has two kills a record and a call, and one an announced step."""
    kills = every_kill({"record": 3, "event": 2, "PutObject": 4})

    assert len(kills) == len(set(kills)) == 2 * 3 + 2 + 2 * 4


def test_verdict_sees_a_run_that_was_not_resumed(bench: Bench) -> None:
    """The judge itself is tested: after a kill with the model running, four promises are open."""
    workspace = bench.fresh()
    killed = workspace.run(kill=Kill("call", 2, "before", "DetectCustomLabels"))

    verdict = judge(workspace, killed)

    assert killed.was_killed
    assert verdict.unfinished
    assert verdict.running
    assert verdict.predictions
    assert verdict.unreadable
    assert not verdict.trainings


def test_tally_counts_what_the_verdicts_say() -> None:
    """A second training is a failure of the sweep, and named with its kill."""
    kill = Kill("record", 7, "after")
    tally = Tally(verdicts=[(kill, Verdict(trainings=["2 paid"]))])

    assert "trainings bought twice: 1" in tally.report()
    assert tally.failures == [f"{kill}: trainings: 2 paid"]
