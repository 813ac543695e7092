"""End a retraining: well, or in a way in which the same data can never be gone on with."""

from collections.abc import Iterator

from rcl_flow.config import FlowConfig
from rcl_flow.errors import (
    ConfigError,
    ConsentNeededError,
    DatasetGateError,
    ExecutorUnavailableError,
    ExtraMissingError,
    LeaseLostError,
    PredictionsLostError,
    RclFlowError,
    RunHeldError,
    TrainingFailedError,
)
from rcl_flow.pipeline.data.auditing import AuditedData
from rcl_flow.pipeline.retraining.outcome import RetrainOutcome
from rcl_flow.pipeline.retraining.policy import retrain_digest
from rcl_flow.pipeline.retraining.state import (
    FailedRetraining,
    LastRetraining,
    keep_failed,
    see_last,
)
from rcl_flow.pipeline.retraining.under_way import UnderWay, is_held, release
from rcl_flow.pipeline.runs.opening import find_record, input_digest_of
from rcl_flow.pipeline.runs.services import Services
from rcl_flow.pipeline.state.records import Created, created_key, read_record


def repeats(config: FlowConfig) -> Iterator[FlowConfig]:
    """Yield the config of each training on the data."""
    for index in range(1, config.promotion.repeat + 1):
        training = config.training.model_copy(update={"repeat_index": index})
        yield config.model_copy(update={"training": training})


def end_well(
    outcome: RetrainOutcome,
    under_way: UnderWay,
    audited: AuditedData,
    config: FlowConfig,
    services: Services,
) -> None:
    """Keep what came of a retraining, unless another process has ended it, and let go of its data.

    It is kept before it is let go of: killed in between, the next call finds all of it done.
    """
    # looked at first: whoever ends this retraining from now on changes it
    slot = see_last(config.project, services)
    if not is_held(config.project, under_way, services):
        return
    last = LastRetraining(
        ended_at=services.clock.now(),
        input_digest=retrain_digest(audited, config),
        outcome=outcome,
        drift_tried=under_way.drift_tried,
    )
    if slot.keep(last):
        release(config.project, under_way, services)


def end_badly(
    error: RclFlowError,
    under_way: UnderWay,
    audited: AuditedData,
    config: FlowConfig,
    services: Services,
) -> None:
    """Let go of the data when nothing can be done with it any more; else the same call goes on."""
    if isinstance(error, RunHeldError | LeaseLostError):
        return  # it is another process' now
    asked = _is_training_asked(audited, config, services)
    if asked and not _is_of_the_data(error):
        return
    if asked and is_held(config.project, under_way, services):
        failed = FailedRetraining(
            at=services.clock.now(),
            input_digest=retrain_digest(audited, config),
            slug=error.slug,
            drift_tried=under_way.drift_tried,
        )
        keep_failed(config.project, failed, services)
    release(config.project, under_way, services)


def whole_price(
    error: ConsentNeededError, config: FlowConfig, trainings: int
) -> ConsentNeededError:
    """Return what a retraining costs as a whole, where one of its runs asked for consent.

    Args:
        error: what that run said.
        config: names the prices, and how often it is trained.
        trainings: how many of its trainings are not paid for yet.
    """
    price, most = config.prices.training_usd_per_hour, config.promotion.repeat
    told = {0: "no training any more", 1: "one training"}.get(trainings, f"{trainings} trainings")
    paid = f": {trainings} x {price:.2f} = {trainings * price:.2f} USD for an hour of each"
    return ConsentNeededError(
        f"{error.message} This retraining is {told}{paid if trainings else ''}. Its models are "
        "judged one after the other, and the champion again where the holdout has changed.",
        hint=f"{error.hint} So does `rcl-flow retrain --dry-run` for the retraining. A budget "
        f"holds for each of these runs, up to {most + 1} of them.",
    )


def _is_of_the_data(error: RclFlowError) -> bool:
    """Say whether the same data would fail again."""
    if isinstance(error, ConsentNeededError | ExecutorUnavailableError | ExtraMissingError):
        return False  # another call may have it
    return isinstance(
        error, TrainingFailedError | DatasetGateError | ConfigError | PredictionsLostError
    )


def _is_training_asked(audited: AuditedData, config: FlowConfig, services: Services) -> bool:
    content = [split.digest for split in audited.datasets]
    records = (
        find_record(input_digest_of(each, content), services.store) for each in repeats(config)
    )
    return any(
        record.project_version_arn or _made(record.run_id, services).project_version_arn
        for record in records
        if record is not None
    )


def _made(run_id: str, services: Services) -> Created:
    return read_record(services.store, created_key(run_id), Created) or Created()
