"""Measuring two things in turn."""

import resource
import statistics
import subprocess
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.figures import Figure, Goal

ROUNDS = 5


@dataclass(frozen=True, slots=True)
class Used:
    """What a command has used."""

    cpu_seconds: float
    """In it and in what it has started, user and system."""
    wall_seconds: float
    output: str


def used_by(command: Sequence[str], *, cwd: Path | None = None) -> Used:
    """Run a command to its end, which has to be a good one, and return what it used."""
    before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    done = subprocess.run(command, check=True, capture_output=True, text=True, cwd=cwd)
    wall = time.perf_counter() - started
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Used(cpu, wall, done.stdout)


def child_cpu_seconds(command: Sequence[str]) -> float:
    """Return the CPU time of a command."""
    return used_by(command).cpu_seconds


def wall_seconds(action: Callable[[], object]) -> float:
    """Return the wall time of an action."""
    started = time.perf_counter()
    action()
    return time.perf_counter() - started


def cpu_seconds(action: Callable[[], object]) -> float:
    """Return the CPU time that this process spends on an action, in all of its threads."""
    started = time.process_time()
    action()
    return time.process_time() - started


@dataclass(frozen=True, slots=True)
class Compared:
    """Two things measured in turn: medians, and the median of the ratios of the pairs."""

    first: float
    second: float
    ratio: float
    """First by second."""
    rounds: int


def compare(
    first: Callable[[], float], second: Callable[[], float], *, rounds: int = ROUNDS
) -> Compared:
    """Measure both in turn, so that what else the machine does meets both alike."""
    pairs = [(first(), second()) for _ in range(rounds)]
    return Compared(
        statistics.median(a for a, _ in pairs),
        statistics.median(b for _, b in pairs),
        statistics.median(a / b for a, b in pairs),
        rounds,
    )


def ratio_figure(what: str, found: Compared, unit: str, goal: Goal | None = None) -> Figure:
    """Return the ratio of two measurements as a figure, with both of them in its detail."""
    detail = f"{found.first:.4g} {unit} by {found.second:.4g} {unit}, median of {found.rounds}"
    return Figure(what, round(found.ratio, 3), "x", goal, detail)
