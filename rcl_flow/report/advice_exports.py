"""Advice for other programs: a table, tasks for Label Studio, a manifest for Ground Truth.

Source of the manifest's form: SageMaker Ground Truth's input manifest, JSON Lines with a
`source-ref` (see `core.manifest`).
"""

import csv
from collections.abc import Iterator, Mapping, Sequence
from html import escape
from typing import Final

import orjson

from rcl_flow.core.datasets.boxes import DetectedBox
from rcl_flow.core.datasets.dataset import Task
from rcl_flow.core.datasets.manifest import ManifestLine, format_manifest
from rcl_flow.core.scoring.advice import Advice, AdvisedImage

ADVICE_COLUMNS: Final = (
    "rank",
    "action",
    "labels",
    "images_wanted",
    "condition",
    "told",
    "practice",
    "expected_gain",
    "image",
    "sha256",
    "split",
    "truth",
    "suggested",
    "confidence_percent",
    "note",
)
_SEPARATOR: Final = "; "
_FORMULA_STARTS: Final = ("=", "+", "-", "@", "\t", "\r")
"""What makes a spreadsheet take a cell for a formula."""
_S3: Final = "s3://"
_HOLDOUT_NOTE: Final = "holdout image: to train on it takes it out of the holdout"
"""A model that has learnt from an image is not judged by it any more; `retrain` counts who left."""


def advice_csv(advice: Sequence[Advice]) -> str:
    """Return a table with a row for each image of each piece of advice, or one row without.

    Texts that a spreadsheet would take for a formula begin with an apostrophe.
    """
    lines = _Lines()
    writer = csv.writer(lines, lineterminator="\n")
    writer.writerow(ADVICE_COLUMNS)
    for each in advice:
        for image in each.images or (None,):
            writer.writerow(_row(each, image))
    return "".join(lines.texts)


def label_studio_tasks(advice: Sequence[Advice], labels: Sequence[str], task: Task) -> str:
    """Return tasks to import into Label Studio: each image to relabel, with what the model says.

    The suggestion is a prediction, so that a task counts as done only when somebody has looked at
    it. What is annotated today is shown as `annotated`, and the advice as `advice`; `split` and
    `note` say which are holdout images: to train on one takes it out of the holdout.

    Args:
        advice: the images of advice of a lower rank come first.
        labels: those that the project in Label Studio has; others are not suggested.
        task: with boxes for `detection`, else with choices.
    """
    known = frozenset(labels)
    tasks = [_task(image, told, known, task) for image, told in _images(advice)]
    return orjson.dumps(tasks, option=orjson.OPT_APPEND_NEWLINE).decode()


def label_studio_config(labels: Sequence[str], task: Task) -> str:
    """Return the labelling interface of a Label Studio project that fits the tasks."""
    kind, name, tag = (
        ("RectangleLabels", "box", "Label")
        if task == "detection"
        else ("Choices", "label", "Choice")
    )
    choice = ' choice="multiple"' if task == "classification" else ""
    values = "".join(f'    <{tag} value="{escape(label)}"/>\n' for label in labels)
    return (
        '<View>\n  <Image name="image" value="$image"/>\n'
        f'  <{kind} name="{name}" toName="image"{choice}>\n{values}  </{kind}>\n</View>\n'
    )


def ground_truth_manifest(
    advice: Sequence[Advice], uploaded: Mapping[str, str] | None = None
) -> str:
    """Return an input manifest of the images to relabel; only those that lie in S3.

    Args:
        advice: the images of advice of a lower rank come first.
        uploaded: where in S3 the copy of an image is, by digest, for images that lie elsewhere.
    """
    places = uploaded or {}
    uris = [places.get(image.sha256, image.uri) for image, _ in _images(advice)]
    return format_manifest(ManifestLine(uri, ()) for uri in uris if uri.startswith(_S3)).decode()


class _Lines:
    """Takes what a CSV writer writes."""

    def __init__(self) -> None:
        self.texts: list[str] = []

    def write(self, text: str) -> None:
        self.texts.append(text)


def _row(advice: Advice, image: AdvisedImage | None) -> list[str]:
    gain = "" if advice.expected_gain is None else f"{advice.expected_gain:.4f}"
    row = [
        str(advice.rank),
        advice.action,
        _safe(_SEPARATOR.join(advice.labels)),
        str(advice.images_wanted or ""),
        _safe(advice.condition),
        _safe(advice.told),
        advice.practice,
        gain,
    ]
    if image is None:
        return row + [""] * (len(ADVICE_COLUMNS) - len(row))
    return [
        *row,
        _safe(image.uri),
        image.sha256,
        image.split,
        _safe(_SEPARATOR.join(image.truth)),
        _safe(_SEPARATOR.join(image.suggested)),
        f"{image.confidence_percent:.2f}",
        _note(image),
    ]


def _note(image: AdvisedImage) -> str:
    return _HOLDOUT_NOTE if image.split == "holdout" else ""


def _safe(text: str) -> str:
    return f"'{text}" if text.startswith(_FORMULA_STARTS) else text


def _images(advice: Sequence[Advice]) -> Iterator[tuple[AdvisedImage, str]]:
    """Yield every image to look at once, with the first advice to relabel it.

    Images of other advice are examples of what goes wrong. They lie in the holdout: annotated and
    trained on, they would leave nothing to judge by.
    """
    seen = set[str]()
    relabelled = (each for each in advice if each.action == "relabel")
    for each in sorted(relabelled, key=lambda one: one.rank):
        for image in each.images:
            if image.sha256 not in seen:
                seen.add(image.sha256)
                yield image, each.told


def _task(image: AdvisedImage, told: str, known: frozenset[str], task: Task) -> dict[str, object]:
    if task == "detection":
        boxes = [box for box in image.boxes if box.label in known]
        results = [_rectangle(number, box, image) for number, box in enumerate(boxes, start=1)]
    else:
        results = _choices([label for label in image.suggested if label in known])
    return {
        "data": {
            "image": image.uri,
            "annotated": _SEPARATOR.join(image.truth),
            "advice": told,
            "sha256": image.sha256,
            "split": image.split,
            "note": _note(image),
        },
        "predictions": [
            {
                "model_version": "rcl-flow",
                "score": image.confidence_percent / 100,
                "result": results,
            }
        ],
    }


def _rectangle(number: int, found: DetectedBox, image: AdvisedImage) -> dict[str, object]:
    box = found.box
    sides = {"x": box.left, "y": box.top, "width": box.width, "height": box.height}
    size = {"original_width": image.width_pixels, "original_height": image.height_pixels}
    return {
        "id": f"box-{number}",
        "type": "rectanglelabels",
        "from_name": "box",
        "to_name": "image",
        **(size if image.width_pixels else {}),
        "image_rotation": 0,
        "value": {
            **{side: 100 * ratio for side, ratio in sides.items()},
            "rotation": 0,
            "rectanglelabels": [found.label],
        },
    }


def _choices(labels: list[str]) -> list[dict[str, object]]:
    value = {"choices": labels}
    shown = {"id": "choice", "type": "choices", "from_name": "label", "to_name": "image"}
    return [{**shown, "value": value}] if labels else []
