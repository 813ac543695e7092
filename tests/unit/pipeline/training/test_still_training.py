"""Tests of a tick's first look at a training that goes on."""

from datetime import timedelta
from typing import Any

import pytest

from rcl_flow.emulator.conditions.clock import Delay
from rcl_flow.emulator.conditions.world import Delays
from rcl_flow.errors import RunHeldError
from rcl_flow.pipeline.runs.run import Pause, Run
from rcl_flow.pipeline.state.holding import Holder
from rcl_flow.pipeline.state.lease import acquire_lease, claim, holder_of
from rcl_flow.pipeline.training.still_training import look_at_training
from rcl_flow.pipeline.training.training import ask_training, await_training
from tests.unit.pipeline.bench import Bench
from tests.unit.pipeline.conftest import MakeBench

HOURS = 3600.0


def paused(bench: Bench, **sections: Any) -> Run:  # noqa: ANN401  # any section
    """Return a run that has asked for a training of ten hours and pauses."""
    run = bench.run(**sections)
    asked = ask_training(bench.training_wanted(run), run)
    run.blocking = False
    with pytest.raises(Pause):
        run.once(await_training, asked)
    run.update(status="paused")
    return run


@pytest.fixture
def training_bench(slow_bench: MakeBench) -> Bench:
    """A bench on which a training takes ten hours."""
    return slow_bench(Delays(training=Delay(seconds=10 * HOURS)))


def test_a_training_that_goes_on_ends_the_tick_at_once(training_bench: Bench) -> None:
    """The project stays taken, and nothing but the version was looked at."""
    run = paused(training_bench)
    before = training_bench.world.calls.counts()
    with pytest.raises(Pause) as caught:
        look_at_training(run.config, run.services)
    assert caught.value.seconds == run.config.training.poll_seconds
    after = training_bench.world.calls.counts()
    asked = {name for name, count in after.items() if count > before.get(name, 0)}
    assert asked == {"DescribeProjects", "DescribeProjectVersions"}
    held = holder_of(
        run.services.store, run.services.backend.identity, "shades", run.services.holder
    )
    assert held is not None
    assert held.record.run_id == run.run_id


def test_a_training_that_has_ended_is_the_runs_own_affair(training_bench: Bench) -> None:
    """The line is replayed and takes the result."""
    run = paused(training_bench)
    training_bench.world.clock.advance(11 * HOURS)
    look_at_training(run.config, run.services)


@pytest.mark.parametrize(
    "sections",
    [{"training": {"timeout_hours": 2}}, {"budget": {"max_training_hours": 2}}],
    ids=["timeout", "budget"],
)
def test_a_training_that_takes_too_long_is_the_runs_own_affair(
    training_bench: Bench, sections: dict[str, object]
) -> None:
    """The run says what is wrong, and how to go on."""
    run = paused(training_bench, **sections)
    training_bench.world.clock.advance(3 * HOURS)
    training_bench.clock.pass_by(timedelta(hours=3).total_seconds())
    look_at_training(run.config, run.services)


def test_another_project_and_another_step_are_not_looked_at(training_bench: Bench) -> None:
    """Only a run that waits for this project's training is answered from here."""
    run = paused(training_bench)
    other = run.config.model_copy(update={"project": "another"})
    look_at_training(other, run.services)
    run.update(step="predict_holdout")
    look_at_training(run.config, run.services)
    run.update(step="await_training", status="failed")
    look_at_training(run.config, run.services)


def test_a_project_that_another_run_holds_is_left_alone(training_bench: Bench) -> None:
    """The tick ends with an error that says who has it."""
    run = paused(training_bench)
    services = run.services
    other = claim("shades", "another-run", Holder("elsewhere", 1), 900.0)
    acquire_lease(other, services.backend.identity, services.store, services.clock)
    with pytest.raises(RunHeldError):
        look_at_training(run.config, services)
