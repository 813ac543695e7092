"""Bring a run's model to another place and tell the terminal whether it does the same there."""

from pathlib import Path

from rcl_flow.cli.comparing import comparison_text
from rcl_flow.cli.console import FORMAT_VERSION, Console
from rcl_flow.cli.ending import told_signals
from rcl_flow.config import FlowConfig
from rcl_flow.pipeline.copies.copied_runs import CopiedRun, Original, ParityReport, copy_run
from rcl_flow.pipeline.flow import Options
from rcl_flow.pipeline.history.selecting import select_runs
from rcl_flow.pipeline.judging.comparing import ComparisonFiles, finished_run
from rcl_flow.pipeline.state.records import list_runs
from rcl_flow.wiring.services import make_services, reach_backend
from rcl_flow.wiring.stores import open_store


def drive_copy(
    wanted: str, config: FlowConfig, workspace: Path, console: Console, *, consent: bool
) -> None:
    """Copy or retrain the model of a finished run, and print the parity report.

    Args:
        wanted: the run's id, its beginning, or `latest`.
        config: the destination's.
        workspace: the folder of the run.
        console: where progress and result go.
        consent: the user has agreed to pay.

    Raises:
        typer.Exit: 128 and the signal's number when it was signalled.
        RclFlowError: it cannot go on.
    """
    store = open_store(workspace)
    record = select_runs(list_runs(store), wanted)[0]
    first = finished_run(record, store, workspace)
    with told_signals(console), console.watcher() as watcher:
        services = make_services(config, watcher.tell)
        original = Original(first, lambda: reach_backend(record.backend, workspace, watcher.tell))
        with services.guard.listening():
            done = copy_run(original, config, services, Options(consent=consent))
    console.document(
        {
            "format_version": FORMAT_VERSION,
            **done.report.model_dump(mode="json"),
            "artifacts": {"parity": str(done.parity), "html": str(done.html)},
        }
    )
    console.result(parity_text(done))


def parity_text(done: CopiedRun) -> str:
    """Return what came out, in a few lines for a terminal of 80 columns."""
    files = ComparisonFiles(done.comparison, done.html, done.parity)
    lines = [f"model   {done.report.project_version_arn}", *answer_lines(done.report), ""]
    return "\n".join([*lines, comparison_text(files), f"parity  {done.parity}"])


def answer_lines(report: ParityReport) -> list[str]:
    """Return whether the model answers as its source does; one that was trained anew need not."""
    answers = report.answers
    if report.identical:
        return [f"parity  the same answers on all {answers.images} images"]
    return [
        f"parity  other answers on {answers.differing_images} of {answers.images} images, by up to "
        f"{answers.largest_difference_percent:.2f} percent",
        f"        as a model that was trained anew: {report.verdict}",
    ]
