"""Manifests: linting them and writing them, against Python's own JSON with the same checks.

Half of the lines have an image-level label, half one to three boxes. One floor checks in lint's
quick way, one judges every line in full.
"""

import json
import subprocess
import sys
import tempfile
import time
from array import array
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from benchmarks.figures import NEARLY_LINEAR, Figure, Form, Goal, Subject, at_least, at_most, growth
from benchmarks.measuring import Compared, cpu_seconds
from rcl_flow.core.datasets.boxes import PixelBox
from rcl_flow.core.datasets.manifest import ManifestLine, format_manifest, parse_manifest
from rcl_flow.core.lint.clean import CleanLines, Holding, labels_and_boxes
from rcl_flow.core.lint.codes import MAX_LINE_CHARACTERS, MAX_MANIFEST_BYTES
from rcl_flow.core.lint.lines import lint_line
from rcl_flow.core.lint.manifests import ManifestLinter
from rcl_flow.core.lint.seen import image_number
from rcl_flow.core.lint.tally import Tally

SIZES = (10_000, 50_000, 250_000)
SHORT = 20_000
WRITTEN_AT_ONCE = 50_000
"""So many lines are held for writing: with more, the collector of garbage is what is timed."""
FAULTS = 97
"""One line of so many is made wrong where faults are looked for."""
PREFIX = "s3://acme-images/"
LABELS = ("bolt", "nut", "washer", "screw", "nail", "hook", "ring", "pin")
WIDTH, HEIGHT = 1920, 1080
MEASURED = r"""
import re, sys
from rcl_flow.core.lint.manifests import ManifestLinter
with open(sys.argv[1], "rb") as file:
    report = ManifestLinter(sys.argv[1]).read(file).report()
# not getrusage, whose figure begins at what the starting process had
peak = re.search(r"VmHWM:\s*(\d+)", open("/proc/self/status").read())[1]
print(report.valid_lines, peak)
"""


def measure(form: Form) -> Iterator[Figure]:
    """Yield what linting costs, then what writing costs."""
    with tempfile.TemporaryDirectory() as folder:
        yield from _linting(Path(folder), form)
    yield from _writing(form)


def _linting(folder: Path, form: Form) -> Iterator[Figure]:
    sizes = SIZES if form == "full" else (SHORT,)
    paths = [_manifest(folder, size) for size in sizes]
    lines, path = sizes[-1], paths[-1]
    floors = [
        (_by_json, "json and its checks", at_least(1.8)),
        (_in_full, "json and the full checks", None),
    ]
    for floor, told, goal in floors if form == "full" else floors[:1]:
        found = _least(
            lambda: _cpu_of(floor, path),  # noqa: B023  # run at once
            lambda: _cpu_of(_ours(lines), path),
            rounds=9 if form == "short" else 5,
        )
        yield _ratio_of(f"lint of {lines:,} lines: CPU, {told} against ours", found, goal)
    yield _faults_found(path)
    if form == "short":
        return
    speed = f"lint of {lines:,} lines: lines a CPU second"
    yield Figure(speed, round(lines / found.second), "/s", None, "the second of the figures above")
    memory = "lint: memory of a fresh process"
    yield Figure(memory, round(_fresh_megabytes(path, lines), 1), "MB", at_most(60), f"{lines:,}")
    costs = [
        min(_cpu_of(_ours(size), path) for _ in range(3))
        for size, path in zip(sizes, paths, strict=True)
    ]
    yield growth("lint: CPU", sizes, costs, NEARLY_LINEAR)


def _faults_found(path: Path) -> Figure:
    """Return of how many wrong lines, among right ones, the linter says what the full checks do."""
    with path.open("rb") as file:
        lines = [
            line.replace(b'"yes"', b'"maybe"') if number % FAULTS == 0 else line
            for number, line in enumerate(file)
        ]
    report = ManifestLinter("big.manifest").read(lines).report()
    found = {(problem.line_number, problem.code) for problem in report.problems}
    wrong = {
        (number, issue.code)
        for number, line in enumerate(lines, start=1)
        for issue in lint_line(line.decode()).errors
    }
    share = len(found & wrong) / len(found | wrong)
    told = f"{len(wrong):,} faults in {len(lines):,} lines"
    return Figure("lint: faults told as by the full checks", share, "share", at_least(1.0), told)


def _writing(form: Form) -> Iterator[Figure]:
    count = SHORT if form == "short" else WRITTEN_AT_ONCE
    lines = [*map(_line, range(count))]
    name = f"writing {count:,} lines: CPU, json.dumps against ours"
    rounds = 7
    found = _least(
        lambda: cpu_seconds(lambda: _by_dumps(map(_document, lines))),
        lambda: cpu_seconds(lambda: format_manifest(lines)),
        rounds=rounds,
    )
    yield _ratio_of(name, found, at_least(5))
    if form == "full":
        documents = [*map(_document, lines)]
        found = _least(
            lambda: cpu_seconds(lambda: _by_dumps(documents)),
            lambda: cpu_seconds(lambda: format_manifest(lines)),
            rounds=rounds,
        )
        yield _ratio_of(f"{name}, its documents made before", found)
    written = format_manifest(lines)
    alike = [*map(json.loads, written.splitlines())] == [*map(_document, lines)]
    same = alike and [*parse_manifest(written)] == lines
    yield Figure("written lines hold what was to be written", float(same), "share", at_least(1.0))
    if form == "full":
        yield _growth_of_writing()


def _least(first: Callable[[], float], second: Callable[[], float], *, rounds: int) -> Compared:
    """Measure both in turn and take the least of each: what else runs only adds to it."""
    pairs = [(first(), second()) for _ in range(rounds)]
    a, b = (min(each) for each in zip(*pairs, strict=True))
    return Compared(a, b, a / b, rounds)


def _ratio_of(what: str, found: Compared, goal: Goal | None = None) -> Figure:
    told = f"{found.first:.4g} s by {found.second:.4g} s, least of {found.rounds}"
    return Figure(what, round(found.ratio, 3), "x", goal, told)


def _growth_of_writing() -> Figure:
    costs = []
    for size in SIZES:
        spent = [cpu_seconds(lambda: format_manifest(map(_line, range(size)))) for _ in range(3)]  # noqa: B023  # run at once
        costs.append(min(spent))
    return growth("making and writing lines: CPU", SIZES, costs, NEARLY_LINEAR)


def _by_dumps(documents: Iterable[dict[str, object]]) -> bytes:
    return "".join([json.dumps(document) + "\n" for document in documents]).encode()


def _manifest(folder: Path, lines: int) -> Path:
    path = folder / f"{lines}.manifest"
    with path.open("wb") as file:
        file.write(format_manifest(map(_line, range(lines))))
    return path


def _line(number: int) -> ManifestLine:
    source_ref = f"{PREFIX}parts/2024/02/{number % 100:02d}/{number:08d}.jpg"
    if number % 2:
        return ManifestLine(source_ref, (LABELS[number % len(LABELS)],))
    boxes = tuple(
        PixelBox(LABELS[(number + each) % len(LABELS)], 10.0 + number % 500, 20.5, 110.0, 90.0)
        for each in range(1 + number % 3)
    )
    labels = tuple(sorted({box.label for box in boxes}))
    return ManifestLine(source_ref, labels, boxes, WIDTH, HEIGHT)


def _document(line: ManifestLine) -> dict[str, object]:
    """Return a line as a program without templates makes it: the peer's part of the work."""
    common = {"human-annotated": "yes", "creation-date": "1970-01-01T00:00:00"}
    document: dict[str, object] = {"source-ref": line.source_ref}
    for index, label in enumerate(() if line.boxes else line.labels):
        kind = {"class-name": label, "confidence": 1, "type": "groundtruth/image-classification"}
        document[f"label-{index}"] = 1
        document[f"label-{index}-metadata"] = {**kind, **common, "job-name": f"label-{index}"}
    if line.boxes:
        numbers = {label: index for index, label in enumerate(line.labels)}
        size = {"width": line.width_pixels, "height": line.height_pixels, "depth": 3}
        document["boxes"] = {
            "image_size": [size],
            "annotations": [
                {
                    "class_id": numbers[box.label],
                    "left": box.left,
                    "top": box.top,
                    "width": box.width,
                    "height": box.height,
                }
                for box in line.boxes
            ],
        }
        document["boxes-metadata"] = {
            "objects": [{"confidence": 1} for _ in line.boxes],
            "class-map": {str(index): label for label, index in numbers.items()},
            "type": "groundtruth/object-detection",
            "job-name": "boxes",
            **common,
        }
    return document


def _cpu_of(action: Callable[[Iterator[bytes]], object], path: Path) -> float:
    started = time.process_time()
    with path.open("rb") as file:
        action(iter(file))
    return time.process_time() - started


def _ours(count: int) -> Callable[[Iterator[bytes]], None]:
    def lint(lines: Iterator[bytes]) -> None:
        report = ManifestLinter("big.manifest").read(lines).report()
        if report.valid_lines != count:
            raise RuntimeError(f"{report.valid_lines} valid lines")

    return lint


def _by_json(lines: Iterator[bytes]) -> None:
    """Do what `ManifestLinter.read` does with a line in which nothing is wrong."""
    clean, seen, elsewhere, held = CleanLines(), set[int](), set[int](), Counter[Holding]()
    by_line, without_boxes, images, size = array("q"), array("I"), dict[str, str](), 0
    clean.learn(LABELS)
    for raw in lines:
        size += len(raw)
        document = json.loads(raw)
        line = clean.holding(document)
        source_ref = document["source-ref"]
        image = image_number(source_ref)
        if (
            not source_ref.startswith(PREFIX)
            or source_ref == PREFIX
            or image in elsewhere
            or len(raw) > MAX_LINE_CHARACTERS
            or (images and images.get(source_ref, "ok") != "ok")
            or image in seen
        ):
            raise RuntimeError(source_ref)
        seen.add(image)
        by_line.append(image)
        held[line] += 1
        if isinstance(line, str):
            without_boxes.append(len(by_line))
    tally = Tally()
    for line, times in held.items():
        tally.add(*labels_and_boxes(line), times)
    if size > MAX_MANIFEST_BYTES:
        raise RuntimeError(size)


def _in_full(lines: Iterator[bytes]) -> None:
    seen = set()
    for raw in lines:
        line = lint_line(raw.decode())
        seen.add(image_number(line.source_ref))
        if not line.usable:
            raise RuntimeError(line.errors)


def _fresh_megabytes(path: Path, lines: int) -> float:
    command = [sys.executable, "-c", MEASURED, str(path)]
    shown = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()
    if int(shown[0]) != lines:
        raise RuntimeError(f"{shown[0]} valid lines")
    return int(shown[1]) / 1024


SUBJECT = Subject("manifests", measure, has_short_form=True)
