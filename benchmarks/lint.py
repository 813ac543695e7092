"""Linting 250,000 lines: against `json.loads` with the same checks, and in how much memory.

Half of the lines have an image-level label, half one to three boxes; none is wrong. The floors
read with Python's own JSON: one checks in lint's quick way, one judges every line in full.
"""

import json
import subprocess
import sys
import time
from array import array
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import orjson

from benchmarks.measuring import ratio, show
from rcl_flow.core.lint.clean import CleanLines
from rcl_flow.core.lint.codes import MAX_LINE_CHARACTERS
from rcl_flow.core.lint.lines import lint_line
from rcl_flow.core.lint.manifests import ManifestLinter
from rcl_flow.core.lint.seen import image_number

LINES = 250_000
PREFIX = "s3://acme-images/"
LABELS = ("bolt", "nut", "washer", "screw", "nail", "hook", "ring", "pin")
MEASURED = r"""
import re, sys
from rcl_flow.core.lint.manifests import ManifestLinter
with open(sys.argv[1], "rb") as file:
    report = ManifestLinter(sys.argv[1]).read(file).report()
# not getrusage, whose figure begins at what the starting process had
peak = re.search(r"VmHWM:\s*(\d+)", open("/proc/self/status").read())[1]
print(report.valid_lines, peak)
"""


def bench_lint(folder: Path) -> None:
    """Print lines a second, the ratio to both floors, and the memory of a fresh process."""
    path = folder / "big.manifest"
    with path.open("wb") as file:
        file.writelines(map(_line, range(LINES)))
    for name, floor in (("json and its checks", _by_json), ("json and full checks", _in_full)):
        figures = ratio(lambda: _cpu_seconds(floor, path), lambda: _cpu_seconds(_ours, path))  # noqa: B023  # run at once
        show(f"lint of {LINES:,} lines: {name}, against lint", figures, "CPU s")
        print(f"{'':<58} {LINES / figures[1]:8,.0f} lines/s")
    print(f"{'lint: memory of a fresh process':<58} {_fresh_megabytes(path):8.1f} MB")


def _line(number: int) -> bytes:
    date = f"2024-02-03T{number % 24:02d}:{number % 60:02d}:07.{number % 1000:03d}000"
    common = {"human-annotated": "yes", "creation-date": date, "job-name": "labeling-job/parts"}
    document: dict[str, object] = {
        "source-ref": f"{PREFIX}parts/2024/02/{number % 100:02d}/{number:08d}.jpg"
    }
    if number % 2:
        label = LABELS[number % len(LABELS)]
        kind = {"class-name": label, "confidence": 1, "type": "groundtruth/image-classification"}
        document |= {label: 1, f"{label}-metadata": kind | common}
        return orjson.dumps(document) + b"\n"
    ids = [(number + each) % len(LABELS) for each in range(1 + number % 3)]
    document["parts"] = {
        "image_size": [{"width": 1920, "height": 1080, "depth": 3}],
        "annotations": [
            {"class_id": each, "left": 10 + number % 500, "top": 20, "width": 110, "height": 90}
            for each in ids
        ],
    }
    document["parts-metadata"] = {
        "objects": [{"confidence": 1} for _ in ids],
        "class-map": {str(each): LABELS[each] for each in ids},
        "type": "groundtruth/object-detection",
        **common,
    }
    return orjson.dumps(document) + b"\n"


def _cpu_seconds(action: Callable[[Iterator[bytes]], object], path: Path) -> float:
    started = time.process_time()
    with path.open("rb") as file:
        action(iter(file))
    return time.process_time() - started


def _ours(lines: Iterator[bytes]) -> None:
    report = ManifestLinter("big.manifest").read(lines).report()
    if report.valid_lines != LINES:
        raise RuntimeError(f"{report.valid_lines} valid lines")


def _by_json(lines: Iterator[bytes]) -> None:
    clean, seen, held = CleanLines(), set[int](), Counter[object]()
    by_line, without_boxes = array("q"), array("I")
    clean.learn(LABELS)
    for raw in lines:
        document = json.loads(raw)
        line = clean.holding(document)
        source_ref = document["source-ref"]
        image = image_number(source_ref)
        if not source_ref.startswith(PREFIX) or source_ref == PREFIX or image in seen:
            raise RuntimeError(source_ref)
        if len(raw) > MAX_LINE_CHARACTERS:
            raise RuntimeError(source_ref)
        seen.add(image)
        by_line.append(image)
        held[line] += 1
        if isinstance(line, str):
            without_boxes.append(len(by_line))


def _in_full(lines: Iterator[bytes]) -> None:
    seen = set()
    for raw in lines:
        line = lint_line(raw.decode())
        seen.add(image_number(line.source_ref))
        if not line.usable:
            raise RuntimeError(line.errors)


def _fresh_megabytes(path: Path) -> float:
    command = [sys.executable, "-c", MEASURED, str(path)]
    shown = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()
    if int(shown[0]) != LINES:
        raise RuntimeError(f"{shown[0]} valid lines")
    return int(shown[1]) / 1024
