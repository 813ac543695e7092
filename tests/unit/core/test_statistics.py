"""Tests of distances, tails and exact chances, against scipy and scikit-learn."""

import numpy as np
import pytest
from scipy import stats  # type: ignore[import-untyped]  # it has no stubs
from sklearn.metrics import roc_auc_score

from rcl_flow.core.statistics import (
    Draws,
    Sample,
    Window,
    average_ranks,
    distribution_gap,
    holm,
    holm_corrected,
    kolmogorov_tail,
    kuiper_tail,
    matched_samples,
    separation,
    shortest_window,
)


def plain(values: list[float]) -> Sample:
    """Return a sample in which every value counts alike."""
    return Sample(np.array(values, dtype=float), np.ones(len(values)))


@pytest.mark.parametrize("scaled", [0.05, 0.3, 0.5, 0.8, 1.0, 1.36, 1.63, 2.5, 4.0])
def test_kolmogorov_tail_agrees_with_scipy(scaled: float) -> None:
    """The limit distribution is the one that everybody uses."""
    assert kolmogorov_tail(scaled) == pytest.approx(stats.kstwobign.sf(scaled), abs=1e-12)


@pytest.mark.parametrize(("scaled", "chance"), [(1.620, 0.1), (1.747, 0.05), (2.001, 0.01)])
def test_kuiper_tail_agrees_with_the_published_table(scaled: float, chance: float) -> None:
    """The usual critical values of Kuiper's statistic have their usual chances."""
    assert kuiper_tail(scaled) == pytest.approx(chance, rel=0.01)
    assert kuiper_tail(0.05) == 1.0


def test_gap_agrees_with_scipy() -> None:
    """Distance and limit p-value of one stratum are those of scipy's two-sample test."""
    rng = np.random.default_rng(0)
    first, second = rng.normal(size=400), rng.normal(0.3, 1.2, size=150)
    samples = matched_samples(first, second, (np.zeros(400, int), np.zeros(150, int)))
    gap = distribution_gap(*samples)
    expected = stats.ks_2samp(first, second, method="asymp")
    size = 400 * 150 / 550
    assert gap.distance == pytest.approx(expected.statistic, abs=1e-12)
    assert gap.p_value == pytest.approx(stats.kstwobign.sf(np.sqrt(size) * gap.distance))
    assert samples[0].weights.sum() == pytest.approx(size)


def test_gap_p_value_is_close_to_the_exact_one_and_not_below_it() -> None:
    """For small samples the limit errs on the safe side, where decisions are made."""
    for size in (20, 40, 100):
        for hits in range(int(1.3 * np.sqrt(2 * size)), int(2.4 * np.sqrt(2 * size))):
            low = np.arange(size, dtype=np.float64)
            exact = stats.ks_2samp(low + (hits + 0.5), low, method="exact")
            strata = np.zeros(size, int), np.zeros(size, int)
            gap = distribution_gap(*matched_samples(low + (hits + 0.5), low, strata))
            assert gap.distance == pytest.approx(exact.statistic)
            assert exact.pvalue * 0.95 <= gap.p_value <= exact.pvalue * 2 + 1e-5


def test_gap_names_the_direction() -> None:
    """A second sample of higher values is higher, the other way round lower."""
    low, high = plain([1, 2, 3]), plain([4, 5, 6])
    gap = distribution_gap(low, high)
    assert (gap.distance, gap.second_higher, gap.second_lower) == (1, 1, 0)
    gap = distribution_gap(high, low)
    assert (gap.distance, gap.second_higher, gap.second_lower) == (1, 0, 1)


def test_gap_of_equal_values_is_nothing() -> None:
    """Ties count as equal, in whatever order they come."""
    gap = distribution_gap(plain([5, 5, 5, 5]), plain([5, 5]))
    assert (gap.distance, gap.p_value) == (0, 1)


def test_matched_samples_cancel_a_different_mix() -> None:
    """Two strata of different values, mixed differently, are no gap when they are matched."""
    first, second = np.repeat([0.0, 1.0], [90, 10]), np.repeat([0.0, 1.0], [10, 90])
    samples = matched_samples(first, second, (first.astype(int), second.astype(int)))
    assert distribution_gap(*samples).distance == pytest.approx(0)
    assert samples[0].weights.sum() == pytest.approx(2 * 90 * 10 / 100)
    assert samples[1].weights.sum() == pytest.approx(samples[0].weights.sum())


def test_matched_samples_leave_out_what_one_side_lacks() -> None:
    """A stratum on one side only cannot be compared."""
    samples = matched_samples(
        np.array([1.0, 2.0]), np.array([1.0]), (np.array([0, 1]), np.array([0]))
    )
    assert samples[0].weights.tolist() == [0.5, 0.0]


def test_quantile_heeds_weights() -> None:
    """The median is where half of the weight is reached."""
    sample = Sample(np.array([3.0, 1.0, 2.0]), np.array([1.0, 1.0, 8.0]))
    assert [sample.quantile(share) for share in (0, 0.1, 0.5, 0.9, 1)] == [1, 1, 2, 2, 3]


def test_holm_steps_down_and_stops_at_the_first_that_stands() -> None:
    """The smallest is held against the strictest limit, and none after the first failure falls."""
    assert holm([0.04, 0.01, 0.03, 0.02], 0.05) == [False, True, False, False]
    assert holm([0.01, 0.013, 0.014, 0.04], 0.05) == [True, True, True, True]
    assert holm([0.02, 0.04], 0.03) == [False, False]
    assert holm([], 0.05) == []


@pytest.mark.parametrize(
    ("hits", "things", "marked", "drawn"),
    [(3, 20, 7, 9), (0, 20, 7, 9), (7, 20, 7, 9), (40, 250_000, 50, 200_000), (5, 12, 9, 8)],
)
def test_draws_agree_with_scipy(hits: int, things: int, marked: int, drawn: int) -> None:
    """Tail and Fisher's test are those of the hypergeometric distribution."""
    draws = Draws.up_to(things)
    tail = draws.at_least(hits, things=things, marked=marked, drawn=drawn)
    assert tail == pytest.approx(stats.hypergeom.sf(hits - 1, things, marked, drawn), rel=1e-6)
    table = [[hits, drawn - hits], [marked - hits, things - drawn - marked + hits]]
    odd = draws.as_odd_as(hits, things=things, marked=marked, drawn=drawn)
    assert odd == pytest.approx(stats.fisher_exact(table).pvalue, rel=1e-6)


def test_shortest_window_on_a_line_and_on_a_circle() -> None:
    """The circle's window may run through its beginning, the line's may not."""
    values = np.array([350.0, 355.0, 5.0, 180.0, 181.0])
    assert shortest_window(values, 0.6) == Window(180.0, 350.0)
    window = shortest_window(values, 0.6, period=360)
    assert window == Window(350.0, 5.0)
    assert window.width(360) == 15
    assert window.holds(values).tolist() == [True, True, True, False, False]
    assert window.count(np.sort(values)) == 3
    assert Window(180.0, 181.0).count(np.sort(values)) == 2


@pytest.mark.parametrize("period", [0.0, 10.0])
def test_shortest_window_of_equal_values_has_no_width(period: float) -> None:
    """Of values that are all the same the window is that value."""
    window = shortest_window(np.full(7, 3.0), 0.8, period=period)
    assert (window, window.width(period)) == (Window(3.0, 3.0), 0)


def test_separation_agrees_with_scikit_learn() -> None:
    """The area under the curve is the usual one, ties included."""
    rng = np.random.default_rng(0)
    values = rng.integers(0, 20, 300).astype(float)
    members = np.flatnonzero(rng.random(300) < 0.2 + values / 40)
    ranks = average_ranks(values)
    assert ranks.tolist() == stats.rankdata(values).tolist()
    truth = np.isin(np.arange(300), members)
    assert separation(ranks, members) == pytest.approx(roc_auc_score(truth, values))


def test_corrected_p_values_are_holms() -> None:
    """The smallest counts for all tests, the next for one less, and none below a smaller one."""
    assert holm_corrected([0.01, 0.04, 0.011], 5) == pytest.approx([0.05, 0.12, 0.05])
    assert holm_corrected([0.5], 5) == [1.0]
