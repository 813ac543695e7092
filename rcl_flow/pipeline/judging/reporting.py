"""Write what a run leaves in its folder: audit, score, analysis, reports and outcome."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import yaml
from pydantic import ValidationError

import rcl_flow
from rcl_flow.aws.s3 import S3
from rcl_flow.core.costs.cost import cost_of
from rcl_flow.core.history.history import previous_on_same_holdout
from rcl_flow.core.history.past_runs import Basis
from rcl_flow.core.promotion.decision import Decision
from rcl_flow.core.scoring.scored import Scored
from rcl_flow.files import write_bytes
from rcl_flow.pipeline.costs.spending import spent_by
from rcl_flow.pipeline.data.auditing import (
    AuditedData,
    write_audit,
)
from rcl_flow.pipeline.data.certificates import CERTIFICATE_NAME, read_certificate
from rcl_flow.pipeline.history.history import read_history
from rcl_flow.pipeline.images.pictures import WantedPicture, pictures
from rcl_flow.pipeline.judging.answer_lines import write_answers
from rcl_flow.pipeline.judging.report_files import outcome_of, shown_of, write_scored
from rcl_flow.pipeline.runs.outcome import OUTCOME_NAME, RunOutcome, chosen_thresholds
from rcl_flow.pipeline.runs.results import TrainedVersion
from rcl_flow.pipeline.runs.run import Run
from rcl_flow.report.page import Provenance, ReportPage, ShownImage, SplitSummary
from rcl_flow.report.thumbnails import wanted_thumbnails


@dataclass(frozen=True, slots=True)
class Findings:
    """Everything that a run has found out."""

    audited: AuditedData
    version: TrainedVersion
    scored: Scored
    decision: Decision
    model_status: str


def write_report(findings: Findings, run: Run) -> RunOutcome:
    """Write the run's files and return its outcome; run.json is written last.

    Raises:
        LocalFilesError: a file cannot be written.
    """
    folder = run.folder
    issued = read_certificate(folder / CERTIFICATE_NAME)
    audited = replace(findings.audited, certificate=issued)
    write_audit(audited, folder, run.config, run.services.s3)
    page = _page(replace(findings, audited=audited), run)
    artifacts = write_scored(findings.scored, page, folder)
    write_answers(findings.scored, folder)
    outcome = outcome_of(page, artifacts)
    write_bytes(folder / OUTCOME_NAME, outcome.model_dump_json(indent=1).encode())
    return outcome


def read_outcome(folder: Path) -> RunOutcome | None:
    """Return the outcome that a finished run left in its folder, or None."""
    try:
        return parse_outcome((folder / OUTCOME_NAME).read_bytes())
    except OSError:
        return None  # the run is done again from what was journaled


def parse_outcome(content: bytes) -> RunOutcome | None:
    """Return the outcome that is the content of such a file; None where it is no such thing."""
    try:
        return RunOutcome.model_validate_json(content)
    except ValidationError:
        return None


def _page(findings: Findings, run: Run) -> ReportPage:
    config, scored = run.config, findings.scored
    cost = cost_of(
        training_seconds_billed=findings.version.training_seconds_billed,
        inference_unit_seconds=round(spent_by(run).inference_unit_seconds, 3),
        prices=config.prices,
    )
    images = shown_of(scored)
    return ReportPage(
        comparison=scored.comparison,
        decision=findings.decision,
        audit=findings.audited.report,
        audit_page="audit.html",
        cost=cost,
        prices=config.prices,
        gates=config.gates,
        rules=config.evaluation,
        provenance=_provenance(findings, run),
        thumbnails=_thumbnails(images, scored, run.services.s3),
        analysis=scored.analysis,
        curves=scored.curves,
        images=images,
        certificate=findings.audited.certificate.summary,
        previous_runs=_previous(scored, run),
    )


def _previous(scored: Scored, run: Run) -> tuple[tuple[str, float], ...]:
    """Return the runs before this one whose scores can stand beside its own."""
    history = read_history(run.services.store, run.services.workspace, run.config.project)
    runs = (each for project in history.projects for each in project.runs)
    before = previous_on_same_holdout(runs, run.run_id, _basis(scored))
    return tuple((each.run_id, each.score.holdout_f1) for each in before if each.score)


def _basis(scored: Scored) -> Basis:
    comparison = scored.comparison
    chosen = chosen_thresholds(comparison.labels)
    if not chosen:
        return Basis(comparison.holdout.images, "assumed")
    if scored.tuned.calibration.images and scored.tuned.tuning.used:
        return Basis(comparison.holdout.images, "tuned")
    return Basis(comparison.holdout.images, "fixed", tuple(sorted(chosen.items())))


def _provenance(findings: Findings, run: Run) -> Provenance:
    config = run.config
    return Provenance(
        run_id=run.run_id,
        project=config.project,
        project_version_arn=findings.version.version_arn,
        model_status=findings.model_status,
        backend=config.backend,
        region=run.services.backend.region,
        started_at=run.record.started_at,
        finished_at=run.services.clock.now(),
        program_version=rcl_flow.__version__,
        config_text=yaml.safe_dump(config.model_dump(mode="json"), sort_keys=False),
        datasets=tuple(
            SplitSummary(
                split=dataset.split,
                images=len(dataset.distinct()),
                labels=len(dataset.labels),
                digest=dataset.digest,
            )
            for dataset in findings.audited.datasets
        ),
        steps=tuple(run.log.timings),
        data_description=config.data.description,
    )


def _thumbnails(images: Sequence[ShownImage], scored: Scored, s3: S3) -> dict[str, str]:
    wanted = wanted_thumbnails(images, advice=scored.analysis.advice)
    return pictures(
        (WantedPicture(each.sha256, each.uri, each.upright, each.side_pixels) for each in wanted),
        s3,
    )
