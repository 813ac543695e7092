"""Tests of a run: its journal, its replay, and how it waits."""

import json
import math
from dataclasses import dataclass, field

import pytest

from rcl_flow.aws.waiting import Pace
from rcl_flow.core.naming import digest_of
from rcl_flow.core.values import Frozen
from rcl_flow.errors import WaitTimeoutError
from rcl_flow.pipeline.runs.events import StepFailed, StepFinished, Waiting
from rcl_flow.pipeline.runs.run import Pause, Run
from rcl_flow.pipeline.state.records import RunRecord, list_runs, read_record, run_key
from tests.unit.pipeline.bench import Bench

WORKING = frozenset({"WORKING"})


class Sum(Frozen):
    """What the test's step makes."""

    value: int

    @property
    def summary(self) -> str:
        """The sum in words."""
        return f"sum {self.value}"


@dataclass
class Terms:
    """What the test's step is given; it remembers how often it was done."""

    terms: tuple[int, ...]
    done: list[str] = field(default_factory=list)

    @property
    def digest(self) -> str:
        """The digest of the terms."""
        return digest_of(list(self.terms))


@dataclass(frozen=True)
class Seen:
    """What a look shows."""

    status: str


def add_up(terms: Terms, run: Run) -> Sum:
    """Add up, and fail when there is nothing to add."""
    terms.done.append(run.record.step)
    if not terms.terms:
        raise ValueError("nothing to add")
    return Sum(value=sum(terms.terms))


def multiply(terms: Terms, _run: Run) -> Sum:
    """Multiply."""
    return Sum(value=math.prod(terms.terms))


def test_once_does_a_step_once(bench: Bench) -> None:
    """The second time the journal answers."""
    run, terms = bench.run(), Terms((1, 2))
    assert run.once(add_up, terms) == run.once(add_up, terms) == Sum(value=3)
    assert terms.done == ["add_up"]
    finished = [event for event in bench.told if isinstance(event, StepFinished)]
    assert [(event.step, event.reused, event.detail) for event in finished] == [
        ("add up", False, "sum 3"),
        ("add up", True, "sum 3"),
    ]


def test_once_replays_in_another_process(bench: Bench) -> None:
    """A run that is opened again finds the finished steps in the store."""
    terms = Terms((1, 2))
    bench.run().once(add_up, terms)
    again = bench.run()
    assert again.once(add_up, terms) == Sum(value=3)
    assert len(terms.done) == 1


def test_once_does_the_step_again_when_the_content_is_other(bench: Bench) -> None:
    """A journaled result holds for the content it was made from."""
    run = bench.run()
    assert run.once(add_up, Terms((1, 2))).value == 3
    assert run.once(add_up, Terms((1, 3))).value == 4


def test_once_does_the_step_again_on_another_emulator(bench: Bench) -> None:
    """What was made on an emulator that is gone is not there any more."""
    terms = Terms((1, 2))
    bench.run(instance="one").once(add_up, terms)
    bench.run(instance="two").once(add_up, terms)
    assert len(terms.done) == 2


def test_once_journals_nothing_when_the_step_fails(bench: Bench) -> None:
    """A failed step is done again by the next run."""
    run, terms = bench.run(), Terms(())
    for _ in range(2):
        with pytest.raises(ValueError, match="nothing to add"):
            run.once(add_up, terms)
    assert len(terms.done) == 2
    assert isinstance(bench.told[-1], StepFailed)
    assert not (run.folder / "journal.jsonl").exists()


def test_once_leaves_a_line_in_the_runs_folder(bench: Bench) -> None:
    """A person can read which steps were done, and when."""
    run = bench.run()
    run.once(add_up, Terms((1, 2)))
    run.once(add_up, Terms((1, 2)))
    (line,) = (run.folder / "journal.jsonl").read_text().splitlines()
    assert json.loads(line) == {
        "at": bench.clock.now().isoformat(),
        "step": "add_up",
        "given": Terms((1, 2)).digest,
    }


def test_afresh_does_the_step_in_every_run(bench: Bench) -> None:
    """A step that looks on AWS itself is not answered from the journal."""
    run, terms = bench.run(), Terms((1, 2))
    assert run.afresh(add_up, terms) == run.afresh(add_up, terms) == Sum(value=3)
    assert len(terms.done) == 2


def test_once_keeps_the_results_of_steps_apart(bench: Bench) -> None:
    """Two steps that are given the same content have a result each."""
    run, terms = bench.run(), Terms((2, 5))
    assert (run.once(add_up, terms).value, run.once(multiply, terms).value) == (7, 10)


def test_open_run_opens_the_run_of_the_same_inputs(bench: Bench) -> None:
    """The same config and content is the same run, however much later."""
    first = bench.run()
    bench.clock.sleep(3600)
    assert bench.run().run_id == first.run_id
    assert [record.run_id for record in list_runs(first.services.store)] == [first.run_id]
    assert first.folder.is_dir()


def test_open_run_opens_a_new_run_when_the_config_changes(bench: Bench) -> None:
    """Another gate is another question; another workspace is not."""
    first = bench.run()
    assert bench.run(gates={"min_holdout_f1": 0.1}).run_id != first.run_id
    assert bench.run(workspace="elsewhere").run_id == first.run_id


def test_update_keeps_what_is_not_named(bench: Bench) -> None:
    """The store knows what the run knows."""
    run = bench.run()
    run.update(step="upload")
    run.update(status="failed", error="[aws-refused] no")
    stored = read_record(run.services.store, run_key(run.run_id), RunRecord)
    assert stored == run.record
    assert (stored.step, stored.status) == ("upload", "failed")


def test_until_sleeps_when_blocking(bench: Bench) -> None:
    """A blocking run waits through the working states and tells of it."""
    run, seen = bench.run(), ["DONE", "WORKING", "WORKING"]
    assert run.until(lambda: Seen(seen.pop()), WORKING, Pace(5, 60)).status == "DONE"
    assert bench.clock.sleeps == [5, 5]
    assert bench.told[-1] == Waiting("", "WORKING", 5.0)


def test_until_pauses_in_a_tick(bench: Bench) -> None:
    """A tick looks once and says when the next look is worth it."""
    run, seen = bench.run(blocking=False), ["DONE", "WORKING"]
    with pytest.raises(Pause, match="look again in 5 s") as caught:
        run.until(lambda: Seen(seen.pop()), WORKING, Pace(5, 60))
    assert caught.value.seconds == 5
    assert run.until(lambda: Seen(seen.pop()), WORKING, Pace(5, 60)).status == "DONE"
    assert bench.clock.sleeps == []


def test_until_awake_sleeps_in_a_tick_too(bench: Bench) -> None:
    """What bills meanwhile is not left to the next tick."""
    run = bench.run(blocking=False)
    with pytest.raises(WaitTimeoutError):
        run.until_awake(lambda: Seen("WORKING"), WORKING, Pace(5, 10))
    assert bench.clock.sleeps == [5, 5]
