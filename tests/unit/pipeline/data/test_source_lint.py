"""Linting what a config's images come from, and what a run is about to upload."""

import json
from pathlib import Path

import pytest

from rcl_flow.config import DataConfig, ImageSource
from rcl_flow.core.audit.findings import Finding
from rcl_flow.core.datasets.manifest import ManifestLine, format_manifest
from rcl_flow.errors import DatasetGateError
from rcl_flow.pipeline.data.linting import lint_sources, require_trainable
from rcl_flow.pipeline.images.access import make_access
from tests.unit.core.lint.manifests import Document, body, labelled


def no_s3() -> None:
    """Fail: nothing of S3 was asked for."""
    raise AssertionError


def lint(folder: Path, *lines: Document | str) -> tuple[Finding, ...]:
    """Lint a config whose training images come from a manifest of these lines."""
    path = folder / "train.manifest"
    path.write_bytes(b"".join(body(*lines)))
    train = ImageSource(manifest=str(path))
    data = DataConfig(train=train, holdout=ImageSource(folder="elsewhere"))
    return lint_sources(data, make_access(no_s3))  # type: ignore[arg-type]  # never returns


def test_local_manifest_is_linted_as_if_its_images_were_in_s3(tmp_path: Path) -> None:
    """A relative source-ref is what a local manifest has, and no error of it."""
    local = labelled(1, "a") | {"source-ref": "images/a.png"}
    assert lint(tmp_path, local, labelled(2, "b")) == ()


def test_errors_of_a_source_manifest_are_warnings(tmp_path: Path) -> None:
    """A run writes a manifest of its own, so the gate stays open; the line is named."""
    faulty = labelled(1, "a")
    del faulty["a-metadata"]["creation-date"]
    (finding,) = lint(tmp_path, labelled(2, "a"), faulty)
    assert (finding.rule, finding.severity) == ("manifest-line", "warning")
    assert "ERROR_INVALID_LABEL_ATTRIBUTE_METADATA_FORMAT" in finding.message
    assert [place.line_number for place in finding.places] == [2]
    assert "writes a manifest of its own" in finding.hint


def test_lines_that_are_no_json_are_named(tmp_path: Path) -> None:
    """What cannot be read is told by its number."""
    (finding,) = lint(tmp_path, labelled(2, "a"), "{torn")
    assert "ERROR_INVALID_JSON_LINE" in finding.message
    assert [place.line_number for place in finding.places] == [2]


def manifest(*labels: str, start: int = 0) -> bytes:
    """Return a manifest as a run writes it, with one image a label."""
    return format_manifest(
        ManifestLine(f"s3://acme-images/{start + n}.png", (label,))
        for n, label in enumerate(labels)
    )


def test_manifests_that_train_pass() -> None:
    """What a run writes is what the service takes."""
    require_trainable(manifest("a", "b", "a"), manifest("a", "b", start=9), "us-east-1")


@pytest.mark.parametrize(
    ("train", "test", "code"),
    [
        (manifest("a", "a"), manifest("a", start=9), "ERROR_MANIFEST_TOO_FEW_LABELS"),
        (manifest("a", "b"), manifest("c", "d", start=9), "ERROR_INSUFFICIENT_LABEL_OVERLAP"),
        (
            manifest("a", "b")
            + manifest("a").replace(b"s3://acme-images/", b"s3://other-images/x"),
            manifest("a", "b", start=9),
            "ERROR_IMAGES_IN_MULTIPLE_S3_BUCKETS",
        ),
    ],
)
def test_manifests_that_would_fail_are_refused(train: bytes, test: bytes, code: str) -> None:
    """Before anything is sent, with the service's own code."""
    with pytest.raises(DatasetGateError, match=code):
        require_trainable(train, test, "us-east-1")


def test_a_line_that_the_service_would_drop_is_refused() -> None:
    """A line of over 100,000 characters vanishes without a word at AWS."""
    labels = tuple(f"{n}-{'x' * 250}" for n in range(50))
    long = format_manifest([ManifestLine("s3://acme-images/long.png", labels * 8)])
    assert len(json.loads(long)["source-ref"]) < len(long)
    with pytest.raises(DatasetGateError, match="line 3"):
        require_trainable(
            manifest("a", "b") + long, manifest("a", "b", *labels, start=9), "us-east-1"
        )
