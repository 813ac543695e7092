"""Bring a run's model to another project, account or region, and show that it does the same."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from rcl_flow.config import FlowConfig
from rcl_flow.config.schema import ModelConfig
from rcl_flow.core.audit.certificate import changed_splits
from rcl_flow.core.promotion.answer_parity import AnswerParity, measure_parity
from rcl_flow.core.scoring.comparison import Interval
from rcl_flow.core.scoring.paired import PairedVerdict
from rcl_flow.core.values import Frozen
from rcl_flow.errors import ConsentNeededError, CopyDiffersError, HoldoutsDifferError
from rcl_flow.files import write_bytes
from rcl_flow.pipeline.copies.copying import CopyWay, choose_way, copy_model, find_source
from rcl_flow.pipeline.data.auditing import audit_config
from rcl_flow.pipeline.data.certificates import CERTIFICATE_NAME, read_certificate
from rcl_flow.pipeline.flow import Options, run_flow
from rcl_flow.pipeline.judging.comparing import (
    ComparedRuns,
    FinishedRun,
    Objects,
    compare_runs,
    write_comparison,
)
from rcl_flow.pipeline.judging.stored_answers import read_answers, read_model
from rcl_flow.pipeline.planning import make_plan
from rcl_flow.pipeline.runs.outcome import RunOutcome
from rcl_flow.pipeline.runs.services import Services
from rcl_flow.pipeline.runs.steplog import StepLog
from rcl_flow.pipeline.state.records import (
    Created,
    created_key,
    list_runs,
    read_record,
    run_folder,
    write_record,
)
from rcl_flow.pipeline.training.trained_on import carry_trained_on

PARITY_NAME: Final = "parity.json"
_SHOWN: Final = 3
_DIGITS: Final = 12


class ParityReport(Frozen):
    """What `parity.json` holds."""

    format_version: int = 1
    way: CopyWay
    why: str
    """Why it was copied, or trained anew."""
    source_run: str
    source_version_arn: str
    run: str
    """The run that judged the new model on the same holdout."""
    run_status: Literal["completed", "unchanged"]
    project_version_arn: str
    answers: AnswerParity
    identical: bool
    """Whether every answer is the same: a copy's has to be."""
    verdict: PairedVerdict
    """Of the new model, paired with the old one."""
    source_f1: float
    f1: float
    f1_change: float
    """The new model's minus the old one's, as is the interval."""
    f1_interval: Interval
    margin: float
    regressed_labels: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CopiedRun:
    """A report and the files that hold it."""

    report: ParityReport
    comparison: ComparedRuns
    parity: Path
    html: Path


@dataclass(frozen=True, slots=True)
class Original:
    """The run whose model is wanted elsewhere."""

    run: FinishedRun
    reach: Callable[[], Services]
    """Returns services of its account; not asked where the model is trained anew."""


def copy_run(
    original: Original, config: FlowConfig, services: Services, options: Options
) -> CopiedRun:
    """Copy or retrain the run's model by the destination's config, judge it and compare.

    Args:
        original: the run, and how to reach its model.
        config: the destination's; its data are the run's.
        services: of the destination.
        options: whether its costs are agreed to.

    Raises:
        ConsentNeededError: it costs money, and nobody agreed to it.
        HoldoutsDifferError: the config's data are not the run's.
        CopyDiffersError: the copy answers otherwise than its source.
        AwsRefusedError: a side does not permit the copy, or it failed.
        RclFlowError: the judging run cannot go on.
    """
    way, why = choose_way(original.run.record.backend, services.backend)
    log = StepLog(services.emit, services.clock)
    log.notice(f"The model is {'copied' if way == 'copy' else 'trained anew'}: {why}.")
    _require_same_data(original.run, config, services, log, way=way)
    _require_consent(way, config, services, options, log)
    outcome = (
        _copied(original, config, services, options, log)
        if way == "copy"
        else run_flow(config, services, options)
    )
    found = next(run for run in list_runs(services.store) if run.run_id == outcome.run_id)
    made = FinishedRun(found, run_folder(services.workspace, outcome.run_id))
    return _reported(original.run, made, outcome, (way, why), config, services)


def _require_same_data(
    run: FinishedRun, config: FlowConfig, services: Services, log: StepLog, *, way: CopyWay
) -> None:
    """Refuse other data before anything is made: of a copy the holdout, else all of it.

    Raises:
        HoldoutsDifferError: naming the sets.
    """
    certificate = read_certificate(run.folder / CERTIFICATE_NAME)
    datasets = audit_config(config, services.s3, services.store, log).datasets
    changed = set(changed_splits(certificate, datasets))
    if way == "copy":
        changed &= {"holdout"}
    if changed:
        named = " and ".join(f"data.{name}" for name in sorted(changed))
        raise HoldoutsDifferError(
            f"{named} of the destination's config and of the run {run.record.run_id} differ: "
            "a difference of the answers would say nothing of the models.",
            hint="Let the destination's config name the same images and labels, also as a copy in "
            "a bucket there.",
        )


def _require_consent(
    way: CopyWay, config: FlowConfig, services: Services, options: Options, log: StepLog
) -> None:
    """Say what it will cost; without consent nothing is done.

    Raises:
        ConsentNeededError: it costs money, and nobody agreed to it.
    """
    cost = _cost_of_copy(config) if way == "copy" else _cost_of_retraining(config, services)
    agreed = config.budget.is_given if way == "copy" else config.budget.is_of_training
    if config.backend == "emulator" or options.consent or agreed:
        log.notice(cost)
        return
    raise ConsentNeededError(
        cost,
        hint="Add `--yes` to agree, or give a `budget:` in the destination's config.",
    )


def _cost_of_copy(config: FlowConfig) -> str:
    an_hour = config.prices.inference_unit_usd_per_hour * config.inference.most_units
    return (
        f"Copying is not billed. Judging the copy runs its model, at {an_hour:.2f} USD an hour "
        f"(prices of {config.prices.as_of}, from the config)."
    )


def _cost_of_retraining(config: FlowConfig, services: Services) -> str:
    plan = make_plan(config, services)
    usd = plan.cost.usd
    return (
        f"Training and judging it there costs {usd.expected:.2f} USD, between {usd.low:.2f} and "
        f"{usd.high:.2f} (prices of {plan.prices.as_of}, from the config)."
    )


def _copied(
    original: Original, config: FlowConfig, services: Services, options: Options, log: StepLog
) -> RunOutcome:
    """Copy the model and judge the copy as a model that exists already."""
    source = find_source(read_model(original.run.folder), original.reach())
    copied = copy_model(source, config, services, log)
    carry_trained_on(source.version.arn, source.services, copied.arn, services)
    judging = config.model_copy(update={"model": ModelConfig(project_version_arn=copied.arn)})
    outcome = run_flow(judging, services, options)
    project = services.rekognition.find_project(config.project)
    key = created_key(outcome.run_id)
    made = read_record(services.store, key, Created) or Created()
    changes = {
        "bucket": config.bucket,
        "prefix": config.storage.prefix,
        "project_arn": project.arn if project else "",
        "project_version_arn": copied.arn,
    }
    write_record(services.store, key, made.model_copy(update=changes))
    return outcome


def _reported(
    first: FinishedRun,
    second: FinishedRun,
    outcome: RunOutcome,
    how: tuple[CopyWay, str],
    config: FlowConfig,
    services: Services,
) -> CopiedRun:
    """Write page and report, and refuse a copy that is none."""
    compared = compare_runs(first, second, config.evaluation)
    now, objects = services.clock.now(), Objects(services.s3, reachable=True)
    files = write_comparison(compared, (first, second), second.folder, objects, now)
    answers = measure_parity(*(read_answers(run.folder).predictions for run in (first, second)))
    paired = compared.comparison
    report = ParityReport(
        way=how[0],
        why=how[1],
        source_run=first.record.run_id,
        source_version_arn=read_model(first.folder),
        run=outcome.run_id,
        run_status="unchanged" if outcome.status == "unchanged" else "completed",
        project_version_arn=outcome.project_version_arn,
        answers=answers,
        identical=answers.identical,
        verdict=paired.verdict,
        source_f1=paired.first.f1,
        f1=paired.second.f1,
        f1_change=paired.f1,
        f1_interval=paired.interval,
        margin=paired.margin,
        regressed_labels=paired.regressed_labels,
    )
    path = second.folder / PARITY_NAME
    write_bytes(path, report.model_dump_json(indent=1).encode())
    if report.way == "copy" and not report.identical:
        raise _differs(report, path)
    return CopiedRun(report, compared, path, files.html)


def _differs(report: ParityReport, path: Path) -> CopyDiffersError:
    answers = report.answers
    named = ", ".join(sha256[:_DIGITS] for sha256 in answers.differing[:_SHOWN])
    return CopyDiffersError(
        f"The copy {report.project_version_arn} answers otherwise than its source on "
        f"{answers.differing_images} of {answers.images} images"
        + (f" ({named})" if named else "")
        + f", by up to {answers.largest_difference_percent:.6f} percent of confidence; "
        f"{answers.unanswered} images were answered by one of them only.",
        hint=f"Do not use the copy; see {path}. Delete it and copy again, or ask AWS.",
        operation="CopyProjectVersion",
        code="CopyDiffers",
    )
