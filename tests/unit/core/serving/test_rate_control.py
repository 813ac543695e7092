"""The pace of calls: at the limit of the service, cold or known, and with next to no refusals.

All in simulated time, against buckets whose limit and burst the controller is not told.
"""

import pickle
from collections.abc import Callable, Sequence

import pytest

from rcl_flow.core.serving.rate_control import FIRST_PACE, LEAST_PACE, RateController
from rcl_flow.emulator.conditions.throughput import Capacity, Rates
from tests.unit.core.serving.rate_scenes import (
    AutoScaled,
    Both,
    Callers,
    Gate,
    LookAhead,
    OneAtATime,
    Outcome,
    Service,
    TokenBucket,
    play,
)

SEEDS = range(3)
LIMITS = [(5, 300), (25, 1000), (50, 1000)]
BURSTS: list[tuple[str, Callable[[float], float]]] = [
    ("5 calls", lambda _: 5),
    ("1 s", lambda limit: limit),
    ("150 calls", lambda _: 150),
]
SMALL_SECONDS = 0.5
"""A bucket that holds less than this is a small one."""


def bucket(limit: float, burst: float) -> TokenBucket:
    """Return a service with one limit."""
    return TokenBucket(burst, ((0, limit),))


def runs(
    service: Callable[[], Service],
    callers: Callers,
    known: float | None = None,
    seeds: Sequence[int] = SEEDS,
) -> list[Outcome]:
    """Play a scene with several seeds."""
    return [play(service(), callers, OneAtATime(RateController(known)), seed) for seed in seeds]


def worst(outcomes: Sequence[Outcome]) -> tuple[float, float, int]:
    """Return the least utilisation, the largest share of wasted calls, and the images lost."""
    return (
        min(one.utilisation for one in outcomes),
        max(one.wasted for one in outcomes),
        sum(one.lost for one in outcomes),
    )


@pytest.mark.parametrize(("limit", "images"), LIMITS)
@pytest.mark.parametrize(("name", "burst"), BURSTS)
def test_cold_start_finds_the_limit_with_few_refusals(
    limit: float, images: int, name: str, burst: Callable[[float], float]
) -> None:
    """Who knows nothing gets 93 % of what the service gives, 88 % with a small bucket."""
    holds = burst(limit)
    utilisation, wasted, lost = worst(runs(lambda: bucket(limit, holds), Callers(images)))
    assert utilisation >= (0.93 if holds >= SMALL_SECONDS * limit else 0.88)
    assert wasted <= (0.02 if images >= 1000 else 0.06)
    assert lost == 0


@pytest.mark.parametrize(("limit", "images"), LIMITS)
@pytest.mark.parametrize(("name", "burst"), BURSTS)
def test_known_limit_is_used_from_the_first_call_on(
    limit: float, images: int, name: str, burst: Callable[[float], float]
) -> None:
    """Who knows the limit gets 98 % of it, and one call in a hundred is turned away at most."""
    outcomes = runs(lambda: bucket(limit, burst(limit)), Callers(images), known=limit)
    utilisation, wasted, lost = worst(outcomes)
    assert utilisation >= 0.98
    assert wasted <= 0.01
    assert lost == 0


@pytest.mark.parametrize(("limit", "images"), [(5, 300), (50, 1000)])
@pytest.mark.parametrize("wrong", [0.97, 1.03, 2.0])
def test_limit_that_was_remembered_wrong_costs_little(
    limit: float, images: int, wrong: float
) -> None:
    """A limit that is a little off, or was halved since, is put right within the run."""
    outcomes = runs(lambda: bucket(limit, limit), Callers(images), known=wrong * limit)
    utilisation, wasted, _ = worst(outcomes)
    assert utilisation >= 0.98
    assert wasted <= 0.03


@pytest.mark.parametrize(("limit", "reached"), [(5, 0.7), (25, 0.78), (50, 0.78)])
def test_limit_that_was_doubled_since_is_found(limit: float, reached: float) -> None:
    """Who begins at half of the limit does not stay there: the end of a minute is at the limit."""
    callers = Callers(round(60 * limit))
    outcomes = runs(lambda: bucket(limit, limit), callers, known=limit / 2, seeds=range(2))
    for one in outcomes:
        last = one.answered_between(one.seconds - 15, one.seconds)
        assert last >= 0.93 * 15 * limit
        assert one.utilisation >= reached


@pytest.mark.parametrize("burst", [5, 25, 75])
@pytest.mark.parametrize(
    ("limits", "reached"),
    [
        (((0, 50), (10, 25)), 0.95),
        (((0, 25), (20, 50)), 0.90),
        (((0, 25), (10, 0), (70, 25)), 0.93),
    ],
    ids=["halved", "doubled", "nothing for a minute"],
)
def test_limit_that_changes_during_the_run_is_followed(
    limits: Sequence[tuple[float, float]], reached: float, burst: float
) -> None:
    """Of what the service gives in the whole run, most is used: 3,000 images."""
    outcomes = runs(lambda: TokenBucket(burst, limits), Callers(3000), seeds=range(2))
    utilisation, wasted, lost = worst(outcomes)
    assert utilisation >= reached
    assert wasted <= 0.025
    assert lost == 0


def test_outage_is_asked_seldom_and_left_soon() -> None:
    """While all is refused, a call goes out every few seconds; ten after it the pace is back."""
    limits = ((0, 25), (10, 0), (70, 25))
    (one,) = runs(lambda: TokenBucket(25, limits), Callers(1000), seeds=[0])
    assert one.refused <= 20 + 60 * LEAST_PACE * 1.2
    assert one.answered_between(80, 90) >= 0.9 * 250


def test_units_that_follow_the_demand_are_used_as_they_come() -> None:
    """A model that scales from 1 to 4 units, one a minute, is kept busy and kept large."""
    rates = Rates()
    outcomes = runs(lambda: AutoScaled(Capacity(1, 4, 5.0, rates)), Callers(3000), seeds=range(2))
    utilisation, wasted, lost = worst(outcomes)
    assert utilisation >= 0.88
    assert wasted <= 0.015
    assert lost == 0
    assert all(one.answered_at[-1] - one.answered_at[-300] <= 300 / 15 for one in outcomes)


def test_limit_of_the_account_is_found_above_that_of_the_model() -> None:
    """Whichever of two limits is the narrower one counts."""
    outcomes = runs(lambda: Both(bucket(25, 25), bucket(40, 40)), Callers(1000), seeds=range(2))
    utilisation, wasted, _ = worst(outcomes)
    assert utilisation >= 0.93
    assert wasted <= 0.02


@pytest.mark.parametrize("limit", [0.5, 1, 2.8, 200, 1000])
def test_limits_from_half_a_call_to_a_thousand_are_found(limit: float) -> None:
    """The same constants do for slow models and for fast ones."""
    images = max(100, round(min(20 * limit, 8000)))
    controller = RateController()
    gate = OneAtATime(controller)
    one = play(bucket(limit, max(3, limit)), Callers(images, threads=150), gate, 0)
    found = controller.found_limit_per_second
    assert found is not None
    assert found == pytest.approx(limit, rel=0.2)
    assert one.utilisation >= (0.93 if limit < 1000 else 0.65)
    assert one.lost == 0


@pytest.mark.parametrize("known", [None, 50])
def test_long_latency_is_no_matter_with_threads_enough(known: float | None) -> None:
    """With answers after a second, the last second of the run is all that is lost more."""
    callers = Callers(1000, threads=64, latency_seconds=1, spread_seconds=0.2)
    outcomes = runs(lambda: bucket(50, 50), callers, known=known)
    utilisation, wasted, _ = worst(outcomes)
    assert utilisation >= (0.98 if known else 0.93)
    assert wasted <= (0.01 if known else 0.02)


def test_few_callers_never_meet_the_limit() -> None:
    """What the callers cannot use is not risen to, and nothing is said of a limit."""
    controller = RateController()
    play(bucket(100, 10), Callers(500, threads=4), OneAtATime(controller), 0)
    assert controller.pace_per_second < 2 * 4 / 0.1
    assert controller.found_limit_per_second is None


@pytest.mark.parametrize(("limit", "images"), LIMITS)
def test_text_book_pace_with_slots_ahead_is_far_from_the_limit(limit: float, images: int) -> None:
    """The trap that the controller avoids: halving by each refusal of callers in a queue."""
    gates: list[Gate] = [LookAhead(), OneAtATime(RateController())]
    trap, ours = (play(bucket(limit, limit), Callers(images), gate, 0) for gate in gates)
    assert trap.utilisation < 0.7
    assert ours.utilisation - trap.utilisation > 0.25


def test_found_limit_is_right_and_serves_the_next_start() -> None:
    """What a run has found is what the next one begins with."""
    first = RateController()
    play(bucket(25, 25), Callers(1000), OneAtATime(first), 1)
    found = first.found_limit_per_second
    assert found == pytest.approx(25, rel=0.01)
    utilisation, wasted, _ = worst(runs(lambda: bucket(25, 25), Callers(1000), known=found))
    assert utilisation >= 0.98
    assert wasted <= 0.01


def test_known_limit_is_told_until_another_is_found() -> None:
    """A short run does not forget what was known; an unknown limit stays unknown."""
    assert RateController(7.5).found_limit_per_second == 7.5
    assert RateController().found_limit_per_second is None


def test_rate_that_was_confirmed_since_the_last_refusal_is_told() -> None:
    """A limit that rose is worth remembering before anything is refused at it."""
    controller = RateController(5)
    now = steadily(controller, 0.0, calls=50)
    controller.sent(now)
    controller.throttled(now, now)
    for _ in range(400):
        now += max(0.0, controller.seconds_to_slot(now))
        controller.sent(now)
        controller.accepted(now, now)
    assert controller.pace_per_second > 7
    assert 5.5 < (controller.found_limit_per_second or 0) <= controller.pace_per_second


def test_first_paces_are_those_of_the_service_or_of_what_is_known() -> None:
    """A search begins at one unit's rate, a known limit where it is and never above."""
    for controller, pace in [(RateController(), FIRST_PACE), (RateController(50), 50)]:
        assert controller.seconds_to_slot(1000.0) == 0
        controller.sent(1000.0)
        assert controller.seconds_to_slot(1000.0) == pytest.approx(1 / pace)
        assert controller.seconds_to_slot(1000.0 + 1 / pace) <= 1e-9


def test_refusals_of_calls_that_were_under_way_slow_down_once() -> None:
    """A volley of refusals is one: its calls were sent before anybody knew."""
    controller = RateController(100)
    sent = [n / 100 for n in range(10)]
    for at in sent:
        controller.sent(at)
    before = controller.pace_per_second
    controller.throttled(sent[0], 0.1)
    once = controller.pace_per_second
    for at in sent[1:]:
        controller.throttled(at, 0.1)
    assert 0.9 * before < controller.pace_per_second == once < before


@pytest.mark.parametrize("jump", [-3600.0, 3600.0])
def test_clock_that_jumps_stalls_nothing(jump: float) -> None:
    """The next slot is one interval away at most, and the limit is found again."""
    controller = RateController(20)
    now = steadily(controller, 1000.0, calls=100) + jump
    assert controller.seconds_to_slot(now) <= 1 / 19
    later = steadily(controller, now, calls=100)
    assert later - now <= 100 / 19
    controller.sent(later)
    controller.throttled(later, later)
    assert controller.pace_per_second > 17


def test_pause_is_not_taken_for_a_low_limit() -> None:
    """The bucket fills while nobody calls, so nothing is reckoned across a pause."""
    controller = RateController(20)
    now = steadily(controller, 0.0, calls=50)
    controller.sent(now)
    controller.throttled(now, now)
    now = steadily(controller, now + 600, calls=20)
    controller.sent(now)
    controller.throttled(now, now)
    assert controller.pace_per_second > 17


def test_call_that_is_late_is_made_up_for_once() -> None:
    """A caller that overslept costs nothing; ten intervals of sleep are no burst of ten."""
    controller = RateController(10)
    controller.sent(0.0)
    controller.sent(0.15)
    assert controller.seconds_to_slot(0.15) == pytest.approx(0.05, abs=1e-3)
    controller.sent(1.15)
    assert controller.seconds_to_slot(1.15) == pytest.approx(0, abs=1e-3)
    controller.sent(1.15)
    assert controller.seconds_to_slot(1.15) == pytest.approx(0.1, abs=1e-3)


def test_pace_never_falls_below_the_least() -> None:
    """Whatever is refused, the next call comes soon enough to see the end of it."""
    controller = RateController()
    now = 0.0
    for _ in range(100):
        controller.sent(now)
        controller.throttled(now, now + 0.02)
        now += 0.02 + controller.seconds_to_slot(now + 0.02)
    assert controller.seconds_to_slot(now) <= 1 / LEAST_PACE


def test_memory_of_the_controller_does_not_grow() -> None:
    """It is as large after 10,000 calls as after 1,000, and calls that never end are given up."""
    sizes = []
    for images in (1000, 10_000):
        controller = RateController(200)
        play(bucket(200, 20), Callers(images, latency_seconds=0.01), OneAtATime(controller), 0)
        sizes.append(len(pickle.dumps(controller)))
    assert sizes[1] <= sizes[0] + 500
    for n in range(10_000):
        controller.sent(1000.0 + n / 200)
    assert len(pickle.dumps(controller)) < 100_000


def test_several_groups_of_callers_share_a_limit() -> None:
    """Workers that know nothing of each other leave each other a share, and use all of it."""
    shares = [RateController(25) for _ in range(2)]
    service = bucket(50, 50)
    now, answered, refused = 0.0, 0, 0
    while now < 60:
        which = min(shares, key=lambda one: one.seconds_to_slot(now))
        now += max(0.0, which.seconds_to_slot(now))
        which.sent(now)
        if service.take(now):
            which.accepted(now, now)
            answered += 1
        else:
            which.throttled(now, now)
            refused += 1
    assert answered >= 0.98 * 50 * 60
    assert refused <= 0.02 * answered


def steadily(controller: RateController, now: float, calls: int) -> float:
    """Send calls that are all answered, each in its slot; return the time of the next slot."""
    for _ in range(calls):
        now += max(0.0, controller.seconds_to_slot(now))
        controller.sent(now)
        controller.accepted(now, now)
    return now + controller.seconds_to_slot(now)
