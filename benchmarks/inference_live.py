"""Batch inference for real: a small server of a process of its own has a limit and a latency."""

import json
import statistics
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
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
    Figure,
    at_least,
    at_most,
)
from benchmarks.inference_goals import IMAGES, wasted_goal
from rcl_flow.aws.pacing_gate import RateGate
from rcl_flow.aws.rekognition import Rekognition
from rcl_flow.aws.retry import Caller
from rcl_flow.aws.session import AwsAccess, make_session, rekognition_client
from rcl_flow.clock import SystemClock
from rcl_flow.pipeline.sharding.executors import map_in_threads

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
