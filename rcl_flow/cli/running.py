"""Drive a run and tell the terminal how it goes and how it ended."""

import typer

from rcl_flow.cli.console import Console
from rcl_flow.cli.wiring import make_services
from rcl_flow.config import FlowConfig
from rcl_flow.pipeline.flow import Options, run_flow
from rcl_flow.pipeline.outcome import RunOutcome
from rcl_flow.pipeline.run import Pause
from rcl_flow.pipeline.signals import Signalled
from rcl_flow.report.figures import (
    format_change_interval,
    format_interval,
    format_ratio,
    format_usd,
)

STILL_RUNNING = 75


def drive_run(config: FlowConfig, options: Options, console: Console) -> RunOutcome:
    """Run the flow and print its outcome.

    Raises:
        typer.Exit: 75 when it pauses, 128 and the signal's number when it was signalled.
        RclFlowError: the run cannot go on.
    """
    try:
        with console.watcher() as watcher:
            services = make_services(config, watcher.tell)
            with services.guard.listening():
                outcome = run_flow(config, services, options)
    except Pause as pause:
        console.result(f"Still running: run the same command again in {pause.seconds:.0f} s.")
        console.document(
            {"format_version": 1, "status": "paused", "again_in_seconds": pause.seconds}
        )
        raise typer.Exit(STILL_RUNNING) from None
    except Signalled as signalled:
        console.note(f"Ended by {signalled}; run the same command again to resume.")
        raise typer.Exit(signalled.exit_code) from None
    console.document(outcome.model_dump(mode="json"))
    console.result(outcome_text(outcome))
    return outcome


def outcome_text(outcome: RunOutcome) -> str:
    """Return an outcome in a few aligned lines."""
    test, holdout, gap = outcome.test, outcome.holdout, outcome.gap
    cost = outcome.cost
    lines = [
        f"run       {outcome.run_id}  {outcome.status}",
        f"test      F1 {format_ratio(test.f1)} {format_interval(test.f1_interval)}"
        f"  on {test.images} images, by the service",
        f"holdout   F1 {format_ratio(holdout.f1)} {format_interval(holdout.f1_interval)}"
        f"  on {holdout.images} unseen images",
        f"gap       {gap.f1:+.3f} {format_change_interval(gap.interval)}  {gap.verdict}",
        f"decision  {outcome.decision.action}",
        *(f"          - {reason.message}" for reason in outcome.decision.reasons),
        f"model     {outcome.model_status}  {outcome.project_version_arn}",
        f"cost      {format_usd(cost.estimated_usd)}  ({cost.training_seconds_billed:.0f} s of "
        f"training billed, {cost.inference_unit_seconds:.0f} inference-unit seconds)",
        f"report    {outcome.artifacts.report_html}",
    ]
    return "\n".join(lines)
