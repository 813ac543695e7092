"""Manifest lines with boxes, for tests that look at one line."""

from typing import Any

from tests.emulator.builders import uri

Changes = dict[str, Any]
DATE = "2024-02-03T04:05:06"
LABELS = {"0": "bolt", "1": "nut"}


def box(left: float, top: float, width: float, height: float, class_id: int = 0) -> Changes:
    """Return one annotation, in pixels."""
    return {"class_id": class_id, "left": left, "top": top, "width": width, "height": height}


def boxes(*annotations: Changes, width: int = 200, height: int = 100) -> Changes:
    """Return the value of a label attribute of boxes."""
    size = {"width": width, "height": height, "depth": 3}
    return {"image_size": [size], "annotations": list(annotations)}


def boxes_metadata(count: int, **changes: object) -> Changes:
    """Return the metadata of a label attribute of `count` boxes."""
    return {
        "objects": [{"confidence": 1} for _ in range(count)],
        "class-map": LABELS,
        "type": "groundtruth/object-detection",
        "human-annotated": "yes",
        "creation-date": DATE,
        **changes,
    }


def box_line(*annotations: Changes, key: str = "a.png", **size: int) -> Changes:
    """Return a manifest line with boxes in its attribute `bb`."""
    return {
        "source-ref": uri(key),
        "bb": boxes(*annotations, **size),
        "bb-metadata": boxes_metadata(len(annotations)),
    }
