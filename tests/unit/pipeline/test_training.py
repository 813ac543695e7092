"""Tests of the one training on a content: asked for once, waited for, explained when it fails."""

import pytest

from rcl_flow.emulator.conditions.clock import Delay
from rcl_flow.emulator.conditions.world import Delays
from rcl_flow.errors import (
    AwsRefusedError,
    TrainingFailedError,
    WaitTimeoutError,
)
from rcl_flow.pipeline.run import Pause
from rcl_flow.pipeline.training import (
    ask_training,
    await_training,
)
from tests.unit.pipeline.bench import Bench
from tests.unit.pipeline.conftest import MakeBench


def test_ask_training_buys_one_training_when_the_answer_was_lost(bench: Bench) -> None:
    """An answer that was lost after the order was executed does not order again."""
    run = bench.run()
    wanted = bench.training_wanted(run)
    bench.arm("CreateProjectVersion", "InternalServerError", executed=True)
    asked = ask_training(wanted, run)
    assert ask_training(wanted, run) == asked
    assert bench.calls("CreateProjectVersion") == 1
    assert len(bench.versions(asked.project_arn)) == 1


def test_ask_training_raises_when_the_order_was_lost_too(bench: Bench) -> None:
    """A 5xx without a training is an error, and the next run orders."""
    run = bench.run()
    wanted = bench.training_wanted(run)
    bench.arm("CreateProjectVersion", "InternalServerError")
    with pytest.raises(AwsRefusedError) as caught:
        ask_training(wanted, run)
    assert caught.value.code == "InternalServerError"
    asked = ask_training(wanted, run)
    assert len(bench.versions(asked.project_arn)) == 1


def test_ask_training_raises_when_a_quota_is_reached(bench: Bench) -> None:
    """A full account is told at once, without asking ten times."""
    run = bench.run()
    wanted = bench.training_wanted(run)
    bench.arm("CreateProjectVersion", "LimitExceededException")
    with pytest.raises(AwsRefusedError, match="LimitExceededException"):
        ask_training(wanted, run)
    assert bench.calls("CreateProjectVersion") == 1


def test_ask_training_trains_a_failed_version_again_only_when_told(bench: Bench) -> None:
    """A failure is explained, and repeated under a new name only on request."""
    run = bench.run()
    bench.arm("CreateProjectVersion", fails_later=True)
    first = ask_training(bench.training_wanted(run), run)
    with pytest.raises(TrainingFailedError):
        await_training(first, run)
    with pytest.raises(TrainingFailedError, match="TRAINING_FAILED"):
        ask_training(bench.training_wanted(run), run)
    again = ask_training(bench.training_wanted(run, retry_failed=True), run)
    assert again.version_name == f"{first.version_name}-2"
    assert bench.calls("CreateProjectVersion") == 2


def test_await_training_returns_the_trained_version(bench: Bench) -> None:
    """What the service writes of a training is known afterwards."""
    run = bench.run()
    version = bench.trained(run)
    assert version.trained_here
    assert version.training_seconds_billed >= 1
    assert run.services.s3.get(version.summary_file)
    assert run.record.project_version_arn == version.version_arn


def test_await_training_pauses_in_a_tick(slow_bench: MakeBench) -> None:
    """A tick does not sleep through a training, and the last one finds it done."""
    bench = slow_bench(Delays(training=Delay(polls=3)))
    run = bench.run()
    asked = ask_training(bench.training_wanted(run), run)
    tick, slept = bench.run(blocking=False), list(bench.clock.sleeps)
    for _ in range(2):
        with pytest.raises(Pause) as caught:
            await_training(asked, tick)
        assert caught.value.seconds == run.config.training.poll_seconds
    assert await_training(asked, tick).version_arn == asked.version_arn
    assert bench.clock.sleeps == slept


def test_await_training_gives_up_at_the_deadline(slow_bench: MakeBench) -> None:
    """A training that never ends ends the run, at the hour the config says."""
    bench = slow_bench(Delays(training=Delay(seconds=1e9)))
    run = bench.run(training={"timeout_hours": 1.0})
    asked = ask_training(bench.training_wanted(run), run)
    with pytest.raises(WaitTimeoutError, match="TRAINING_IN_PROGRESS"):
        await_training(asked, run)
    assert 3500 < sum(bench.clock.sleeps) <= 3700
    slept = len(bench.clock.sleeps)
    with pytest.raises(WaitTimeoutError):
        await_training(asked, run)  # the next run does not give it another hour
    assert len(bench.clock.sleeps) == slept


def test_await_training_says_so_when_the_version_was_deleted(bench: Bench) -> None:
    """A version that somebody deleted is not waited for."""
    run = bench.run()
    asked = ask_training(bench.training_wanted(run), run)
    gone = asked.model_copy(update={"version_name": "rf-gone"})
    with pytest.raises(TrainingFailedError, match="somebody deleted it"):
        await_training(gone, run)
