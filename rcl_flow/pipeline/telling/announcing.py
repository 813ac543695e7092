"""Tell others how a run goes: once for each transition, however often the line is replayed."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress

from rcl_flow.config import FlowConfig
from rcl_flow.core.history.transitions import Transition
from rcl_flow.core.naming import digest_of
from rcl_flow.errors import LeaseLostError, ModelNotStoppedError, RclFlowError
from rcl_flow.pipeline.runs.outcome import RunOutcome
from rcl_flow.pipeline.runs.run import Run
from rcl_flow.pipeline.runs.services import Services
from rcl_flow.pipeline.state.s3_store import S3Store
from rcl_flow.pipeline.state.store import StateStore
from rcl_flow.report.transition_text import identity_of

_FIRST = 1
REPORT_NAME = "report.html"


@contextmanager
def announced(run: Run) -> Iterator[None]:
    """Tell that the run starts, when it does, and that it fails, if it does."""
    run.log.opened(run.run_id, run.record.attempts)
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


@contextmanager
def refusal_announced(config: FlowConfig, services: Services) -> Iterator[None]:
    """Tell that no run could be opened, such as when new data do not pass the audit.

    There is no run then that the transition could be noted with: what differs from the last one of
    the project is told.
    """
    try:
        yield
    except RclFlowError as error:
        if not _is_another_refusal(error, config, services):
            raise
        services.announce(
            Transition(
                kind="run-failed",
                project=config.project,
                at=services.clock.now(),
                text=error.message,
                details={"slug": error.slug},
            )
        )
        raise


def _is_another_refusal(error: RclFlowError, config: FlowConfig, services: Services) -> bool:
    """Note a refusal; say whether it is another one than the last of the project."""
    digest = digest_of([error.slug, error.message]).encode()
    key = f"refusals/{services.backend.identity}/{config.project}"
    try:
        before = services.store.get(key)
        if before is not None and before.document == digest:
            return False
        services.store.put(key, digest)
    except RclFlowError:
        return True  # twice is better than never
    return True


def forget_refusal(config: FlowConfig, services: Services) -> None:
    """Forget the last refusal: a run could be opened, so that the next one is news."""
    with suppress(RclFlowError):
        services.store.delete(f"refusals/{services.backend.identity}/{config.project}")


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
            "report": _report_uri(outcome, run),
        },
    )


def claim_telling(transition: Transition, sink: str, store: StateStore) -> bool:
    """Note that a sink is told now of a run's transition; say whether it still has to be.

    A transition without a run is told each time. So is one that cannot be noted: twice is better
    than never.
    """
    if not transition.run_id:
        return True
    try:
        noted = store.put_if_absent(_key(transition, sink), transition.at.isoformat().encode())
    except RclFlowError:
        return True
    return noted is not None


def give_back_telling(transition: Transition, sink: str, store: StateStore) -> None:
    """Take the note back when the sink did not take it: a replay of the line tells it again."""
    if transition.run_id:
        with suppress(RclFlowError):
            store.delete(_key(transition, sink))


def _key(transition: Transition, sink: str) -> str:
    name = f"{transition.kind}/{identity_of(transition)}/{sink}"
    return f"announced/{transition.run_id}/{name}"


def _report_uri(outcome: RunOutcome, run: Run) -> str:
    """Return where others find the report: in the bucket where the run's folder is shared."""
    store = run.services.store
    if run.services.state_is_shared and isinstance(store, S3Store):
        return store.location(f"files/{run.run_id}/{REPORT_NAME}").uri
    return outcome.artifacts.report_html
