"""Tests of the order of answers and of the figures over all thresholds."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rcl_flow.core.scoring.answers import NOT_ANSWERED, LabelAnswers, ObjectAnswers
from rcl_flow.core.scoring.matching import NO_MATCH, match_objects
from rcl_flow.core.scoring.ranking import (
    LabelCurve,
    RankedAnswers,
    average_precision,
    interpolated_at,
    label_curve,
    ranked_labels,
    ranked_objects,
)
from tests.unit.core.scoring.crowds import crowd


def ranked(*answers: tuple[float, bool], positives: int) -> RankedAnswers:
    """Return answers, the surest first, as confidence and whether it is right."""
    confidences = np.array([percent for percent, _ in answers], dtype=np.float64)
    right = np.array([is_right for _, is_right in answers], dtype=np.bool_)
    return RankedAnswers("bolt", confidences, right, positives)


NOTHING = ranked(positives=3)
MIXED = ranked((90, True), (80, False), (70, True), positives=2)


def test_labels_are_ranked_by_confidence_without_what_was_not_answered() -> None:
    """What was not answered still counts among the positives."""
    answers = LabelAnswers(
        labels=("a", "b"),
        truth=np.array([[True, False], [False, True], [True, True]]),
        confidences_percent=np.array([[20.0, 0.0], [60.0, 50.0], [NOT_ANSWERED, 50.0]]),
    )
    first, second = ranked_labels(answers)
    assert (first.label, first.positives) == ("a", 2)
    assert first.confidences_percent.tolist() == [60.0, 20.0]
    assert first.right.tolist() == [False, True]
    assert second.confidences_percent.tolist() == [50.0, 50.0, 0.0]
    assert second.right.tolist() == [True, True, False]


def boxes(found: list[tuple[int, int, float]]) -> ObjectAnswers:
    """Return found boxes in one place, as image, label and confidence; one true box of label 0."""
    place = np.array([[0.0, 0.0, 0.5, 0.5]])
    return ObjectAnswers(
        labels=("bolt", "nut"),
        images=3,
        true_images=np.array([1]),
        true_labels=np.array([0]),
        true_boxes=place,
        found_images=np.array([image for image, _, _ in found], dtype=np.intp),
        found_labels=np.array([label for _, label, _ in found], dtype=np.intp),
        found_boxes=np.repeat(place, len(found), axis=0),
        confidences_percent=np.array([percent for _, _, percent in found], dtype=np.float64),
    )


def test_objects_are_ranked_by_confidence_then_image() -> None:
    """Whatever the order of the answers; each label has its own."""
    answers = boxes([(2, 0, 50.0), (1, 0, 50.0), (0, 0, 90.0), (1, 1, 70.0)])
    bolts, nuts = ranked_objects(answers, match_objects(answers))
    assert bolts.confidences_percent.tolist() == [90.0, 50.0, 50.0]
    assert bolts.right.tolist() == [False, True, False]
    assert (bolts.positives, nuts.positives) == (1, 0)
    assert nuts.confidences_percent.tolist() == [70.0]


def test_objects_that_do_not_count_have_no_rank() -> None:
    """Their positives stay."""
    answers = boxes([(1, 0, 50.0), (1, 0, 40.0), (1, 1, 70.0)])
    counted = np.array([False, True, False])
    bolts, nuts = ranked_objects(answers, match_objects(answers), counted)
    assert (bolts.confidences_percent.tolist(), bolts.right.tolist()) == ([40.0], [False])
    assert (bolts.positives, len(nuts.right)) == (1, 0)


def test_ranked_objects_hold_every_found_box_and_match() -> None:
    """In a crowd nothing is lost."""
    answers = crowd(5)
    matches = match_objects(answers)
    labels = ranked_objects(answers, matches)
    assert sum(len(one.right) for one in labels) == len(answers.found_boxes)
    assert sum(int(one.right.sum()) for one in labels) == int((matches != NO_MATCH).sum()) > 50
    assert [one.positives for one in labels][-1] == 0
    assert sum(one.positives for one in labels) == len(answers.true_boxes)


def test_average_precision_weights_precision_by_the_step_of_recall() -> None:
    """Half of the recall at a precision of 1, half at 2/3; a miss takes its share away."""
    assert average_precision(MIXED) == pytest.approx((1 + 2 / 3) / 2)
    missed = ranked((90, True), (80, False), (70, True), positives=4)
    assert average_precision(missed) == pytest.approx((1 + 2 / 3) / 4)


def test_average_precision_takes_equal_confidences_as_one_step() -> None:
    """No threshold tells them apart, so their order plays no part."""
    assert average_precision(ranked((90, True), (90, False), positives=1)) == 0.5
    assert average_precision(ranked((90, False), (90, True), positives=1)) == 0.5


def interpolated(answers: RankedAnswers) -> float:
    """Return COCO's average precision of one matching."""
    return float(interpolated_at(answers.right[np.newaxis], answers.positives)[0])


def test_interpolated_average_precision_reads_the_best_beyond_at_each_recall() -> None:
    """51 of 101 recalls are reached at a precision of 1, the rest at 2/3."""
    assert interpolated(MIXED) == pytest.approx((51 + 50 * 2 / 3) / 101)
    beyond = ranked((90, False), (80, True), (70, True), (60, True), positives=3)
    assert interpolated(beyond) == pytest.approx(3 / 4)


def test_recall_that_is_not_reached_has_no_precision() -> None:
    """Only the recalls up to a half bring something: 0.00 to 0.50."""
    half = ranked((90, True), positives=2)
    assert interpolated(half) == pytest.approx(51 / 101)


def test_average_precision_without_answers_is_nothing_and_without_positives_unknown() -> None:
    """A label that is there and was never answered is worth 0; one that is not there is no case."""
    assert average_precision(NOTHING) == 0.0
    assert interpolated(NOTHING) == 0.0
    unknown = ranked((90, False), positives=0)
    assert average_precision(unknown) is None


def test_curve_counts_at_each_confidence() -> None:
    """Equal confidences are one step."""
    curve = label_curve(ranked((90, True), (80, True), (80, False), (10, False), positives=3))
    assert curve == LabelCurve(
        label="bolt",
        positives=3,
        confidences_percent=(90.0, 80.0, 10.0),
        hits=(1, 2, 2),
        false_alarms=(0, 1, 2),
    )
    assert label_curve(NOTHING).confidences_percent == ()


def test_long_curve_is_thinned_to_exact_steps() -> None:
    """It keeps both ends and says that it is not whole; what it keeps is right."""
    rng = np.random.default_rng(1)
    percents = np.sort(rng.uniform(0, 100, 5000))[::-1]
    long = RankedAnswers("bolt", percents, rng.random(5000) < 0.5, 3000)
    whole, thin = label_curve(long, 5000), label_curve(long, 100)
    assert (whole.exact, thin.exact) == (True, False)
    assert (len(whole.hits), len(thin.hits)) == (5000, 100)
    counts = dict(
        zip(
            whole.confidences_percent, zip(whole.hits, whole.false_alarms, strict=True), strict=True
        )
    )
    kept = zip(thin.confidences_percent, thin.hits, thin.false_alarms, strict=True)
    assert all(counts[percent] == (hits, wrong) for percent, hits, wrong in kept)
    assert thin.confidences_percent[0] == percents[0]
    assert thin.confidences_percent[-1] == percents[-1]


few = st.lists(st.tuples(st.integers(0, 5), st.booleans()), max_size=20)


@given(few, st.integers(0, 5))
def test_curve_is_what_each_threshold_counts(answers: list[tuple[int, bool]], missed: int) -> None:
    """Counting at each confidence, at or above it, gives the same; averages are ratios."""
    ordered = sorted(answers, key=lambda pair: -pair[0])
    positives = sum(is_right for _, is_right in ordered) + missed
    one = ranked(*ordered, positives=positives)
    curve = label_curve(one)
    for step, percent in enumerate(curve.confidences_percent):
        reached = [is_right for confidence, is_right in answers if confidence >= percent]
        assert curve.hits[step] == sum(reached)
        assert curve.false_alarms[step] == len(reached) - sum(reached)
    assert set(curve.confidences_percent) == {float(percent) for percent, _ in answers}
    for figure in (average_precision(one), interpolated(one) if positives else None):
        assert (figure is None) == (positives == 0)
        assert figure is None or 0 <= figure <= 1
