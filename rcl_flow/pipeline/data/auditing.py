"""Audit the datasets of a config, and write what a person and a machine read of it."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pydantic import ValidationError

import rcl_flow
from rcl_flow.aws.s3 import S3
from rcl_flow.config import DataConfig, FlowConfig
from rcl_flow.core.audit.auditing import audit_datasets
from rcl_flow.core.audit.certificate import HoldoutCertificate, certify
from rcl_flow.core.audit.findings import AuditReport, Finding
from rcl_flow.core.audit.subject import Evidence
from rcl_flow.core.audit.summary import AuditSummary, summarise
from rcl_flow.core.augmenting.lineage import Lineage
from rcl_flow.core.datasets.dataset import Datasets
from rcl_flow.core.measures import ImageMeasures
from rcl_flow.core.retraining.arrivals import NO_ARRIVALS, ArrivalCounts, Pin
from rcl_flow.core.values import Frozen
from rcl_flow.errors import (
    AwsUnreachableError,
    BucketNotFoundError,
    DataNotFoundError,
    DatasetGateError,
)
from rcl_flow.files import write_bytes, write_text
from rcl_flow.pipeline.data.certificates import CERTIFICATE_NAME
from rcl_flow.pipeline.data.holdout_uses import count_uses
from rcl_flow.pipeline.data.linting import lint_sources
from rcl_flow.pipeline.images.access import make_access
from rcl_flow.pipeline.images.measuring import MeasureCache, workspace_cache
from rcl_flow.pipeline.images.pictures import WantedPicture, pictures
from rcl_flow.pipeline.images.reading import read_merged, read_pinned
from rcl_flow.pipeline.runs.steplog import StepLog
from rcl_flow.pipeline.state.store import StateStore
from rcl_flow.report.audit_html import render_audit_html, wanted_pictures
from rcl_flow.report.audit_page import AuditPage
from rcl_flow.report.audit_wording import warned_sentences
from rcl_flow.report.sarif import render_sarif

AUDIT_FOLDER: Final = "audit"
"""In the workspace: where an audit's files are put unless another folder is named."""


@dataclass(frozen=True, slots=True)
class AuditedData:
    """The datasets, and everything that an audit has found out about them."""

    datasets: Datasets
    measures: Mapping[str, ImageMeasures]
    """By the digest of the image's bytes."""
    report: AuditReport
    certificate: HoldoutCertificate
    arrivals: ArrivalCounts = NO_ARRIVALS
    """What became of the images of `data.arrivals`."""
    manifest_findings: tuple[Finding, ...] = ()
    """The report's findings in the manifests that the images were read from."""

    @property
    def pin(self) -> Pin:
        """What a retraining holds on to while it is under way."""
        return Pin(
            datasets=self.datasets,
            counts=self.arrivals,
            manifest_findings=self.manifest_findings,
        )

    @property
    def summary(self) -> AuditSummary:
        """The datasets at a glance."""
        return summarise(self.datasets, self.measures)


class AuditFiles(Frozen):
    """The files that an audit left."""

    html: str
    json_file: str
    sarif: str
    certificate: str


def audit_config(
    config: FlowConfig,
    s3: S3,
    store: StateStore,
    log: StepLog,
    *,
    pin: Pin | None = None,
    measures: MeasureCache | None = None,
) -> AuditedData:
    """Read the config's datasets, measure their images and audit them.

    Args:
        config: names the data, and the audit's rules.
        s3: the gateway.
        store: knows how often the holdout was used.
        log: where the steps are announced.
        pin: the data of a retraining under way, in place of what the sources hold now.
        measures: knows what was measured before; by default the workspace's own cache.

    Raises:
        DataNotFoundError: a folder or a file of annotations is not there or holds nothing, or is
            looked for in the S3 of an emulator that does not have it.
        ConfigError: a file of annotations is not in the form of its format.
    """
    cache = measures or workspace_cache(Path(config.workspace))
    with log.step("read datasets") as step, _told_of_emulator(config):
        merged = read_pinned(pin, s3, cache) if pin else read_merged(config.data, s3, cache)
        datasets, counts = merged.datasets, merged.counts
        told = [f"{split.split} {len(split.images)}" for split in datasets]
        step.detail = f"{', '.join(told)} images"
    for notice in counts.notices:
        log.notice(notice)
    with log.step("audit datasets") as step:
        uses = count_uses(store, datasets.holdout)
        linted = pin.manifest_findings if pin else _lint(config.data, s3)
        evidence = Evidence(
            measures=cache.known,
            bucket=config.storage.bucket or "",
            region=config.aws.region,
            parents=lineage_parents(config.data),
            holdout_uses=uses,
            manifest_findings=linted,
        )
        report = audit_datasets(datasets, config.audit, evidence)
        certificate = certify(
            datasets, report, cache.known, config.audit, issued_at=log.clock.now(), uses=uses
        ).model_copy(update={"left_for_training": counts.left_holdout})
        step.detail = f"{len(report.errors)} errors, {len(report.warnings)} warnings"
    return AuditedData(datasets, cache.known, report, certificate, counts, linted)


@contextmanager
def _told_of_emulator(config: FlowConfig) -> Iterator[None]:
    """Say of data that is not in S3 which S3 that is, where it is the emulator's."""
    try:
        yield
    except (AwsUnreachableError, BucketNotFoundError) as error:
        if config.backend != "emulator":
            raise
        is_up = isinstance(error, BucketNotFoundError)
        raise DataNotFoundError(
            "The data lies in S3, and with `backend: emulator` that is the S3 of the workspace's "
            f"emulator, which {f'does not have it: {error.message}' if is_up else 'is not up.'}",
            hint="`--set backend=aws` reads it from AWS, where an audit or a plan pays for "
            "nothing; with the variables that `rcl-flow emulate` prints, from the S3 it serves.",
        ) from error


def require_clean(audited: AuditedData, config: FlowConfig, s3: S3, log: StepLog) -> None:
    """Name the audit's warnings, and refuse datasets with errors before anything is created.

    Raises:
        DatasetGateError: there are errors; the page that shows them is written.
    """
    report = audited.report
    if report.errors:
        folder = Path(config.workspace) / AUDIT_FOLDER
        raise gate_error(report, write_audit(audited, folder, config, s3))
    for sentence in warned_sentences(report):
        log.notice(f"{sentence} `rcl-flow audit` shows the images, and what to do.")


def _lint(data: DataConfig, s3: S3) -> tuple[Finding, ...]:
    return lint_sources(data, make_access(lambda: s3))


def lineage_parents(data: DataConfig) -> Mapping[str, str]:
    """Return the parents that the config's lineage.json names, by the digest of the copy.

    Raises:
        DataNotFoundError: it cannot be read.
    """
    if data.lineage is None:
        return {}
    try:
        return Lineage.model_validate_json(Path(data.lineage).read_bytes()).parents
    except (OSError, ValidationError) as error:
        reason = getattr(error, "strerror", None) or "it is not what `rcl-flow augment` writes"
        raise DataNotFoundError(
            f"Cannot read the lineage {data.lineage}: {reason}.",
            hint="Correct `data.lineage`, or leave it out: copies are known by their marks, too.",
        ) from error


def gate_error(report: AuditReport, files: AuditFiles) -> DatasetGateError:
    """Return the error that closes the gate, with what is wrong and where it is shown."""
    hints = " ".join(dict.fromkeys(finding.hint for finding in report.errors))
    return DatasetGateError(
        "\n".join(f"[{finding.rule}] {finding.message}" for finding in report.errors),
        hint=f"{hints} The images are shown in {files.html}.",
        findings=[finding.message for finding in report.errors],
    )


def write_audit(audited: AuditedData, folder: Path, config: FlowConfig, s3: S3) -> AuditFiles:
    """Write page, findings and certificate into `folder`.

    Raises:
        LocalFilesError: a file cannot be written.
    """
    report, certificate = audited.report, audited.certificate
    summary = audited.summary
    files = AuditFiles(
        html=str(folder / "audit.html"),
        json_file=str(folder / "audit.json"),
        sarif=str(folder / "audit.sarif"),
        certificate=str(folder / CERTIFICATE_NAME),
    )
    page = AuditPage(
        report=report,
        summary=summary,
        project=config.project,
        program_version=rcl_flow.__version__,
        created_at=certificate.issued_at,
        thumbnails=pictures(
            (WantedPicture(*each) for each in wanted_pictures(report, summary).items()), s3
        ),
        data_description=config.data.description,
        certificate=(certificate.summary,),
    )
    write_text(Path(files.html), render_audit_html(page))
    write_bytes(Path(files.json_file), report.model_dump_json(indent=1).encode())
    write_text(Path(files.sarif), render_sarif(report.findings))
    write_bytes(Path(files.certificate), certificate.model_dump_json(indent=1).encode())
    return files
