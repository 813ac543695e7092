"""Linting and correcting manifests where they lie."""

import json
from pathlib import Path

import pytest

from rcl_flow.core.lint.findings import lint_findings
from rcl_flow.core.lint.forecast import Failure
from rcl_flow.errors import AwsRefusedError, ConfigError, DataNotFoundError
from rcl_flow.pipeline.data.linting import (
    LintWanted,
    fix_manifest,
    lint_manifests,
    require_manifest,
)
from tests.unit.core.lint.manifests import body, box, boxed, labelled

LINES = [labelled(number, label) for label in "ab" for number in (f"{label}1", f"{label}2")]


def refuse(uri: str) -> bytes:
    """Fail: nothing of S3 was asked for."""
    raise AssertionError(uri)


def refused_with(code: str) -> AwsRefusedError:
    """Return what the gateway raises when S3 refuses to read an object."""
    return AwsRefusedError("No.", hint="None.", operation="GetObject", code=code)


@pytest.fixture
def manifest(tmp_path: Path) -> Path:
    """Return a local manifest of two labels."""
    path = tmp_path / "a.manifest"
    path.write_bytes(b"".join(body(*LINES)))
    return path


def test_local_manifests_need_no_s3(manifest: Path) -> None:
    """Nothing is asked for."""
    report = lint_manifests(LintWanted(str(manifest), str(manifest)), refuse)
    assert report.from_manifests.trains
    assert len(report.manifests[1].problems) == 4


def test_manifest_in_s3_is_read_there() -> None:
    """The findings name its URI."""
    objects = {"s3://b/a.manifest": b"".join(body(*LINES, {"source-ref": "x"}))}
    report = lint_manifests(LintWanted("s3://b/a.manifest"), objects.__getitem__)
    (finding,) = [each for each in lint_findings(report) if each.rule == "manifest-line"]
    assert [(place.uri, place.line_number) for place in finding.places] == [
        ("s3://b/a.manifest", 5)
    ]
    assert finding.places[0].note == "ERROR_INVALID_SOURCE_REF_FORMAT"


@pytest.mark.parametrize(
    ("code", "found"),
    [
        ("NoSuchKey", "ERROR_MANIFEST_INACCESSIBLE_OR_UNSUPPORTED_FORMAT"),
        ("NoSuchBucket", "ERROR_MANIFEST_INACCESSIBLE_OR_UNSUPPORTED_FORMAT"),
        ("AccessDenied", "ERROR_INVALID_PERMISSIONS_MANIFEST_S3_BUCKET"),
    ],
)
def test_manifest_that_s3_does_not_give_is_a_finding(code: str, found: str) -> None:
    """It is what the service would say of it."""

    def deny(uri: str) -> bytes:
        raise refused_with(code)

    report = lint_manifests(LintWanted("s3://b/a.manifest"), deny)
    assert report.from_manifests.failures == (Failure(found, "train"),)


def test_other_refusals_of_s3_end_the_lint() -> None:
    """A fault of the service says nothing of the manifest."""

    def fail(uri: str) -> bytes:
        raise refused_with("InternalError")

    with pytest.raises(AwsRefusedError):
        lint_manifests(LintWanted("s3://b/a.manifest"), fail)


def test_missing_local_manifest_is_named(tmp_path: Path) -> None:
    """It is a mistake of the command line."""
    with pytest.raises(DataNotFoundError, match=r"nope\.manifest"):
        lint_manifests(LintWanted(str(tmp_path / "nope.manifest")), refuse)


def test_region_decides_how_many_lines_are_taken(tmp_path: Path) -> None:
    """London takes fewer than Virginia."""
    path = tmp_path / "a.manifest"
    path.write_bytes(
        b"".join(body(*(labelled(number, "ab"[number % 2]) for number in range(7001))))
    )
    found = {
        region: lint_manifests(LintWanted(str(path), str(path), region), refuse).from_manifests
        for region in ("us-east-1", "eu-west-2")
    }
    assert found["us-east-1"].trains
    assert found["eu-west-2"].failures == (Failure("ERROR_MANIFEST_ROWS_EXCEEDS_MAXIMUM", "test"),)


def test_corrected_manifest_is_written_beside_the_original(tmp_path: Path) -> None:
    """The original stays as it is, and each changed line is listed."""
    path, out = tmp_path / "a.manifest", tmp_path / "out" / "b.manifest"
    before = b"".join(body(boxed(1, box(-5, 0, 50, 50)), boxed(2, box(0, 0, 9, 9)), ""))
    path.write_bytes(before)
    fixed = fix_manifest(str(path), out, refuse)
    assert path.read_bytes() == before
    assert [(line.line_number, line.content is None) for line in fixed.lines] == [
        (1, False),
        (3, True),
    ]
    lines = out.read_bytes().splitlines(keepends=True)
    assert json.loads(lines[0])["bb"]["annotations"] == [box(0, 0, 45, 50)]
    assert lines[1] == body(boxed(2, box(0, 0, 9, 9)))[0]
    assert len(lines) == 2


@pytest.mark.parametrize(
    ("uri", "command"),
    [
        ("a b/flow.yaml", "rcl-flow audit 'a b/flow.yaml'"),
        ("s3://b/flow.YML", "rcl-flow validate s3://b/flow.YML"),
        ("labels.csv", "rcl-flow convert labels.csv train.manifest --to manifest"),
    ],
)
def test_config_or_table_is_refused_with_the_command_for_it(uri: str, command: str) -> None:
    """A config is not judged line by line, and `--in-place` does not touch it."""
    with pytest.raises(ConfigError, match="is no manifest") as raised:
        require_manifest(uri)
    assert command in raised.value.hint
    require_manifest("s3://b/flow.yaml/train.manifest")
    require_manifest("train.jsonl")
