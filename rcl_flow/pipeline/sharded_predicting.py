"""Predict in shards: what is missing is planned, handed out, and looked for again."""

from collections.abc import Sequence

from rcl_flow.core.arns import parse_version_arn
from rcl_flow.core.dataset import DatasetImage
from rcl_flow.core.predictions import Prediction, RefusedImage
from rcl_flow.errors import BudgetExceededError
from rcl_flow.pipeline.asking import SendingPlace, ask
from rcl_flow.pipeline.executing import ShardExecutor
from rcl_flow.pipeline.executors import map_in_threads
from rcl_flow.pipeline.kept_predictions import (
    append_predictions,
    exchange_predictions,
    predictions_path,
)
from rcl_flow.pipeline.lease import keep_paused
from rcl_flow.pipeline.run import Run
from rcl_flow.pipeline.services import Services
from rcl_flow.pipeline.shards import (
    Shard,
    ShardImage,
    ShardResult,
    results_of,
    work_off,
)
from rcl_flow.pipeline.watchdog import keep_armed_watched

_BATCH = 16


def predict_in_shards(
    images: Sequence[DatasetImage],
    version_arn: str,
    bucket: str,
    run: Run,
    executor: ShardExecutor,
) -> list[RefusedImage]:
    """Have a running model asked for the images by others; return those that were refused.

    Raises:
        ShardsLostError: images have no answer after three rounds; what was answered is kept.
        FanOut: in a tick that hands the shards out and ends.
    """
    services, path = run.services, predictions_path(run.services.workspace, version_arn)

    def refused() -> dict[str, RefusedImage]:
        found = results_of(run.run_id, "predict", services.store)
        return {each.sha256: each for result in found for each in result.refused}

    def missing() -> list[Shard]:
        done = exchange_predictions(path, services).keys() | refused().keys()
        left = [image for image in images if image.sha256 not in done]
        run.log.items(len(images) - len(left), len(images))
        return _shards(left, version_arn, bucket, run)

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
    place = SendingPlace(shard.bucket, shard.prefix, shard.kms_key_id)
    _go_on(shard, services)
    known = exchange_predictions(path, services)
    left = [_image(each) for each in shard.images if each.sha256 not in known]
    answers = map_in_threads(
        lambda image: ask(image, shard.project_version_arn, place, services),
        left,
        concurrency=shard.concurrency,
    )
    batch: list[Prediction] = []
    refused: list[RefusedImage] = []
    try:
        for answer in answers:
            if isinstance(answer, RefusedImage):
                refused.append(answer)
            else:
                batch.append(answer)
            if len(batch) == _BATCH:
                append_predictions(batch, path, services)
                batch.clear()
                _go_on(shard, services)
    finally:
        answers.close()
        append_predictions(batch, path, services)
    return ShardResult(done=len(shard.images) - len(refused), refused=tuple(refused))


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


def _shards(left: Sequence[DatasetImage], version_arn: str, bucket: str, run: Run) -> list[Shard]:
    config, size = run.config, run.config.executor.shard_size
    return [
        Shard(
            step="predict",
            run_id=run.run_id,
            backend=run.services.backend,
            images=tuple(map(_shard_image, left[start : start + size])),
            bucket=bucket,
            prefix=config.storage.prefix,
            kms_key_id=config.storage.kms_key_id,
            project_version_arn=version_arn,
            concurrency=config.inference.concurrency,
            safety=config.safety,
            stop_by=run.serving.stop_by() if run.serving else None,
        )
        for start in range(0, len(left), size)
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
