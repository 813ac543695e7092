"""The whole workflow as one straight line: read this first.

Running the line again resumes it: `run.once` answers finished steps from the journal, and every
step looks on AWS before it makes anything. A tick runs the same line and leaves it by `Pause`.
"""

from dataclasses import dataclass

from rcl_flow.aws.s3 import S3Location
from rcl_flow.config import FlowConfig
from rcl_flow.core.datasets.dataset import Datasets
from rcl_flow.core.naming import output_prefix
from rcl_flow.core.promotion.decision import Decision, decide
from rcl_flow.core.retraining.arrivals import Pin
from rcl_flow.core.scoring.judged import Judged
from rcl_flow.core.scoring.scored import Scored
from rcl_flow.core.training.evaluation import Evaluation
from rcl_flow.errors import (
    ConfigError,
    ModelNotStoppedError,
    RclFlowError,
)
from rcl_flow.pipeline.costs.consent import require_consent
from rcl_flow.pipeline.costs.expecting import require_room_for_training
from rcl_flow.pipeline.data.auditing import AuditedData, audit_config, require_clean
from rcl_flow.pipeline.data.certificates import check_certificate, keep_certificate
from rcl_flow.pipeline.data.holdout_fitness import (
    check_labels,
    require_holdout,
    require_rules_that_hold,
    require_tunable_holdout,
)
from rcl_flow.pipeline.data.holdout_uses import record_use
from rcl_flow.pipeline.images.measuring import shared_cache
from rcl_flow.pipeline.judging.report_files import artifacts_in
from rcl_flow.pipeline.judging.reporting import Findings, read_outcome, write_report
from rcl_flow.pipeline.judging.scoring import score_run
from rcl_flow.pipeline.planning import make_plan
from rcl_flow.pipeline.predicting.predicting import predict_holdout
from rcl_flow.pipeline.runs.opening import keep_run, leased, open_run, recorded
from rcl_flow.pipeline.runs.outcome import RunOutcome
from rcl_flow.pipeline.runs.results import (
    AskedTraining,
    DatasetsWanted,
    ProjectWanted,
    TrainedVersion,
    TrainingWanted,
    UploadWanted,
)
from rcl_flow.pipeline.runs.run import Run
from rcl_flow.pipeline.runs.services import Services
from rcl_flow.pipeline.runs.shared_folders import bring_folder, share_folder
from rcl_flow.pipeline.runs.steplog import StepLog
from rcl_flow.pipeline.serving.abandoned import stop_abandoned
from rcl_flow.pipeline.telling.announcing import (
    announce_outcome,
    announced,
    forget_refusal,
    refusal_announced,
)
from rcl_flow.pipeline.telling.figures import write_figures
from rcl_flow.pipeline.telling.tracking import track_outcome
from rcl_flow.pipeline.training.datasets import ensure_datasets, ensure_project
from rcl_flow.pipeline.training.evaluating import fetch_evaluation, find_existing
from rcl_flow.pipeline.training.trained_on import note_training, record_trained_on
from rcl_flow.pipeline.training.training import (
    ask_training,
    await_training,
    find_training,
)
from rcl_flow.pipeline.training.uploading import (
    require_bucket,
    training_content,
    upload,
    upload_wanted,
)


@dataclass(frozen=True, slots=True)
class Options:
    """How a run is driven; none of it changes what the run is."""

    blocking: bool = True
    """False: do what can be done now, then raise `Pause`."""
    consent: bool = False
    """The user has agreed to pay."""
    retry_training: bool = False
    """Train again what has failed to train."""
    pin: Pin | None = None
    """The only contents to use; None for all that the config names."""
    audited: AuditedData | None = None
    """The data, where it was read and found clean before."""
    holdout_digest: str = ""
    """The only holdout to judge on; empty for whatever the config names."""


def run_flow(config: FlowConfig, services: Services, options: Options) -> RunOutcome:
    """Take the config's images to a judged model, and leave nothing running.

    Raises:
        RclFlowError: the run cannot go on; the same call resumes it.
        Pause: in a tick, when there is nothing more to do now.
        ModelNotStoppedError: a model that this or an earlier run started may still run.
    """
    log = StepLog(services.emit, services.clock)
    try:
        outcome = _run(config, services, options, log)
    except BaseException as error:
        _stop_abandoned_after(error, services, log)
        raise
    stop_abandoned(services, log)
    return outcome


def _stop_abandoned_after(error: BaseException, services: Services, log: StepLog) -> None:
    """Stop what is left running when a run ends badly; only exit 9 is worse than how it ended."""
    try:
        stop_abandoned(services, log)
    except ModelNotStoppedError:
        if not isinstance(error, ModelNotStoppedError):
            raise
    except RclFlowError as other:
        log.notice(f"What may be left running could not be looked for: {other.message}")


def _run(config: FlowConfig, services: Services, options: Options, log: StepLog) -> RunOutcome:
    with refusal_announced(config, services):
        audited = _audited(config, services, options, log)
    datasets = audited.datasets
    require_holdout(datasets, options.holdout_digest)
    require_rules_that_hold(config, audited)
    content = [split.digest for split in datasets]
    run = open_run(config, content, services, log, blocking=options.blocking)
    finished = _finished(run)
    if finished is not None:
        return finished
    _require_consent(audited, run, options)
    with leased(run):
        return _finished(run) or _worked(audited, run, options)


def _worked(audited: AuditedData, run: Run, options: Options) -> RunOutcome:
    """Do what is not done yet; the caller holds the project's lease."""
    services, log, datasets = run.services, run.log, audited.datasets
    _require_consent(audited, run, options)  # once more: from here on nobody else changes the cost
    keep_run(run)
    with recorded(run), announced(run):
        forget_refusal(run.config, services)
        keep_certificate(audited.certificate, run.folder)
        stop_abandoned(services, log, except_run=run.run_id)
        bucket = _require_bucket(run)
        version = _trained(datasets, run, options)
        test = run.once(fetch_evaluation, version)
        check_labels(test, version, datasets, log)
        require_tunable_holdout(run.config, audited, [entry.label for entry in test.labels])
        judged = predict_holdout(version, datasets.holdout, bucket, run)
        record_use(services.store, datasets.holdout, version.version_arn)
        scored, decision = _judge(test, judged, audited, version, run)
        status = _model_status(version, run)
        outcome = write_report(Findings(audited, version, scored, decision, status), run)
        write_figures(outcome, run, throttles=services.throttles())
        share_folder(run.run_id, services)
        announce_outcome(outcome, run)
        track_outcome(outcome, run)
        return outcome


def _audited(config: FlowConfig, services: Services, options: Options, log: StepLog) -> AuditedData:
    """Read and audit the datasets, and refuse those with errors before anything is created."""
    if options.audited is not None:
        return options.audited
    cache = shared_cache(services, config.executor.shard_size)
    audited = audit_config(
        config, services.s3, services.store, log, pin=options.pin, measures=cache
    )
    require_clean(audited, config, services.s3, log)
    return audited


def _finished(run: Run) -> RunOutcome | None:
    if run.record.status != "completed":
        return None
    outcome = read_outcome(bring_folder(run.run_id, run.services))
    if outcome is None:
        return None
    track_outcome(outcome, run)  # where an earlier try has failed
    # where the files are here: another machine may have written them
    here = {"status": "unchanged", "artifacts": artifacts_in(run.folder)}
    return outcome.model_copy(update=here)


def _require_consent(audited: AuditedData, run: Run, options: Options) -> None:
    config, services = run.config, run.services
    require_consent(
        lambda: [make_plan(config, services, audited=audited)], config, consent=options.consent
    )


def _require_bucket(run: Run) -> str:
    storage = run.config.storage
    bucket = run.config.bucket
    emulated = run.config.backend == "emulator"
    require_bucket(storage, bucket, run.services.s3, create=emulated)
    return bucket


def _trained(datasets: Datasets, run: Run, options: Options) -> TrainedVersion:
    config = run.config
    if config.model.project_version_arn is not None:
        with run.log.step("find version") as step:
            version = find_existing(config.model.project_version_arn, run)
            run.update(project_version_arn=version.version_arn)
            step.detail = version.version_name
        return version
    if datasets.train is None or datasets.test is None:
        raise ConfigError("There is nothing to train on.", hint="Give data.train and data.test.")
    wanted = upload_wanted(config, datasets.train, datasets.test)
    run.training_images = len(datasets.train.distinct())
    content = training_content(wanted, config.training)
    with run.log.step("look for training") as step:
        asked = find_training(config.project, content, run, retry_failed=options.retry_training)
        step.detail = asked.version_name if asked else "none of this content yet"
    if asked is None:
        asked = _ask(wanted, content, run, options)
        note_training(datasets.train, asked.version_arn, config.project, run.services)
    else:
        record_trained_on(datasets.train, asked.version_arn, run.services)
    return run.once(await_training, asked)


def _ask(wanted: UploadWanted, content: str, run: Run, options: Options) -> AskedTraining:
    """Make what the training needs, looking on AWS before each step, and ask for it."""
    config = run.config
    require_room_for_training(run.training_images, run)
    manifests = run.afresh(upload, wanted)
    project = run.afresh(ensure_project, ProjectWanted(config.project, config.tags))
    run.afresh(ensure_datasets, DatasetsWanted(project, manifests, config.tags))
    return run.afresh(
        ask_training,
        TrainingWanted(
            project_arn=project.arn,
            content_digest=content,
            output=S3Location(wanted.bucket, output_prefix(wanted.prefix, config.project)),
            kms_key_id=config.training.kms_key_id,
            tags=config.tags,
            retry_failed=options.retry_training,
        ),
    )


def _judge(
    test: Evaluation, judged: Judged, audited: AuditedData, version: TrainedVersion, run: Run
) -> tuple[Scored, Decision]:
    with run.log.step("compare and decide") as step:
        check_certificate(audited.datasets, run.folder)
        scored = score_run(test, judged, audited, version.version_arn, run)
        comparison = scored.comparison
        decision = decide(comparison, run.config.gates)
        step.detail = (
            f"test F1 {comparison.test.f1:.3f}, holdout F1 {comparison.holdout.f1:.3f}: "
            f"{comparison.gap.verdict}, {decision.action}"
        )
    return scored, decision


def _model_status(version: TrainedVersion, run: Run) -> str:
    found = run.services.rekognition.find_version(version.project_arn, version.version_name)
    return found.status if found else "DELETED"
