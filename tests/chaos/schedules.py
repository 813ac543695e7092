"""Random bad days by seed: refused and lost calls, slow states, a wrong clock, and a kill."""

import random
from dataclasses import dataclass
from typing import Any

from tests.chaos.bench import Bench, Workspace
from tests.chaos.orders import Ended, Jump, Kill
from tests.chaos.verdict import Verdict, judge, read_status

_THROTTLES = ("ThrottlingException", "ProvisionedThroughputExceededException")
_REKOGNITION = (
    "DescribeProjects",
    "CreateProject",
    "CreateDataset",
    "DescribeDataset",
    "CreateProjectVersion",
    "DescribeProjectVersions",
    "StartProjectVersion",
    "StopProjectVersion",
    "DetectCustomLabels",
    "TagResource",
    "UntagResource",
)
_S3 = ("PutObject", "GetObject", "ListObjectsV2", "HeadBucket", "CreateBucket")
_MOST_FAULTS = 5
_EVEN, _MOSTLY = 0.5, 0.7
_TRIES = 8
_HOUR_SECONDS = 3600.0


@dataclass(frozen=True, slots=True)
class Day:
    """What goes wrong in one run and those that resume it."""

    faults: list[dict[str, Any]]
    kill: Kill | None
    jumps: tuple[Jump, ...]


def bad_day(seed: int, moments: dict[str, int]) -> Day:
    """Return the bad day of that seed; `moments` are those of a run that nothing happens to."""
    rng = random.Random(seed)  # noqa: S311  # repeatable tests, not secrets
    return Day(
        faults=[_fault(rng) for _ in range(rng.randint(1, _MOST_FAULTS))],
        kill=_kill(rng, moments) if rng.random() < _MOSTLY else None,
        jumps=tuple(_jump(rng) for _ in range(rng.choice((0, 0, 1, 2)))),
    )


def _fault(rng: random.Random) -> dict[str, Any]:
    where = {"operation": rng.choice(_REKOGNITION), "after": rng.randint(0, 3)}
    times = {"times": rng.randint(1, 3)}
    begun = rng.choice(("StartProjectVersion", "StopProjectVersion"))
    burst = {"service": "s3", "operation": rng.choice(_S3), "after": rng.randint(0, 20)}
    kinds: tuple[dict[str, Any], ...] = (
        where | times | {"code": rng.choice(_THROTTLES)},
        where | times | {"reset": True, "executed": rng.random() < _EVEN},
        where | {"code": "InternalServerError", "executed": True},
        where | times | {"code": "InternalServerError"},
        where | times | {"latency_seconds": 0.2},
        {"operation": begun, "lasts_seconds": rng.choice((0.2, 0.5))},
        burst | {"code": "SlowDown", "times": rng.randint(1, 6)},
    )
    return rng.choice(kinds)


def _kill(rng: random.Random, moments: dict[str, int]) -> Kill:
    name = rng.choice(sorted(moments))
    number = rng.randint(1, moments[name])
    if name in {"record", "event"}:
        return Kill("record" if name == "record" else "event", number)
    return Kill("call", number, rng.choice(("before", "after")), name)


def _jump(rng: random.Random) -> Jump:
    seconds = rng.choice((-_HOUR_SECONDS, -60.0, 60.0, _HOUR_SECONDS))
    return Jump(after_readings=rng.randint(1, 200), seconds=seconds)


def live_through(day: Day, bench: Bench) -> tuple[list[Ended], Verdict]:
    """Run on that day, resume as often as a patient person would, and look at what is left."""
    workspace = bench.fresh()
    bench.ask("POST", "faults", day.faults)
    ends = [workspace.run(kill=day.kill, jumps=day.jumps)]
    unreadable = read_status(workspace, finished=False)
    while ends[-1].code != 0 and len(ends) < _TRIES:
        ends.append(workspace.run())
    verdict = _judged_twice(workspace, ends[-1])
    verdict.unreadable.extend(unreadable)
    verdict.unfinished.extend(_bugs(ends))
    return ends, verdict


def _judged_twice(workspace: Workspace, ended: Ended) -> Verdict:
    """Judge what is left; a finished run that is repeated changes nothing of it."""
    if ended.code == 0:
        ended = workspace.run()
    return judge(workspace, ended)


def _bugs(ends: list[Ended]) -> list[str]:
    return [end.document["message"] for end in ends if end.document.get("error") == "bug"]
