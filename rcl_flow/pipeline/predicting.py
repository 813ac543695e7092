"""Run the holdout through the model, keeping every answer as it comes."""

from collections.abc import Sequence
from pathlib import Path

import orjson
from pydantic import ValidationError

from rcl_flow.aws.rekognition import DetectedLabel
from rcl_flow.aws.s3 import S3Location, parse_s3_uri
from rcl_flow.core import limits
from rcl_flow.core.boxes import DetectedBox
from rcl_flow.core.comparison import Judged
from rcl_flow.core.dataset import Dataset, DatasetImage
from rcl_flow.core.naming import digest_of, holdout_key
from rcl_flow.core.predictions import (
    Prediction,
    PredictionRecord,
    RefusedImage,
)
from rcl_flow.errors import AwsRefusedError, PredictionsLostError
from rcl_flow.files import append_lines, read_lines
from rcl_flow.pipeline.executors import map_in_threads
from rcl_flow.pipeline.holding import is_held_elsewhere
from rcl_flow.pipeline.reading import open_image
from rcl_flow.pipeline.results import TrainedVersion
from rcl_flow.pipeline.run import Run
from rcl_flow.pipeline.serving import armed_model, running, stop_armed

_BATCH = 16
_REFUSALS = frozenset(
    {"InvalidImageFormatException", "ImageTooLargeException", "InvalidParameterException"}
)
"""Codes that concern one image and not the run."""


def predict_holdout(version: TrainedVersion, holdout: Dataset, bucket: str, run: Run) -> Judged:
    """Return the model's answer for every holdout image; only missing ones are asked for.

    The model runs for no longer than that takes, and not at all when nothing is missing.

    Raises:
        PredictionsLostError: more images were refused than the config allows.
        ModelNotStartedError: the model did not come up.
        ModelNotStoppedError: the model could not be confirmed as STOPPED.
    """
    images = holdout.distinct()
    path = predictions_path(run.services.workspace, version.version_arn)
    known = read_predictions(path)
    missing = [image for image in images if image.sha256 not in known]
    refused: list[RefusedImage] = []
    if missing:
        with running(version, run), run.log.step("predict holdout") as step:
            refused = _predict(missing, version, bucket, run)
            step.detail = f"{len(missing)} images asked for, {len(known)} known before"
        known = read_predictions(path)
    else:
        left_running = armed_model(version, run)
        if left_running is not None and not is_held_elsewhere(left_running):
            stop_armed(left_running, run)
    _check_refused(refused, run)
    return _judged(images, known, refused)


def predictions_path(workspace: Path, version_arn: str) -> Path:
    """Return the file that keeps every answer of a version; any run may use it again."""
    return workspace / "predictions" / f"{digest_of([version_arn])[:16]}.jsonl"


def read_predictions(path: Path) -> dict[str, Prediction]:
    """Return the predictions in a file by image digest; lines that are no records are dropped."""
    found: dict[str, Prediction] = {}
    for line in read_lines(path):
        try:
            prediction = Prediction.model_validate_json(line)
        except ValidationError:
            continue
        found.setdefault(prediction.sha256, prediction)
    return found


def _predict(
    images: Sequence[DatasetImage], version: TrainedVersion, bucket: str, run: Run
) -> list[RefusedImage]:
    path = predictions_path(run.services.workspace, version.version_arn)

    def ask(image: DatasetImage) -> PredictionRecord:
        return _ask(image, version, bucket, run)

    answers = map_in_threads(ask, images, concurrency=run.config.inference.concurrency)
    refused: list[RefusedImage] = []
    batch: list[Prediction] = []
    try:
        for done, answer in enumerate(answers, start=1):
            if isinstance(answer, RefusedImage):
                refused.append(answer)
            else:
                batch.append(answer)
            if len(batch) == _BATCH:
                _keep(batch, path)
                run.log.items(done, len(images))
    finally:
        _keep(batch, path)
    return refused


def _keep(batch: list[Prediction], path: Path) -> None:
    """Write the predictions of a batch and empty it."""
    append_lines(path, [_as_line(prediction) for prediction in batch])
    batch.clear()


def _as_line(prediction: Prediction) -> str:
    """Return a prediction as one line of JSON."""
    return orjson.dumps(prediction.model_dump()).decode()


def _ask(image: DatasetImage, version: TrainedVersion, bucket: str, run: Run) -> PredictionRecord:
    services = run.services
    try:
        found = services.rekognition.detect(version.version_arn, _image_to_send(image, bucket, run))
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


def _image_to_send(image: DatasetImage, bucket: str, run: Run) -> bytes | S3Location:
    services = run.services
    stored = parse_s3_uri(image.uri)
    if stored is not None:
        return stored
    content = open_image(image, services.s3)
    if len(content) <= limits.MAX_IMAGE_BYTES_IN_REQUEST:
        return content
    key = holdout_key(run.config.storage.prefix, image.sha256, image.image_format)
    location = S3Location(bucket, key)
    services.s3.put(location, content, kms_key_id=run.config.storage.kms_key_id)
    return location


def _check_refused(refused: Sequence[RefusedImage], run: Run) -> None:
    allowed = run.config.inference.max_refused_images
    if len(refused) > allowed:
        first = refused[0]
        raise PredictionsLostError(
            f"DetectCustomLabels refused {len(refused)} holdout images ({allowed} allowed); the "
            f"first, {first.sha256[:12]}: {first.message}",
            hint="Replace these images, or raise `inference.max_refused_images`.",
            operation="DetectCustomLabels",
            code=first.code,
        )


def _judged(
    images: Sequence[DatasetImage],
    predictions: dict[str, Prediction],
    refused: Sequence[RefusedImage],
) -> Judged:
    return Judged(
        images=tuple(image for image in images if image.sha256 in predictions),
        predictions=predictions,
        refused=tuple(refused),
    )
