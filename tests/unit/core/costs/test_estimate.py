"""Tests of estimates: from history where there is some, from what is published where not."""

import pytest
from pydantic import ValidationError

from rcl_flow.core.costs.estimate import (
    NOTHING,
    Estimate,
    PastInference,
    PastTraining,
    between,
    estimate_inference,
    estimate_pace,
    estimate_training,
)

HOURS = Estimate(low=1800, expected=12_000, high=86_400)
USUAL = Estimate(low=0, expected=60, high=900)


@pytest.mark.parametrize(("low", "expected", "high"), [(2, 1, 3), (1, 3, 2), (-1, 0, 1)])
def test_an_estimate_is_in_order(low: float, expected: float, high: float) -> None:
    """A range that is none is a bug."""
    with pytest.raises(ValidationError):
        Estimate(low=low, expected=expected, high=high)


def test_dollars_are_hours_times_the_price() -> None:
    """A dollar an hour for an hour is a dollar."""
    seconds = Estimate(low=1800, expected=3600, high=7200)
    assert seconds.dollars(4) == Estimate(low=2, expected=4, high=8)


def test_between_expects_the_middle_by_ratio() -> None:
    """Half an hour to 24 hours: what comes is as many times the one as the other is of it."""
    assert between(0.5, 24).expected == pytest.approx(12**0.5)
    assert between(3.3, 3.3) == Estimate(low=3.3, expected=3.3, high=3.3)


def test_training_without_history_is_the_fallback() -> None:
    """Nothing is made up."""
    assert estimate_training(100, [], HOURS) == HOURS


def test_training_is_the_median_of_past_ones() -> None:
    """One long training does not move the expectation, but the upper end."""
    past = [PastTraining(seconds, 100) for seconds in (3600, 4000, 40_000)]
    found = estimate_training(110, past, HOURS)
    assert (found.low, found.expected, found.high) == (2700, 4000, 50_000)


def test_training_scales_only_when_the_counts_are_unlike() -> None:
    """A quarter more images changes nothing; three times as many take three times as long."""
    past = [PastTraining(3600, 100)]
    assert estimate_training(125, past, HOURS).expected == 3600
    assert estimate_training(300, past, HOURS).expected == 3 * 3600
    assert estimate_training(50, past, HOURS).expected == 1800


def test_training_history_without_images_or_seconds_does_no_harm() -> None:
    """An entry that lacks a figure is no reason to fail."""
    assert estimate_training(100, [PastTraining(0, 0)], HOURS) == HOURS
    assert estimate_training(100, [PastTraining(3600, 0)], HOURS).expected == 3600


def test_inference_without_history_uses_the_published_rates() -> None:
    """2.8 to 5 images a second and unit, and what is usual around them."""
    pace = estimate_pace([], USUAL)
    found = estimate_inference(1000, 2, pace)
    assert found.low == pytest.approx(1000 / 5 / 2)
    assert found.expected == pytest.approx(60 + 1000 / 14**0.5 / 2)
    assert found.high == pytest.approx(900 + 1000 / 2.8 / 2)


def test_inference_without_history_takes_the_pace_that_is_given() -> None:
    """The emulator is faster than the service."""
    rate = Estimate(low=50, expected=400, high=2000)
    found = estimate_inference(1000, 1, estimate_pace([], NOTHING, rate))
    assert (found.low, found.expected, found.high) == (0.5, 2.5, 20)


def test_inference_of_nothing_is_free() -> None:
    """A model that is not started costs nothing."""
    assert estimate_inference(0, 1, estimate_pace([], USUAL)) == NOTHING


def test_one_past_inference_repeats_itself() -> None:
    """The same images on the same units take as long as they did."""
    pace = estimate_pace([PastInference(500, 1000, 1)], USUAL)
    assert estimate_inference(1000, 1, pace).expected == pytest.approx(500)
    assert estimate_inference(2000, 1, pace).expected == pytest.approx(60 + 880)


def test_a_short_past_inference_leaves_time_for_its_images() -> None:
    """The usual overhead cannot take up all of a run that was shorter than it."""
    pace = estimate_pace([PastInference(40, 100, 1)], USUAL)
    assert pace.overhead_seconds.expected == 20
    assert pace.seconds_per_image.expected == pytest.approx(0.2)


def test_unlike_past_inferences_tell_overhead_from_images() -> None:
    """Two points make a line; units divide the images, not the overhead."""
    past = [PastInference(100 + 0.2 * 500, 500, 1), PastInference(100 + 0.2 * 500, 1000, 2)]
    past.append(PastInference(100 + 0.2 * 1000, 1000, 1))
    pace = estimate_pace(past, USUAL)
    assert pace.overhead_seconds.expected == pytest.approx(100)
    assert pace.seconds_per_image.expected == pytest.approx(0.2)
    assert estimate_inference(3000, 3, pace).expected == pytest.approx(300)


def test_a_model_left_running_does_not_spoil_the_pace() -> None:
    """One forgotten hour among honest figures is an outlier."""
    past = [PastInference(60 + 0.2 * n, n, 1) for n in (100, 200, 400, 800)]
    pace = estimate_pace([*past, PastInference(10_000, 300, 1)], USUAL)
    assert estimate_inference(500, 1, pace).expected == pytest.approx(160, rel=0.1)


def test_contradicting_past_inferences_fall_back_to_the_usual_overhead() -> None:
    """More images in less time make no line, and no negative time."""
    pace = estimate_pace([PastInference(500, 1000, 1), PastInference(600, 500, 1)], USUAL)
    assert pace.overhead_seconds.expected == 60
    assert pace.seconds_per_image.expected > 0
