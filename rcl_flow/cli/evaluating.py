"""Judge a finished run again and tell the terminal what came out."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rcl_flow.cli.console import Console
from rcl_flow.cli.outcome_text import outcome_text
from rcl_flow.clock import SystemClock
from rcl_flow.pipeline.history.selecting import select_runs
from rcl_flow.pipeline.judging.opened_runs import require_completed
from rcl_flow.pipeline.judging.reevaluating import Changes, evaluate_again
from rcl_flow.pipeline.runs.outcome import chosen_thresholds
from rcl_flow.pipeline.state.records import list_runs, run_folder
from rcl_flow.wiring.stores import open_store


def drive_evaluate(
    wanted: str, changes: Changes, out: Path | None, workspace: Path, console: Console
) -> None:
    """Judge the run that `wanted` names under the changes, and print the outcome.

    Raises:
        UnknownRunError: there is no such run, or it has left nothing to judge.
        ConfigError: a change is not one of how scores are compared.
    """
    store = open_store(workspace)
    record = select_runs(list_runs(store), wanted)[0]
    require_completed(record, store)
    folder = run_folder(workspace, record.run_id)
    with _without_collecting():
        outcome = evaluate_again(folder, changes, workspace, SystemClock(), out)
    console.document(outcome.model_dump(mode="json"))
    console.result(outcome_text(outcome, paid=record.backend.kind != "emulator"))
    if chosen_thresholds(outcome.labels):
        console.result(f"thresholds {outcome.artifacts.thresholds}")


@contextmanager
def _without_collecting() -> Iterator[None]:
    """Look for no garbage: of large holdouts millions of values are made, and all are needed."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
