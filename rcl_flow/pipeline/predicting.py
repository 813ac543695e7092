"""Run the holdout through the model, keeping every answer as it comes."""

from collections.abc import Sequence
from pathlib import Path

import orjson
from pydantic import ValidationError

from rcl_flow.aws.rekognition import DetectedLabel
from rcl_flow.aws.s3 import S3Location, parse_s3_uri
from rcl_flow.core import limits
from rcl_flow.core.boxes import DetectedBox
from rcl_flow.core.dataset import Dataset, DatasetImage
from rcl_flow.core.naming import digest_of, holdout_key
from rcl_flow.core.predictions import (
    Prediction,
    PredictionRecord,
    RefusedImage,
)
from rcl_flow.core.scoring.judged import Judged
from rcl_flow.errors import AwsRefusedError, PredictionsLostError
from rcl_flow.files import append_lines, read_lines
from rcl_flow.pipeline.executors import map_in_threads
from rcl_flow.pipeline.pacing import Pacer, begin_pace, units_to_start
from rcl_flow.pipeline.reading import open_image
from rcl_flow.pipeline.results import TrainedVersion
from rcl_flow.pipeline.run import Run
from rcl_flow.pipeline.services import Services
from rcl_flow.pipeline.serving import armed_model, running, stop_armed
from rcl_flow.pipeline.spending import history_of

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
    known = _exchange_shared(path, run.services)
    missing = [image for image in images if image.sha256 not in known]
    refused: list[RefusedImage] = []
    if missing:
        refused = _predict_all(missing, version, bucket, run)
        known = read_predictions(path)
    else:
        left_running = armed_model(version, run)
        if left_running is not None:
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
        prediction = _parse(line)
        if prediction is not None:
            found.setdefault(prediction.sha256, prediction)
    return found


def _parse(line: str) -> Prediction | None:
    try:
        return Prediction.model_validate_json(line)
    except ValidationError:
        return None


def _predict_all(
    missing: Sequence[DatasetImage], version: TrainedVersion, bucket: str, run: Run
) -> list[RefusedImage]:
    """Start the model and ask for the images; with more units again where they are needed."""
    path = predictions_path(run.services.workspace, version.version_arn)
    units: int | None = units_to_start(len(missing), history_of(run), run)
    refused: list[RefusedImage] = []
    pacer: Pacer | None = None
    while units is not None:
        with running(version, run, units=units), run.log.step("predict holdout") as step:
            pacer = begin_pace(len(missing), run, pacer)
            units = _predict(missing, version, bucket, pacer, refused)
            done = read_predictions(path).keys() | {each.sha256 for each in refused}
            left = [image for image in missing if image.sha256 not in done]
            step.detail = f"{len(missing) - len(left)} images answered"
        missing = left
    return refused


def _predict(
    images: Sequence[DatasetImage],
    version: TrainedVersion,
    bucket: str,
    pacer: Pacer,
    refused: list[RefusedImage],
) -> int | None:
    """Ask for the images; return the units to restart with for the rest, or None when all came."""
    run = pacer.run
    path = predictions_path(run.services.workspace, version.version_arn)

    def ask(image: DatasetImage) -> PredictionRecord:
        return _ask(image, version, bucket, run)

    answers = map_in_threads(ask, images, concurrency=run.config.inference.concurrency)
    batch: list[Prediction] = []
    try:
        for done, answer in enumerate(answers, start=1):
            if isinstance(answer, RefusedImage):
                refused.append(answer)
            else:
                batch.append(answer)
            if len(batch) == _BATCH:
                _keep(batch, path, run)
                run.log.items(done, len(images))
            run.beat()
            more = pacer.more_units(run.serving.answered()) if run.serving else None
            if more is not None:
                return more
    except AwsRefusedError:
        if (
            run.lease is not None and run.lease.is_lost()
        ):  # whoever has it may have stopped the model
            run.confirm_lease()
        raise
    finally:
        answers.close()
        _keep(batch, path, run)
    return None


def _keep(batch: list[Prediction], path: Path, run: Run) -> None:
    """Write the predictions of a batch, for other machines too where there are, and empty it.

    Raises:
        LeaseLostError: another run asks for these images now; the batch is dropped.
    """
    if batch and run.lease is not None and run.lease.is_lost():
        batch.clear()
        run.confirm_lease()
    lines = [_as_line(prediction) for prediction in batch]
    append_lines(path, lines)
    batch.clear()
    _share(lines, path, run.services)


def _share(lines: Sequence[str], path: Path, services: Services) -> None:
    if services.state_is_shared and lines:
        content = "".join(f"{line}\n" for line in lines).encode()
        key = f"{_shared_prefix(path)}{digest_of(lines)[:16]}"
        services.store.put_if_absent(key, content)


def known_predictions(path: Path, services: Services) -> dict[str, Prediction]:
    """Return every answer that this machine, or another one that shares the state, has got."""
    shared = _shared_predictions(path, services) if services.state_is_shared else {}
    return shared | read_predictions(path)


def _shared_predictions(path: Path, services: Services) -> dict[str, Prediction]:
    known: dict[str, Prediction] = {}
    for _, content in services.store.below(_shared_prefix(path)):
        found = map(_parse, content.decode(errors="replace").splitlines())
        known |= {each.sha256: each for each in found if each and each.sha256 not in known}
    return known


def _exchange_shared(path: Path, services: Services) -> dict[str, Prediction]:
    """Return every known answer, after giving others this machine's and taking theirs."""
    local = read_predictions(path)
    if not services.state_is_shared:
        return local
    shared = _shared_predictions(path, services)
    _share([_as_line(local[sha256]) for sha256 in local.keys() - shared.keys()], path, services)
    news = [prediction for sha256, prediction in shared.items() if sha256 not in local]
    if news:
        append_lines(path, map(_as_line, news))
    return shared | local


def _shared_prefix(path: Path) -> str:
    return f"predictions/{path.stem}/"


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
