"""Tests of precision, recall and F1."""

from collections.abc import Iterable, Sequence

import numpy as np
import pytest
from sklearn.metrics import precision_recall_fscore_support

from rcl_flow.core.scoring.metrics import Outcomes, label_ratios, outcomes_of
from tests.builders import counted

LABELS = ("a", "b", "c")


def outcomes_of_pairs(
    pairs: Iterable[tuple[Sequence[str], Sequence[str]]], labels: Sequence[str]
) -> Outcomes:
    """Return the outcomes of true and predicted labels."""
    return outcomes_of((counted(truth, predicted) for truth, predicted in pairs), labels)


def test_outcomes_have_a_row_for_each_image_and_a_column_for_each_label() -> None:
    """Truth and prediction stand where image and label meet."""
    outcomes = outcomes_of_pairs([(["a"], ["b"]), (["c", "a"], []), ([], ["c"])], LABELS)
    assert outcomes.images == 3
    assert outcomes.truth.tolist() == [
        [1, 0, 0],
        [1, 0, 1],
        [0, 0, 0],
    ]
    assert outcomes.false_alarms.tolist() == [[0, 1, 0], [0, 0, 0], [0, 0, 1]]
    assert not outcomes.hits.any()
    assert outcomes.misses.tolist() == outcomes.truth.tolist()


def test_outcomes_count_every_object_of_a_label() -> None:
    """An image with three objects of a label, two of them found, has one miss."""
    objects = (["a", "a", "a", "b"], ["a", "a"], ["b", "b"])
    outcomes = outcomes_of([objects], LABELS)
    assert outcomes.truth.tolist() == [[3, 1, 0]]
    assert outcomes.misses.tolist() == [[1, 1, 0]]
    assert label_ratios(outcomes).recall.tolist() == [2 / 3, 0, 0]


def test_outcomes_leave_out_labels_that_are_not_asked_for() -> None:
    """A label outside the model's own is neither truth nor prediction."""
    outcomes = outcomes_of_pairs([(["a", "yeti"], ["yeti"])], LABELS)
    assert outcomes.truth.tolist() == [[1, 0, 0]]
    assert not outcomes.hits.any()
    assert not outcomes.false_alarms.any()


def test_outcomes_judge_labels_that_some_image_has() -> None:
    """A label that is only predicted cannot be judged."""
    outcomes = outcomes_of_pairs([(["a"], ["b"]), (["c"], ["c"])], LABELS)
    assert outcomes.judged.tolist() == [True, False, True]


def test_ratios_are_those_worked_out_by_hand() -> None:
    """For a: 2 hits, 1 false alarm, 2 misses; so 2/3, 2/4 and 4/7."""
    pairs = [(["a"], ["a"]), (["a"], ["a"]), ([], ["a"]), (["a"], []), (["a"], ["b"])]
    ratios = label_ratios(outcomes_of_pairs(pairs, ["a"]))
    assert ratios.precision[0] == pytest.approx(2 / 3)
    assert ratios.recall[0] == pytest.approx(2 / 4)
    assert ratios.f1[0] == pytest.approx(4 / 7)


def test_ratios_are_zero_when_there_is_nothing_to_count() -> None:
    """A label that is never true and never predicted has zeros and no NaN."""
    ratios = label_ratios(outcomes_of_pairs([(["a"], ["a"])], LABELS))
    assert (ratios.precision[1], ratios.recall[1], ratios.f1[1]) == (0, 0, 0)


def test_ratios_agree_with_the_published_example() -> None:
    """The counts of the developer guide's example file give its figures: 381/388, 381/390."""
    pairs = [(["x"], ["x"])] * 381 + [([], ["x"])] * 7 + [(["x"], [])] * 9
    ratios = label_ratios(outcomes_of_pairs(pairs, ["x"]))
    assert ratios.precision[0] == pytest.approx(381 / 388, abs=1e-15)
    assert ratios.recall[0] == pytest.approx(381 / 390, abs=1e-15)


@pytest.mark.parametrize("seed", range(8))
def test_ratios_agree_with_scikit_learn(seed: int) -> None:
    """An independent implementation gives the same figures to twelve digits."""
    rng = np.random.default_rng(seed)
    truth, predicted = rng.random((2, 137, 5)) < rng.uniform(0.02, 0.6, size=5)
    names = [f"label{n}" for n in range(5)]
    named = [
        [[names[n] for n in np.flatnonzero(row)] for row in matrix] for matrix in (truth, predicted)
    ]
    ratios = label_ratios(outcomes_of_pairs(zip(*named, strict=True), names))
    precision, recall, f1, _ = precision_recall_fscore_support(
        truth, predicted, average=None, zero_division=0
    )
    np.testing.assert_allclose(ratios.precision, precision, rtol=0, atol=1e-12)
    np.testing.assert_allclose(ratios.recall, recall, rtol=0, atol=1e-12)
    np.testing.assert_allclose(ratios.f1, f1, rtol=0, atol=1e-12)
