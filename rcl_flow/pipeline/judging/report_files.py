"""Write what a judged model leaves in a folder, and render it again from what was left."""

from pathlib import Path
from typing import Final

import orjson
from pydantic import TypeAdapter, ValidationError

from rcl_flow.core.scoring.advice import Advice
from rcl_flow.core.scoring.scored import Scored
from rcl_flow.core.scoring.tuning import thresholds_document
from rcl_flow.errors import UnknownRunError
from rcl_flow.files import remove_file, write_bytes, write_text
from rcl_flow.pipeline.data.certificates import CERTIFICATE_NAME
from rcl_flow.pipeline.judging.stored_answers import ANSWERS_NAME
from rcl_flow.pipeline.runs.outcome import (
    OUTCOME_NAME,
    Artifacts,
    RunOutcome,
    TestScore,
    advised,
    label_outcomes,
)
from rcl_flow.report.advice_exports import (
    advice_csv,
    ground_truth_manifest,
    label_studio_config,
    label_studio_tasks,
)
from rcl_flow.report.html import render_html
from rcl_flow.report.judged_wording import cautions
from rcl_flow.report.junit import render_junit
from rcl_flow.report.markdown import render_markdown
from rcl_flow.report.page import ReportPage, ShownImage
from rcl_flow.report.shown_images import shown_images

PAGE_NAME: Final = "page.json"
"""Written last by a run that finishes."""
_MANIFEST_NAME: Final = "advice.manifest"
"""Only there when the images that advice is about lie in S3."""
_OF_THE_AUDIT: Final = {
    "audit": "audit.json",
    "audit_html": "audit.html",
    "audit_sarif": "audit.sarif",
    "certificate": CERTIFICATE_NAME,
}
"""Not left by an evaluation of a run."""
_PAGE = TypeAdapter(ReportPage)
_ADVICE = TypeAdapter(tuple[Advice, ...])


def artifacts_in(folder: Path) -> Artifacts:
    """Return the paths of the files that a judged model leaves in `folder`."""
    manifest = folder / _MANIFEST_NAME
    audit = {name: folder / file for name, file in _OF_THE_AUDIT.items()}
    return Artifacts(
        **{name: str(path) for name, path in audit.items() if path.is_file()},
        report_html=str(folder / "report.html"),
        report_markdown=str(folder / "report.md"),
        junit=str(folder / "junit.xml"),
        predictions=str(folder / ANSWERS_NAME),
        comparison=str(folder / "comparison.json"),
        analysis=str(folder / "analysis.json"),
        thresholds=str(folder / "thresholds.json"),
        advice=str(folder / "advice.json"),
        advice_csv=str(folder / "advice.csv"),
        label_studio_tasks=str(folder / "label-studio-tasks.json"),
        label_studio_config=str(folder / "label-studio-config.xml"),
        advice_manifest=str(manifest) if manifest.is_file() else "",
    )


def write_scored(scored: Scored, page: ReportPage, folder: Path) -> Artifacts:
    """Write the score, its analysis and the reports of both into `folder`.

    Raises:
        LocalFilesError: a file cannot be written.
    """
    artifacts = artifacts_in(folder)
    write_bytes(Path(artifacts.comparison), scored.comparison.model_dump_json(indent=1).encode())
    write_bytes(Path(artifacts.analysis), scored.analysis.model_dump_json(indent=1).encode())
    document = thresholds_document(scored.tuned, page.provenance.project_version_arn)
    write_bytes(Path(artifacts.thresholds), orjson.dumps(document, option=orjson.OPT_INDENT_2))
    _write_advice(scored, artifacts)
    write_bytes(folder / PAGE_NAME, _PAGE.dump_json(page))
    _render(page, artifacts)
    return artifacts_in(folder)


def shown_of(scored: Scored) -> tuple[ShownImage, ...]:
    """Return the holdout images that a report of a judged model can show."""
    slices = scored.analysis.reasons.slices
    also = {sha256 for each in slices for sha256 in each.sha256s}
    return shown_images(scored.material, scored.comparison, also)


def read_page(folder: Path) -> ReportPage:
    """Return the page of a finished run.

    Raises:
        UnknownRunError: the run has not finished, or its files are gone.
    """
    try:
        return _PAGE.validate_json((folder / PAGE_NAME).read_bytes())
    except (OSError, ValidationError) as error:
        outcome = folder / OUTCOME_NAME
        raise UnknownRunError(
            f"The run {folder.name} has left no results that can be read.",
            hint=f"It has finished, but its {PAGE_NAME} is gone or damaged: remove {outcome} and "
            "run its config again; what is known of it is not paid for again."
            if outcome.exists()
            else "Finish it by running its config again.",
        ) from error


def render_again(folder: Path) -> Artifacts:
    """Render the report of a finished run anew from what it left.

    Raises:
        UnknownRunError: the run has not finished, or its files are gone.
        LocalFilesError: a file cannot be written.
    """
    page = read_page(folder)
    artifacts = artifacts_in(folder)
    _render(page, artifacts)
    return artifacts


def outcome_of(page: ReportPage, artifacts: Artifacts) -> RunOutcome:
    """Return what a judged model prints with `--json` and leaves as run.json."""
    comparison = page.comparison
    return RunOutcome(
        run_id=page.provenance.run_id,
        status="completed",
        decision=page.decision,
        project_version_arn=page.provenance.project_version_arn,
        model_status=page.provenance.model_status,
        test=TestScore(
            **comparison.test.model_dump(),
            average_precision=comparison.average_precision,
            average_recall=comparison.average_recall,
        ),
        task=comparison.task,
        holdout=comparison.holdout,
        holdout_at_assumed=comparison.holdout_at_assumed,
        gap=comparison.gap,
        reasons=page.analysis.reasons.sentences if page.analysis else (),
        labels=label_outcomes(comparison),
        advice=advised(page.analysis.advice) if page.analysis else (),
        cost=page.cost,
        warnings=tuple(finding.message for finding in page.audit.warnings),
        artifacts=artifacts,
        evaluation=page.evaluation,
        cautions=cautions(page),
    )


def _render(page: ReportPage, artifacts: Artifacts) -> None:
    write_text(Path(artifacts.report_html), render_html(page))
    write_text(Path(artifacts.report_markdown), render_markdown(page))
    write_text(Path(artifacts.junit), render_junit(page))


def _write_advice(scored: Scored, artifacts: Artifacts) -> None:
    advice, material = scored.analysis.advice, scored.material
    write_bytes(Path(artifacts.advice), _ADVICE.dump_json(advice, indent=1))
    write_text(Path(artifacts.advice_csv), advice_csv(advice))
    tasks = label_studio_tasks(advice, material.labels, material.task)
    write_text(Path(artifacts.label_studio_tasks), tasks)
    interface = label_studio_config(material.labels, material.task)
    write_text(Path(artifacts.label_studio_config), interface)
    manifest, path = (
        ground_truth_manifest(advice),
        Path(artifacts.analysis).with_name(_MANIFEST_NAME),
    )
    if manifest:
        write_text(path, manifest)
    else:
        remove_file(path)  # of what was judged into this folder before
