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
    """A plain paired bootstrap gives the same interval, and it holds the change."""
    first, second = judged_twice(150, 2)
    rng = np.random.default_rng(3)
    plain = []
    for _ in range(4000):
        drawn = rng.integers(0, 150, 150)
        plain.append(mean_f1(rows(second, drawn)) - mean_f1(rows(first, drawn)))
    low, high = change_interval(first, second)
    assert (low, high) == pytest.approx(tuple(np.quantile(plain, [0.05, 0.95])), abs=0.006)
    assert low < mean_f1(second) - mean_f1(first) < high


def test_blocks_give_the_same_width_as_single_images() -> None:
    """With nearly as many patterns as images, blocks are drawn; the interval is the same."""
    first, second = judged_twice(3000, 8)
    counted = np.hstack([first.truth, first.hits, first.false_alarms, second.hits])
    assert len(np.unique(counted, axis=0)) > 1000
    rng = np.random.default_rng(3)
    plain = []
    for _ in range(600):
        drawn = rng.integers(0, 3000, 3000)
        plain.append(mean_f1(rows(second, drawn)) - mean_f1(rows(first, drawn)))
    low, high = change_interval(first, second)
    wanted = np.quantile(plain, [0.05, 0.95])
    assert high - low == pytest.approx(float(wanted[1] - wanted[0]), rel=0.12)
    assert (low, high) == pytest.approx(tuple(wanted), abs=0.003)


def test_many_labels_do_not_run_over() -> None:
    """Patterns of a hundred labels are told apart as well as those of two."""
    first, second = judged_twice(60, 100)
    low, high = change_interval(first, second, resamples=500)
    assert low < mean_f1(second) - mean_f1(first) < high
    assert change_interval(first, first, resamples=500) == (0.0, 0.0)


def test_same_outcomes_do_not_change_in_any_draw() -> None:
    """The same images are drawn on both sides, so nothing differs but what was judged otherwise."""
    first, _ = judged_twice(50, 3)
    assert change_interval(first, first, resamples=300) == (0.0, 0.0)


def test_labels_without_images_change_nothing() -> None:
    """When no image has any label there is no F1 and no change."""
    absent = np.zeros((5, 2), dtype=np.int64)
    nothing = Outcomes(("a", "b"), absent, absent, absent)
    assert change_interval(nothing, nothing, resamples=300) == (0.0, 0.0)
