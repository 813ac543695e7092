"""The cache of measures, as large as a dataset may be: opening it, recalling from it, memory."""

import hashlib
import statistics
import tempfile
import tracemalloc
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from benchmarks.figures import NEARLY_LINEAR, Figure, Form, Subject, at_most, growth
from benchmarks.measuring import cpu_seconds
from rcl_flow.core.limits import MAX_DATASET_IMAGES
from rcl_flow.core.measures import MEASURES_VERSION
from rcl_flow.imaging.measuring import UnusableContent, measure_image
from rcl_flow.pipeline.images.measure_lines import CachedLine, cache_path, format_line
from rcl_flow.pipeline.images.measuring import MeasureCache
from tests.builders import picture

_SIZES = (62_500, 125_000, MAX_DATASET_IMAGES)
_FEW = 20_000
_RECALLED = 10_000
_ROUNDS = 3
_NO_DIGEST = "0" * 64
_MOST_BYTES = 250
"""Of memory for a line of a kilobyte: a digest and a place in a dictionary."""


def measure(form: Form) -> Iterator[Figure]:
    """Yield what a full cache costs."""
    sizes = (_FEW,) if form == "short" else _SIZES
    with tempfile.TemporaryDirectory() as scratch:
        folders = [_filled(Path(scratch) / f"{size}", size) for size in sizes]
        yield _memory(folders[-1], sizes[-1])
        if form == "short":
            return
        costs = [_opening(folder) for folder in folders]
        yield Figure(f"opening {sizes[-1]:,} lines: CPU", round(costs[-1], 2), "s")
        yield growth("opening the cache", sizes, costs, NEARLY_LINEAR)
        cache = MeasureCache(folders[-1])
        seconds = cpu_seconds(lambda: [cache.recall(_digest(n), 1) for n in range(_RECALLED)])
        told = f"the first {_RECALLED:,}"
        yield Figure("recalling an image: CPU", round(1e6 * seconds / _RECALLED), "us", None, told)


def _filled(folder: Path, count: int) -> Path:
    """Return a new folder with a cache of so many images."""
    measures = measure_image(picture(640, 480))
    if isinstance(measures, UnusableContent):
        raise TypeError(measures.reason)
    line = format_line(CachedLine(sha256=_NO_DIGEST, version=MEASURES_VERSION, measures=measures))
    folder.mkdir()
    with cache_path(folder).open("w") as file:
        file.writelines(f"{line.replace(_NO_DIGEST, _digest(n), 1)}\n" for n in range(count))
    return folder


def _digest(number: int) -> str:
    return hashlib.sha256(str(number).encode()).hexdigest()


def _memory(folder: Path, lines: int) -> Figure:
    tracemalloc.start()
    try:
        cache = MeasureCache(folder)
        used, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    told = f"{used / 1e6:.3g} MB for {cache_path(folder).stat().st_size / 1e6:.3g} MB on disk"
    what = f"memory of an open cache of {lines:,} lines"
    del cache
    return Figure(what, round(used / lines), "B/line", at_most(_MOST_BYTES), told)


def _opening(folder: Path) -> float:
    return statistics.median(cpu_seconds(partial(MeasureCache, folder)) for _ in range(_ROUNDS))


SUBJECT = Subject("measure_cache", measure, has_short_form=True)
