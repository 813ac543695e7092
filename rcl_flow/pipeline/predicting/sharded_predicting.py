"""Predict in shards: what is missing is planned, handed out, and looked for again."""

from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass

from rcl_flow.aws.pacing_gate import RateGate
from rcl_flow.core.arns import parse_version_arn
from rcl_flow.core.datasets.dataset import DatasetImage
from rcl_flow.core.scoring.predictions import Prediction, RefusedImage
from rcl_flow.errors import BudgetExceededError
from rcl_flow.pipeline.predicting.asking import AskedModel, SendingPlace, ask_each
from rcl_flow.pipeline.predicting.kept_predictions import (
    append_predictions,
    exchange_predictions,
    predictions_path,
    unanswered,
)
from rcl_flow.pipeline.runs.executing import ShardExecutor
from rcl_flow.pipeline.runs.run import Run
from rcl_flow.pipeline.runs.services import Services
from rcl_flow.pipeline.serving.watchdog import keep_armed_watched
from rcl_flow.pipeline.sharding.shard_limits import predicting_at_once
from rcl_flow.pipeline.sharding.shards import (
    Shard,
    ShardImage,
    ShardResult,
    results_of,
    work_off,
)
from rcl_flow.pipeline.state.lease import keep_paused


@dataclass(frozen=True, slots=True)
class ShardedModel:
    """A running model that others ask."""

    version_arn: str
    place: SendingPlace
    calls_per_second: float | None
    """Its limit, where it is known; the workers begin at equal shares of it."""


def predict_in_shards(
    images: Sequence[DatasetImage], model: ShardedModel, run: Run, executor: ShardExecutor
) -> list[RefusedImage]:
    """Have a running model asked for the images by others; return those that were refused.

    Raises:
        ShardsLostError: images have no answer after three rounds; what was answered is kept.
        FanOut: in a tick that hands the shards out and ends.
    """
    services = run.services
    path = predictions_path(services.workspace, model.version_arn)

    def refused() -> dict[str, RefusedImage]:
        found = results_of(run.run_id, "predict", services.store)
        return {each.sha256: each for result in found for each in result.refused}

    def missing() -> list[Shard]:
        exchange_predictions(path, services)
        done = refused()
        left = [image for image in unanswered(images, path) if image.sha256 not in done]
        run.log.items(len(images) - len(left), len(images))
        return _shards(left, model, run)

    work_off(missing, executor, services, run.beat)
    if run.serving is not None:
        run.serving.count(answered_in_shards(run))
    wanted = {image.sha256 for image in images}
    return [each for sha256, each in sorted(refused().items()) if sha256 in wanted]


def answered_in_shards(run: Run) -> int:
    """Return how many images were answered in shards since the model was started for them."""
    return sum(result.done for result in results_of(run.run_id, "predict", run.services.store))


def predict_shard(shard: Shard, services: Services) -> ShardResult:
    """Ask the model for the images of a shard that have no answer yet, and keep every answer.

    While it asks, it pushes the watchdog and keeps the project for the run, since between two
    ticks nobody else does; not beyond the run's budget.

    Raises:
        BudgetExceededError: the run's budget is used up; what was answered before is kept.
        AwsRefusedError: the model does not answer; what was answered before is kept.
    """
    path = predictions_path(services.workspace, shard.project_version_arn)
    _go_on(shard, services)
    exchange_predictions(path, services)
    left = unanswered(map(_image, shard.images), path)
    refused: list[RefusedImage] = []
    with closing(ask_each(left, _asked(shard, services))) as batches:
        for batch in batches:
            refused += [each for each in batch if isinstance(each, RefusedImage)]
            predictions = [each for each in batch if isinstance(each, Prediction)]
            append_predictions(predictions, path, services)
            _go_on(shard, services)
    return ShardResult(done=len(shard.images) - len(refused), refused=tuple(refused))


def _asked(shard: Shard, services: Services) -> AskedModel:
    """Return how a worker asks: through a gate of its own, since it sees no other worker's."""
    return AskedModel(
        version_arn=shard.project_version_arn,
        gate=RateGate(services.clock, known_limit_per_second=shard.calls_per_second),
        place=SendingPlace(shard.bucket, shard.prefix, shard.kms_key_id),
        concurrency=shard.concurrency,
        services=services,
    )


def _go_on(shard: Shard, services: Services) -> None:
    """Give signs of life for model and project, or refuse to.

    Raises:
        BudgetExceededError: the run's budget is used up.
    """
    now = services.clock.now()
    if shard.stop_by is not None and now >= shard.stop_by:
        raise BudgetExceededError(
            f"The budget of the run {shard.run_id} was used up at {shard.stop_by:%H:%M:%S} UTC.",
            hint="What was predicted is kept. Raise the budget and run the same command again.",
        )
    keep_armed_watched(shard.project_version_arn, shard.safety, services)
    parts = parse_version_arn(shard.project_version_arn)
    if parts is not None:
        keep_paused(shard.backend.identity, parts.project, shard.run_id, services.store)


def _shards(left: Sequence[DatasetImage], model: ShardedModel, run: Run) -> list[Shard]:
    config, size = run.config, run.config.executor.shard_size
    starts = range(0, len(left), size)
    workers = max(1, min(len(starts), predicting_at_once(config)))
    limit = model.calls_per_second
    return [
        Shard(
            step="predict",
            run_id=run.run_id,
            backend=run.services.backend,
            images=tuple(map(_shard_image, left[start : start + size])),
            bucket=model.place.bucket,
            prefix=model.place.prefix,
            kms_key_id=model.place.kms_key_id,
            project_version_arn=model.version_arn,
            concurrency=config.inference.concurrency,
            calls_per_second=None if limit is None else limit / workers,
            safety=config.safety,
            stop_by=run.serving.stop_by() if run.serving else None,
        )
        for start in starts
    ]


def _shard_image(image: DatasetImage) -> ShardImage:
    return ShardImage(
        uri=image.uri,
        sha256=image.sha256,
        size_bytes=image.size_bytes,
        image_format=image.image_format,
    )


def _image(given: ShardImage) -> DatasetImage:
    return DatasetImage(
        uri=given.uri,
        sha256=given.sha256,
        size_bytes=given.size_bytes,
        image_format=given.image_format,
        labels=(),
    )
