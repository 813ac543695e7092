"""Ask a running model for images: what is done before, the calls, and what answers mean."""

from collections.abc import Generator, Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import Final

from rcl_flow.aws.pacing_gate import RateGate
from rcl_flow.aws.rekognition import DetectedLabel
from rcl_flow.aws.s3 import S3Location, parse_s3_uri
from rcl_flow.core import limits
from rcl_flow.core.datasets.boxes import DetectedBox
from rcl_flow.core.datasets.dataset import DatasetImage
from rcl_flow.core.naming import holdout_key, holdout_prefix
from rcl_flow.core.scoring.predictions import Prediction, PredictionRecord, RefusedImage
from rcl_flow.errors import AwsRefusedError
from rcl_flow.pipeline.images.reading import open_image
from rcl_flow.pipeline.runs.run import Run
from rcl_flow.pipeline.runs.services import Services
from rcl_flow.pipeline.sharding.executors import batches_in_threads, map_in_threads

_REFUSALS: Final = frozenset(
    {"InvalidImageFormatException", "ImageTooLargeException", "InvalidParameterException"}
)
"""Codes that concern one image and not the run."""


_SECONDS_OF_A_BATCH: Final = 1.0
_SECONDS_OF_A_SHARED_BATCH: Final = 10.0
"""Each batch is one document more that other machines have to read."""
_SENT_AT_ONCE: Final = 4
"""Images of up to 15 MB."""


@dataclass(frozen=True, slots=True)
class SendingPlace:
    """Where an image goes that is too large to be sent in a request."""

    bucket: str
    prefix: str
    kms_key_id: str | None


@dataclass(frozen=True, slots=True)
class AskedModel:
    """A running model, and how it is asked."""

    version_arn: str
    gate: RateGate
    place: SendingPlace
    concurrency: int
    """Calls at once."""
    services: Services


def prepare_images(
    images: Sequence[DatasetImage], place: SendingPlace, run: Run, *, check: bool
) -> None:
    """Do before a model is started what would keep it waiting.

    Images that are too large for a request are put into the bucket, unless they are there.

    Args:
        images: that are going to be asked for.
        place: where large ones go.
        run: gives signs of life meanwhile.
        check: also read the others, so that one that is gone or was changed costs no start.

    Raises:
        DatasetGateError: an image was changed since it was read.
        DataNotFoundError: an image cannot be read.
        AwsRefusedError: an image cannot be sent.
    """
    s3 = run.services.s3
    local = [image for image in images if parse_s3_uri(image.uri) is None]
    large = [image for image in local if _is_large(image)]
    sent = s3.sizes(place.bucket, holdout_prefix(place.prefix)) if large else {}

    def prepare(image: DatasetImage) -> None:
        location = _location(image, place)
        if _is_large(image) and sent.get(location.key) != image.size_bytes:
            content = open_image(image, s3)
            s3.put(location, content, kms_key_id=place.kms_key_id, sha256=image.sha256)
        elif check:
            open_image(image, s3)

    for _ in map_in_threads(prepare, local if check else large, concurrency=_SENT_AT_ONCE):
        run.beat()


def ask_each(
    images: Iterable[DatasetImage], model: AskedModel
) -> Generator[list[PredictionRecord]]:
    """Yield the model's answers in batches, small enough to lose one, in no particular order.

    A batch may be empty, while the service turns everything away. When nobody takes them any more,
    nothing more is asked.

    Raises:
        AwsRefusedError: a call was refused for another reason than its image.
        DatasetGateError: an image was changed since it was read.
    """
    shared = model.services.state_is_shared
    batches = batches_in_threads(
        lambda image: _ask(image, model),
        images,
        concurrency=model.concurrency,
        clock=model.services.clock,
        seconds=_SECONDS_OF_A_SHARED_BATCH if shared else _SECONDS_OF_A_BATCH,
    )
    try:
        with closing(batches):
            yield from batches
    finally:
        model.gate.close()


def _ask(image: DatasetImage, model: AskedModel) -> PredictionRecord:
    """Return the model's answer for an image, or that the service would not judge it."""
    given = _to_send(image, model)
    try:
        found = model.services.rekognition.detect(model.version_arn, given, model.gate)
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


def _to_send(image: DatasetImage, model: AskedModel) -> bytes | S3Location:
    stored = parse_s3_uri(image.uri)
    if stored is not None:
        return stored
    if _is_large(image):
        return _location(image, model.place)
    return open_image(image, model.services.s3)


def _is_large(image: DatasetImage) -> bool:
    """Say whether an image of this machine has to be sent by way of S3."""
    return image.size_bytes > limits.MAX_IMAGE_BYTES_IN_REQUEST


def _location(image: DatasetImage, place: SendingPlace) -> S3Location:
    key = holdout_key(place.prefix, image.sha256, image.image_format)
    return S3Location(place.bucket, key)
