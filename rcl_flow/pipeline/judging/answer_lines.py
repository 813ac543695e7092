"""The lines of predictions.jsonl: what was true of each holdout image and what the model said."""

from collections.abc import Iterator, Mapping
from pathlib import Path

import orjson

from rcl_flow.core.datasets.dataset import DatasetImage
from rcl_flow.core.scoring.judged import Judged
from rcl_flow.core.scoring.predictions import Prediction, predicted_labels
from rcl_flow.core.scoring.scored import Scored
from rcl_flow.files import write_bytes
from rcl_flow.pipeline.judging.stored_answers import ANSWERS_NAME, CALIBRATION


def write_answers(scored: Scored, folder: Path) -> None:
    """Write predictions.jsonl into a run's folder.

    Raises:
        LocalFilesError: it cannot be written.
    """
    write_bytes(folder / ANSWERS_NAME, b"".join(answer_lines(scored)))


def answer_lines(scored: Scored) -> Iterator[bytes]:
    """Yield a line an image, those that count first, then those that thresholds were tuned on."""
    tuned = scored.tuned
    yield from _lines(tuned.judged, tuned.thresholds, "")
    if tuned.tuning.used:
        yield from _lines(tuned.calibration, tuned.thresholds, CALIBRATION)


def _lines(judged: Judged, thresholds: Mapping[str, float], part: str) -> Iterator[bytes]:
    for image in judged.images:
        prediction = judged.predictions[image.sha256]
        line = {
            "uri": image.uri,
            "sha256": image.sha256,
            "truth": list(image.labels),
            "predicted": list(predicted_labels(prediction, thresholds)),
            "confidences_percent": prediction.confidences_percent,
            **({"part": part} if part else {}),
            **_objects(image, prediction),
        }
        yield orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE)


def _objects(image: DatasetImage, prediction: Prediction) -> dict[str, object]:
    """Return the boxes of an image as ratios of its size, when it has any."""
    size = image.width_pixels, image.height_pixels
    truth = [{"label": box.label, "box": box.within(*size).model_dump()} for box in image.boxes]
    found = [box.model_dump() for box in prediction.boxes]
    if not (truth or found):
        return {}
    return {
        "width_pixels": image.width_pixels,
        "height_pixels": image.height_pixels,
        "true_boxes": truth,
        "predicted_boxes": found,
    }
