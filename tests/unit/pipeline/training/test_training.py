"""Tests of the one training on a content: asked for once, waited for, explained when it fails."""

import pytest

from rcl_flow.core.naming import CONTENT_TAG
from rcl_flow.emulator.conditions.clock import Delay
from rcl_flow.emulator.conditions.world import Delays
from rcl_flow.errors import (
    AwsRefusedError,
    BudgetExceededError,
    ForeignVersionError,
    TrainingFailedError,
    WaitTimeoutError,
)
from rcl_flow.pipeline.runs.run import Pause
from rcl_flow.pipeline.state.ledger import entries_of
from rcl_flow.pipeline.training.training import (
    ask_training,
    await_training,
    find_training,
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


def test_ask_training_orders_again_when_the_order_was_lost_too(bench: Bench) -> None:
    """A 5xx without a training is seen by looking, and the training is ordered once more."""
    run = bench.run()
    wanted = bench.training_wanted(run)
    bench.arm("CreateProjectVersion", "InternalServerError")
    asked = ask_training(wanted, run)
    assert bench.calls("CreateProjectVersion") == 2
    assert len(bench.versions(asked.project_arn)) == 1


def test_ask_training_gives_up_when_every_order_is_lost(bench: Bench) -> None:
    """An order that never arrives ends the run."""
    run = bench.run()
    wanted = bench.training_wanted(run)
    bench.arm("CreateProjectVersion", "InternalServerError", times=None)
    with pytest.raises(AwsRefusedError, match="InternalServerError"):
        ask_training(wanted, run)
    assert bench.versions(wanted.project_arn) == []


def test_ask_training_waits_when_the_account_trains_as_much_as_it_may(bench: Bench) -> None:
    """A quota of trainings is no failure: another training will end."""
    run = bench.run()
    wanted = bench.training_wanted(run)
    bench.arm("CreateProjectVersion", "LimitExceededException", times=2)
    asked = ask_training(wanted, run)
    assert bench.calls("CreateProjectVersion") == 3
    assert sum(bench.clock.sleeps) >= 2 * 900
    assert len(bench.versions(asked.project_arn)) == 1


def test_ask_training_pauses_a_tick_at_a_quota(bench: Bench) -> None:
    """A tick does not sit through other people's trainings."""
    run = bench.run(blocking=False)
    while True:
        try:
            wanted = bench.training_wanted(run)
        except Pause:
            continue
        break
    bench.arm("CreateProjectVersion", "LimitExceededException")
    with pytest.raises(Pause, match="look again in 900 s"):
        ask_training(wanted, run)


def test_ask_training_gives_up_at_a_quota_in_the_end(bench: Bench) -> None:
    """A quota that never frees ends the run at the training's deadline."""
    run = bench.run(training={"timeout_hours": 2.0})
    wanted = bench.training_wanted(run)
    bench.arm("CreateProjectVersion", "LimitExceededException", times=None)
    with pytest.raises(AwsRefusedError, match="LimitExceededException"):
        ask_training(wanted, run)
    assert 7000 < sum(bench.clock.sleeps) < 9000


def test_find_training_refuses_a_version_of_other_content(bench: Bench) -> None:
    """A version that only has the name is not taken for the training of this data."""
    run = bench.run()
    wanted = bench.training_wanted(run)
    asked = ask_training(wanted, run)
    bench.client.tag_resource(ResourceArn=asked.version_arn, Tags={CONTENT_TAG: "other"})
    with pytest.raises(ForeignVersionError, match="is other instead of") as caught:
        find_training("shades", wanted.content_digest, run, retry_failed=False)
    assert caught.value.slug == "version-foreign"


def test_find_training_does_not_buy_again_what_was_deleted(bench: Bench) -> None:
    """A paid version that somebody deleted is trained anew only on request."""
    run = bench.run()
    wanted = bench.training_wanted(run)
    asked = ask_training(wanted, run)
    await_training(asked, run)
    bench.client.delete_project_version(ProjectVersionArn=asked.version_arn)
    bench.versions(asked.project_arn)
    with pytest.raises(TrainingFailedError, match="is gone: somebody deleted it") as caught:
        find_training("shades", wanted.content_digest, run, retry_failed=False)
    assert "--retry-training" in caught.value.hint
    assert find_training("shades", wanted.content_digest, run, retry_failed=True) is None


def test_await_training_enters_the_ledger_once(bench: Bench) -> None:
    """A training is paid for once, however many runs wait for it."""
    run = bench.run()
    asked = ask_training(bench.training_wanted(run), run)
    for _ in range(2):
        version = await_training(asked, run)
    entries = entries_of(run.services.store, run.services.backend.identity, "shades")
    assert [(entry.kind, entry.seconds) for entry in entries] == [
        ("training", version.training_seconds_billed)
    ]


def test_await_training_ends_at_the_budget(slow_bench: MakeBench) -> None:
    """A training that lasts longer than the budget ends the run with exit code 8."""
    bench = slow_bench(Delays(training=Delay(seconds=1e9)))
    run = bench.run(budget={"max_training_hours": 2.0})
    asked = ask_training(bench.training_wanted(run), run)
    with pytest.raises(BudgetExceededError, match=r"max_training_hours is 2") as caught:
        await_training(asked, run)
    assert caught.value.exit_code == 8
    assert 7100 < sum(bench.clock.sleeps) < 7300


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
