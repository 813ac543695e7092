"""Laws of estimates and inference units."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rcl_flow.core.costs.estimate import (
    Estimate,
    PastInference,
    PastTraining,
    estimate_inference,
    estimate_pace,
    estimate_training,
)
from rcl_flow.core.serving.inference_units import Progress, choose_units, replan

images = st.integers(0, 100_000)
units = st.integers(1, 20)
seconds = st.floats(0, 1e6)
rates = st.floats(0.01, 1000)
trainings = st.lists(st.builds(PastTraining, seconds, images), max_size=12)
inferences = st.lists(st.builds(PastInference, seconds, images, st.integers(0, 5)), max_size=12)
FALLBACK = Estimate(low=1800, expected=12_000, high=86_400)
USUAL = Estimate(low=0, expected=60, high=900)


@given(images, trainings)
def test_training_is_a_range_whatever_the_history(count: int, past: list[PastTraining]) -> None:
    """No history makes an estimate fail or go below 0."""
    found = estimate_training(count, past, FALLBACK)
    assert 0 <= found.low <= found.expected <= found.high


@given(images, images, units, inferences)
def test_more_images_never_take_less_time(
    first: int, second: int, count: int, past: list[PastInference]
) -> None:
    """Whatever the history says, the pace is one."""
    pace = estimate_pace(past, USUAL)
    less, more = (estimate_inference(number, count, pace) for number in sorted((first, second)))
    assert less.low <= more.low
    assert less.expected <= more.expected
    assert less.high <= more.high


@given(
    st.floats(0, 1000),
    st.floats(0.01, 5),
    st.lists(st.integers(1, 10_000), min_size=2, max_size=8, unique=True),
    images,
)
def test_a_steady_model_is_known_from_unlike_runs(
    overhead: float, per_image: float, counts: list[int], wanted: int
) -> None:
    """What lies on a line is predicted on the line."""
    if max(counts) <= 1.25 * min(counts) + 1:
        counts = [*counts, 2 * max(counts)]
    past = [PastInference(overhead + per_image * n, n, 1) for n in counts]
    pace = estimate_pace(past, USUAL)
    found = pace.overhead_seconds.expected + pace.seconds_per_image.expected * wanted
    assert found == pytest.approx(overhead + per_image * wanted, rel=1e-3, abs=1e-3)


@given(images, rates, st.floats(-100, 1e6), units)
def test_units_are_the_fewest_that_meet_the_deadline(
    count: int, rate: float, deadline: float, most: int
) -> None:
    """One unit less would be late; only all units are ever late."""
    choice = choose_units(count, rate, deadline, most)
    assert 1 <= choice.units <= most
    assert choice.meets_deadline == (choice.expected_seconds <= deadline)
    assert choice.meets_deadline or choice.units == most
    if choice.units > 1:
        assert count / rate / (choice.units - 1) > deadline * (1 - 1e-9)


@given(images, rates, units, st.floats(-100, 1e6), units, st.floats(0, 3600))
def test_a_restart_always_ends_sooner_with_more_units(
    left: int, rate: float, now: int, deadline: float, most: int, restart: float
) -> None:
    """And there is none while the deadline is met."""
    choice = replan(Progress(left, rate, now, deadline), most, restart)
    going_on = left / (rate * now)
    if choice is None:
        return
    assert going_on > deadline
    assert now < choice.units <= most
    assert choice.expected_seconds < going_on
