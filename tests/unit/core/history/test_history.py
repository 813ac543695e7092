"""Tests of what is made of a project's runs over time."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from rcl_flow.core.history.history import intervals_overlap, previous_on_same_holdout, trend_of
from rcl_flow.core.history.past_runs import Basis, PastRun, RunScore

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
        "judged_images": 500,
    }
    return RunScore.model_validate(known | changes)


def tuned(number: int, f1: float, **changes: object) -> PastRun:
    """Return a run that was judged at tuned thresholds on the 350 images left."""
    known: dict[str, Any] = {
        "judged_images": 350,
        "thresholds": "tuned",
        "assumed_f1": f1 - 0.1,
        "assumed_interval": (f1 - 0.12, f1 - 0.08),
    }
    return run(number, score=score(f1, **known | changes), state="completed")


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


def test_tuned_thresholds_on_other_images_are_no_progress() -> None:
    """The same model, judged at tuned thresholds on a part, is neither compared nor the highest."""
    known: dict[str, Any] = {"project_version_arn": "arn:one"}
    first = run(1, 0.8, **known)
    again = tuned(2, 0.95).model_copy(update=known)
    _, second = trend_of([first, again]).runs
    assert second.change is None
    assert second.best_so_far is False
    assert second.apart_from == first
    assert second.same_model_as == first


def test_scores_of_one_basis_are_compared_over_others_in_between() -> None:
    """A fixed holdout score after a tuned one goes on from the fixed one before it."""
    trend = trend_of([run(1, 0.80), tuned(2, 0.95), run(3, 0.83), tuned(4, 0.96)])
    changes = [each.change for each in trend.runs]
    assert changes[2] is not None
    assert changes[3] is not None
    assert (changes[2].since.run_id, changes[2].passed_over) == ("run-1", 1)
    assert changes[2].f1 == pytest.approx(0.03)
    assert changes[3].since.run_id == "run-2"
    assert changes[3].f1 == pytest.approx(0.01)
    assert [each.best_so_far for each in trend.runs] == [False, False, True, True]


def test_other_thresholds_on_the_same_images_are_compared_at_the_assumed_ones() -> None:
    """The difference of the models is told, not that of the thresholds."""
    fixed: dict[str, Any] = {
        "thresholds": "fixed",
        "fixed_thresholds": {"one": 0.3},
        "assumed_f1": 0.79,
        "assumed_interval": (0.75, 0.77),
    }
    change = trend_of([run(1, 0.8), run(2, score=score(0.95, **fixed))]).runs[1].change
    assert change is not None
    assert change.f1 == pytest.approx(-0.01)
    assert change.at_assumed is True
    assert change.intervals_overlap is False
    other = score(0.97, **fixed | {"fixed_thresholds": {"one": 0.2}, "assumed_f1": 0.78})
    runs = [run(1, score=score(0.95, **fixed)), run(2, score=other)]
    change = trend_of(runs).runs[1].change
    assert change is not None
    assert change.f1 == pytest.approx(-0.01)


def test_scores_without_figures_at_assumed_thresholds_are_not_compared() -> None:
    """An outcome of an earlier version does not hold them."""
    old = score(0.95, thresholds="fixed")
    second = trend_of([run(1, 0.8), run(2, score=old)]).runs[1]
    assert second.change is None
    assert second.apart_from is not None


def test_best_of_a_ground_is_kept_for_each_basis() -> None:
    """The newest score's basis is last, and its best is that of the ground."""
    (ground,) = trend_of([run(1, 0.8), tuned(2, 0.95), tuned(3, 0.9)]).grounds
    assert [(s.basis, s.scores, s.best.run_id) for s in ground.standings] == [
        (Basis(500, "assumed"), 1, "run-1"),
        (Basis(350, "tuned"), 2, "run-2"),
    ]
    (ground,) = trend_of([run(1, 0.8), tuned(2, 0.95), run(3, 0.7)]).grounds
    assert ground.best is not None
    assert ground.best.run_id == "run-1"


def test_same_model_names_the_first_score_of_it() -> None:
    """Runs that failed or know no model are not named."""
    one: dict[str, Any] = {"project_version_arn": "arn:one"}
    two: dict[str, Any] = {"project_version_arn": "arn:two"}
    runs = [run(0, **one), run(1, 0.8, **one), run(2, 0.8, **two), run(3, 0.9, **one), run(4, 0.9)]
    named = [each.same_model_as for each in trend_of([*runs, run(5, 0.9, **one)]).runs]
    assert [other and other.run_id for other in named] == [None] * 3 + ["run-1", None, "run-1"]
    assert trend_of(runs).runs[3].best_so_far is False


def test_previous_on_same_holdout_can_be_of_one_basis() -> None:
    """Tuned scores are left out when the run was judged at the assumed thresholds."""
    runs = [run(1, 0.8), tuned(2, 0.95), run(3, 0.85), run(4, None)]
    found = previous_on_same_holdout(runs, "run-4", Basis(500, "assumed"))
    assert [each.run_id for each in found] == ["run-1", "run-3"]
