"""How many inference units a run takes: measured, chosen for the deadline, restarted once."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from rcl_flow.pipeline.costs.spending import history_of
from rcl_flow.pipeline.predicting.known_rates import rate_memory, read_rates
from rcl_flow.pipeline.predicting.pacing import begin_pace, units_to_start
from rcl_flow.pipeline.predicting.predicting import predict_holdout
from rcl_flow.pipeline.runs.run import Run
from rcl_flow.pipeline.state.ledger import LedgerEntry, record_inference
from tests.unit.pipeline.bench import BUCKET, Bench

BEFORE_DETECT = "before-call.rekognition.DetectCustomLabels"


@contextmanager
def seconds_an_image(bench: Bench, seconds: float) -> Iterator[None]:
    """Let every image take that long on the bench's clock."""

    def pass_time(**_: object) -> None:
        bench.clock.sleep(seconds)

    bench.client.meta.events.register(BEFORE_DETECT, pass_time)
    try:
        yield
    finally:
        bench.client.meta.events.unregister(BEFORE_DETECT, pass_time)


def auto(bench: Bench, deadline_minutes: float) -> Run:
    """Return a run that chooses its units for a deadline."""
    inference = {
        "inference_units": "auto",
        "deadline_minutes": deadline_minutes,
        "concurrency": 1,
        "poll_seconds": 1,
    }
    return bench.run(inference=inference)


def units_started(bench: Bench) -> list[int]:
    """Return the inference units of every start, in order."""
    bills = bench.world.meter.report(bench.world.clock.now())["versions"].values()
    return [interval["inference_units"] for bill in bills for interval in bill["intervals"]]


def test_units_are_those_of_the_config_when_it_names_them(bench: Bench) -> None:
    """A number is a number."""
    assert units_to_start(10_000, (), bench.run(inference={"inference_units": 3})) == 3


def test_units_are_one_without_history_and_then_what_the_deadline_needs(bench: Bench) -> None:
    """The first run measures; the next starts with as few units as meet the deadline."""
    run = auto(bench, 1.0)
    assert units_to_start(600, history_of(run), run) == 1
    entry = LedgerEntry(
        kind="inference",
        run_id="earlier",
        project="shades",
        project_version_arn="arn",
        at=datetime(2026, 1, 1, tzinfo=UTC),
        seconds=100.0,
        inference_units=1,
        usd=0.1,
        images=500,
    )
    record_inference(run.services.store, run.services.backend.identity, entry)
    assert units_to_start(600, history_of(run), run) == 2
    assert units_to_start(250, history_of(run), run) == 1
    assert (
        units_to_start(1_000_000, history_of(run), run) == run.config.inference.max_inference_units
    )


def test_units_are_chosen_by_what_the_version_itself_has_answered(bench: Bench) -> None:
    """Its own limit, measured without starting and stopping, counts before the project's past."""
    run = auto(bench, 1.0)
    services = run.services
    with rate_memory("arn", services) as memory:
        memory.units = 2
        memory.note(4.0)
    rates = read_rates("arn", services)
    assert units_to_start(119, history_of(run), run, rates) == 1
    assert units_to_start(240, history_of(run), run, rates) == 2
    assert units_to_start(600, history_of(run), run, rates) == 5


def test_pace_is_the_limit_where_that_has_shown_itself(bench: Bench) -> None:
    """Answers of the first seconds tell less: calls began slowly, or with a full bucket."""
    run = auto(bench, 1.0)
    armed = bench.armed(bench.trained(run), run)
    pacer = begin_pace(1000, run, None)
    bench.clock.pass_by(5)
    assert pacer.more_units(armed, 200) is None
    assert pacer.more_units(armed, 1, 4.0) == 4
    assert pacer.more_units(armed, 1, 4.0) is None


def test_slow_model_is_restarted_with_more_units(bench: Bench) -> None:
    """The pace of the first images decides; no image is lost or asked for without need."""
    run = auto(bench, 1.0)
    version, holdout = bench.trained(run), bench.dataset("holdout", 40, 100)
    with seconds_an_image(bench, 1.0):
        judged = predict_holdout(version, holdout, BUCKET, run)
    assert units_started(bench) == [1, 4]
    assert len(judged.predictions) == len(holdout.distinct())
    assert bench.calls("StopProjectVersion") == 2
    assert bench.status(version) == "STOPPED"
    assert any("restarted with 4 inference units" in notice for notice in bench.notices)


def test_fast_model_goes_on_with_one_unit(bench: Bench) -> None:
    """A deadline that is met costs no restart."""
    run = auto(bench, 10.0)
    version, holdout = bench.trained(run), bench.dataset("holdout", 40, 100)
    with seconds_an_image(bench, 1.0):
        predict_holdout(version, holdout, BUCKET, run)
    assert units_started(bench) == [1]
