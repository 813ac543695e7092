"""Drive an audit and tell the terminal what it found."""

import shutil
from pathlib import Path

import typer

from rcl_flow.cli.audit_text import audit_text
from rcl_flow.cli.console import FORMAT_VERSION, Console
from rcl_flow.clock import SystemClock
from rcl_flow.config import FlowConfig
from rcl_flow.errors import DatasetGateError
from rcl_flow.pipeline.data.auditing import (
    AUDIT_FOLDER,
    AuditedData,
    AuditFiles,
    audit_config,
    write_audit,
)
from rcl_flow.pipeline.runs.steplog import StepLog
from rcl_flow.pipeline.state.sqlite_store import SqliteStore
from rcl_flow.wiring.services import make_s3
from rcl_flow.wiring.stores import STORE_NAME


def drive_audit(config: FlowConfig, out: Path | None, console: Console) -> None:
    """Audit the config's datasets, write the files and print what was found.

    Raises:
        typer.Exit: 3 when an error closes the gate.
        RclFlowError: the data cannot be read, or the files not written.
    """
    workspace = Path(config.workspace)
    s3, store = make_s3(config), SqliteStore(workspace / STORE_NAME, SystemClock())
    with console.watcher() as watcher:
        audited = audit_config(config, s3, store, StepLog(watcher.tell, SystemClock()))
    files = write_audit(audited, out or workspace / AUDIT_FOLDER, config, s3)
    console.document(_document(audited, files))
    width = shutil.get_terminal_size().columns
    console.result(audit_text(audited.report, audited.summary, width))
    console.result(f"certificate  {audited.certificate.summary}\npage         {files.html}")
    if audited.report.errors:
        raise typer.Exit(DatasetGateError.exit_code)


def _document(audited: AuditedData, files: AuditFiles) -> dict[str, object]:
    report = audited.report
    return {
        "format_version": FORMAT_VERSION,
        "status": "refused" if report.errors else "passed",
        "errors": len(report.errors),
        "warnings": len(report.warnings),
        "notes": len(report.notes),
        "waived": len(report.waived),
        "findings": [finding.model_dump(mode="json") for finding in report.findings],
        "summary": audited.summary.model_dump(mode="json"),
        "certificate": audited.certificate.model_dump(mode="json"),
        "artifacts": files.model_dump(mode="json"),
    }
