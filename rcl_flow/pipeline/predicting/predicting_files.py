"""Ask a model about images that nobody has labelled, with the same guard as a run's holdout."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, Literal

from rcl_flow.config import FlowConfig
from rcl_flow.core import limits
from rcl_flow.core.datasets.dataset import Dataset, DatasetImage, UnusableImage
from rcl_flow.core.naming import digest_of
from rcl_flow.core.scoring.predictions import RefusedImage
from rcl_flow.errors import ConsentNeededError
from rcl_flow.formats.places import is_s3
from rcl_flow.pipeline.costs.spending import spent_by
from rcl_flow.pipeline.images.access import make_access
from rcl_flow.pipeline.images.gathering import Gathered, gather_images
from rcl_flow.pipeline.images.measuring import workspace_cache
from rcl_flow.pipeline.predicting.choosing_model import (
    ChosenModel,
    ChosenThresholds,
    choose_model,
    choose_thresholds,
    labels_without_threshold,
)
from rcl_flow.pipeline.predicting.kept_predictions import (
    exchange_predictions,
    predictions_path,
    read_predictions,
    unanswered,
)
from rcl_flow.pipeline.predicting.kept_refusals import exchange_refusals, keep_refusals
from rcl_flow.pipeline.predicting.predicted_files import PredictedFiles, write_predicted
from rcl_flow.pipeline.predicting.predicting import predict_images
from rcl_flow.pipeline.runs.output_folders import require_folder
from rcl_flow.pipeline.runs.results import TrainedVersion
from rcl_flow.pipeline.runs.run import Run
from rcl_flow.pipeline.runs.services import Services
from rcl_flow.pipeline.serving.abandoned import stop_abandoned
from rcl_flow.pipeline.serving.model_use import open_use, using_model
from rcl_flow.pipeline.training.evaluating import find_existing
from rcl_flow.pipeline.training.uploading import require_bucket

_SECONDS_PER_HOUR: Final = 3600
_DIGITS: Final = 8


@dataclass(frozen=True, slots=True)
class FilesWanted:
    """What is to be asked of which model."""

    places: tuple[str, ...]
    """Files, folders, patterns and s3:// prefixes."""
    run: str | None = None
    version_arn: str | None = None
    thresholds: Path | None = None
    """A thresholds.json; None for the one of the run that has judged the model."""
    out: Path | None = None
    """Where the files go; None for a folder of the workspace."""
    consent: bool = False
    """The user has agreed to pay."""


@dataclass(frozen=True, slots=True)
class PredictOutcome:
    """What a model has said of images, and what that took."""

    status: Literal["completed", "unchanged"]
    """`unchanged`: every answer was known; no model was started."""
    use_id: str
    model: ChosenModel
    model_status: str
    thresholds: ChosenThresholds
    gathered: Gathered
    asked: int
    """Contents that the model was asked about now."""
    refused: tuple[RefusedImage, ...]
    files: PredictedFiles
    inference_seconds: float
    """Of this work, over all its attempts."""
    estimated_usd: float


@dataclass(slots=True)
class _Work:
    """One model, the images, and what is known of them."""

    model: ChosenModel
    version: TrainedVersion
    thresholds: ChosenThresholds
    gathered: Gathered
    run: Run

    def missing(self) -> list[DatasetImage]:
        """Return one image of each content that the model has neither answered nor refused."""
        arn, services = self.version.version_arn, self.run.services
        path = predictions_path(services.workspace, arn)
        exchange_predictions(path, services)
        refused = exchange_refusals(arn, services)
        left = unanswered(self.dataset.distinct(), path)
        return [one for one in left if one.sha256 not in refused]

    @property
    def dataset(self) -> Dataset:
        return Dataset("holdout", self.gathered.images)


def predict_files(config: FlowConfig, wanted: FilesWanted, services: Services) -> PredictOutcome:
    """Ask for every image that has no answer yet, and write all answers; the same call resumes it.

    Raises:
        RclFlowError: it cannot go on; what was answered is kept, and the model is stopped.
        ConfigError: the files cannot go there, or the thresholds are of another model.
        ModelNotStoppedError: a model may still run.
        RunHeldError: a run, or another use, needs the model now.
    """
    if wanted.out is not None:
        require_folder(wanted.out)
    work = _open(config, wanted, services)
    run = work.run
    stop_abandoned(services, run.log, except_run=run.run_id)
    missing = work.missing()
    if missing:
        _require_consent(len(missing), work, consent=wanted.consent)
        _ask(missing, work)
    stop_abandoned(services, run.log)
    return _outcome(len(missing), work, wanted)


def _open(config: FlowConfig, wanted: FilesWanted, services: Services) -> _Work:
    model = choose_model(config, services, run=wanted.run, version_arn=wanted.version_arn)
    run = open_use("predict", model.version_arn, "", config, services)
    with run.log.step("find model") as step:
        version = find_existing(model.version_arn, run)
        thresholds = choose_thresholds(model, version, wanted.thresholds, run)
        step.detail = f"{version.version_name} ({model.chosen_as}), thresholds: {thresholds.source}"
    with run.log.step("read images") as step:
        access = make_access(lambda: services.s3)
        gathered = gather_images(wanted.places, access, workspace_cache(services.workspace))
        step.detail = f"{len(gathered.images)} images, {len(gathered.unusable)} cannot be used"
    content = digest_of(sorted({image.sha256 for image in gathered.images}))[:_DIGITS]
    run.record = run.record.model_copy(update={"run_id": f"{run.run_id}{content}"})
    return _Work(model, version, thresholds, gathered, run)


def _require_consent(images: int, work: _Work, *, consent: bool) -> None:
    config = work.run.config
    if config.backend == "emulator" or consent or config.budget.is_given:
        return
    price = config.prices.inference_unit_usd_per_hour * config.inference.most_units
    raise ConsentNeededError(
        f"The model is asked for {images} images: while it runs it costs {price:.2f} USD an hour "
        f"(prices of {config.prices.as_of}, from the config).",
        hint="Add `--yes` to agree, or give a `budget:` in the config.",
    )


def _ask(missing: Sequence[DatasetImage], work: _Work) -> None:
    run, version = work.run, work.version
    config, services = run.config, run.services
    if any(_is_sent_by_s3(image) for image in missing):
        require_bucket(
            config.storage, config.bucket, services.s3, create=config.backend == "emulator"
        )
    with using_model(run):
        refused = predict_images(version, missing, config.bucket, run)
    keep_refusals(refused, version.version_arn, services)


def _is_sent_by_s3(image: DatasetImage) -> bool:
    return not is_s3(image.uri) and image.size_bytes > limits.MAX_IMAGE_BYTES_IN_REQUEST


def _outcome(asked: int, work: _Work, wanted: FilesWanted) -> PredictOutcome:
    run, arn = work.run, work.version.version_arn
    services = run.services
    path = predictions_path(services.workspace, arn)
    exchange_predictions(path, services)
    known = read_predictions(path)
    refused = exchange_refusals(arn, services)
    mine = {image.sha256: image for image in work.gathered.images}
    folder = wanted.out or services.workspace / "predicted" / run.run_id
    refusals = [refused[sha256] for sha256 in sorted(mine.keys() & refused.keys() - known.keys())]
    answered = {
        label
        for sha256 in mine.keys() & known.keys()
        for label in known[sha256].confidences_percent
    }
    left_out = labels_without_threshold(work.thresholds, answered)
    if left_out:
        run.log.notice(
            f"{work.thresholds.source} has no threshold for {', '.join(left_out)}: no image is "
            "given these labels."
        )
    with run.log.step("write predictions") as step:
        files = write_predicted(_told(work, refusals), known, work.thresholds.by_label, folder)
        step.detail = str(folder)
    spent = spent_by(run)
    price = run.config.prices.inference_unit_usd_per_hour
    found = services.rekognition.find_version_by_arn(arn)
    return PredictOutcome(
        status="completed" if asked else "unchanged",
        use_id=run.run_id,
        model=work.model,
        model_status=found.status if found else "DELETED",
        thresholds=work.thresholds,
        gathered=work.gathered,
        asked=asked,
        refused=tuple(refusals),
        files=files,
        inference_seconds=spent.inference_seconds,
        estimated_usd=round(spent.inference_unit_seconds * price / _SECONDS_PER_HOUR, 6),
    )


def _told(work: _Work, refused: Sequence[RefusedImage]) -> Gathered:
    """Return the images with those that the service refused among the unusable ones."""
    why = {one.sha256: f"{one.code}: {one.message}" for one in refused}
    rest = [
        UnusableImage(image.uri, why[image.sha256])
        for image in work.gathered.images
        if image.sha256 in why
    ]
    return replace(work.gathered, unusable=(*work.gathered.unusable, *rest))
