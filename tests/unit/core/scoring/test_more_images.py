"""Tests of how many more holdout images would settle a gap."""

import numpy as np
import pytest

from rcl_flow.core.scoring.more_images import more_images, narrowing
from rcl_flow.core.scoring.power import MOST_IMAGES


def test_more_images_are_about_as_many_as_settle_the_gap() -> None:
    """With so many more, and the same gap, the interval's upper end is just below zero."""
    narrower = narrowing((-0.06, -0.06), (-0.13, 0.01), margin=0.05)
    assert narrower == pytest.approx(6 / 7)
    more = more_images(narrower, images=300, test_share=0.13)
    assert more == 140
    half = 0.07 * np.sqrt(0.13 + 0.87 * 300 / (300 + more))
    assert -0.002 < -0.06 + half < 0


def test_more_images_may_show_that_a_model_generalises() -> None:
    """Without a fall it is the lower end that has to come within the margin."""
    narrower = narrowing((0.0, 0.0), (-0.06, 0.06), margin=0.05)
    more = more_images(narrower, images=400, test_share=0.1)
    assert more == 210
    half = 0.06 * np.sqrt(0.1 + 0.9 * 400 / (400 + more))
    assert 0.049 < half < 0.05


def test_narrowing_takes_each_end_as_it_is_judged() -> None:
    """The change is less of a fall at the upper end where more of it is excused."""
    assert narrowing((-0.04, 0.01), (-0.14, 0.11), margin=0.05) == pytest.approx(0.1)
    assert narrowing((-0.07, 0.01), (-0.14, 0.11), margin=0.05) < 0


@pytest.mark.parametrize(("narrower", "test_share"), [(0.6, 0.5), (0.9, 0.99), (0.0, 0), (-1, 0)])
def test_more_images_cannot_do_it_where_the_test_set_is_the_bottleneck(
    narrower: float, test_share: float
) -> None:
    """The test's own variance stays, however many holdout images there are."""
    assert more_images(narrower, images=300, test_share=test_share) is None


def test_more_images_do_it_where_the_holdout_is_the_bottleneck() -> None:
    """A test that hardly varies leaves it to the holdout, however many images either has."""
    more = more_images(0.5, images=80, test_share=0.01)
    assert more == 250


def test_more_images_are_none_above_the_most() -> None:
    """A holdout that nobody labels is not suggested."""
    assert more_images(0.03, images=300, test_share=0) is None
    some = more_images(0.1, images=300, test_share=0)
    assert some is not None
    assert some < MOST_IMAGES


def test_more_images_are_zero_for_a_settled_gap() -> None:
    """What the verdict tells already needs no more."""
    assert narrowing((0.0, 0.0), (-0.04, 0.04), margin=0.05) > 1
    assert narrowing((0.0, 0.0), (0.0, 0.0), margin=0.05) == 1
    assert more_images(1, images=300, test_share=0.5) == 0
