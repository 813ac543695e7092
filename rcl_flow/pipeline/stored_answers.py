"""Read back what a finished run left of a model's answers: images, truth, predictions."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Final

import orjson
from pydantic import Field, TypeAdapter, ValidationError

from rcl_flow.core.boxes import Box, DetectedBox, PixelBox
from rcl_flow.core.dataset import DatasetImage
from rcl_flow.core.predictions import Prediction
from rcl_flow.core.scoring.comparison import Comparison
from rcl_flow.core.scoring.judged import Judged
from rcl_flow.core.values import Frozen
from rcl_flow.errors import UnknownRunError

_UNIT: Final = 1
"""The side of an image whose size is not stored: ratios are its pixels."""
_DECIMALS: Final = 6
"""Of a pixel: annotations are whole pixels or hundredths, which a ratio does not keep exactly."""

_Percent = Annotated[float, Field(ge=0, le=100)]


class _TrueBox(Frozen):
    label: str
    box: Box


class _Line(Frozen, extra="ignore"):
    """A line of predictions.jsonl; what is not named here can be told from what is."""

    uri: str
    sha256: Annotated[str, Field(min_length=64, max_length=64)]
    truth: tuple[str, ...]
    confidences_percent: dict[str, _Percent]
    true_boxes: tuple[_TrueBox, ...] = ()
    predicted_boxes: tuple[DetectedBox, ...] = ()
    width_pixels: Annotated[int, Field(ge=0)] = 0
    height_pixels: Annotated[int, Field(ge=0)] = 0
    part: str = ""


_THRESHOLDS: Final = TypeAdapter(dict[str, Annotated[float, Field(ge=0, le=1)]])
ANSWERS_NAME: Final = "predictions.jsonl"
CALIBRATION: Final = "calibration"
"""The `part` of a line whose image thresholds were tuned on."""


def read_answers(folder: Path, *, judged_only: bool = False) -> Judged:
    """Return the holdout images of a finished run with what was predicted of them.

    An image whose size is not stored is taken to be one pixel wide and high, so that its boxes
    keep their places as ratios.

    Args:
        folder: the run's.
        judged_only: leave out the images that thresholds were tuned on.

    Raises:
        UnknownRunError: the run has left no predictions, or they cannot be read.
    """
    path = folder / ANSWERS_NAME
    images: list[DatasetImage] = []
    predictions: dict[str, Prediction] = {}
    for number, line in enumerate(_read(path).splitlines(), start=1):
        try:
            entry = _Line.model_validate_json(line)
        except ValidationError as error:
            raise _unreadable(path, f"line {number} is not a prediction") from error
        if judged_only and entry.part == CALIBRATION:
            continue
        images.append(_image(entry))
        predictions[entry.sha256] = Prediction(
            sha256=entry.sha256,
            confidences_percent=entry.confidences_percent,
            boxes=entry.predicted_boxes,
        )
    if not images or len(predictions) != len(images):
        raise _unreadable(path, "it has no image, or one twice")
    return Judged(tuple(images), predictions)


def read_thresholds(folder: Path) -> Mapping[str, float]:
    """Return the thresholds, 0 to 1 by label, at which a finished run was judged.

    Raises:
        UnknownRunError: the run has left none, or they cannot be read.
    """
    path = folder / "thresholds.json"
    try:
        document = orjson.loads(_read(path))
        return _THRESHOLDS.validate_python(
            document.get("thresholds", document.get("assumed_thresholds"))
        )
    except (ValueError, AttributeError) as error:
        raise _unreadable(path, "it holds no thresholds") from error


def read_comparison(folder: Path) -> Comparison:
    """Return the comparison of a finished run.

    Raises:
        UnknownRunError: the run has left none, or it cannot be read.
    """
    path = folder / "comparison.json"
    try:
        return Comparison.model_validate_json(_read(path))
    except ValidationError as error:
        raise _unreadable(path, "it holds no comparison") from error


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise _unreadable(path, error.strerror or "it is gone") from error


def _unreadable(path: Path, reason: str) -> UnknownRunError:
    return UnknownRunError(
        f"The run {path.parent.name} has left nothing that can be judged: "
        f"cannot read {path}: {reason}.",
        hint="Finish the run by running its config again; `rcl-flow status` lists the runs.",
    )


def _image(entry: _Line) -> DatasetImage:
    width, height = entry.width_pixels, entry.height_pixels
    if entry.true_boxes and not (width and height):
        width = height = _UNIT
    return DatasetImage(
        uri=entry.uri,
        sha256=entry.sha256,
        size_bytes=0,
        image_format="PNG" if entry.uri.lower().endswith(".png") else "JPEG",
        labels=entry.truth,
        boxes=tuple(_true_box(stored, width, height) for stored in entry.true_boxes),
        width_pixels=width,
        height_pixels=height,
    )


def _true_box(stored: _TrueBox, width: int, height: int) -> PixelBox:
    box = stored.box
    sides = (box.left * width, box.top * height, box.width * width, box.height * height)
    if width > _UNIT or height > _UNIT:
        sides = (
            round(sides[0], _DECIMALS),
            round(sides[1], _DECIMALS),
            round(sides[2], _DECIMALS),
            round(sides[3], _DECIMALS),
        )
    return PixelBox(stored.label, *sides)
