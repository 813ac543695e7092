"""Write what a run leaves in its folder: report, comparison, predictions, thresholds, outcome."""

from dataclasses import dataclass, replace
from pathlib import Path

import orjson
import yaml
from pydantic import TypeAdapter, ValidationError

import rcl_flow
from rcl_flow.aws.s3 import S3
from rcl_flow.core.cost import cost_of
from rcl_flow.core.dataset import DatasetImage
from rcl_flow.core.decision import Decision
from rcl_flow.core.predictions import Prediction, predicted_labels
from rcl_flow.core.scoring.comparison import Comparison, Judged, Mistake
from rcl_flow.errors import UnknownRunError
from rcl_flow.files import write_bytes, write_text
from rcl_flow.pipeline.auditing import (
    CERTIFICATE_NAME,
    AuditedData,
    read_certificate,
    write_audit,
)
from rcl_flow.pipeline.outcome import Artifacts, RunOutcome, TestScore, label_outcomes
from rcl_flow.pipeline.pictures import WantedPicture, pictures
from rcl_flow.pipeline.results import TrainedVersion
from rcl_flow.pipeline.run import Run
from rcl_flow.pipeline.spending import spent_by
from rcl_flow.report.html import render_html
from rcl_flow.report.markdown import render_markdown
from rcl_flow.report.page import Provenance, ReportPage, SplitSummary

_PICTURES = 48
_PAGE = TypeAdapter(ReportPage)


@dataclass(frozen=True, slots=True)
class Findings:
    """Everything that a run has found out."""

    audited: AuditedData
    version: TrainedVersion
    judged: Judged
    comparison: Comparison
    decision: Decision
    model_status: str


def write_report(findings: Findings, run: Run) -> RunOutcome:
    """Write the run's files and return its outcome; run.json is written last."""
    page = _page(findings, run)
    folder = run.folder
    artifacts = _artifacts(folder)
    comparison = findings.comparison
    issued = read_certificate(folder / CERTIFICATE_NAME)
    audited = replace(findings.audited, certificate=issued)
    write_audit(audited, folder, run.config, run.services.s3)
    write_bytes(Path(artifacts.comparison), comparison.model_dump_json(indent=1).encode())
    write_bytes(Path(artifacts.thresholds), _thresholds(findings))
    write_bytes(Path(artifacts.predictions), _predictions(findings))
    write_bytes(folder / "page.json", _PAGE.dump_json(page))
    _render(page, artifacts)
    outcome = RunOutcome(
        run_id=run.run_id,
        status="completed",
        decision=findings.decision,
        project_version_arn=findings.version.version_arn,
        model_status=findings.model_status,
        test=TestScore(
            **comparison.test.model_dump(),
            average_precision=comparison.average_precision,
            average_recall=comparison.average_recall,
        ),
        task=comparison.task,
        holdout=comparison.holdout,
        gap=comparison.gap,
        labels=label_outcomes(comparison),
        cost=page.cost,
        warnings=tuple(finding.message for finding in findings.audited.report.warnings),
        artifacts=artifacts,
    )
    write_bytes(folder / "run.json", outcome.model_dump_json(indent=1).encode())
    return outcome


def read_outcome(folder: Path) -> RunOutcome | None:
    """Return the outcome that a finished run left in its folder, or None."""
    path = folder / "run.json"
    try:
        return RunOutcome.model_validate_json(path.read_bytes())
    except (OSError, ValidationError):
        return None  # the run is done again from what was journaled


def render_again(folder: Path) -> Artifacts:
    """Render the report of a finished run anew from what it left.

    Raises:
        UnknownRunError: the run has not finished, or its files are gone.
    """
    try:
        page = _PAGE.validate_json((folder / "page.json").read_bytes())
    except (OSError, ValidationError) as error:
        raise UnknownRunError(
            f"The run {folder.name} has left no results that can be read.",
            hint="Finish it by running its config again.",
        ) from error
    artifacts = _artifacts(folder)
    _render(page, artifacts)
    return artifacts


def _render(page: ReportPage, artifacts: Artifacts) -> None:
    write_text(Path(artifacts.report_html), render_html(page))
    write_text(Path(artifacts.report_markdown), render_markdown(page))


def _artifacts(folder: Path) -> Artifacts:
    return Artifacts(
        report_html=str(folder / "report.html"),
        report_markdown=str(folder / "report.md"),
        predictions=str(folder / "predictions.jsonl"),
        comparison=str(folder / "comparison.json"),
        audit=str(folder / "audit.json"),
        audit_html=str(folder / "audit.html"),
        audit_sarif=str(folder / "audit.sarif"),
        certificate=str(folder / CERTIFICATE_NAME),
        thresholds=str(folder / "thresholds.json"),
    )


def _page(findings: Findings, run: Run) -> ReportPage:
    config = run.config
    cost = cost_of(
        training_seconds_billed=findings.version.training_seconds_billed,
        inference_unit_seconds=round(spent_by(run).inference_unit_seconds, 3),
        prices=config.prices,
    )
    return ReportPage(
        comparison=findings.comparison,
        decision=findings.decision,
        audit=findings.audited.report,
        audit_page="audit.html",
        cost=cost,
        prices=config.prices,
        gates=config.gates,
        rules=config.evaluation,
        provenance=_provenance(findings, run),
        thumbnails=_thumbnails(findings.comparison.mistakes[:_PICTURES], run.services.s3),
    )


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


def _thumbnails(mistakes: tuple[Mistake, ...], s3: S3) -> dict[str, str]:
    wanted = (WantedPicture(m.sha256, m.uri, upright=not m.boxes) for m in mistakes)
    return pictures(wanted, s3)


def _predictions(findings: Findings) -> bytes:
    thresholds = _assumed_thresholds(findings.comparison)
    lines = []
    for image in findings.judged.images:
        prediction = findings.judged.predictions[image.sha256]
        lines.append(
            {
                "uri": image.uri,
                "sha256": image.sha256,
                "truth": list(image.labels),
                "predicted": list(predicted_labels(prediction, thresholds)),
                "confidences_percent": prediction.confidences_percent,
                **_objects(image, prediction),
            }
        )
    return b"".join(orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE) for line in lines)


def _objects(image: DatasetImage, prediction: Prediction) -> dict[str, object]:
    """Return the boxes of an image as ratios of its size, when it has any."""
    size = image.width_pixels, image.height_pixels
    truth = [{"label": box.label, "box": box.within(*size).model_dump()} for box in image.boxes]
    found = [box.model_dump() for box in prediction.boxes]
    return {"true_boxes": truth, "predicted_boxes": found} if truth or found else {}


def _thresholds(findings: Findings) -> bytes:
    document = {
        "format_version": 1,
        "project_version_arn": findings.version.version_arn,
        "assumed_thresholds": _assumed_thresholds(findings.comparison),
    }
    return orjson.dumps(document, option=orjson.OPT_INDENT_2)


def _assumed_thresholds(comparison: Comparison) -> dict[str, float]:
    return {entry.label: entry.assumed_threshold for entry in comparison.labels}
