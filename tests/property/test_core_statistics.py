"""Laws of distances, corrections and windows."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from rcl_flow.core.statistics import (
    Draws,
    Gap,
    Numbers,
    distribution_gap,
    holm,
    matched_samples,
    shortest_window,
)

PERIOD = 64.0
places = st.integers(0, 63).map(float)  # on a grid, so that turning them is exact
samples = arrays(np.float64, st.integers(1, 40), elements=places)
chances = st.lists(st.floats(0, 1), max_size=20)


def gap_of(first: Numbers, second: Numbers, *, strata: int = 1, period: float = 0.0) -> Gap:
    """Return the gap of two samples whose values belong to strata by their position."""
    ids = np.arange(len(first)) % strata, np.arange(len(second)) % strata
    return distribution_gap(*matched_samples(first, second, ids), period=period)


@given(samples, samples, st.integers(1, 3), st.sampled_from([0.0, PERIOD]))
def test_gap_is_symmetric_and_a_ratio(
    first: Numbers, second: Numbers, strata: int, period: float
) -> None:
    """Which sample comes first changes the direction only."""
    here = gap_of(first, second, strata=strata, period=period)
    there = gap_of(second, first, strata=strata, period=period)
    assert 0 <= here.distance <= 1
    assert 0 <= here.p_value <= 1
    np.testing.assert_allclose(
        [here.distance, here.p_value, here.second_higher, here.second_lower],
        [there.distance, there.p_value, there.second_lower, there.second_higher],
        atol=1e-9,
    )


@given(samples, st.sampled_from([0.0, PERIOD]))
def test_gap_to_itself_is_nothing(values: Numbers, period: float) -> None:
    """A sample does not differ from itself."""
    gap = gap_of(values, values, period=period)
    assert gap.distance < 1e-9
    assert gap.p_value == 1


@given(samples, samples, places)
def test_gap_on_a_circle_does_not_depend_on_where_it_is_cut(
    first: Numbers, second: Numbers, turn: float
) -> None:
    """Turning all values leaves Kuiper's distance as it is."""
    turned = gap_of((first + turn) % PERIOD, (second + turn) % PERIOD, period=PERIOD)
    np.testing.assert_allclose(
        gap_of(first, second, period=PERIOD).distance, turned.distance, atol=1e-9
    )


@given(samples, samples)
def test_gap_does_not_depend_on_the_scale(first: Numbers, second: Numbers) -> None:
    """Any increasing change of the unit leaves the distance as it is."""
    np.testing.assert_allclose(
        gap_of(first, second).distance, gap_of(first**3 + 1, second**3 + 1).distance, atol=1e-9
    )


@given(chances, st.floats(0.001, 0.5))
def test_holm_is_between_bonferroni_and_no_correction(p_values: list[float], rate: float) -> None:
    """It drops all that Bonferroni's correction drops, and nothing that is not significant."""
    fallen = holm(p_values, rate)
    for p_value, falls in zip(p_values, fallen, strict=True):
        assert falls or p_value > rate / len(p_values)
        assert not falls or p_value <= rate
    lowest_standing = min((p for p, f in zip(p_values, fallen, strict=True) if not f), default=1)
    assert all(p <= lowest_standing for p, f in zip(p_values, fallen, strict=True) if f)


@given(st.integers(1, 60), st.data())
def test_draws_have_chances_that_add_up(things: int, data: st.DataObject) -> None:
    """Some number of marked things is always drawn, and the tails fall."""
    marked, drawn = data.draw(st.integers(0, things)), data.draw(st.integers(0, things))
    draws = Draws.up_to(things)
    fewest, every = draws.chances(things, marked, drawn)
    assert abs(every.sum() - 1) < 1e-9
    tails = [
        draws.at_least(hits, things=things, marked=marked, drawn=drawn)
        for hits in range(fewest, fewest + len(every))
    ]
    assert tails == sorted(tails, reverse=True)
    assert abs(tails[0] - 1) < 1e-9


@given(samples, st.floats(0.1, 1), st.sampled_from([0.0, PERIOD]))
def test_shortest_window_holds_its_share_and_none_is_shorter(
    values: Numbers, share: float, period: float
) -> None:
    """It holds what it must, counts as it holds, and no window between two values is shorter."""
    window = shortest_window(values, share, period=period)
    needed = int(np.ceil(share * len(values) - 1e-9))
    assert window.holds(values).sum() >= needed
    assert window.count(np.sort(values)) == window.holds(values).sum()
    for low in np.unique(values):
        ahead = np.sort((values - low) % period if period else (values - low)[values >= low])
        if len(ahead) >= needed:
            assert window.width(period) <= ahead[max(needed, 1) - 1] + 1e-9
