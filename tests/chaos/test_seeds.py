"""Random bad days: whatever is refused, lost, late or killed, the promises hold."""

import pytest

from tests.chaos.bench import Bench
from tests.chaos.schedules import bad_day, live_through


@pytest.mark.parametrize("seed", range(6))
def test_run_survives_a_bad_day(bench: Bench, moments: dict[str, int], seed: int) -> None:
    """Throttling, resets, lost answers, slow states, clock jumps and a kill, drawn by seed."""
    _, verdict = live_through(bad_day(seed, moments), bench)

    assert verdict.faults == []


def test_bad_day_is_the_same_for_the_same_seed(moments: dict[str, int]) -> None:
    """A seed that broke a promise can be played again."""
    assert bad_day(7, moments) == bad_day(7, moments)
    assert bad_day(7, moments) != bad_day(8, moments)
