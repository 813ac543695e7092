"""Tests of curves as a page embeds them."""

import numpy as np
import pytest

from rcl_flow.core.scoring.metrics import label_ratios
from rcl_flow.core.scoring.ranking import LabelCurve
from rcl_flow.report.curves import (
    STEP_BUDGET,
    counts_at,
    embedded_curve,
    fitting_curves,
    recall_precision,
    thinned,
)
from tests.unit.report.full_pages import curve_of, curves_of
from tests.unit.report.pages import Scenario, build_material

CURVE = LabelCurve(
    label="cat",
    positives=4,
    confidences_percent=(90.0, 50.0, 20.0),
    hits=(1, 1, 3),
    false_alarms=(0, 2, 2),
)


def long_curve(steps: int, seed: int = 1) -> LabelCurve:
    """Return a curve of very many steps, one right answer in five."""
    rng = np.random.default_rng(seed)
    return curve_of("cat", rng.random(steps) < 0.2, rng.permutation(steps) * (100 / steps))


@pytest.mark.parametrize(
    ("threshold", "counts"),
    [
        (1.0, (0, 0, 4)),
        (0.9, (1, 0, 3)),
        (0.8999, (1, 0, 3)),
        (0.5, (1, 2, 3)),
        (0.2, (3, 2, 1)),
        (0.0, (3, 2, 1)),
    ],
)
def test_counts_are_of_answers_at_or_above_threshold(
    threshold: float, counts: tuple[int, int, int]
) -> None:
    """An answer exactly at the threshold counts, as in the service."""
    at = counts_at(CURVE, threshold)
    assert (at.hits, at.false_alarms, at.misses) == counts


def test_ratios_of_nothing_are_zero() -> None:
    """Above every confidence there is no precision; it is 0, as in the scores."""
    assert counts_at(CURVE, 1.0).ratios == (0.0, 0.0, 0.0)
    assert counts_at(CURVE, 0.2).ratios == (3 / 5, 3 / 4, 6 / 9)


def test_counts_are_those_of_the_score() -> None:
    """At the thresholds in use a curve gives each label's precision, recall and F1."""
    material = build_material(Scenario(holdout_accuracy=0.8))
    ratios = label_ratios(material.labels_answered.at(material.thresholds))
    for column, curve in enumerate(curves_of(material.labels_answered)):
        wanted = (ratios.precision[column], ratios.recall[column], ratios.f1[column])
        assert counts_at(curve, material.thresholds[curve.label]).ratios == wanted


def test_thinned_curve_keeps_exact_steps() -> None:
    """What is left has its own counts, with the first and the last step among them."""
    curve = long_curve(5000)
    thin = thinned(curve, 200, exact_at=[0.123, 0.777])
    steps = dict(
        zip(
            curve.confidences_percent,
            zip(curve.hits, curve.false_alarms, strict=True),
            strict=True,
        )
    )
    assert 150 < len(thin.hits) <= 204
    assert not thin.exact
    assert (thin.hits[-1], thin.false_alarms[-1]) == (curve.hits[-1], curve.false_alarms[-1])
    assert thin.confidences_percent[0] == curve.confidences_percent[0]
    for confidence, hits, alarms in zip(
        thin.confidences_percent, thin.hits, thin.false_alarms, strict=True
    ):
        assert steps[confidence] == (hits, alarms)
    for threshold in (0.123, 0.777):
        assert counts_at(thin, threshold) == counts_at(curve, threshold)


def test_thinned_curve_prefers_the_steps_of_hits() -> None:
    """Of a rare label every step at which F1 rises is kept."""
    rng = np.random.default_rng(2)
    truth = np.zeros(3000, dtype=np.bool_)
    truth[rng.choice(3000, 9, replace=False)] = True
    curve = curve_of("rare", truth, rng.permutation(3000) / 31)
    rises = np.flatnonzero(np.diff(curve.hits, prepend=0))
    kept = set(thinned(curve, 60, exact_at=[]).confidences_percent)
    assert {curve.confidences_percent[step] for step in rises} <= kept


def test_curves_fit_the_page() -> None:
    """Few labels stay exact; many are thinned alike."""
    few = [long_curve(1000, seed) for seed in range(10)]
    assert fitting_curves(few, [[0.5]] * 10) == tuple(few)
    many = fitting_curves([long_curve(1000)] * 250, [[0.5]] * 250)
    assert 0.9 * STEP_BUDGET < sum(len(curve.hits) for curve in many) < 1.05 * STEP_BUDGET


def test_embedded_curve_grows_by_steps() -> None:
    """Counts are written as what each step adds."""
    assert embedded_curve(CURVE) == {
        "label": "cat",
        "positives": 4,
        "exact": True,
        "confidences": (90.0, 50.0, 20.0),
        "hits": [1, 0, 2],
        "alarms": [0, 2, 0],
    }


def test_recall_and_precision_run_along_the_curve() -> None:
    """From the surest answer to all of them."""
    assert list(recall_precision(CURVE)) == [(0.25, 1.0), (0.25, 1 / 3), (0.75, 0.6)]
