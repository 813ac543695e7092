"""Tests of the figures that a run leaves for monitoring systems."""

import json

import pytest

from rcl_flow.pipeline.runs.events import MetricsLine
from rcl_flow.pipeline.runs.run import Run
from rcl_flow.pipeline.state.ledger import LedgerEntry, record_inference
from rcl_flow.pipeline.telling.figures import METRICS_NAME, figures_of, write_figures
from tests.unit.pipeline.bench import Bench
from tests.unit.pipeline.runs.test_outcome_schema import OUTCOME
from tests.unit.report.figures import families_of

ARN = "arn:aws:rekognition:us-east-1:123456789012:project/shades/version/rf-1/1700000000000"
ENDED = OUTCOME.model_copy(update={"project_version_arn": ARN})


def ran(run: Run, minutes: float, images: int, run_id: str) -> None:
    """Enter a stretch of running into the ledger."""
    clock = run.services.clock
    clock.sleep(1)
    entry = LedgerEntry(
        kind="inference",
        run_id=run_id,
        project="shades",
        project_version_arn=ARN,
        at=clock.now(),
        seconds=60 * minutes,
        inference_units=2,
        usd=1,
        images=images,
    )
    record_inference(run.services.store, run.services.backend.identity, entry)


def test_figures_are_of_the_outcome_and_of_all_attempts_of_the_run(bench: Bench) -> None:
    """A run that was killed and resumed has used both stretches; another run's is not its own."""
    run = bench.run()
    ran(run, 2, 10, run.run_id)
    ran(run, 3, 5, run.run_id)
    ran(run, 60, 999, "another")
    figures = figures_of(ENDED, run, throttles=4)
    assert (figures.model_running_minutes, figures.inference_images) == (5, 15)
    assert (figures.training_hours, figures.throttles) == (60 / 3600, 4)
    assert (figures.holdout_f1, figures.cost_estimate_usd) == (OUTCOME.holdout.f1, 0.1)
    assert (figures.version, figures.decision) == ("rf-1", "keep")
    assert figures.label_f1 == {
        entry.label: entry.holdout.f1 for entry in OUTCOME.labels if entry.holdout
    }


@pytest.mark.parametrize("chosen", ["none", "emf", "openmetrics"])
def test_figures_go_where_the_config_says(bench: Bench, chosen: str) -> None:
    """A line in the log, or a file in the run's folder; by default neither."""
    run = bench.run(metrics={"format": chosen})
    write_figures(ENDED, run, throttles=1)
    lines = [event.line for event in bench.told if isinstance(event, MetricsLine)]
    path = run.folder / METRICS_NAME
    assert (len(lines), path.is_file()) == (chosen == "emf", chosen == "openmetrics")
    for line in lines:
        assert json.loads(line)["Throttles"] == 1
    if path.is_file():
        families = families_of(path.read_text())
        (sample,) = families["rcl_flow_holdout_f1_ratio"].samples
        assert sample.value == OUTCOME.holdout.f1
