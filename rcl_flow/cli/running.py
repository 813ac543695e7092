"""Drive a run and tell the terminal how it goes and how it ended."""

import typer

from rcl_flow.cli.console import Console
from rcl_flow.cli.outcome_text import outcome_text
from rcl_flow.config import FlowConfig
from rcl_flow.pipeline.flow import Options, run_flow
from rcl_flow.pipeline.outcome import RunOutcome
from rcl_flow.pipeline.run import Pause
from rcl_flow.pipeline.signals import Signalled
from rcl_flow.wiring.announcing import settling
from rcl_flow.wiring.executors import with_executor
from rcl_flow.wiring.services import make_services

STILL_RUNNING = 75


def drive_run(config: FlowConfig, options: Options, console: Console) -> RunOutcome:
    """Run the flow and print its outcome.

    Raises:
        typer.Exit: 75 when it pauses, 128 and the signal's number when it was signalled.
        RclFlowError: the run cannot go on.
    """
    try:
        with console.watcher() as watcher:
            services = with_executor(config, make_services(config, watcher.tell))
            with settling(services.announce), services.guard.listening():
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
