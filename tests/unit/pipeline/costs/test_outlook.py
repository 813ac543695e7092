"""Tests of what is said of a long step before it is waited for."""

from datetime import UTC, datetime

import pytest

from rcl_flow.core.costs.estimate import Estimate
from rcl_flow.pipeline.costs.outlook import (
    tell_answers_outlook,
    tell_model_outlook,
    tell_training_outlook,
    took_before,
)
from rcl_flow.pipeline.costs.spending import spent_by
from rcl_flow.pipeline.runs.events import Outlook
from rcl_flow.pipeline.runs.run import Run
from rcl_flow.pipeline.serving.served_model import ServedModel, about_to_start
from rcl_flow.pipeline.state.ledger import LedgerEntry
from tests.unit.pipeline.bench import Bench

USUAL = Estimate(low=3600, expected=7200, high=86_400)


def entry(kind: str, seconds: float) -> LedgerEntry:
    """Return an entry of the ledger."""
    return LedgerEntry.model_validate(
        {
            "kind": kind,
            "run_id": "r",
            "project": "shades",
            "project_version_arn": f"arn{seconds}",
            "at": datetime(2026, 1, 1, tzinfo=UTC),
            "seconds": seconds,
            "inference_units": 0,
            "usd": 0.0,
            "images": 9,
        }
    )


def outlooks(bench: Bench) -> list[Outlook]:
    """Return what was said of steps."""
    return [event for event in bench.told if isinstance(event, Outlook)]


def test_took_before_is_the_median_of_the_trainings() -> None:
    """One long training does not frighten; a running model is no training."""
    history = [entry("training", seconds) for seconds in (2820, 60_000, 2700)]
    told = took_before([*history, entry("inference", 1)], USUAL)
    assert told == "took 47 min 0 s before (median of 3 trainings)"


def test_took_before_is_what_is_usual_without_a_training() -> None:
    """The first training of a project has a range to be ready for."""
    assert took_before([], USUAL) == "the first of this project; usual: 1 h 0 min to 24 h 0 min"


def test_training_outlook_has_the_price_of_an_hour(bench: Bench) -> None:
    """It is told once, before the wait."""
    tell_training_outlook(bench.run(backend="aws"))
    (told,) = outlooks(bench)
    assert told.text.startswith("the first of this project; usual: ")
    assert told.text.endswith("; 1.00 USD an hour")
    assert told.usd_per_hour == 0


def test_training_on_the_emulator_is_free_and_no_range_of_the_service(bench: Bench) -> None:
    """It trains here; nobody is to be alarmed by a price."""
    tell_training_outlook(bench.run())
    (told,) = outlooks(bench)
    assert told.text == (
        "the first of this project, on this machine: seconds, or minutes for boxes; "
        "free here, 1.00 USD an hour on AWS"
    )


def test_tick_says_nothing_of_a_training(bench: Bench) -> None:
    """It comes every few minutes, and nobody watches it."""
    tell_training_outlook(bench.run(blocking=False))
    assert outlooks(bench) == []


@pytest.mark.parametrize(
    ("units", "told"),
    [
        (1, "988 images took about 16 min 28 s before"),
        (2, "988 images took about 8 min 14 s before"),
    ],
)
def test_answers_outlook_reckons_with_the_pace_of_before(
    units: int, told: str, bench: Bench
) -> None:
    """Nine images took nine seconds; two units halve that."""
    past = entry("inference", 9.0).model_copy(update={"inference_units": 1})
    tell_answers_outlook(988, units, [past], bench.run())
    assert [one.text for one in outlooks(bench)] == [told]


def test_answers_outlook_says_nothing_without_a_before(bench: Bench) -> None:
    """No number is made up; the display shows how long is left."""
    tell_answers_outlook(988, 1, [], bench.run())
    assert outlooks(bench) == []


def test_model_outlook_counts_from_when_the_model_was_seen_to_run(bench: Bench) -> None:
    """A command that resumes tells what the model has cost before."""
    run: Run = bench.run(backend="aws")
    served = ServedModel(run, about_to_start("arn", 2, run), spent_by(run))
    served.mark("running_since")
    bench.clock.sleep(1800)
    tell_model_outlook(served.armed, run)
    (told,) = outlooks(bench)
    assert told.text == "runs until it is stopped: 8.00 USD an hour"
    assert (told.usd_per_hour, round(told.usd_so_far, 6)) == (8.0, 4.0)


def test_model_on_the_emulator_costs_nothing(bench: Bench) -> None:
    """So no display counts dollars; what it would cost is said once."""
    run = bench.run()
    tell_model_outlook(about_to_start("arn", 1, run), run)
    (told,) = outlooks(bench)
    assert told.text == "runs until it is stopped: free here, 4.00 USD an hour on AWS"
    assert (told.usd_per_hour, told.usd_so_far) == (0.0, 0.0)
