"""Tell monitoring systems the figures of a finished run, in the form that the config names."""

from typing import Final

from rcl_flow.core.arns import parse_version_arn
from rcl_flow.files import write_text
from rcl_flow.pipeline.costs.spending import history_of
from rcl_flow.pipeline.runs.outcome import RunOutcome
from rcl_flow.pipeline.runs.run import Run
from rcl_flow.report.metrics_emf import emf_line
from rcl_flow.report.openmetrics import openmetrics_text
from rcl_flow.report.run_figures import RunFigures

METRICS_NAME: Final = "metrics.txt"
_SECONDS_PER_MINUTE: Final = 60
_SECONDS_PER_HOUR: Final = 3600


def write_figures(outcome: RunOutcome, run: Run, *, throttles: int = 0) -> None:
    """Write the figures as `metrics.format` says: a line of the log, or a file of the run.

    Args:
        outcome: what the run has come to.
        run: whose ledger says how long its model ran.
        throttles: calls that were turned away in this process.

    Raises:
        LocalFilesError: the file cannot be written.
    """
    chosen = run.config.metrics.format
    if chosen == "none":
        return
    figures = figures_of(outcome, run, throttles=throttles)
    if chosen == "emf":
        run.log.metrics(emf_line(figures))
    else:
        write_text(run.folder / METRICS_NAME, openmetrics_text(figures))


def figures_of(outcome: RunOutcome, run: Run, *, throttles: int = 0) -> RunFigures:
    """Return the figures of a finished run, from its outcome and the ledger."""
    ran = [
        entry
        for entry in history_of(run)
        if entry.run_id == run.run_id and entry.kind == "inference"
    ]
    parts = parse_version_arn(outcome.project_version_arn)
    return RunFigures(
        project=run.config.project,
        run_id=run.run_id,
        version=parts.version if parts else "",
        decision=outcome.decision.action,
        verdict=outcome.gap.verdict,
        training_hours=outcome.cost.training_seconds_billed / _SECONDS_PER_HOUR,
        model_running_minutes=sum(entry.seconds for entry in ran) / _SECONDS_PER_MINUTE,
        inference_images=sum(entry.images for entry in ran),
        throttles=throttles,
        cost_estimate_usd=outcome.cost.estimated_usd,
        test_f1=outcome.test.f1,
        holdout_f1=outcome.holdout.f1,
        gap_f1=outcome.gap.f1,
        finished_at_seconds=run.services.clock.now().timestamp(),
        label_f1={
            entry.label: entry.holdout.f1 for entry in outcome.labels if entry.holdout is not None
        },
    )
