"""Drive a run and tell the terminal how it goes and how it ended."""

from rcl_flow.cli.console import Console
from rcl_flow.cli.ending import told_pauses, told_signals
from rcl_flow.cli.outcome_text import outcome_text
from rcl_flow.config import FlowConfig
from rcl_flow.pipeline.flow import Options
from rcl_flow.pipeline.runs.outcome import RunOutcome
from rcl_flow.wiring.running import run_config


def drive_run(config: FlowConfig, options: Options, console: Console) -> RunOutcome:
    """Run the flow and print its outcome.

    Raises:
        typer.Exit: 75 when it pauses, 128 and the signal's number when it was signalled.
        RclFlowError: the run cannot go on.
    """
    with told_pauses(console), told_signals(console), console.watcher() as watcher:
        outcome = run_config(config, options, watcher.tell)
    console.document(outcome.model_dump(mode="json"))
    console.result(outcome_text(outcome, paid=config.backend == "aws"))
    return outcome
