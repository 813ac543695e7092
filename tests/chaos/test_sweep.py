"""The sweep: killed at any of its moments, a run that is started again keeps every promise."""

import pytest

from tests.chaos.bench import Bench
from tests.chaos.orders import Kill
from tests.chaos.sweep import Tally, chosen_kills, every_kill, few_kills, sweep
from tests.chaos.verdict import Verdict, judge


def buys_once(kills: list[Kill], benches: list[Bench], capsys: pytest.CaptureFixture[str]) -> Tally:
    """Kill a run at each of these moments, resume it, and see that every promise was kept."""
    tally = sweep(kills, benches)

    with capsys.disabled():
        print(f"\n{tally.report()}")  # noqa: T201  # the size of the sweep is part of its result
    assert tally.failures == []
    assert tally.missed_records == []
    return tally


def test_killed_run_buys_once_and_leaves_nothing_running(
    benches: list[Bench], moments: dict[str, int], capsys: pytest.CaptureFixture[str]
) -> None:
    """`kill -9` at every record, and around the first and last call of each operation."""
    tally = buys_once(few_kills(moments), benches, capsys)
    assert tally.swept["record"] == moments["record"]


@pytest.mark.slow
def test_run_that_is_killed_on_either_side_of_any_record_buys_once(
    benches: list[Bench], moments: dict[str, int], capsys: pytest.CaptureFixture[str]
) -> None:
    """`kill -9` around every record, and around three calls of each operation, then resume."""
    tally = buys_once(chosen_kills(moments), benches, capsys)
    assert tally.swept["record"] == 2 * moments["record"]


def test_few_kills_are_before_and_after_by_turns() -> None:
    """Each record is one's, and an operation has one kill before it and one after it."""
    kills = few_kills({"record": 4, "event": 2, "PutObject": 9})

    assert [(kill.number, kill.when) for kill in kills if kill.kind == "record"] == [
        (1, "after"),
        (2, "before"),
        (3, "after"),
        (4, "before"),
    ]
    assert [(kill.number, kill.when) for kill in kills if kill.kind == "call"] == [
        (1, "before"),
        (9, "after"),
    ]


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
