"""What a running model said of holdout images, at MinConfidence 0."""

from collections.abc import Mapping

from rcl_flow.core.datasets.boxes import DetectedBox
from rcl_flow.core.percentages import reaches
from rcl_flow.core.values import Frozen


class Prediction(Frozen):
    """The answer of DetectCustomLabels for one image."""

    sha256: str
    confidences_percent: dict[str, float]
    """Every label that was returned, with its highest confidence, 0 to 100."""
    boxes: tuple[DetectedBox, ...] = ()
    """Every object that was returned, when the model detects objects."""


class RefusedImage(Frozen):
    """An image that DetectCustomLabels would not judge, and its error code."""

    sha256: str
    code: str
    message: str


PredictionRecord = Prediction | RefusedImage


def predicted_labels(
    prediction: Prediction, assumed_thresholds: Mapping[str, float]
) -> tuple[str, ...]:
    """Return the labels whose confidence reaches their threshold, sorted.

    A label is predicted when its confidence is at or above the threshold, as the service's
    MinConfidence works. Labels without a threshold are never predicted.

    Args:
        prediction: confidences 0 to 100.
        assumed_thresholds: label to ratio, 0 to 1.
    """
    return tuple(
        sorted(
            label
            for label, confidence in prediction.confidences_percent.items()
            if label in assumed_thresholds and reaches(confidence, assumed_thresholds[label])
        )
    )
