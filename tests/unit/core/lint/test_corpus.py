"""One bad manifest per code, and manifests in which nothing is wrong: see tests/data/manifests."""

from pathlib import Path
from typing import Any

import pytest

from rcl_flow.core.lint import codes
from rcl_flow.core.lint.findings import lint_findings
from rcl_flow.core.lint.forecast import Failure
from rcl_flow.core.lint.report import LintReport
from rcl_flow.pipeline.data.linting import LintWanted, lint_manifests
from tests.emulator.data.corpus import IMAGES, Finding
from tests.emulator.data.test_manifest_contents import CONTENT_CASES
from tests.emulator.data.test_manifest_corpus import IGNORED, TESTING, VALID
from tests.emulator.data.test_manifest_lines import LINE_CASES

FOLDER = Path(__file__).parents[3] / "data" / "manifests"
DISTRIBUTE = "ERROR_INSUFFICIENT_IMAGES_PER_LABEL_FOR_DISTRIBUTE"
FORMAT = "ERROR_MANIFEST_INACCESSIBLE_OR_UNSUPPORTED_FORMAT"
SPLITS = {"training": "train", "testing": "test", "both": "both"}
BUCKETS = {"acme-locked": "forbidden", "other-images": "foreign"}


def linted(train: str, test: str | None = None) -> LintReport:
    """Return what lint says of manifests of the corpus, with what is known of their images."""
    images: dict[str, Any] = {"s3://acme-images/text.png": "invalid"}
    images |= {f"s3://acme-sealed/{key}": "forbidden" for key in IMAGES}
    buckets: Any = BUCKETS
    paths = [None if name is None else str(FOLDER / f"{name}.manifest") for name in (train, test)]
    wanted = LintWanted(str(paths[0]), paths[1], images=images, buckets=buckets)
    return lint_manifests(wanted, lambda uri: b"")


def noted(report: LintReport) -> list[Finding]:
    """Return the problems of the training manifest that the service would note."""
    return sorted(
        Finding(each.line_number, each.code, each.place)
        for each in report.train.problems
        if each.code not in codes.SILENT
    )


@pytest.mark.parametrize("code", LINE_CASES)
def test_bad_line_is_found_at_its_place(code: str) -> None:
    """The code stands where it belongs, nothing else is said, and the training goes on."""
    testing, expected = LINE_CASES[code]
    report = linted(code, testing)
    assert noted(report) == expected
    assert report.from_manifests.trains
    assert report.passes == code.startswith("WARNING_")


@pytest.mark.parametrize("code", CONTENT_CASES)
def test_contents_that_fail_a_training_are_found(code: str) -> None:
    """The training fails for that code alone, on the side where the service notes it."""
    case = CONTENT_CASES[code]
    report = linted(case.training, case.testing)
    assert report.from_manifests.failures == (Failure(code, SPLITS[case.noted]),)
    assert report.from_manifests.use_case == case.use_case
    assert noted(report) == sorted(case.found)
    assert not report.passes


@pytest.mark.parametrize(("name", "code"), [("empty", codes.MANIFEST_EMPTY), (FORMAT, FORMAT)])
def test_file_that_is_refused_is_found(name: str, code: str) -> None:
    """It ends an import and a training before a line is looked at."""
    report = linted(name)
    assert report.from_manifests.failures == report.from_datasets.failures
    assert report.from_manifests.failures == (Failure(code, "train"),)


def test_label_that_cannot_be_distributed_is_found() -> None:
    """It is a warning, since nobody has to distribute."""
    messages = [finding.message for finding in lint_findings(linted(DISTRIBUTE))]
    assert any(DISTRIBUTE in message for message in messages)


def test_corpus_is_judged_as_a_whole() -> None:
    """Each manifest is of a code that is found above, or needs S3 to be found."""
    found = {*LINE_CASES, *CONTENT_CASES, DISTRIBUTE, FORMAT, "empty"}
    rest = {path.stem for path in FOLDER.glob("*.manifest")} - found
    assert rest == {"ERROR_INVALID_PERMISSIONS_MANIFEST_S3_BUCKET"}


@pytest.mark.parametrize("name", VALID)
def test_nothing_is_found_where_nothing_is_wrong(name: str) -> None:
    """No code, no failure, and a training on both routes."""
    report = linted(f"valid/{name}", f"valid/{TESTING.get(name, name)}")
    assert noted(report) == IGNORED.get(name, [])
    assert not report.failures
    assert report.passes
    errors = [each for each in lint_findings(report) if each.severity == "error"]
    assert errors == []
