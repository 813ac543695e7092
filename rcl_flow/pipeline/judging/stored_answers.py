"""Read back what a finished run left of a model's answers: images, truth, predictions."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Final

import orjson
from pydantic import Field, TypeAdapter, ValidationError

from rcl_flow.core.datasets.boxes import Box, DetectedBox, PixelBox
from rcl_flow.core.datasets.dataset import DatasetImage
from rcl_flow.core.scoring.comparison import Comparison
from rcl_flow.core.scoring.judged import Judged
from rcl_flow.core.scoring.predictions import Prediction
from rcl_flow.core.values import Frozen
from rcl_flow.errors import UnknownRunError
from rcl_flow.pipeline.runs.outcome import OUTCOME_NAME

_UNIT: Final = 1
"""The side of an image whose size is not stored: ratios are its pixels."""
_DECIMALS: Final = 6
"""Of a pixel: annotations are whole pixels or hundredths, which a ratio does not keep exactly."""

_Percent = Annotated[float, Field(ge=0, le=100)]


class _TrueBox(Frozen):
    label: str
    box: Box


class _Line(Prediction, extra="ignore"):
    """A line of predictions.jsonl; what is not named here can be told from what is.

    It is the prediction itself, with what is true of its image: of a large holdout, making one
    value of each line and not two saves a quarter of the time.
    """

    uri: str
    sha256: Annotated[str, Field(min_length=64, max_length=64)]
    truth: tuple[str, ...]
    confidences_percent: dict[str, _Percent]
    true_boxes: tuple[_TrueBox, ...] = ()
    boxes: tuple[DetectedBox, ...] = Field((), alias="predicted_boxes")
    width_pixels: Annotated[int, Field(ge=0)] = 0
    height_pixels: Annotated[int, Field(ge=0)] = 0
    part: str = ""

    def __eq__(self, other: object) -> bool:
        """Compare as predictions; what is true of the image is another matter."""
        return isinstance(other, Prediction) and (
            (self.sha256, self.confidences_percent, self.boxes)
            == (other.sha256, other.confidences_percent, other.boxes)
        )

    def __hash__(self) -> int:
        """Return the same for all predictions of an image."""
        return hash(self.sha256)


_THRESHOLDS: Final = TypeAdapter(dict[str, Annotated[float, Field(ge=0, le=1)]])
ANSWERS_NAME: Final = "predictions.jsonl"
CALIBRATION: Final = "calibration"
"""The `part` of a line whose image thresholds were tuned on."""


@dataclass(frozen=True, slots=True)
class StoredAnswers:
    """What a run has judged, and what it was not judged by."""

    judged: Judged
    tuned_on: frozenset[str]
    """Digests of the images that thresholds were tuned on; they are left out of `judged`."""


def read_answers(folder: Path) -> Judged:
    """Return the holdout images of a finished run with what was predicted of them.

    An image whose size is not stored is taken to be one pixel wide and high, so that its boxes
    keep their places as ratios.

    Args:
        folder: the run's.

    Raises:
        UnknownRunError: the run has left no predictions, or they cannot be read.
    """
    judged, _ = _answers(folder)
    return judged


def read_judged_answers(folder: Path) -> StoredAnswers:
    """Return the same without the images that thresholds were tuned on.

    Raises:
        UnknownRunError: the run has left no predictions, or they cannot be read.
    """
    whole, tuned_on = _answers(folder)
    images = tuple(image for image in whole.images if image.sha256 not in tuned_on)
    if not images:
        raise _unreadable(folder / ANSWERS_NAME, "it has no image, or one twice")
    judged = Judged(images, {image.sha256: whole.predictions[image.sha256] for image in images})
    return StoredAnswers(judged, tuned_on)


def require_all_answers(found: int, judged: int, folder: Path) -> None:
    """Refuse answers of which some were lost, as where a copy of the file broke off.

    Args:
        found: images in the file.
        judged: images that the run had answers of.
        folder: the run's.

    Raises:
        UnknownRunError: they are not as many.
    """
    if found != judged:
        reason = f"it has {found} images, and the run had {judged}"
        raise _unreadable(folder / ANSWERS_NAME, reason)


def _answers(folder: Path) -> tuple[Judged, frozenset[str]]:
    """Return all that a run was asked about, and the digests that thresholds were tuned on."""
    path = folder / ANSWERS_NAME
    images: list[DatasetImage] = []
    predictions: dict[str, Prediction] = {}
    tuned_on = []
    for number, line in enumerate(_read(path).splitlines(), start=1):
        try:
            entry = _Line.model_validate_json(line)
        except ValidationError as error:
            raise _unreadable(path, f"line {number} is not a prediction") from error
        if entry.part == CALIBRATION:
            tuned_on.append(entry.sha256)
        images.append(_image(entry))
        predictions[entry.sha256] = entry
    if not images or len(predictions) != len(images):
        raise _unreadable(path, "it has no image, or one twice")
    return Judged(tuple(images), predictions), frozenset(tuned_on)


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


def read_model(folder: Path) -> str:
    """Return the ARN of the model that a finished run has judged; empty where it is not told.

    Raises:
        UnknownRunError: the run has left no outcome, or it cannot be read.
    """
    path = folder / OUTCOME_NAME
    try:
        return str(orjson.loads(_read(path)).get("project_version_arn", ""))
    except (ValueError, AttributeError) as error:
        raise _unreadable(path, "it holds no outcome") from error


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
        hint=f"Remove {path.parent / OUTCOME_NAME}, if it is there, and run its config again: that "
        "writes the run's files anew, and no answer is asked or paid for again.",
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
        boxes=tuple([_true_box(stored, width, height) for stored in entry.true_boxes]),
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
