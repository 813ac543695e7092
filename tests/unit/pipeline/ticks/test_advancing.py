"""Tests of one tick as a scheduler sees it."""

from dataclasses import replace

import pytest

from rcl_flow.aws.s3 import S3Location
from rcl_flow.config import FlowConfig
from rcl_flow.errors import (
    AwsUnreachableError,
    DatasetGateError,
    LeaseLostError,
    RunHeldError,
    StoreError,
)
from rcl_flow.pipeline.runs.run import Pause, Run
from rcl_flow.pipeline.runs.services import Services
from rcl_flow.pipeline.sharding.shards import FanOut
from rcl_flow.pipeline.state.backend import Backend
from rcl_flow.pipeline.state.lease import acquire_lease, claim
from rcl_flow.pipeline.state.records import ArmedModel, armed_key, read_record, write_record
from rcl_flow.pipeline.ticks.advancing import Directive, Transient, advance
from rcl_flow.pipeline.ticks.executions import ExecutionLog
from tests.unit.pipeline.bench import Bench

PLAN = S3Location("bucket", "state/plan.json")


def on_aws(bench: Bench) -> Services:
    """Return services that take the emulator for AWS."""
    return replace(bench.services(), backend=Backend(kind="aws", region="us-east-1"))


def tick(error: BaseException | None, services: Services, config: FlowConfig) -> Directive:
    """Advance a line that ends like that."""

    def line() -> None:
        if error is not None:
            raise error

    return advance(line, config, services, ExecutionLog("weekly", config, services))


def test_a_line_that_ends_is_done(bench: Bench) -> None:
    """Nothing is left to do, and no model to stop."""
    assert tick(None, on_aws(bench), bench.run().config) == Directive(next="DONE")


@pytest.mark.parametrize(("seconds", "told"), [(0.0, 0), (15.0, 60), (60.2, 61), (900.0, 900)])
def test_a_pause_is_a_wait_of_a_minute_at_least(bench: Bench, seconds: float, told: int) -> None:
    """More ticks would fill the history of an execution; to go on at once is no wait."""
    found = tick(Pause(seconds), on_aws(bench), bench.run().config)
    assert found == Directive(next="WAIT", seconds=told)


def test_the_emulator_is_asked_as_often_as_its_config_says(bench: Bench) -> None:
    """Its waits are short, and nobody counts its ticks."""
    assert tick(Pause(1.9), bench.services(), bench.run().config).seconds == 1


def pause(run: Run) -> None:
    """Hold the run's lease until the next tick, as a tick that pauses does."""
    services = run.services
    wanted = claim("shades", run.run_id, services.holder, 900.0)
    acquire_lease(wanted, services.backend.identity, services.store, services.clock).pause(60.0)


def armed(bench: Bench) -> tuple[Run, str]:
    """Return a run with a model that may be running, and the model."""
    run = bench.run()
    version = bench.trained(run)
    record = bench.armed(version, run)
    write_record(run.services.store, armed_key(version.version_arn), record)
    return run, version.version_arn


def test_a_wait_names_the_model_that_may_run(bench: Bench) -> None:
    """Whoever comes back to nothing knows what to stop."""
    run, version_arn = armed(bench)
    pause(run)
    assert tick(Pause(0.0), run.services, run.config).model_arn == version_arn
    failed = tick(DatasetGateError("No.", hint="Yes."), run.services, run.config)
    assert failed.model_arn == version_arn


def test_another_runs_model_is_never_named(bench: Bench) -> None:
    """An execution that never had the project has nothing to stop, however it ends."""
    run, _ = armed(bench)
    failed = tick(DatasetGateError("No.", hint="Yes."), run.services, run.config)
    assert failed.model_arn == "none"
    held = tick(RunHeldError("Held.", hint="Wait."), on_aws(bench), run.config)
    assert held == Directive(next="WAIT", seconds=300)
    lost = tick(LeaseLostError("Lost.", hint="Wait."), on_aws(bench), run.config)
    assert lost == Directive(next="WAIT", seconds=300)


def test_a_model_that_is_kept_on_purpose_is_never_named(bench: Bench) -> None:
    """It has an end of its own."""
    run, version_arn = armed(bench)
    pause(run)
    key = armed_key(version_arn)
    record = read_record(run.services.store, key, ArmedModel)
    assert record is not None
    kept = record.model_copy(update={"kept_until": bench.clock.now()})
    write_record(run.services.store, key, kept)
    assert tick(Pause(0.0), run.services, run.config).model_arn == "none"


def test_aws_that_does_not_answer_is_asked_again(bench: Bench) -> None:
    """The state machine repeats the tick; so it does when the store hides the cause."""
    cause = AwsUnreachableError("Nothing answers.", hint="Wait.", operation="GetObject", code="")
    hidden = StoreError("The store cannot be read.", hint="Wait.")
    hidden.__cause__ = cause
    for error in (cause, hidden):
        with pytest.raises(Transient):
            tick(error, on_aws(bench), bench.run().config)
    broken = tick(StoreError("Torn.", hint="Mend."), on_aws(bench), bench.run().config)
    assert broken.next == "FAILED"


def test_a_training_is_repeated_once_in_an_execution(bench: Bench) -> None:
    """The execution remembers that it has asked for one."""
    run = bench.run()
    services, config = run.services, run.config
    assert not ExecutionLog("weekly", config, services).has_trained
    pause(run)
    tick(Pause(60.0), services, config)
    assert not ExecutionLog("weekly", config, services).has_trained
    run.update(step="await_training")
    tick(Pause(60.0), services, config)
    assert ExecutionLog("weekly", config, services).has_trained
    assert not ExecutionLog("another", config, services).has_trained


@pytest.mark.parametrize(
    ("units", "threads", "shards", "expected"),
    [(1, 8, 50, 1), (5, 8, 50, 4), (5, 5, 50, 5), (5, 1, 3, 3)],
)
def test_shards_are_handed_out_as_fast_as_the_model_answers(
    bench: Bench, units: int, threads: int, shards: int, expected: int
) -> None:
    """More workers than the units answer would only be throttled."""
    inference = {"inference_units": units, "concurrency": threads}
    config = bench.run(inference=inference).config
    found = tick(FanOut(900.0, "predict", PLAN, shards), on_aws(bench), config)
    assert found == Directive(
        next="MAP",
        bucket="bucket",
        shards_key="state/plan.json",
        step="predict",
        concurrency=expected,
    )


def test_measuring_is_bounded_by_the_workers_alone(bench: Bench) -> None:
    """No model answers there."""
    config = bench.run(executor={"workers": 40}).config
    assert tick(FanOut(900.0, "measure", PLAN, 100), on_aws(bench), config).concurrency == 40
    config = bench.run().config
    assert tick(FanOut(900.0, "measure", PLAN, 100), on_aws(bench), config).concurrency == 10


def test_an_error_ends_the_run_with_its_reason(bench: Bench) -> None:
    """The alert says what a person would have read."""
    error = DatasetGateError("Two images are alike.", hint="Remove one.")
    found = tick(error, on_aws(bench), bench.run().config)
    assert found == Directive(next="FAILED", reason="[dataset-gate] Two images are alike.")


def test_a_bug_is_not_hidden(bench: Bench) -> None:
    """The function fails, and the driver stops the model."""
    with pytest.raises(ZeroDivisionError):
        tick(ZeroDivisionError(), on_aws(bench), bench.run().config)
