"""Tests of what is made of a project's runs over time."""

from datetime import UTC, datetime, timedelta

import pytest

from rcl_flow.core.history import (
    PastRun,
    RunScore,
    intervals_overlap,
    previous_on_same_holdout,
    trend_of,
)

START = datetime(2026, 11, 24, 11, 0, tzinfo=UTC)
A, B = "a" * 64, "b" * 64


def score(f1: float, half_width: float = 0.02, **changes: object) -> RunScore:
    """Return a score with an even interval around the holdout's F1."""
    known = {
        "decision": "promote",
        "verdict": "generalises",
        "test_f1": 0.95,
        "test_interval": (0.9, 1.0),
        "holdout_f1": f1,
        "holdout_interval": (f1 - half_width, f1 + half_width),
        "judged_labels": ("one", "two"),
    }
    return RunScore.model_validate(known | changes)


def run(number: int, f1: float | None = None, holdout: str = A, **changes: object) -> PastRun:
    """Return the run that began `number` hours after the first moment."""
    known = {
        "run_id": f"run-{number}",
        "project": "parts",
        "backend": "aws",
        "state": "completed" if f1 is not None else "failed",
        "started_at": START + timedelta(hours=number),
        "updated_at": START + timedelta(hours=number, minutes=30),
        "holdout_digest": holdout,
        "holdout_images": 500,
        "spent_usd": 1.5,
        "score": score(f1) if f1 is not None else None,
    }
    return PastRun.model_validate(known | changes)


def test_trend_of_nothing_is_empty() -> None:
    """A project without runs has neither scores nor grounds."""
    trend = trend_of([])
    assert (trend.runs, trend.grounds, trend.scored, trend.backends) == ((), (), (), ())


def test_trend_orders_runs_by_their_start() -> None:
    """Whatever the order they are read in, they are numbered from the oldest."""
    trend = trend_of([run(3, 0.9), run(1, 0.8), run(2)])
    assert [(each.number, each.run.run_id) for each in trend.runs] == [
        (1, "run-1"),
        (2, "run-2"),
        (3, "run-3"),
    ]
    assert [each.run.run_id for each in trend.scored] == ["run-1", "run-3"]


def test_change_is_since_the_last_score_on_the_same_holdout() -> None:
    """Failed runs and runs on other holdouts in between are passed over."""
    change = trend_of([run(1, 0.80), run(2, 0.99, B), run(3), run(4, 0.83)]).runs[3].change
    assert change is not None
    assert change.since.run_id == "run-1"
    assert change.f1 == pytest.approx(0.03)
    assert change.intervals_overlap is True
    assert change.same_labels is True


def test_first_score_on_a_holdout_has_no_change() -> None:
    """There is nothing to compare it with, and nothing that it beats."""
    trend = trend_of([run(1, 0.8), run(2, 0.9, B)])
    assert [(each.change, each.best_so_far) for each in trend.runs] == [(None, False)] * 2


def test_run_without_score_has_no_change() -> None:
    """A failed run on a known holdout is not compared."""
    assert trend_of([run(1, 0.8), run(2)]).runs[1].change is None


def test_change_tells_when_intervals_part_and_labels_differ() -> None:
    """Intervals that share no value, and means over other labels."""
    far = run(2, score=score(0.9, judged_labels=("one",)))
    change = trend_of([run(1, 0.8), far]).runs[1].change
    assert change is not None
    assert (change.intervals_overlap, change.same_labels) == (False, False)


def test_order_of_labels_makes_no_difference() -> None:
    """The same labels in another order are the same mean."""
    other = run(2, score=score(0.9, judged_labels=("two", "one")))
    change = trend_of([run(1, 0.8), other]).runs[1].change
    assert change is not None
    assert change.same_labels is True


@pytest.mark.parametrize(
    ("one", "other", "overlap"),
    [
        ((0.1, 0.3), (0.2, 0.4), True),
        ((0.2, 0.4), (0.1, 0.3), True),
        ((0.1, 0.5), (0.2, 0.3), True),
        ((0.1, 0.2), (0.2, 0.3), True),
        ((0.1, 0.2), (0.21, 0.3), False),
        ((0.21, 0.3), (0.1, 0.2), False),
    ],
)
def test_intervals_overlap_when_they_share_a_value(
    one: tuple[float, float], other: tuple[float, float], overlap: bool
) -> None:
    """Ends count; the order of the two does not."""
    assert intervals_overlap(one, other) is overlap


def test_best_is_the_highest_on_its_holdout_and_the_earlier_of_equals() -> None:
    """A higher score on another holdout is no better score."""
    trend = trend_of([run(1, 0.8), run(2, 0.9), run(3, 0.9), run(4, 0.99, B), run(5, 0.85)])
    assert [each.best_so_far for each in trend.runs] == [False, True, False, False, False]
    assert [ground.best.run_id for ground in trend.grounds if ground.best] == ["run-2", "run-4"]


def test_grounds_are_numbered_as_they_came_and_mark_where_they_change() -> None:
    """A holdout that comes back keeps its number, and the line is broken all the same."""
    trend = trend_of([run(1, 0.8), run(2, 0.8, B), run(3, None, ""), run(4, 0.8), run(5, 0.8)])
    assert [each.ground for each in trend.runs] == [1, 2, 0, 1, 1]
    assert [each.new_ground for each in trend.runs] == [False, True, False, True, False]
    assert [(g.number, g.holdout_digest, g.images) for g in trend.grounds] == [
        (1, A, 500),
        (2, B, 500),
    ]
    assert trend.ground(0) is None
    assert trend.ground(2) == trend.grounds[1]


def test_emulator_and_aws_are_different_grounds() -> None:
    """The emulator's own model says nothing about one that AWS trained."""
    trend = trend_of([run(1, 0.8, backend="emulator"), run(2, 0.9)])
    assert [each.ground for each in trend.runs] == [1, 2]
    assert trend.runs[1].change is None
    assert [ground.backend for ground in trend.grounds] == ["emulator", "aws"]


def test_unknown_holdouts_are_not_compared() -> None:
    """Two runs whose certificates are lost need not have had the same images."""
    trend = trend_of([run(1, 0.8, ""), run(2, 0.9, "")])
    assert [each.change for each in trend.runs] == [None, None]
    assert trend.grounds == ()


def test_spent_is_told_by_backend() -> None:
    """What was paid on AWS is not mixed with what the emulator would have cost."""
    trend = trend_of([run(1, 0.8), run(2), run(3, 0.8, backend="emulator", spent_usd=7.0)])
    assert trend.backends == ("aws", "emulator")
    assert (trend.spent_usd("aws"), trend.spent_usd("emulator")) == (3.0, 7.0)


def test_previous_on_same_holdout_are_earlier_scores_oldest_first() -> None:
    """Later runs, other holdouts, the emulator and runs without a score are left out."""
    runs = [
        run(5, 0.9),
        run(4),
        run(3, 0.85),
        run(2, 0.7, B),
        run(1, 0.8),
        run(6, 0.95),
        run(0, 0.5, backend="emulator"),
    ]
    assert [each.run_id for each in previous_on_same_holdout(runs, "run-5")] == ["run-1", "run-3"]


def test_previous_on_same_holdout_needs_no_score_of_the_run_itself() -> None:
    """It is asked for while the run writes its report."""
    asked = run(2, None, state="running")
    assert [each.run_id for each in previous_on_same_holdout([run(1, 0.8), asked], "run-2")] == [
        "run-1"
    ]


@pytest.mark.parametrize("run_id", ["run-9", "run-2"])
def test_previous_on_same_holdout_is_empty_when_nothing_is_known(run_id: str) -> None:
    """Neither of a run that is not there nor of one whose holdout is not known."""
    assert previous_on_same_holdout([run(1, 0.8, ""), run(2, 0.9, "")], run_id) == ()
