"""Lint and the emulator read the same fact sheet: on any manifests they must say the same."""

import io
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from typing import Any

import pytest

from rcl_flow.core.lint import codes
from rcl_flow.core.lint.forecast import Forecast
from rcl_flow.core.lint.manifest_report import ManifestReport
from rcl_flow.core.lint.manifests import ManifestLinter
from rcl_flow.core.lint.report import LintReport, judge_manifests
from rcl_flow.emulator.data import catalogue
from rcl_flow.emulator.data.checks import check_sides
from rcl_flow.emulator.data.imports import check_manifest, import_manifest, read_manifest_lines
from rcl_flow.emulator.data.manifests import CheckedLine
from rcl_flow.emulator.data.objects import BucketFacts
from rcl_flow.emulator.data.sides import FetchedImages, Side, Sides
from tests.emulator.builders import ACCOUNT, BUCKET, Aws, png, uri
from tests.emulator.data.corpus import summary_of
from tests.emulator.random_manifests import Material, material

GOOD, BAD = png("red"), b"no image"
BODIES: dict[str, bytes | None] = {"ok": GOOD, "invalid": BAD, "missing": None, "forbidden": None}
OWNERS = {
    "ok": BucketFacts("us-east-1", ACCOUNT),
    "forbidden": BucketFacts("", "", accessible=False),
    "foreign": BucketFacts("us-east-1", "222222222222"),
}
TEXTS = {
    "ERROR_MANIFEST_INACCESSIBLE_OR_UNSUPPORTED_FORMAT": catalogue.FILE_INVALID,
    "ERROR_MANIFEST_SIZE_TOO_LARGE": catalogue.FILE_TOO_LARGE,
    "ERROR_MANIFEST_ROWS_EXCEEDS_MAXIMUM": catalogue.FILE_TOO_MANY_ROWS,
    codes.MANIFEST_EMPTY: catalogue.FILE_EMPTY,
    "ERROR_TOO_MANY_RECORDS_IN_ERROR": catalogue.FILE_TOO_MANY_ERRORS,
    **catalogue.CONTENT_ERRORS,
}
SEEDS = 1000
Found = tuple[int, str, tuple[str | int, ...]]


def linted(given: Material) -> LintReport:
    """Return what lint says."""
    images: Any = given.images
    buckets: Any = given.buckets
    train = ManifestLinter(given.train_key, images=images).read(io.BytesIO(given.train))
    if given.test is None:
        return judge_manifests(train.report(), buckets=buckets)
    test = ManifestLinter(given.test_key, "test", images=images, other=train)
    test.read(io.BytesIO(given.test))
    return judge_manifests(train.report(), test.report(), buckets=buckets)


def sides_of(given: Material, lines: Sequence[Sequence[CheckedLine]]) -> Sides:
    """Return what the emulator's checks make of the lines of one or two manifests."""
    refs = {line.source_ref for side in lines for line in side}
    states = {ref: given.images.get(ref, "ok") for ref in refs}
    images = FetchedImages(
        bodies={ref: BODIES[state] for ref, state in states.items()},
        forbidden=frozenset(ref for ref, state in states.items() if state == "forbidden"),
        buckets={name: OWNERS[state] for name, state in given.buckets.items()},
    )
    train, *test = (Side(tuple(side), owner=ACCOUNT) for side in lines)
    return check_sides(Sides(train, test[0] if test else None, "seed", images))


def files_of(given: Material) -> list[tuple[str, bytes]]:
    """Return the manifests with their keys."""
    files = [(given.train_key, given.train)]
    return files if given.test is None else [*files, (given.test_key, given.test)]


def failures_of(sides: Sides) -> list[tuple[str, str]]:
    """Return the codes of terminal errors, each with the split that it concerns."""
    found = [(code, "train") for code in sides.training.errors]
    if sides.testing and not sides.split_here:
        found += [(code, "test") for code in sides.testing.errors]
    return found + [(code, "both") for code in sides.errors]


def told(forecast: Forecast) -> list[tuple[str, str]]:
    """Return the failures of a forecast as codes and splits."""
    return [(failure.code, failure.split) for failure in forecast.failures]


def assert_same_end(forecast: Forecast, sides: Sides) -> None:
    """Compare what becomes of a training; a draw of the service may only make it fail earlier."""
    if not forecast.certain:
        assert sides.split_here
        assert forecast.trains or sides.terminal_errors()
        return
    if sides.split_here and forecast.trains:
        assert sides.terminal_errors() == []
    assert told(forecast) == failures_of(sides)
    assert forecast.use_case == sides.use_case


def assert_same_lines(given: Material, report: ManifestReport, body: bytes) -> None:
    """Compare the issues of every line, their places, and how the lines are counted."""
    lines = check_manifest(read_manifest_lines("a.manifest", body))
    # as both sides, so that nothing is split off and the images are judged all the same
    judged = sides_of(given, [lines, lines]).training
    expected = sorted(
        (number, issue.code, issue.place)
        for number, line in enumerate(judged.lines, start=1)
        for issue in (*line.errors, *line.warnings)
    )
    found = [(each.line_number, each.code, each.place) for each in report.problems]
    assert sorted(each for each in found if each[1] not in codes.SILENT) == expected
    repeats = [number for number, code, _ in found if code == codes.REPEATED_SOURCE_REF]
    assert repeats == [
        number
        for number, line in enumerate(lines, start=1)
        if line.repeated and not any(e.code in catalogue.DROPPING_ERRORS for e in line.errors)
    ]
    statistics = judged.statistics()
    assert report.total_lines == statistics["total_json_lines"]
    assert report.valid_lines == statistics["valid_json_lines"]
    assert report.invalid_lines == statistics["invalid_json_lines"]
    assert report.ignored_lines == statistics["ignored_json_lines"]


def assert_same_use(report: LintReport, sides: Sides) -> None:
    """Compare the images and boxes of each label that are trained and tested with."""
    pairs = [("train", sides.training), ("test", sides.testing)]
    for split, side in pairs if report.test else []:
        assert side is not None
        images = Counter(label for line in side.usable() for label in line.used_labels)
        boxes = Counter(box.label for line in side.usable() for box in line.boxes)
        used = report.used[split]
        assert {label: use.images for label, use in used.items()} == images
        assert {label: use.boxes for label, use in used.items() if use.boxes} == boxes
    if report.test is None and sides.testing is not None:
        lines = [*sides.training.usable(), *sides.testing.usable()]
        images = Counter(label for line in lines for label in line.used_labels)
        assert {label: use.images for label, use in report.used["train"].items()} == images


def assert_same_training(given: Material, report: LintReport) -> None:
    """Compare a training with the manifests as they are."""
    read = [read_manifest_lines(key, body) for key, body in files_of(given)]
    refused = [lines for lines in read if isinstance(lines, str)]
    if refused:
        assert [TEXTS[code] for code, _ in told(report.from_manifests)] == refused[:1]
        return
    for manifest, (_, body) in zip(report.manifests, files_of(given), strict=True):
        assert_same_lines(given, manifest, body)
    sides = sides_of(given, [check_manifest(lines) for lines in read])
    assert_same_end(report.from_manifests, sides)
    if report.from_manifests.certain and report.from_manifests.trains:
        assert_same_use(report, sides)


def assert_same_datasets(given: Material, report: LintReport) -> None:
    """Compare the import of both manifests, and a training with the datasets that it makes."""
    imported = [import_manifest(key, body) for key, body in files_of(given)]
    refused = [each.error for each in imported if each.error]
    if refused:
        assert [TEXTS[code] for code, _ in told(report.from_datasets)] == refused
        return
    for manifest, made in zip(report.manifests, imported, strict=True):
        assert manifest.total_lines - manifest.dropped_lines == len(made.entries)
        declared = {label for entry in made.entries for label in entry.declared}
        assert manifest.declared_labels == declared
    assert_same_end(report.from_datasets, sides_of(given, [made.entries for made in imported]))


@pytest.mark.parametrize("tens", range(SEEDS // 10))
def test_lint_says_what_the_emulator_says(tens: int) -> None:
    """Every line, its place and its count, and the end of the training on both routes."""
    for seed in range(10 * tens, 10 * tens + 10):
        given = material(seed)
        report = linted(given)
        assert_same_training(given, report)
        assert_same_datasets(given, report)


def test_generated_manifests_have_every_code() -> None:
    """The comparison means something: every code that lint can find without S3 occurs in it."""
    found = set()
    for seed in range(SEEDS):
        report = linted(material(seed))
        found |= {problem.code for _, problem in report.problems}
        found |= {failure.code for failure in report.failures}
    elsewhere = {*codes.FILES, *codes.SILENT} - {
        "ERROR_MANIFEST_INACCESSIBLE_OR_UNSUPPORTED_FORMAT",
        codes.MANIFEST_EMPTY,
        codes.REPEATED_SOURCE_REF,
    }
    assert set(codes.KNOWN) - elsewhere <= found


@cache
def cheap_materials() -> list[Material]:
    """Return materials that boto3 can make, and that do not train a detector for long."""
    found = []
    for given in map(material, range(200)):
        known = set(given.images.values()) <= {"ok", "invalid", "missing"}
        if known and given.buckets["acme-images"] == "ok":
            forecast = linted(with_odd_images_missing(given)).from_manifests
            if forecast.failures or forecast.use_case == "IMAGE_LEVEL_LABELS":
                found.append(given)
    return found


@pytest.mark.parametrize("number", range(30))
def test_lint_says_what_a_training_says(aws: Aws, number: int) -> None:
    """The same through boto3: message, summary and the manifests with validation."""
    given = cheap_materials()[number]
    for ref, state in given.images.items():
        if state != "missing":
            body = GOOD if state == "ok" else BAD
            aws.s3.put_object(Bucket=BUCKET, Key=ref.removeprefix(uri("")), Body=body)
    aws.s3.create_bucket(Bucket="acme-more")
    aws.s3.put_object(Bucket="acme-more", Key="1.png", Body=GOOD)
    version = aws.train(aws.project(), **data_of(aws, given))
    report = linted(with_odd_images_missing(given))
    failures = report.from_manifests.failures
    if report.from_manifests.certain:
        assert (version["Status"] == "TRAINING_COMPLETED") == (not failures)
    if report.from_manifests.certain and failures:
        assert version["StatusMessage"] == TEXTS[failures[0].code]
    if given.test is not None and "ManifestSummary" in version:
        statistics = summary_of(aws, version)["statistics"]
        assert counted(report.train) == statistics["training"] | {"errors": [], "use_case": ""}
        assert report.test is not None
        assert counted(report.test) == statistics["testing"] | {"errors": [], "use_case": ""}


def data_of(aws: Aws, given: Material) -> dict[str, Any]:
    """Return the members of a training request that name the uploaded manifests."""
    training = [aws.put_object(f"train/{given.train_key}", given.train)]
    testing: dict[str, Any] = {"AutoCreate": True}
    if given.test is not None:
        testing = {"Assets": [aws.put_object(f"test/{given.test_key}", given.test)]}
    return {"TrainingData": {"Assets": training}, "TestingData": testing}


def with_odd_images_missing(given: Material) -> Material:
    """Return the material with every image unknown that was not uploaded."""
    refs = {
        line.source_ref
        for _, body in files_of(given)
        for lines in [read_manifest_lines("a.manifest", body)]
        for line in check_manifest(lines if isinstance(lines, list) else [])
    }
    known = {"s3://acme-more/1.png": "ok", **given.images}
    return replace(given, images={ref: known.get(ref, "missing") for ref in refs})


def counted(report: ManifestReport) -> dict[str, Any]:
    """Return lint's counts in the words of the manifest summary."""
    errors = {each.line_number for each in report.problems if each.code.startswith("ERROR_")}
    return {
        "use_case": "",
        "total_json_lines": report.total_lines,
        "valid_json_lines": report.valid_lines,
        "invalid_json_lines": report.invalid_lines,
        "ignored_json_lines": report.ignored_lines,
        "error_json_line_indices": sorted(errors),
        "errors": [],
    }
