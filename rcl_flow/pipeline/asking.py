"""Ask a running model for one image: the call, and what its answer means."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from rcl_flow.aws.rekognition import DetectedLabel
from rcl_flow.aws.s3 import S3Location, parse_s3_uri
from rcl_flow.core import limits
from rcl_flow.core.boxes import DetectedBox
from rcl_flow.core.dataset import DatasetImage
from rcl_flow.core.naming import holdout_key
from rcl_flow.core.predictions import Prediction, PredictionRecord, RefusedImage
from rcl_flow.errors import AwsRefusedError
from rcl_flow.pipeline.reading import open_image
from rcl_flow.pipeline.services import Services

_REFUSALS: Final = frozenset(
    {"InvalidImageFormatException", "ImageTooLargeException", "InvalidParameterException"}
)
"""Codes that concern one image and not the run."""


@dataclass(frozen=True, slots=True)
class SendingPlace:
    """Where an image goes that is too large to be sent in a request."""

    bucket: str
    prefix: str
    kms_key_id: str | None


def ask(
    image: DatasetImage, version_arn: str, place: SendingPlace, services: Services
) -> PredictionRecord:
    """Return the model's answer for an image, or that the service would not judge it.

    Raises:
        AwsRefusedError: the call was refused for another reason than the image.
        DatasetGateError: the image was changed since it was read.
    """
    try:
        found = services.rekognition.detect(version_arn, _to_send(image, place, services))
    except AwsRefusedError as error:
        if error.code not in _REFUSALS:
            raise
        return RefusedImage(sha256=image.sha256, code=error.code, message=error.message)
    return _prediction(image.sha256, found)


def _prediction(sha256: str, found: Sequence[DetectedLabel]) -> Prediction:
    confidences: dict[str, float] = {}
    for one in found:
        confidences[one.label] = max(one.confidence_percent, confidences.get(one.label, 0.0))
    return Prediction(
        sha256=sha256,
        confidences_percent=confidences,
        boxes=tuple(
            DetectedBox(label=one.label, confidence_percent=one.confidence_percent, box=one.box)
            for one in found
            if one.box is not None
        ),
    )


def _to_send(image: DatasetImage, place: SendingPlace, services: Services) -> bytes | S3Location:
    stored = parse_s3_uri(image.uri)
    if stored is not None:
        return stored
    content = open_image(image, services.s3)
    if len(content) <= limits.MAX_IMAGE_BYTES_IN_REQUEST:
        return content
    key = holdout_key(place.prefix, image.sha256, image.image_format)
    location = S3Location(place.bucket, key)
    services.s3.put(location, content, kms_key_id=place.kms_key_id)
    return location
