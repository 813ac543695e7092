"""Manifest lines for tests of lint, and what lint says of them."""

import json
from collections.abc import Mapping
from typing import Any

from rcl_flow.core.lint.manifest_report import ManifestReport
from rcl_flow.core.lint.manifests import ImageState, ManifestLinter
from rcl_flow.core.lint.report import LintReport, judge_manifests

Document = dict[str, Any]
DATE = "2024-02-03T04:05:06"


def uri(number: int | str) -> str:
    """Return the source-ref of an image."""
    return f"s3://acme-images/{number}.png"


def label_metadata(label: str, **changes: object) -> Document:
    """Return the metadata of an image-level label."""
    metadata = {
        "class-name": label,
        "confidence": 1,
        "type": "groundtruth/image-classification",
        "human-annotated": "yes",
        "creation-date": DATE,
    }
    return metadata | changes


def labelled(number: int | str, *labels: str) -> Document:
    """Return a line with image-level labels."""
    line: Document = {"source-ref": uri(number)}
    for label in labels:
        line |= {label: 1, f"{label}-metadata": label_metadata(label)}
    return line


def box(left: float, top: float, width: float, height: float, class_id: int = 0) -> Document:
    """Return an annotation."""
    return {"class_id": class_id, "left": left, "top": top, "width": width, "height": height}


def boxed(number: int | str, *boxes: Document, size: tuple[int, int] = (200, 100)) -> Document:
    """Return a line with boxes of bolts (0) and nuts (1)."""
    return {
        "source-ref": uri(number),
        "bb": {
            "image_size": [{"width": size[0], "height": size[1], "depth": 3}],
            "annotations": list(boxes),
        },
        "bb-metadata": {
            "objects": [{"confidence": 1} for _ in boxes],
            "class-map": {"0": "bolt", "1": "nut"},
            "type": "groundtruth/object-detection",
            "human-annotated": "yes",
            "creation-date": DATE,
        },
    }


def body(*lines: Document | str) -> list[bytes]:
    """Return lines as a file yields them."""
    texts = [line if isinstance(line, str) else json.dumps(line) for line in lines]
    return [f"{text}\n".encode() for text in texts]


def read(
    *lines: Document | str, images: Mapping[str, ImageState] | None = None, uri: str = "a.manifest"
) -> ManifestReport:
    """Return what lint says of a training manifest."""
    return ManifestLinter(uri, images=images or {}).read(body(*lines)).report()


def judged(train: list[Document], test: list[Document] | None = None) -> LintReport:
    """Return what lint says of one or two manifests."""
    trained = ManifestLinter("train.manifest").read(body(*train))
    if test is None:
        return judge_manifests(trained.report())
    tested = ManifestLinter("test.manifest", "test", other=trained).read(body(*test))
    return judge_manifests(trained.report(), tested.report())


def told(report: ManifestReport) -> list[tuple[int, str, str]]:
    """Return the problems of a manifest: line, code and place."""
    return [(each.line_number, each.code, each.pointer) for each in report.problems]
