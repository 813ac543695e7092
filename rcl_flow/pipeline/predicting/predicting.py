"""Run images through the model, the holdout's or any, keeping every answer as it comes."""

from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from typing import Final

from rcl_flow.aws.pacing_gate import RateGate
from rcl_flow.core.datasets.dataset import Dataset, DatasetImage
from rcl_flow.core.scoring.judged import Judged
from rcl_flow.core.scoring.predictions import Prediction, PredictionRecord, RefusedImage
from rcl_flow.errors import AwsRefusedError, PredictionsLostError
from rcl_flow.pipeline.costs.outlook import tell_answers_outlook
from rcl_flow.pipeline.costs.spending import history_of
from rcl_flow.pipeline.predicting.asking import AskedModel, SendingPlace, ask_each, prepare_images
from rcl_flow.pipeline.predicting.kept_predictions import (
    append_predictions,
    exchange_predictions,
    predictions_path,
    read_predictions,
    unanswered,
)
from rcl_flow.pipeline.predicting.known_rates import KnownRates, RateMemory, rate_memory, read_rates
from rcl_flow.pipeline.predicting.pacing import Pacer, begin_pace, units_to_start
from rcl_flow.pipeline.predicting.sharded_predicting import (
    ShardedModel,
    answered_in_shards,
    predict_in_shards,
)
from rcl_flow.pipeline.runs.executing import ShardExecutor
from rcl_flow.pipeline.runs.results import TrainedVersion
from rcl_flow.pipeline.runs.run import Run
from rcl_flow.pipeline.serving.served_model import ServedModel
from rcl_flow.pipeline.serving.serving import armed_model, running, stop_armed
from rcl_flow.pipeline.sharding.shards import clear_shards, is_handed_out
from rcl_flow.pipeline.state.records import ArmedModel, armed_key, read_record

_HOLDOUT_STEP: Final = "predict holdout"


def predict_holdout(version: TrainedVersion, holdout: Dataset, bucket: str, run: Run) -> Judged:
    """Return the model's answer for every holdout image; only missing ones are asked for.

    The model runs for no longer than that takes, and not at all when nothing is missing.

    Raises:
        PredictionsLostError: more images were refused than the config allows.
        ModelNotStartedError: the model did not come up.
        ModelNotStoppedError: the model could not be confirmed as STOPPED.
    """
    images = holdout.distinct()
    refused = predict_images(version, images, bucket, run, step_name=_HOLDOUT_STEP)
    _check_refused(refused, run)
    known = read_predictions(predictions_path(run.services.workspace, version.version_arn))
    return _judged(images, known, refused)


def predict_images(
    version: TrainedVersion,
    images: Sequence[DatasetImage],
    bucket: str,
    run: Run,
    *,
    step_name: str = "predict images",
) -> list[RefusedImage]:
    """Have the answer for every image in the version's file; return those that were refused.

    However many there are, no more than a batch of answers is held in memory.

    Args:
        version: whose model is asked.
        images: each with a content of its own.
        bucket: where images go that are too large for a request.
        run: on whose behalf.
        step_name: how the log names the asking.

    Raises:
        ModelNotStartedError: the model did not come up.
        ModelNotStoppedError: the model could not be confirmed as STOPPED.
    """
    path = predictions_path(run.services.workspace, version.version_arn)
    exchange_predictions(path, run.services)
    missing = unanswered(images, path)
    refused: list[RefusedImage] = []
    if missing:
        storage = run.config.storage
        place = SendingPlace(bucket, storage.prefix, storage.kms_key_id)
        work = _Work(version, place, read_rates(version.version_arn, run.services), run)
        refused = _predict_all(missing, work, step_name)
    else:
        left_running = armed_model(version, run)
        if left_running is not None:
            stop_armed(left_running, run, images=answered_in_shards(run))
    if run.services.shard_executor is not None:
        clear_shards(run.run_id, "predict", run.services.store)
    return refused


def _predict_all(
    missing: Sequence[DatasetImage], work: "_Work", step_name: str
) -> list[RefusedImage]:
    """Start the model and ask for the images; with more units again where they are needed.

    What can be done before the model runs is done before, and what can wait for its stop waits.
    """
    version, run = work.version, work.run
    prepare_images(missing, work.place, run, check=armed_model(version, run) is None)
    history = history_of(run)
    units: int | None = units_to_start(len(missing), history, run, work.rates)
    while units is not None:
        with (
            rate_memory(version.version_arn, run.services) as memory,
            running(version, run, units=units) as served,
            run.log.step(step_name) as step,
        ):
            before, work.served = len(work.refused), served
            tell_answers_outlook(len(missing), units, history, run)
            executor = _shard_executor(missing, run)
            if executor is not None:
                work.hand_out(missing, executor)
                units = None
            else:
                units = work.ask(missing, memory)
            step.detail = f"{work.done - (len(work.refused) - before)} images answered"
        missing = work.left(missing) if units is not None else ()
    return work.refused


def _shard_executor(missing: Sequence[DatasetImage], run: Run) -> ShardExecutor | None:
    """Return who works on the missing images in shards; None when they are few."""
    executor = run.services.shard_executor
    many = len(missing) > run.config.executor.shard_size
    if executor is not None and not many:
        handed_out = is_handed_out(run.run_id, "predict", run.services.store)
        return executor if handed_out else None
    return executor


@dataclass(slots=True)
class _Work:
    """Images that a version's model is asked for, over its starts."""

    version: TrainedVersion
    place: SendingPlace
    rates: KnownRates
    run: Run
    served: ServedModel | None = None
    """The model that runs now, where it was started for this work."""
    refused: list[RefusedImage] = field(default_factory=list)
    done: int = 0
    """Images of this start that were answered or refused."""
    _pacer: Pacer | None = None

    def hand_out(self, images: Sequence[DatasetImage], executor: ShardExecutor) -> None:
        """Have others ask for the images."""
        limit = self.rates.limit_per_second(self._units())
        model = ShardedModel(self.version.version_arn, self.place, limit)
        self.refused += predict_in_shards(images, model, self.run, executor)
        self.done = len(images)

    def ask(self, images: Sequence[DatasetImage], memory: RateMemory) -> int | None:
        """Ask for the images; return the units to restart with for the rest; None: all came."""
        run, self.done = self.run, 0
        self._pacer = begin_pace(len(images), run, self._pacer)
        if self.served is not None:
            memory.units = self.served.armed.inference_units
        limit = self.rates.limit_per_second(self._units())
        gate = RateGate(run.services.clock, known_limit_per_second=limit)
        concurrency = run.config.inference.concurrency
        model = AskedModel(self.version.version_arn, gate, self.place, concurrency, run.services)
        with _lease_lost_first(run), closing(ask_each(images, model)) as batches:
            for batch in batches:
                self._keep(batch)
                memory.note(gate.found_limit_per_second)
                run.log.items(self.done, len(images))
                run.beat()
                more = self._more_units(batch, gate)
                if more is not None:
                    return more
        return None

    def left(self, images: Sequence[DatasetImage]) -> list[DatasetImage]:
        """Return the images that were neither answered nor refused."""
        refused = {each.sha256 for each in self.refused}
        path = predictions_path(self.run.services.workspace, self.version.version_arn)
        return [image for image in unanswered(images, path) if image.sha256 not in refused]

    def _keep(self, batch: Sequence[PredictionRecord]) -> None:
        """Write the predictions of a batch, for other machines too where there are.

        Raises:
            LeaseLostError: another run asks for these images now; the batch is dropped.
        """
        run = self.run
        if batch and run.lease is not None and run.lease.is_lost():
            run.confirm_lease()
        self.done += len(batch)
        self.refused += [each for each in batch if isinstance(each, RefusedImage)]
        path = predictions_path(run.services.workspace, self.version.version_arn)
        predictions = [each for each in batch if isinstance(each, Prediction)]
        append_predictions(predictions, path, run.services)

    def _more_units(self, batch: Sequence[PredictionRecord], gate: RateGate) -> int | None:
        serving = self.run.serving
        if serving is None or self._pacer is None or not batch:
            return None
        serving.count(len(batch) - 1)
        return self._pacer.more_units(serving.answered(), len(batch), gate.found_limit_per_second)

    def _units(self) -> int | None:
        """Return the inference units of the model that runs; None for somebody else's."""
        if self.served is not None:
            return self.served.armed.inference_units
        kept = read_record(self.run.services.store, armed_key(self.version.version_arn), ArmedModel)
        return kept.inference_units if kept is not None else None


@contextmanager
def _lease_lost_first(run: Run) -> Iterator[None]:
    """Let a refusal be told as a lost lease where that is why: its holder may stop the model.

    Raises:
        LeaseLostError: another run holds the project now.
    """
    try:
        yield
    except AwsRefusedError:
        if run.lease is not None and run.lease.is_lost():
            run.confirm_lease()
        raise


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
