"""Measuring two things in turn, and printing what came out."""

import resource
import statistics
import subprocess
import time
from collections.abc import Callable

ROUNDS = 5


def child_cpu_seconds(command: list[str]) -> float:
    """Return the CPU time of a command."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, check=True, capture_output=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def wall_seconds(action: Callable[[], object]) -> float:
    """Return the wall time of an action."""
    started = time.perf_counter()
    action()
    return time.perf_counter() - started


def ratio(first: Callable[[], float], second: Callable[[], float]) -> tuple[float, float, float]:
    """Return the median of each and of their ratios, measured in turn."""
    pairs = [(first(), second()) for _ in range(ROUNDS)]
    return (
        statistics.median(a for a, _ in pairs),
        statistics.median(b for _, b in pairs),
        statistics.median(a / b for a, b in pairs),
    )


def show(name: str, figures: tuple[float, float, float], unit: str) -> None:
    """Print one line."""
    ours, floor, factor = figures
    print(f"{name:<58} {ours:8.3f} {unit}  against {floor:8.3f}  ratio {factor:6.2f}")
