"""Judge what a run's model answered, with what the project's run before it had advised."""

from collections.abc import Iterator
from pathlib import Path

from pydantic import ValidationError

from rcl_flow.core.audit.certificate import HoldoutCertificate
from rcl_flow.core.naming import seed_of
from rcl_flow.core.scoring.analysis import Analysis
from rcl_flow.core.scoring.judged import Judged
from rcl_flow.core.scoring.scored import EarlierRun, Scored, score_model
from rcl_flow.core.training.evaluation import Evaluation
from rcl_flow.errors import RclFlowError
from rcl_flow.pipeline.data.auditing import AuditedData
from rcl_flow.pipeline.data.certificates import CERTIFICATE_NAME, read_certificate
from rcl_flow.pipeline.data.known_images import known_images, read_material, write_material
from rcl_flow.pipeline.judging.report_files import artifacts_in
from rcl_flow.pipeline.judging.stored_answers import read_comparison
from rcl_flow.pipeline.runs.run import Run
from rcl_flow.pipeline.state.records import RunRecord, list_runs, run_folder


def score_run(
    evaluation: Evaluation, judged: Judged, audited: AuditedData, version_arn: str, run: Run
) -> Scored:
    """Judge a run's model, and keep what is needed to judge it again.

    Raises:
        DatasetGateError: the holdout cannot judge it.
        LocalFilesError: a file cannot be written.
    """
    known = known_images(audited, evaluation)
    write_material(run.folder, evaluation, known)
    certificate = read_certificate(run.folder / CERTIFICATE_NAME)
    return score_model(
        evaluation,
        judged,
        known,
        run.config.evaluation,
        seed=seed_of(certificate.holdout_digest),
        earlier=_earlier(run, version_arn, certificate),
    ).of_run(run.run_id)


def _earlier(run: Run, version_arn: str, certificate: HoldoutCertificate) -> EarlierRun | None:
    """Return the project's newest finished run of another model, if it can be read."""
    for record in _finished_before(run, version_arn):
        try:
            return _read(run_folder(run.services.workspace, record.run_id), certificate)
        except (RclFlowError, OSError, ValidationError):
            continue  # it was made by an earlier version, or its folder is elsewhere
    return None


def _finished_before(run: Run, version_arn: str) -> Iterator[RunRecord]:
    backend = run.services.backend.kind
    for record in sorted(list_runs(run.services.store), key=lambda each: each.started_at)[::-1]:
        is_ours = record.project == run.config.project and record.backend.kind == backend
        finished = record.status == "completed" and record.run_id != run.run_id
        if is_ours and finished and record.project_version_arn != version_arn:
            yield record


def _read(folder: Path, certificate: HoldoutCertificate) -> EarlierRun:
    left = artifacts_in(folder)
    analysis = Analysis.model_validate_json(Path(left.analysis).read_bytes())
    then = read_certificate(folder / CERTIFICATE_NAME)
    return EarlierRun(
        advice=analysis.advice,
        comparison=read_comparison(folder),
        training_images=read_material(folder).training_images,
        same_holdout=then.holdout_digest == certificate.holdout_digest,
    )
