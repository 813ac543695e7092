"""Tests of the interval of a change of F1 when the same images are judged twice."""

import numpy as np
import pytest
from sklearn.metrics import f1_score

from rcl_flow.core.scoring.f1_change import f1_change_interval, mean_f1
from rcl_flow.core.scoring.metrics import Outcomes, outcomes_of_flags

Interval = tuple[float, float]


def judged_twice(images: int, labels: int, seed: int = 0) -> tuple[Outcomes, Outcomes]:
    """Return outcomes of the same images at two thresholds; every label set is likely."""
    rng = np.random.default_rng(seed)
    truth = rng.random((images, labels)) < 0.3
    scores = rng.normal(size=truth.shape) + np.where(truth, 0.8, -0.8)
    names = tuple(f"l{n}" for n in range(labels))
    first, second = (outcomes_of_flags(names, truth, scores >= least) for least in (0.6, 0.0))
    return first, second


def change_interval(first: Outcomes, second: Outcomes, *, resamples: int = 4000) -> Interval:
    """Return the interval at 90 percent."""
    return f1_change_interval(
        first,
        second,
        confidence_level=0.9,
        resamples=resamples,
        rng=np.random.default_rng(7),
    )


def rows(outcomes: Outcomes, drawn: np.ndarray[tuple[int], np.dtype[np.intp]]) -> Outcomes:
    """Return the outcomes of the drawn images."""
    counted = (outcomes.truth[drawn], outcomes.hits[drawn], outcomes.false_alarms[drawn])
    return Outcomes(outcomes.labels, *counted)


def test_mean_f1_is_the_mean_over_labels_that_some_image_has() -> None:
    """It agrees with scikit-learn; a label without an image does not count."""
    outcomes, _ = judged_twice(200, 3)
    predicted = outcomes.hits + outcomes.false_alarms
    macro = f1_score(outcomes.truth, predicted, average="macro")
    assert mean_f1(outcomes) == pytest.approx(macro, abs=1e-12)
    absent = np.zeros((200, 1), dtype=np.int64)
    wider = Outcomes(
        (*outcomes.labels, "yak"),
        np.hstack([outcomes.truth, absent]),
        np.hstack([outcomes.hits, absent]),
        np.hstack([outcomes.false_alarms, absent + 1]),
    )
    assert mean_f1(wider) == pytest.approx(macro, abs=1e-12)
    nothing = Outcomes(("yak",), absent, absent, absent)
    assert mean_f1(nothing) == 0.0


def test_interval_is_that_of_drawing_images_one_by_one() -> None:
    """A plain paired bootstrap of many images gives nearly the same: what is added is for few."""
    first, second = judged_twice(1500, 2)
    rng = np.random.default_rng(3)
    plain = []
    for _ in range(2000):
        drawn = rng.integers(0, 1500, 1500)
        plain.append(mean_f1(rows(second, drawn)) - mean_f1(rows(first, drawn)))
    low, high = change_interval(first, second)
    wanted = np.quantile(plain, [0.05, 0.95])
    assert (low, high) == pytest.approx(tuple(wanted), abs=0.005)
    assert low < mean_f1(second) - mean_f1(first) < high


@pytest.mark.parametrize(
    ("removed", "shown"), [(1, False), (3, False), (4, False), (5, False), (6, True), (8, True)]
)
def test_few_changed_images_are_no_proof(removed: int, shown: bool) -> None:
    """Of 100 images so many false alarms go and nothing else: as sure as the sign test is.

    A fair coin falls five times on one side with p = 0.0625, six times with p = 0.031.
    """
    truth = np.zeros((100, 2), dtype=np.bool_)
    truth[:50, 0] = truth[50:, 1] = True
    alarmed = truth.copy()
    alarmed[50 : 50 + removed, 0] = True
    first, second = (outcomes_of_flags(("a", "b"), truth, said) for said in (alarmed, truth))
    rng = np.random.default_rng(0)
    low, high = f1_change_interval(first, second, confidence_level=0.95, resamples=4000, rng=rng)
    assert (low > 0) is shown
    assert high > mean_f1(second) - mean_f1(first)


def test_interval_of_a_small_part_holds_the_true_change() -> None:
    """Of 70 images the true change is outside less often than the level says."""
    labels, least = 5, (2.0, 2.4)
    rng = np.random.default_rng(5)
    true_first, true_second = shown_twice(200_000, labels, least, rng)
    change = mean_f1(true_second) - mean_f1(true_first)
    outside = 0
    for _ in range(100):
        low, high = f1_change_interval(
            *shown_twice(70, labels, least, rng), confidence_level=0.95, resamples=300, rng=rng
        )
        outside += not low <= change <= high
    assert outside <= 7


def shown_twice(
    images: int, labels: int, least: tuple[float, float], rng: np.random.Generator
) -> tuple[Outcomes, Outcomes]:
    """Return outcomes of images with one label each at two thresholds of a normal score."""
    truth = np.eye(labels, dtype=np.bool_)[rng.integers(labels, size=images)]
    scores = rng.normal(size=truth.shape) + 4 * truth
    names = tuple(map(str, range(labels)))
    first, second = (outcomes_of_flags(names, truth, scores >= one) for one in least)
    return first, second


def test_blocks_give_the_same_width_as_single_images() -> None:
    """With nearly as many patterns as images, blocks are weighed; the interval is the same."""
    first, second = judged_twice(12_000, 12)
    counted = np.hstack([first.hits, first.false_alarms, second.hits, second.false_alarms])
    assert len(np.unique(counted, axis=0)) > 8192
    rng = np.random.default_rng(3)
    plain = []
    for _ in range(300):
        drawn = rng.integers(0, 12_000, 12_000)
        plain.append(mean_f1(rows(second, drawn)) - mean_f1(rows(first, drawn)))
    low, high = change_interval(first, second, resamples=600)
    wanted = np.quantile(plain, [0.05, 0.95])
    assert high - low == pytest.approx(float(wanted[1] - wanted[0]), rel=0.2)
    assert (low, high) == pytest.approx(tuple(wanted), abs=0.002)


def test_many_labels_do_not_run_over() -> None:
    """Patterns of a hundred labels are told apart as well as those of two."""
    first, second = judged_twice(60, 100)
    low, high = change_interval(first, second, resamples=500)
    assert low < mean_f1(second) - mean_f1(first) < high


def test_same_outcomes_are_no_proof_that_nothing_changes() -> None:
    """No change was seen; on other images there may be one, either way."""
    first, _ = judged_twice(50, 3)
    low, high = change_interval(first, first, resamples=300)
    assert -0.1 < low < 0 < high < 0.1


def test_labels_without_images_change_nothing() -> None:
    """When no image has any label there is no F1 and no change."""
    absent = np.zeros((5, 2), dtype=np.int64)
    nothing = Outcomes(("a", "b"), absent, absent, absent)
    assert change_interval(nothing, nothing, resamples=300) == (0.0, 0.0)
