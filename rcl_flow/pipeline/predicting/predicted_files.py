"""Write what a model said of images: every answer as JSON, and what it comes to as CSV."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import orjson

from rcl_flow.core.datasets.boxes import DetectedBox
from rcl_flow.core.datasets.dataset import DatasetImage
from rcl_flow.core.percentages import reaches
from rcl_flow.core.scoring.predictions import Prediction, predicted_labels
from rcl_flow.files import write_bytes
from rcl_flow.formats.csv import format_csv
from rcl_flow.pipeline.images.gathering import Gathered

_DECIMALS: Final = 4
_SEPARATOR: Final = "|"
"""Between the labels of an image in a field; of a label that holds it, predictions.jsonl tells."""
_HEAD: Final = ("image", "labels", "confidences_percent", "problem")
_BOX_HEAD: Final = ("image", "label", "confidence_percent", "left", "top", "width", "height")
_NEVER: Final = 2.0
"""A threshold that no confidence reaches."""


@dataclass(frozen=True, slots=True)
class PredictedFiles:
    """Where the answers are, and how often each label was given."""

    jsonl: Path
    csv: Path
    boxes_csv: Path | None
    """None for a model that finds no objects."""
    images_by_label: Mapping[str, int]
    without_label: int
    """Images of which no label reached its threshold."""


def write_predicted(
    gathered: Gathered,
    predictions: Mapping[str, Prediction],
    thresholds: Mapping[str, float],
    folder: Path,
) -> PredictedFiles:
    """Write predictions.jsonl, predictions.csv and, where objects were found, boxes.csv.

    Args:
        gathered: the images in the order in which they are written; unusable ones come last.
        predictions: by digest; an image without one has to be among the unusable ones.
        thresholds: 0 to 1, by label; a label without one is never given.
        folder: where the files go.

    Raises:
        LocalFilesError: a file cannot be written.
    """
    answered = [
        (image, predictions[image.sha256])
        for image in gathered.images
        if image.sha256 in predictions
    ]
    labels = [predicted_labels(prediction, thresholds) for _, prediction in answered]
    lines = [
        _line(image, prediction, given, thresholds)
        for (image, prediction), given in zip(answered, labels, strict=True)
    ]
    jsonl, csv = folder / "predictions.jsonl", folder / "predictions.csv"
    write_bytes(jsonl, b"".join(lines))
    rows = [
        *(_row(image, prediction, given)
          for (image, prediction), given in zip(answered, labels, strict=True)),
        *((one.uri, "", "", one.reason) for one in gathered.unusable),
    ]  # fmt: skip
    write_bytes(csv, format_csv([_HEAD, *rows]))
    return PredictedFiles(
        jsonl=jsonl,
        csv=csv,
        boxes_csv=_write_boxes(answered, thresholds, folder),
        images_by_label=dict(sorted(Counter(one for given in labels for one in given).items())),
        without_label=sum(not given for given in labels),
    )


def _line(
    image: DatasetImage,
    prediction: Prediction,
    labels: Sequence[str],
    thresholds: Mapping[str, float],
) -> bytes:
    line: dict[str, object] = {
        "uri": image.uri,
        "sha256": image.sha256,
        "width_pixels": image.width_pixels,
        "height_pixels": image.height_pixels,
        "predicted": list(labels),
        "confidences_percent": prediction.confidences_percent,
    }
    if prediction.boxes:
        line["predicted_boxes"] = [box.model_dump() for box in _found(prediction, thresholds)]
        line["boxes"] = [box.model_dump() for box in prediction.boxes]
    return orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE)


def _row(image: DatasetImage, prediction: Prediction, labels: Sequence[str]) -> tuple[str, ...]:
    confidences = [f"{prediction.confidences_percent[label]:.{_DECIMALS}f}" for label in labels]
    return image.uri, _SEPARATOR.join(labels), _SEPARATOR.join(confidences), ""


def _found(prediction: Prediction, thresholds: Mapping[str, float]) -> Iterator[DetectedBox]:
    """Yield the objects whose confidence reaches their label's threshold."""
    return (
        box
        for box in prediction.boxes
        if reaches(box.confidence_percent, thresholds.get(box.label, _NEVER))
    )


def _write_boxes(
    answered: Sequence[tuple[DatasetImage, Prediction]],
    thresholds: Mapping[str, float],
    folder: Path,
) -> Path | None:
    if not any(prediction.boxes for _, prediction in answered):
        return None
    rows = [
        (image.uri, found.label, *_figures(found))
        for image, prediction in answered
        for found in _found(prediction, thresholds)
    ]
    path = folder / "boxes.csv"
    write_bytes(path, format_csv([_BOX_HEAD, *rows]))
    return path


def _figures(found: DetectedBox) -> tuple[str, ...]:
    box = found.box
    sides = (box.left, box.top, box.width, box.height)
    return f"{found.confidence_percent:.{_DECIMALS}f}", *(f"{side:.6f}" for side in sides)
