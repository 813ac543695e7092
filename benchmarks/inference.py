"""Batch inference against a service with a limit: ours, and boto3's ways to repeat calls.

In simulated time for every scene, and in the full form once for real, against a small server of a
process of its own that has a limit and a latency. Utilisation is what was answered, of what the
limit allows in the time of the whole run; the burst that a bucket holds at first comes on top.
"""

import json
import pickle
import statistics
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from multiprocessing.pool import ThreadPool
from pathlib import Path
from typing import Literal

import botocore.config
from botocore.exceptions import ClientError

from benchmarks import inference_service
from benchmarks.figures import (
    NEARLY_LINEAR,
    Figure,
    Form,
    Goal,
    Subject,
    at_least,
    at_most,
    growth,
)
from benchmarks.measuring import cpu_seconds
from rcl_flow.aws.pacing_gate import RateGate
from rcl_flow.aws.rekognition import Rekognition
from rcl_flow.aws.retry import Caller
from rcl_flow.aws.session import AwsAccess, make_session, rekognition_client
from rcl_flow.clock import SystemClock
from rcl_flow.core.rate_control import RateController
from rcl_flow.emulator.conditions.throughput import Capacity, Rates
from rcl_flow.pipeline.executors import map_in_threads
from tests.unit.core.rate_scenes import (
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

IMAGES = {5: 300, 25: 1000, 50: 1000}
"""By the limit, in calls a second."""
SMALL_BURST, LARGE_BURST = 5, 150
SMALL_SECONDS = 0.5
CHANGES: dict[str, Sequence[tuple[float, float]]] = {
    "50 to 25/s after 10 s": ((0, 50), (10, 25)),
    "25 to 50/s after 20 s": ((0, 25), (20, 50)),
    "nothing from 10 to 70 s": ((0, 25), (10, 0), (70, 25)),
}
CHANGING_IMAGES = 3000
SIZES = (1_000, 10_000, 100_000)

ARN = (
    "arn:aws:rekognition:us-east-1:123456789012:project/p/version/v.2026-01-01T00.00.00/"
    "1767225600000"
)
THREADS = 16
LIVE_LIMITS = {50: 3, 5: 1}
"""How often each is measured live: a round takes 25 s at 50 a second, and 70 s at 5."""
Retries = tuple[Literal["legacy", "standard", "adaptive"], int]
PEERS: dict[str, Retries] = {
    "standard 3": ("standard", 3),
    "standard 10": ("standard", 10),
    "legacy 5": ("legacy", 5),
    "adaptive 10": ("adaptive", 10),
}
DEFAULT = "standard 3"


def wasted_goal(limit: int, *, known: bool) -> Goal:
    """Return which share of calls may be turned away."""
    if known:
        return at_most(0.01)
    return at_most(0.02 if IMAGES[limit] >= 1000 else 0.06)


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


@dataclass(frozen=True, slots=True)
class Live:
    """What one way of calling came to."""

    utilisation: float
    wasted: float
    lost: int
    found: float | None = None


@contextmanager
def service() -> Iterator[str]:
    """Run the service, and yield its address."""
    command = [sys.executable, str(Path(inference_service.__file__))]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdin
        assert process.stdout
        try:
            yield f"http://127.0.0.1:{process.stdout.readline().strip()}"
        finally:
            process.stdin.close()


def live() -> Iterator[Figure]:
    """Yield the figures of real calls: every way at once, each against a bucket of its own."""
    with service() as address, ThreadPoolExecutor(len(LIVE_LIMITS)) as pool:
        found = {
            limit: pool.submit(rounds, address, limit, times)
            for limit, times in LIVE_LIMITS.items()
        }
        for limit, future in found.items():
            yield from told(limit, future.result())


def rounds(address: str, limit: int, times: int) -> dict[str, list[Live]]:
    """Measure all ways a few times."""
    found: dict[str, list[Live]] = {}
    for number in range(times):
        ways: dict[str, Callable[[str], Live]] = {
            "ours, cold": partial(ours, limit=limit, known=None),
            "ours, known": partial(ours, limit=limit, known=float(limit)),
            **{name: partial(boto, limit=limit, retries=each) for name, each in PEERS.items()},
        }
        with ThreadPoolExecutor(len(ways)) as pool:
            futures = {
                name: pool.submit(
                    way, f"{address}/{name.replace(' ', '')}{number}/{limit}/{limit}/"
                )
                for name, way in ways.items()
            }
            for name, future in futures.items():
                found.setdefault(name, []).append(future.result())
    return found


def ours(address: str, limit: int, known: float | None) -> Live:
    """Ask as the product does: its gateway, its retry policy, its gate and its threads."""
    access = AwsAccess("us-east-1", endpoint_url=address, emulated=True)
    client = rekognition_client(make_session(access), access)
    clock = SystemClock()
    rekognition = Rekognition(client, Caller(clock))
    gate = RateGate(clock, known_limit_per_second=known)

    def ask(number: int) -> bool:
        return bool(rekognition.detect(ARN, b"%d" % number, gate))

    def all_of_them() -> int:
        images = range(IMAGES[limit])
        return sum(map_in_threads(ask, images, concurrency=THREADS))

    return replace(timed(address, limit, all_of_them), found=gate.found_limit_per_second)


def boto(address: str, limit: int, retries: Retries) -> Live:
    """Ask as most people do: boto3 in a pool of threads, and its own retries."""
    mode, attempts = retries
    client = make_session(AwsAccess("us-east-1", emulated=True)).client(
        "rekognition",
        endpoint_url=address,
        config=botocore.config.Config(
            retries={"mode": mode, "total_max_attempts": attempts},
            max_pool_connections=THREADS,
            proxies={},
        ),
    )

    def ask(number: int) -> bool:
        try:
            answer = client.detect_custom_labels(
                ProjectVersionArn=ARN, Image={"Bytes": b"%d" % number}, MinConfidence=0
            )
        except ClientError:
            return False
        return bool(answer["CustomLabels"])

    def all_of_them() -> int:
        with ThreadPool(THREADS) as pool:
            return sum(pool.imap_unordered(ask, range(IMAGES[limit])))

    return timed(address, limit, all_of_them)


def timed(address: str, limit: int, ask: Callable[[], int]) -> Live:
    """Measure how long it takes to ask for all images, and what the service counted."""
    started = time.perf_counter()
    answered = ask()
    seconds = time.perf_counter() - started
    with urllib.request.urlopen(address) as told:
        granted, refused = json.load(told)
    return Live(
        answered / (limit * seconds), refused / (granted + refused), IMAGES[limit] - answered
    )


def told(limit: int, found: dict[str, list[Live]]) -> Iterator[Figure]:
    """Yield the figures of one limit."""
    used = {
        name: statistics.median(one.utilisation for one in each) for name, each in found.items()
    }
    wasted = {name: statistics.median(one.wasted for one in each) for name, each in found.items()}
    lost = {name: max(one.lost for one in each) for name, each in found.items()}
    for name, each in found.items():
        known, is_ours = "known" in name, "ours" in name
        least, most = at_least(0.98 if known else 0.93), wasted_goal(limit, known=known)
        limits = [f"{one.found:.2f}" for one in each if one.found]
        detail = f"median of {len(each)}" + (f", found {', '.join(limits)}" if limits else "")
        what = f"live, {limit}/s, {name}"
        yield Figure(
            f"{what}: utilisation",
            round(used[name], 3),
            "share",
            least if is_ours else None,
            detail,
        )
        yield Figure(
            f"{what}: calls turned away",
            round(wasted[name], 4),
            "share",
            most if is_ours else None,
        )
        yield Figure(f"{what}: images lost", lost[name], "images", at_most(0) if is_ours else None)
    yield Figure(
        f"live, {limit}/s: calls turned away, ours cold by {DEFAULT}",
        round(wasted["ours, cold"] / max(wasted[DEFAULT], 1e-6), 3),
        "x",
        at_most(0.1),
    )
    yield Figure(
        f"live, {limit}/s: utilisation, ours cold by adaptive 10",
        round(used["ours, cold"] / used["adaptive 10"], 3),
        "x",
        at_least(1.0),
    )


SUBJECT = Subject("inference", measure, has_short_form=True)
