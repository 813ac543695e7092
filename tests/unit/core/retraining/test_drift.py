"""Tests of drift: found where production has changed, and not where it is as it was."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from rcl_flow.core.audit.rules import FactorRules
from rcl_flow.core.datasets.boxes import PixelBox
from rcl_flow.core.measures import ImageMeasures
from rcl_flow.core.retraining.drift import Drift, find_drift
from tests.builders import dataset
from tests.unit.core.audit.measured import Shooting, Shot

RULES = FactorRules()


def drift(train: Sequence[Shot], production: Sequence[Shot], rules: FactorRules = RULES) -> Drift:
    """Compare production with training, all images measured."""
    every: dict[str, ImageMeasures] = {one.sha256: seen for one, seen in [*train, *production]}
    return find_drift(
        dataset("train", [one for one, _ in train]),
        dataset("holdout", [one for one, _ in production]),
        every,
        rules,
    )


def shots(seed: int, count: int, *labels: str, **values: object) -> list[Shot]:
    """Return photographs of these labels."""
    shooting = Shooting(np.random.default_rng(seed), taken=seed * 10_000)
    return shooting.shots(count, *labels, **values)


def test_drift_is_not_seen_where_production_is_as_it_was() -> None:
    """Photographs of the same kind, of which production's have no labels, give no alarm."""
    found = drift(shots(1, 120, "a"), shots(2, 80))
    assert (found.compared, found.found, found.factors) == (True, False, ())
    assert (found.train_images, found.production_images) == (120, 80)


def test_drift_names_the_factor_with_both_medians() -> None:
    """Dark production images: brightness, and nothing that did not change."""
    rng = np.random.default_rng(5)
    dark = [(one, seen) for each in range(80)
            for one, seen in shots(3 + each, 1, brightness=float(rng.beta(2, 12)))]  # fmt: skip
    found = drift(shots(1, 120, "a"), dark)
    (factor,) = found.factors
    assert factor.factor == "brightness"
    assert factor.told.startswith("production is darker than train: median brightness 0.")
    assert factor.production_median < 0.2
    assert factor.train_median > 0.4
    assert factor.distance >= RULES.min_shift
    assert factor.p_value < RULES.false_alarm_rate


def test_drift_comes_largest_first() -> None:
    """Two factors changed, one of them altogether."""
    found = drift(shots(1, 120, "a", saturation=0.4), shots(2, 80, brightness=0.7, saturation=0.9))
    assert [factor.factor for factor in found.factors] == ["saturation", "brightness"]


@pytest.mark.parametrize(("train", "production"), [(120, 19), (19, 120)])
def test_drift_is_not_judged_by_a_handful_of_images(train: int, production: int) -> None:
    """Below the audit's least number nothing is said, however different they look."""
    found = drift(shots(1, train, "a"), shots(2, production, brightness=0.01))
    assert (found.compared, found.factors) == (False, ())


def test_drift_does_not_compare_objects_that_production_has_no_boxes_for() -> None:
    """A detector's training images have boxes; production's have none, and that is no drift."""
    box = PixelBox("a", 0.0, 0.0, 9.0, 9.0)
    train = [(replace(one, boxes=(box,)), seen) for one, seen in shots(1, 120, "a")]
    found = drift(train, shots(2, 80))
    assert (found.compared, found.factors) == (True, ())
