"""Batch inference against a service with a limit: ours, and boto3's ways to repeat calls.

In simulated time for every scene, and in the full form once for real (`inference_live`).
Utilisation is what was answered, of what the limit allows in the time of the whole run; the burst
that a bucket holds at first comes on top.
"""

import pickle
import statistics
from collections.abc import Callable, Iterator, Sequence
from functools import partial

from benchmarks.figures import (
    NEARLY_LINEAR,
    Figure,
    Form,
    Subject,
    at_least,
    at_most,
    growth,
)
from benchmarks.inference_goals import IMAGES, wasted_goal
from benchmarks.inference_live import live
from benchmarks.measuring import cpu_seconds
from rcl_flow.core.serving.rate_control import RateController
from rcl_flow.emulator.conditions.throughput import Capacity, Rates
from tests.unit.core.serving.rate_scenes import (
    AutoScaled,
    Callers,
    Gate,
    LookAhead,
    OneAtATime,
    Outcome,
    Service,
    TokenBucket,
    play,
)

SMALL_BURST, LARGE_BURST = 5, 150
SMALL_SECONDS = 0.5
CHANGES: dict[str, Sequence[tuple[float, float]]] = {
    "50 to 25/s after 10 s": ((0, 50), (10, 25)),
    "25 to 50/s after 20 s": ((0, 25), (20, 50)),
    "nothing from 10 to 70 s": ((0, 25), (10, 0), (70, 25)),
}
CHANGING_IMAGES = 3000
SIZES = (1_000, 10_000, 100_000)


def measure(form: Form) -> Iterator[Figure]:
    """Yield the figures of simulated time; in the full form also those of the live runs."""
    seeds = range(2 if form == "short" else 10)
    yield from starts(seeds, known=False)
    yield from starts(seeds, known=True)
    yield from changes(seeds)
    yield trap()
    if form == "full":
        yield from costs()
        yield from live()


def simulated(
    service: Callable[[], Service], images: int, seeds: Sequence[int], known: float | None = None
) -> list[Outcome]:
    """Play a scene with each seed."""
    return [
        play(service(), Callers(images), OneAtATime(RateController(known)), seed) for seed in seeds
    ]


def starts(seeds: Sequence[int], *, known: bool) -> Iterator[Figure]:
    """Yield what a start reaches, cold or with the limit known, over all limits and bursts."""
    start = "known" if known else "cold"
    lost = 0
    for limit, images in IMAGES.items():
        wasted: dict[int, float] = {}
        for burst in sorted({SMALL_BURST, limit, LARGE_BURST}):
            bucket = partial(TokenBucket, burst, ((0, limit),))
            outcomes = simulated(bucket, images, seeds, limit if known else None)
            lost += sum(one.lost for one in outcomes)
            wasted[burst] = statistics.median(one.wasted for one in outcomes)
            least = 0.98 if known else 0.93 if burst >= SMALL_SECONDS * limit else 0.88
            yield Figure(
                f"simulated, {start}, {limit}/s, burst {burst}: utilisation",
                round(statistics.median(one.utilisation for one in outcomes), 4),
                "share",
                at_least(least),
                f"least {min(one.utilisation for one in outcomes):.3f} of {len(seeds)} runs",
            )
        told = ", ".join(f"burst {burst}: {share:.2%}" for burst, share in wasted.items())
        yield Figure(
            f"simulated, {start}, {limit}/s: calls turned away, worst burst",
            round(max(wasted.values()), 4),
            "share",
            wasted_goal(limit, known=known),
            told,
        )
    yield Figure(f"simulated, {start}: images lost", lost, "images", at_most(0))


def changes(seeds: Sequence[int]) -> Iterator[Figure]:
    """Yield what is used of a limit that changes during the run, of what the service gives."""
    for name, limits in CHANGES.items():
        found = {
            burst: simulated(partial(TokenBucket, burst, limits), CHANGING_IMAGES, seeds)
            for burst in (SMALL_BURST, 25, 75)
        }
        medians = {
            burst: statistics.median(one.utilisation for one in each)
            for burst, each in found.items()
        }
        wasted = max(one.wasted for each in found.values() for one in each)
        told = ", ".join(f"burst {burst}: {share:.1%}" for burst, share in medians.items())
        yield Figure(
            f"simulated, {name}: utilisation, worst burst",
            round(min(medians.values()), 4),
            "share",
            at_least(0.9),
            f"{told}; at most {wasted:.2%} of calls turned away",
        )
    scaled = simulated(lambda: AutoScaled(Capacity(1, 4, 5.0, Rates())), CHANGING_IMAGES, seeds)
    yield Figure(
        "simulated, 1 to 4 units as the demand asks: utilisation",
        round(statistics.median(one.utilisation for one in scaled), 4),
        "share",
        at_least(0.85),
        f"at most {max(one.wasted for one in scaled):.2%} of calls turned away",
    )


def trap() -> Figure:
    """Return what halving and rising by steps does, with slots that are reserved ahead."""
    shares = {}
    for limit, images in IMAGES.items():
        gate: Gate = LookAhead()
        one = play(TokenBucket(limit, ((0, limit),)), Callers(images), gate, 0)
        shares[limit] = (one.utilisation, one.wasted)
    return Figure(
        "simulated, text-book AIMD with slots ahead: utilisation, best limit",
        round(max(used for used, _ in shares.values()), 3),
        "share",
        None,
        ", ".join(f"{limit}/s: {u:.0%}, {w:.1%} wasted" for limit, (u, w) in shares.items()),
    )


def costs() -> Iterator[Figure]:
    """Yield the CPU time of the controller, and its memory, by the number of calls."""
    controllers: dict[int, RateController] = {}

    def drive(calls: int) -> None:
        """Make calls at the pace of the controller, against a bucket of 50 a second."""
        controller = controllers[calls] = RateController()
        bucket, now = TokenBucket(50, ((0, 50),)), 0.0
        for _ in range(calls):
            now += max(0.0, controller.seconds_to_slot(now))
            controller.sent(now)
            (controller.accepted if bucket.take(now) else controller.throttled)(now, now + 0.1)

    spent = [
        statistics.median(cpu_seconds(partial(drive, calls)) for _ in range(3)) for calls in SIZES
    ]
    yield Figure(
        "controller and bucket, CPU of a call", round(spent[-1] / SIZES[-1] * 1e6, 2), "us"
    )
    yield growth("controller, CPU", SIZES, spent, NEARLY_LINEAR)
    sizes = [len(pickle.dumps(controllers[calls])) for calls in SIZES]
    yield Figure(
        "controller, memory after 100,000 calls against after 10,000",
        round(sizes[-1] / sizes[1], 3),
        "x",
        at_most(1.1),
        f"{sizes[-1]} by {sizes[1]} bytes, pickled",
    )


SUBJECT = Subject("inference", measure, has_short_form=True)
