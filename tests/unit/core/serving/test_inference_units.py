"""Tests of the number of inference units: no more than the deadline needs."""

import pytest

from rcl_flow.core.serving.inference_units import Progress, UnitsChoice, choose_units, replan


@pytest.mark.parametrize(
    ("deadline_seconds", "units", "meets"),
    [(1000, 1, True), (200, 1, True), (199, 2, True), (50, 4, True), (39, 5, False)],
)
def test_choose_units_takes_the_fewest_that_meet_the_deadline(
    deadline_seconds: float, units: int, *, meets: bool
) -> None:
    """1,000 images at 5 a second: one unit needs 200 seconds."""
    choice = choose_units(1000, 5, deadline_seconds, 5)
    assert choice == UnitsChoice(units, 200 / units, meets)


def test_choose_units_of_no_images_is_one() -> None:
    """A model runs with one unit at least."""
    assert choose_units(0, 5, 60, 5) == UnitsChoice(1, 0, meets_deadline=True)


def test_choose_units_takes_all_when_the_deadline_is_past() -> None:
    """What is late already is done as fast as possible, and said to be late."""
    assert choose_units(10, 5, -1, 4) == UnitsChoice(4, 0.5, meets_deadline=False)


def test_replan_goes_on_when_the_deadline_is_met() -> None:
    """A restart is paid for; without need there is none."""
    assert replan(Progress(500, 5, 1, seconds_left=100), 5, 60) is None


def test_replan_restarts_when_that_meets_the_deadline() -> None:
    """1,000 images at 1 a second in 500 seconds, of which a restart takes 100."""
    choice = replan(Progress(1000, 1, 1, seconds_left=500), 5, 100)
    assert choice == UnitsChoice(3, 100 + 1000 / 3, meets_deadline=True)


def test_replan_restarts_when_it_is_sooner_though_late() -> None:
    """The deadline is lost either way; the images are answered sooner."""
    choice = replan(Progress(3000, 1, 1, seconds_left=100), 4, 900)
    assert choice == UnitsChoice(4, 900 + 750, meets_deadline=False)


def test_replan_goes_on_when_a_restart_takes_longer_than_it_saves() -> None:
    """Ten minutes without an answer do not pay for the last few images."""
    assert replan(Progress(300, 1, 1, seconds_left=100), 5, 600) is None


def test_replan_goes_on_with_all_units() -> None:
    """There are no more to start."""
    assert replan(Progress(9000, 1, 5, seconds_left=100), 5, 60) is None
