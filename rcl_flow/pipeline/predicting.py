"""Run the holdout through the model, keeping every answer as it comes."""

from collections.abc import Generator, Sequence
from pathlib import Path

from rcl_flow.core.dataset import Dataset, DatasetImage
from rcl_flow.core.predictions import (
    Prediction,
    PredictionRecord,
    RefusedImage,
)
from rcl_flow.core.scoring.judged import Judged
from rcl_flow.errors import AwsRefusedError, PredictionsLostError
from rcl_flow.pipeline.asking import SendingPlace, ask
from rcl_flow.pipeline.executing import ShardExecutor
from rcl_flow.pipeline.executors import map_in_threads
from rcl_flow.pipeline.kept_predictions import (
    append_predictions,
    exchange_predictions,
    predictions_path,
    read_predictions,
)
from rcl_flow.pipeline.pacing import Pacer, begin_pace, units_to_start
from rcl_flow.pipeline.results import TrainedVersion
from rcl_flow.pipeline.run import Run
from rcl_flow.pipeline.serving import armed_model, running, stop_armed
from rcl_flow.pipeline.sharded_predicting import answered_in_shards, predict_in_shards
from rcl_flow.pipeline.shards import clear_shards, is_handed_out
from rcl_flow.pipeline.spending import history_of

_BATCH = 16


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
    known = exchange_predictions(path, run.services)
    missing = [image for image in images if image.sha256 not in known]
    refused: list[RefusedImage] = []
    if missing:
        refused = _predict_all(missing, version, bucket, run)
        known = read_predictions(path)
    else:
        left_running = armed_model(version, run)
        if left_running is not None:
            stop_armed(left_running, run, images=answered_in_shards(run))
    if run.services.shard_executor is not None:
        clear_shards(run.run_id, "predict", run.services.store)
    _check_refused(refused, run)
    return _judged(images, known, refused)


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
            executor = _shard_executor(missing, run)
            if executor is not None:
                refused += predict_in_shards(missing, version.version_arn, bucket, run, executor)
                units = None
            else:
                pacer = begin_pace(len(missing), run, pacer)
                units = _predict(missing, version, bucket, pacer, refused)
            done = read_predictions(path).keys() | {each.sha256 for each in refused}
            left = [image for image in missing if image.sha256 not in done]
            step.detail = f"{len(missing) - len(left)} images answered"
        missing = left
    return refused


def _shard_executor(missing: Sequence[DatasetImage], run: Run) -> ShardExecutor | None:
    """Return who works on the missing images in shards; None when they are few."""
    many = len(missing) > run.config.executor.shard_size
    if many or is_handed_out(run.run_id, "predict", run.services.store):
        return run.services.shard_executor
    return None


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

    answers = _answers(images, version, bucket, run)
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


def _answers(
    images: Sequence[DatasetImage], version: TrainedVersion, bucket: str, run: Run
) -> Generator[PredictionRecord]:
    storage = run.config.storage
    place = SendingPlace(bucket, storage.prefix, storage.kms_key_id)

    def ask_for(image: DatasetImage) -> PredictionRecord:
        return ask(image, version.version_arn, place, run.services)

    return map_in_threads(ask_for, images, concurrency=run.config.inference.concurrency)


def _keep(batch: list[Prediction], path: Path, run: Run) -> None:
    """Write the predictions of a batch, for other machines too where there are, and empty it.

    Raises:
        LeaseLostError: another run asks for these images now; the batch is dropped.
    """
    if batch and run.lease is not None and run.lease.is_lost():
        batch.clear()
        run.confirm_lease()
    append_predictions(batch, path, run.services)
    batch.clear()


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
