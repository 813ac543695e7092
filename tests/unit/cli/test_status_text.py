"""Tests of how a workspace's standing is told."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from rcl_flow.cli.status_text import status_document, status_lines
from rcl_flow.cli.statuses import ModelStanding, ProjectStanding, RunStanding, Standing
from rcl_flow.pipeline.state.backend import Backend
from rcl_flow.pipeline.state.lease import HeldLease, LeaseRecord
from rcl_flow.pipeline.state.ledger import LedgerEntry
from rcl_flow.pipeline.state.records import ArmedModel, RunRecord

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
ARN = "arn:aws:rekognition:eu-west-1:123456789012:project/parts/version/rf-0123456789abcdef/1"
AWS = Backend(kind="aws", region="eu-west-1", account="123456789012")


def run(status: str = "running", *, held: HeldLease | None = None, error: str = "") -> RunStanding:
    """Return a run that has spent 1.25 USD."""
    record = RunRecord.model_validate(
        {
            "run_id": "20261124T110000Z-01234567",
            "input_digest": "0" * 64,
            "project": "parts",
            "backend": AWS,
            "status": status,
            "started_at": NOW,
            "updated_at": NOW,
            "project_version_arn": ARN,
            "step": "await_training",
            "error": error,
        }
    )
    return RunStanding(record, 1.25, held)


def held(state: str = "held") -> HeldLease:
    """Return a lease that lasts for ten minutes more."""
    record = LeaseRecord(
        project="parts",
        run_id="20261124T110000Z-01234567",
        host="builder",
        pid=77,
        fence=1,
        beat=3,
        ttl_seconds=900,
        state=state,
    )
    return HeldLease(record, 600.0)


def model(**changes: object) -> ModelStanding:
    """Return a model that runs since half an hour."""
    armed = ArmedModel(
        project_version_arn=ARN,
        run_id="20261124T110000Z-01234567",
        backend=AWS,
        inference_units=2,
        armed_at=NOW - timedelta(minutes=45),
        usd_per_hour=8.0,
        running_since=NOW - timedelta(minutes=30),
    )
    return ModelStanding(armed.model_copy(update=changes), "RUNNING")


def standing(
    *runs: RunStanding, models: tuple[ModelStanding, ...] = (), unreadable: tuple[str, ...] = ()
) -> Standing:
    """Return a standing with a ledger of one training and two stretches of running."""
    entries = tuple(
        LedgerEntry(
            kind="training" if number == 0 else "inference",
            run_id="r",
            project="parts",
            project_version_arn=ARN,
            at=NOW + timedelta(hours=number),
            seconds=3600,
            inference_units=1,
            usd=1.5,
            images=10,
        )
        for number in range(3)
    )
    project = ProjectStanding(AWS.identity, "parts", entries)
    return Standing(runs, (project,), models, unreadable)


def text(given: Standing) -> str:
    """Return what a person reads."""
    return "\n".join(status_lines(given, NOW))


def test_status_lines_fit_80_columns_but_for_arns() -> None:
    """A terminal of the usual width breaks no line that could be shorter."""
    given = standing(run(held=held()), run("completed"), models=(model(watched_until=NOW),))
    long = [line for line in status_lines(given, NOW) if len(line) > 80]
    assert all("arn:" in line for line in long), long


def test_status_tells_who_is_at_work() -> None:
    """Process, host and how long the lease lasts without a sign of life."""
    shown = text(standing(run(held=held())))
    assert "at: await training" in shown
    assert "at work: process 77 on builder, its lease lasts 10 min" in shown


def test_status_tells_a_run_that_died() -> None:
    """A run that is recorded as running and that nobody holds was interrupted."""
    shown = text(standing(run()))
    assert "interrupted" in shown
    assert "run its config again to resume" in shown


def test_status_tells_a_run_that_was_broken_off() -> None:
    """Ctrl-C is no failure, and the way on is told as for a run that died."""
    shown = text(standing(run("failed", error="ended by SIGINT")))
    assert "interrupted" in shown
    assert "failed" not in shown
    assert "ended by SIGINT: run its config again to resume" in shown


def test_status_tells_a_pause_between_ticks() -> None:
    """A paused run keeps its project; that is no fault."""
    shown = text(standing(run("paused", held=held("paused"))))
    assert "keeps the project for its next tick, for 10 min" in shown
    assert "interrupted" not in shown


def test_status_says_that_a_training_may_be_billed() -> None:
    """Also when the command that waited for it was ended; not when the training failed."""
    billed = "its training may still be under way"
    for given in (run("paused"), run(), run("failed", error="ended by SIGINT")):
        assert billed in text(standing(given))
    assert billed not in text(standing(run("failed", error="[training-failed] No.")))


def test_status_says_that_nothing_runs() -> None:
    """An empty answer could mean anything; the line goes as soon as a model may be billed."""
    nothing = "No model runs that this workspace knows of"
    assert text(Standing((), (), (), ())).startswith(nothing)
    assert nothing in text(standing(models=(replace(model(), status="STOPPED"),)))
    assert nothing not in text(standing(models=(model(),)))


def test_status_tells_what_was_spent() -> None:
    """Of the run and of its project."""
    shown = text(standing(run("completed")))
    assert "parts  aws  $1.25" in shown
    assert "$4.50 in all  1 training, 2 times running" in shown


def test_status_tells_what_a_model_costs_and_what_ends_it() -> None:
    """Price an hour, since when, so far, and the three kinds of end."""
    shown = text(standing(models=(model(watched_until=NOW, schedule_group="default"),)))
    assert "8.00 USD an hour since 2026-11-24 11:30 UTC, 4.00 USD so far" in shown
    assert "stopped by its schedule at 2026-11-24 12:00 UTC" in shown
    assert f"rcl-flow stop {ARN}" in shown
    assert "stopped by `rcl-flow reap`" in text(standing(models=(model(watched_until=NOW),)))
    assert "nothing stops it" in text(standing(models=(model(),)))


@pytest.mark.parametrize("status", ["STOPPED", "DELETED", "GONE", "FAILED"])
def test_status_tells_no_cost_of_a_model_that_does_not_bill(status: str) -> None:
    """Neither a price nor a limit: nothing runs that they would be of."""
    shown = text(standing(models=(replace(model(watched_until=NOW), status=status),)))
    assert f"MODEL  {status}, so it costs nothing now" in shown
    assert "an hour" not in shown
    assert "stopped by" not in shown


@pytest.mark.parametrize("status", ["STARTING", "STOPPING", "UNKNOWN (aws-refused)"])
def test_status_tells_the_cost_of_a_model_that_may_bill(status: str) -> None:
    """Not to know the status is no reason to say that it costs nothing."""
    shown = text(standing(models=(replace(model(), status=status),)))
    assert "8.00 USD an hour" in shown


def test_status_names_what_cannot_be_read() -> None:
    """A record that stands for a model comes with the command that stops it."""
    shown = text(standing(unreadable=("runs/x", f"armed/{ARN}")))
    assert "UNREADABLE  runs/x" in shown
    assert f"rcl-flow stop {ARN}" in shown


def test_status_document_has_the_same_facts() -> None:
    """A machine reads costs, holder, models and unreadable keys."""
    document = status_document(
        standing(run(held=held()), run("failed"), models=(model(),), unreadable=("runs/x",))
    )
    assert document == {
        "format_version": 1,
        "runs": [
            {
                **run().record.model_dump(mode="json"),
                "spent_usd": 1.25,
                "held_by": {"host": "builder", "pid": 77, "state": "held", "left_seconds": 600.0},
            },
            {**run("failed").record.model_dump(mode="json"), "spent_usd": 1.25, "held_by": None},
        ],
        "projects": [
            {
                "backend": AWS.identity,
                "project": "parts",
                "spent_usd": 4.5,
                "trainings": 1,
                "times_running": 2,
            }
        ],
        "models": [{**model().armed.model_dump(mode="json"), "model_status": "RUNNING"}],
        "unreadable": ["runs/x"],
    }


def test_kept_model_is_told_with_its_price_and_its_end() -> None:
    """What runs on purpose looks like it, and shows how to end it."""
    until = NOW + timedelta(hours=8)
    kept = {"kept_until": until, "watched_until": until, "schedule_group": "default"}
    shown = text(standing(models=(model(**kept),)))
    assert "MODEL  RUNNING  kept running, 8.00 USD an hour since 2026-11-24 11:30 UTC" in shown
    assert "4.00 USD so far" in shown
    assert "by its schedule at 2026-11-24 20:00 UTC; `rcl-flow start` moves that" in shown
    assert f"rcl-flow stop {ARN}" in shown
    document = status_document(standing(models=(model(**kept),)))
    assert document["models"][0]["kept_until"] == "2026-11-24T20:00:00Z"  # type: ignore[index]  # a list


EMULATED = Backend(kind="emulator", region="eu-west-1", emulator_instance="01234567")


def emulated_standing() -> Standing:
    """Return a run, its project and its model, all on the emulator."""
    told = run("completed")
    told = replace(told, record=told.record.model_copy(update={"backend": EMULATED}))
    given = standing(told, models=(model(backend=EMULATED),))
    return replace(given, projects=(replace(given.projects[0], identity=EMULATED.identity),))


def test_status_does_not_tell_emulated_costs_as_paid() -> None:
    """Nobody gets a bill for them: of the run, of its project, and of a model that runs."""
    shown = text(emulated_standing())
    assert "parts  emulator  $0.00 ($1.25 on AWS)" in shown
    assert "$0.00 ($4.50 on AWS) in all" in shown
    assert "MODEL  RUNNING  free here; on AWS 8.00 USD an hour since" in shown


def test_status_names_the_command_that_looks_everywhere() -> None:
    """In all regions, and for this workspace; of a workspace on the emulator there is one place."""

    def named(given: Standing, workspace: Path) -> str:
        return list(status_lines(given, NOW, workspace))[-1].strip()

    here, other = Path(".rcl-flow"), Path("my runs")
    assert named(standing(run()), here) == "rcl-flow reap --dry-run --all-regions"
    assert named(standing(), other).endswith("--all-regions --workspace 'my runs'")
    emulated = replace(emulated_standing(), models=())
    assert named(emulated, here) == "rcl-flow reap --dry-run"
