"""Tell others how a run goes: once for each transition, however often the line is replayed."""

from collections.abc import Iterator
from contextlib import contextmanager

from rcl_flow.errors import LeaseLostError, ModelNotStoppedError, RclFlowError
from rcl_flow.pipeline.outcome import RunOutcome
from rcl_flow.pipeline.run import Run

_FIRST = 1


@contextmanager
def announced(run: Run) -> Iterator[None]:
    """Tell that the run starts, when it does, and that it fails, if it does."""
    if run.record.attempts == _FIRST:
        run.announce("run-started", f"The run {run.run_id} of {run.config.project} has started.")
    try:
        yield
    except LeaseLostError:
        raise  # the run is another process' now
    except ModelNotStoppedError as error:
        run.announce("model-not-stopped", error.message, {"slug": error.slug})
        raise
    except RclFlowError as error:
        run.announce("run-failed", error.message, {"slug": error.slug})
        raise


def announce_outcome(outcome: RunOutcome, run: Run) -> None:
    """Tell what the run has come to."""
    run.announce(
        "run-succeeded",
        f"{run.config.project}: holdout F1 {outcome.holdout.f1:.3f} (test {outcome.test.f1:.3f}), "
        f"{outcome.gap.verdict}; decision: {outcome.decision.action}.",
        {
            "holdout_f1": outcome.holdout.f1,
            "test_f1": outcome.test.f1,
            "gap_f1": outcome.gap.f1,
            "verdict": outcome.gap.verdict,
            "decision": outcome.decision.action,
            "estimated_usd": outcome.cost.estimated_usd,
            "report": outcome.artifacts.report_html,
        },
    )
