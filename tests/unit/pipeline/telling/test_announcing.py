"""Tests of what is announced of a run, and how often."""

from dataclasses import replace
from datetime import timedelta

import pytest

from rcl_flow.core.history.transitions import Transition
from rcl_flow.errors import (
    DatasetGateError,
    LeaseLostError,
    ModelNotStoppedError,
    RclFlowError,
    StoreError,
    TrainingFailedError,
)
from rcl_flow.pipeline.runs.events import RunOpened
from rcl_flow.pipeline.runs.opening import keep_run
from rcl_flow.pipeline.runs.run import Pause, Run
from rcl_flow.pipeline.state.s3_store import S3Store
from rcl_flow.pipeline.telling.announcing import (
    announce_outcome,
    announced,
    claim_telling,
    give_back_telling,
    refusal_announced,
)
from tests.unit.pipeline.bench import BUCKET, Bench
from tests.unit.pipeline.failing_store import FailingStore
from tests.unit.pipeline.runs.test_outcome_schema import OUTCOME


def telling(run: Run) -> list[Transition]:
    """Let the run announce into the list that is returned."""
    told: list[Transition] = []
    run.services = replace(run.services, announce=told.append)
    return told


def test_run_is_announced_when_it_starts_and_not_when_it_goes_on(bench: Bench) -> None:
    """A tick is no new run."""
    run = bench.run()
    told = telling(run)
    with announced(run):
        pass
    keep_run(run)
    with announced(run):
        pass
    assert [each.kind for each in told] == ["run-started"]
    assert told[0].run_id == run.run_id
    assert [event for event in bench.told if isinstance(event, RunOpened)] == [
        RunOpened(run.run_id, 1),
        RunOpened(run.run_id, 2),
    ]


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (TrainingFailedError("No.", hint="h"), "run-failed"),
        (ModelNotStoppedError("No.", hint="h", project_version_arn="arn"), "model-not-stopped"),
    ],
)
def test_failure_is_announced_and_passes(bench: Bench, error: RclFlowError, kind: str) -> None:
    """A model that may bill on is another transition than a run that failed."""
    run = bench.run()
    told = telling(run)
    with pytest.raises(type(error)), announced(run):
        raise error
    assert [each.kind for each in told] == ["run-started", kind]
    assert (told[1].text, told[1].details) == ("No.", {"slug": error.slug})


@pytest.mark.parametrize("ended", [Pause(60), LeaseLostError("No.", hint="h")])
def test_pause_and_lost_lease_are_no_transitions(bench: Bench, ended: Exception) -> None:
    """The run goes on: later, or elsewhere."""
    run = bench.run()
    told = telling(run)
    with pytest.raises(type(ended)), announced(run):
        raise ended
    assert [each.kind for each in told] == ["run-started"]


def test_refused_data_are_announced_without_a_run(bench: Bench) -> None:
    """A schedule that finds bad data makes no run, and somebody has to know."""
    run = bench.run()
    told = telling(run)
    with pytest.raises(DatasetGateError), refusal_announced(run.config, run.services):
        raise DatasetGateError("Two errors.", hint="h")
    (only,) = told
    assert (only.kind, only.run_id, only.project) == ("run-failed", "", "shades")
    assert (only.text, only.details) == ("Two errors.", {"slug": "dataset-gate"})


def test_outcome_is_announced_with_its_figures(bench: Bench) -> None:
    """Rules can match on decision, gap and cost; the report is where this machine has it."""
    run = bench.run()
    told = telling(run)
    announce_outcome(OUTCOME, run)
    details = told[0].details
    assert told[0].kind == "run-succeeded"
    assert details["decision"] == "keep"
    assert details["gap_f1"] == OUTCOME.gap.f1
    assert details["estimated_usd"] == 0.1
    assert details["report"] == "report.html"


def test_report_of_a_shared_run_is_where_others_find_it(bench: Bench) -> None:
    """A path on a machine that is gone helps nobody."""
    run = bench.run()
    told = telling(run)
    store = S3Store(run.services.s3, BUCKET, "state")
    run.services = replace(run.services, store=store, state_is_shared=True)
    announce_outcome(OUTCOME, run)
    assert told[0].details["report"] == f"s3://{BUCKET}/state/files/{run.run_id}/report.html"


def transition(bench: Bench, run_id: str = "r1") -> Transition:
    """Return a transition of a run."""
    return Transition("model-started", "shades", bench.clock.now(), "It runs.", run_id=run_id)


def test_telling_is_claimed_once_for_each_sink(bench: Bench) -> None:
    """Two ticks, or two machines, tell a sink once; another sink is told, too."""
    store, first = bench.services().store, transition(bench)
    assert claim_telling(first, "slack", store)
    again = replace(first, at=first.at + timedelta(minutes=5))
    assert not claim_telling(again, "slack", store)
    assert claim_telling(first, "webhook", store)
    assert claim_telling(replace(first, text="Another."), "slack", store)


def test_claim_that_is_given_back_can_be_taken_again(bench: Bench) -> None:
    """What a sink did not take, the next tick tells it."""
    store, first = bench.services().store, transition(bench)
    assert claim_telling(first, "slack", store)
    give_back_telling(first, "slack", store)
    assert claim_telling(first, "slack", store)


def test_transition_without_a_run_is_told_each_time(bench: Bench) -> None:
    """Nothing says which earlier one it would be."""
    store, first = bench.services().store, transition(bench, run_id="")
    assert claim_telling(first, "slack", store)
    assert claim_telling(first, "slack", store)
    assert store.below("announced/") == []


def test_store_that_fails_keeps_nobody_from_being_told(bench: Bench) -> None:
    """Twice is better than never, and the run is not to end because of it."""

    def broken(_verb: str, _key: str) -> None:
        raise StoreError("Gone.", hint="h")

    store, first = FailingStore(bench.services().store, before=broken), transition(bench)
    assert claim_telling(first, "slack", store)
    give_back_telling(first, "slack", store)
