"""Plan a run: what it would reuse, create, call and cost. Nothing is changed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from rcl_flow.aws.descriptions import UP
from rcl_flow.aws.s3 import parse_s3_uri
from rcl_flow.config import FlowConfig
from rcl_flow.core import limits
from rcl_flow.core.costs.budget import Spent
from rcl_flow.core.costs.estimate import (
    EMULATED_IMAGES_PER_SECOND,
    IMAGES_PER_SECOND_AND_UNIT,
    NOTHING,
    Estimate,
    estimate_inference,
    estimate_pace,
)
from rcl_flow.core.costs.plan import (
    NO_COST,
    Plan,
    PlannedCost,
    PlannedStep,
    add_calls,
    check_budget,
    price,
)
from rcl_flow.core.datasets.dataset import Dataset, DatasetImage, Datasets
from rcl_flow.errors import ConfigError, DatasetGateError
from rcl_flow.pipeline.costs.expecting import expected_training
from rcl_flow.pipeline.costs.spending import history_of, past_inferences, spent_in
from rcl_flow.pipeline.data.auditing import AuditedData, audit_config
from rcl_flow.pipeline.data.holdout_fitness import require_rules_that_hold
from rcl_flow.pipeline.judging.reporting import parse_outcome, read_outcome
from rcl_flow.pipeline.predicting.kept_predictions import known_predictions, predictions_path
from rcl_flow.pipeline.predicting.known_rates import NOTHING_KNOWN, KnownRates, read_rates
from rcl_flow.pipeline.predicting.pacing import units_to_start
from rcl_flow.pipeline.runs.opening import open_run
from rcl_flow.pipeline.runs.outcome import OUTCOME_NAME
from rcl_flow.pipeline.runs.run import Run
from rcl_flow.pipeline.runs.services import Services
from rcl_flow.pipeline.runs.shared_folders import shared_file
from rcl_flow.pipeline.runs.steplog import StepLog
from rcl_flow.pipeline.state.dry_store import DryStore
from rcl_flow.pipeline.state.ledger import LedgerEntry
from rcl_flow.pipeline.state.records import ArmedModel, armed_key, read_record
from rcl_flow.pipeline.training.planned_training import (
    PlannedTraining,
    plan_existing,
    plan_training,
)

_AWS_STOPPING_SECONDS = Estimate(low=0, expected=60, high=300)
"""From the last answer to STOPPED; no figure is published."""
_AWS_STARTING_SECONDS = 900.0
"""What a start bills at most; AWS does not say whether it bills.

Source: 5 to 15 minutes to start, by a workshop of AWS's (fact sheet 3.7, read 2026-11-23).
"""


def make_plan(
    config: FlowConfig, services: Services, *, audited: AuditedData | None = None
) -> Plan:
    """Return what `run_flow` would do with the config now.

    Only calls that read are made, and the store is not written.

    Args:
        config: the run's.
        services: what the run would work with.
        audited: the data, where it was read before.

    Raises:
        RclFlowError: the data cannot be read, or AWS cannot be asked.
    """
    services = replace(services, store=DryStore(services.store))
    log = StepLog(services.emit, services.clock)
    if audited is None:
        audited = audit_config(config, services.s3, services.store, log)
    run = open_run(
        config, [split.digest for split in audited.datasets], services, log, blocking=True
    )
    if audited.report.errors:
        rules = ", ".join(sorted({finding.rule for finding in audited.report.errors}))
        detail = f"The audit's gate is closed: {rules}. `rcl-flow audit CONFIG` shows why."
        return _plan(run, [PlannedStep(step="audit", action="refuse", detail=detail)])
    try:
        require_rules_that_hold(config, audited)
    except (ConfigError, DatasetGateError) as error:
        detail = f"{error.message} {error.hint}"
        return _plan(run, [PlannedStep(step="thresholds", action="refuse", detail=detail)])
    if run.record.status == "completed" and _has_outcome(run):
        detail = f"the run {run.run_id} did all of this"
        return _plan(run, [PlannedStep(step="run", action="nothing", detail=detail)])
    with log.step("look at AWS") as step:
        plan = _plan_run(audited.datasets, run)
        step.detail = "nothing was changed"
    return plan


def _has_outcome(run: Run) -> bool:
    """Say whether a run finds its outcome, here or from another machine, and can read it.

    One that it cannot read, such as a newer version's, has it do again what is missing.
    """
    if (run.folder / OUTCOME_NAME).exists():  # no other machine's takes its place
        return read_outcome(run.folder) is not None
    content = shared_file(run.run_id, OUTCOME_NAME, run.services.store)
    return content is not None and parse_outcome(content) is not None


def _plan_run(datasets: Datasets, run: Run) -> Plan:
    config, bucket = run.config, run.config.bucket
    exists = run.services.s3.bucket_exists(bucket)
    steps = [_bucket(bucket, run, exists=exists)]
    if steps[0].action == "refuse":
        return _plan(run, steps)
    arn = config.model.project_version_arn
    training = (
        plan_training(datasets, run, bucket_exists=exists)
        if arn is None
        else plan_existing(arn, run)
    )
    steps += training.steps
    if steps[-1].action == "refuse":
        return _plan(run, steps)
    history = history_of(run)
    work = _inference(datasets.holdout, training, history, run)
    report = PlannedStep(step="report", action="create", detail="compare, decide, write")
    images = len(datasets.train.distinct()) if datasets.train else 0
    seconds = expected_training(images, history, run) if training.bills else NOTHING
    cost = price(seconds, work.seconds, work.units, config.prices)
    return _plan(run, [*steps, *work.steps, report], cost, history)


def _plan(
    run: Run,
    steps: Sequence[PlannedStep],
    cost: PlannedCost = NO_COST,
    history: Sequence[LedgerEntry] = (),
) -> Plan:
    config, done, where = run.config, tuple(steps), run.record.backend
    last = done[-1].action
    if last == "refuse":
        cost = NO_COST
    spent = Spent() if last in {"refuse", "nothing"} else spent_in(history, run.run_id)
    return Plan(
        project=config.project,
        backend=config.backend,
        account=where.account if where.kind == "aws" else "",
        region=where.region if where.kind == "aws" else "",
        status="refused" if last == "refuse" else "unchanged" if last == "nothing" else "planned",
        steps=done,
        calls=add_calls(done),
        cost=cost,
        prices=config.prices,
        history=len(history),
        budget=check_budget(config.budget, cost, config.prices, spent),
    )


def _bucket(bucket: str, run: Run, *, exists: bool) -> PlannedStep:
    if exists:
        return PlannedStep(step="bucket", action="reuse", detail=bucket)
    if run.config.storage.makes_bucket(run.config.backend == "emulator"):
        return PlannedStep(step="bucket", action="create", detail=bucket, calls={"CreateBucket": 1})
    detail = f"There is no bucket {bucket}; create it, or set `storage.create_bucket: true`."
    return PlannedStep(step="bucket", action="refuse", detail=detail)


@dataclass(frozen=True, slots=True)
class _Inference:
    steps: tuple[PlannedStep, ...]
    seconds: Estimate = NOTHING
    units: int = 0


def _inference(
    holdout: Dataset, training: PlannedTraining, history: Sequence[LedgerEntry], run: Run
) -> _Inference:
    images = holdout.distinct()
    version = training.version
    known: Mapping[str, object] = {}
    if version is not None:
        path = predictions_path(run.services.workspace, version.arn)
        known = known_predictions(path, run.services)
    missing = [image for image in images if image.sha256 not in known]
    if not missing:
        detail = f"all {len(images)} answers are known"
        return _Inference((PlannedStep(step="model", action="nothing", detail=detail),))
    sent, asked = _large(missing, run), {"DetectCustomLabels": len(missing)}
    answered = len(images) - len(missing)
    told = f"{len(missing)} images" + (f", {answered} answers are known" if answered else "")
    if version is not None and _is_anothers(version.arn, version.status, run):
        detail = f"{told}; it is {version.status}, started by somebody else, and left running"
        return _Inference(
            (*sent, PlannedStep(step="model", action="reuse", detail=detail, calls=asked))
        )
    rates = NOTHING_KNOWN if version is None else read_rates(version.arn, run.services)
    units, seconds = _units(len(missing), history, run, rates)
    model = PlannedStep(
        step="model",
        action="start",
        detail=f"with {units} inference unit{'s' * (units > 1)} for {told}; then stopped",
        calls={"StartProjectVersion": 1, **asked, "StopProjectVersion": 1},
    )
    return _Inference((*sent, _watchdog(run), model), seconds, units)


def _units(
    images: int, history: Sequence[LedgerEntry], run: Run, rates: KnownRates
) -> tuple[int, Estimate]:
    """Return the inference units, and the seconds that the model will run."""
    emulated = run.config.backend == "emulator"
    before, after = _starting_and_stopping(run)
    rate = EMULATED_IMAGES_PER_SECOND if emulated else IMAGES_PER_SECOND_AND_UNIT
    pace = estimate_pace(past_inferences(history), after, rate)
    units = units_to_start(images, history, run, rates)
    return units, before.plus(estimate_inference(images, units, pace))


def _starting_and_stopping(run: Run) -> tuple[Estimate, Estimate]:
    """Return the seconds that bill before RUNNING is seen, which no ledger has, and at the end.

    RUNNING is seen up to one look late; that is expected in full.
    """
    poll = run.services.every_seconds(run.config.inference.poll_seconds)
    starting, stopping = _AWS_STARTING_SECONDS, _AWS_STOPPING_SECONDS
    if run.config.backend == "emulator":
        emulator = run.config.emulator
        starting, last = emulator.starting_seconds, emulator.stopping_seconds
        stopping = Estimate(low=0, expected=last, high=last + poll)
    return Estimate(low=0, expected=poll, high=poll + starting), stopping


def _large(missing: Sequence[DatasetImage], run: Run) -> tuple[PlannedStep, ...]:
    """Plan the upload of holdout images that do not fit into a request."""
    large = sum(
        parse_s3_uri(image.uri) is None and image.size_bytes > limits.MAX_IMAGE_BYTES_IN_REQUEST
        for image in missing
    )
    if not large:
        return ()
    detail = f"{large} holdout images that are too large for a request"
    return (PlannedStep(step="holdout", action="send", detail=detail, calls={"PutObject": large}),)


def _is_anothers(arn: str, status: str, run: Run) -> bool:
    armed = read_record(run.services.store, armed_key(arn), ArmedModel)
    return status in UP and (armed is None or armed.is_kept(run.services.clock.now()))


def _watchdog(run: Run) -> PlannedStep:
    """Plan what stops the model when this machine dies; it is pushed forward while it runs."""
    safety = run.config.safety
    if safety.watchdog == "off":
        return PlannedStep(step="watchdog", action="nothing", detail="off, by the config")
    calls = {"TagResource": 1, "UntagResource": 1}
    detail = f"a tag for `rcl-flow reap`, after {safety.lease_minutes:g} min of silence"
    if safety.stop_role_arn(run.config.backend) is not None:
        calls |= {"CreateSchedule": 1, "DeleteSchedule": 1}
        detail = f"a schedule and a tag, after {safety.lease_minutes:g} min of silence"
    return PlannedStep(step="watchdog", action="create", detail=detail, calls=calls)
