"""Tests of one tick as a scheduler sees it."""

from dataclasses import replace

import pytest

from rcl_flow.aws.s3 import S3Location
from rcl_flow.config import FlowConfig
from rcl_flow.errors import DatasetGateError
from rcl_flow.pipeline.advancing import Directive, advance
from rcl_flow.pipeline.backend import Backend
from rcl_flow.pipeline.records import armed_key, write_record
from rcl_flow.pipeline.run import Pause
from rcl_flow.pipeline.services import Services
from rcl_flow.pipeline.shards import FanOut
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

    return advance(line, config, services)


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


def test_a_wait_names_the_model_that_may_run(bench: Bench) -> None:
    """Whoever comes back to nothing knows what to stop; a model of another project is not it."""
    run = bench.run()
    version = bench.trained(run)
    services = run.services
    armed = bench.armed(version, run)
    write_record(services.store, armed_key(armed.project_version_arn), armed)
    assert tick(Pause(0.0), services, run.config).model_arn == version.version_arn
    failed = tick(DatasetGateError("No.", hint="Yes."), services, run.config)
    assert failed.model_arn == version.version_arn
    other = run.config.model_copy(update={"project": "another"})
    assert tick(Pause(0.0), services, other).model_arn == "none"


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
