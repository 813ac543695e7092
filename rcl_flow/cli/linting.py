"""Drive a lint and say what it found: to a person, as JSON or as SARIF."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Literal

import typer

from rcl_flow import __version__
from rcl_flow.cli.console import FORMAT_VERSION, Console
from rcl_flow.cli.table import table
from rcl_flow.core.audit.findings import Finding
from rcl_flow.core.label_text import plain_text, short_label
from rcl_flow.core.lint.findings import lint_findings
from rcl_flow.core.lint.forecast import Forecast
from rcl_flow.core.lint.report import LintReport
from rcl_flow.errors import ConfigError, DatasetGateError
from rcl_flow.formats.places import is_s3
from rcl_flow.pipeline.data.linting import (
    FixedManifest,
    LintWanted,
    fix_manifest,
    lint_manifests,
    require_manifest,
)
from rcl_flow.wiring.regions import DEFAULT_REGION, environment_region, usual_region

Format = Literal["text", "json", "sarif"]
_SHOWN_PLACES = 5


@dataclass(frozen=True, slots=True)
class LintOptions:
    """What the command line asks for."""

    manifest: str
    test: str | None
    fix: Path | None
    in_place: bool
    format: Format
    region: str | None
    profile: str | None = None
    endpoint_url: str | None = None


def drive_lint(options: LintOptions, console: Console) -> None:
    """Lint, correct where that is asked for, and print; what is printed is what is left.

    Raises:
        typer.Exit: 3 if the training would fail, or if lines or parts of them would be lost.
        ConfigError: a config or a table is given as a manifest.
        RclFlowError: a manifest cannot be read, or the corrected one not written.
    """
    for uri in filter(None, (options.manifest, options.test)):
        require_manifest(uri)
    open_object = partial(_open_object, options)
    manifest, fixed = options.manifest, None
    if options.fix is not None or options.in_place:
        fixed = fix_manifest(manifest, _target(options), open_object)
        manifest = str(fixed.path)
    wanted = LintWanted(manifest, options.test, _region(options))
    report = lint_manifests(wanted, open_object)
    findings = lint_findings(report)
    if options.format == "sarif":
        from rcl_flow.report.sarif import render_sarif

        console.result(render_sarif(findings, version=__version__), verbatim=True)
    else:
        console.document(_document(report, findings, fixed))
        console.result("\n".join(_text(report, findings, fixed)))
    if not report.passes:
        raise typer.Exit(DatasetGateError.exit_code)


def _region(options: LintOptions) -> str:
    """Return the region whose limits count; AWS's files are read only where AWS is asked."""
    if options.region is not None:
        return options.region
    uris = filter(None, (options.manifest, options.test))
    if options.profile is not None or any(map(is_s3, uris)):
        return usual_region(options.profile)
    return environment_region() or DEFAULT_REGION


def _target(options: LintOptions) -> Path:
    if options.in_place:
        if options.manifest.startswith("s3://") or options.fix is not None:
            raise ConfigError(
                "--in-place takes a local manifest and no --fix.",
                hint="Write a corrected copy with `--fix OUT`, and upload that.",
            )
        return Path(options.manifest)
    out = options.fix or Path()
    if str(out).startswith("s3:/"):
        raise ConfigError(f"--fix writes no {out}.", hint="Give a local path, and upload the file.")
    if options.test is not None and out.resolve() == Path(options.test).resolve():
        raise ConfigError(
            f"--fix {out} would replace the testing manifest.", hint="Write it elsewhere."
        )
    if out.resolve() == Path(options.manifest).resolve():
        raise ConfigError(
            f"--fix {out} would replace the manifest itself.", hint="Say so with `--in-place`."
        )
    return out


def _open_object(options: LintOptions, uri: str) -> bytes:
    from rcl_flow.aws.s3 import parse_s3_uri  # what a local manifest does not need
    from rcl_flow.wiring.services import connect_s3

    location = parse_s3_uri(uri)
    if location is None:
        raise ConfigError(f"{uri} names no object.", hint="Write s3://bucket/key.")
    return connect_s3(options.region, options.profile, options.endpoint_url).get(location)


def _document(
    report: LintReport, findings: Sequence[Finding], fixed: FixedManifest | None
) -> dict[str, object]:
    return {
        "format_version": FORMAT_VERSION,
        "status": "passed" if report.passes else "refused",
        "manifests": {
            each.split: {
                "uri": each.uri,
                "lines": each.total_lines,
                "valid_lines": each.valid_lines,
                "invalid_lines": each.invalid_lines,
                "ignored_lines": each.ignored_lines,
                "dropped_lines": each.dropped_lines,
                "labels": {
                    label: {"images": use.images, "boxes": use.boxes}
                    for label, use in report.used.get(each.split, {}).items()
                },
            }
            for each in report.manifests
        },
        "training": {
            each.route: {
                "trains": each.trains,
                "certain": each.certain,
                "use_case": each.use_case,
                "failures": [{"code": f.code, "split": f.split} for f in each.failures],
            }
            for each in (report.from_manifests, report.from_datasets)
        },
        "findings": [finding.model_dump(mode="json") for finding in findings],
        "fixed": _fixed_document(fixed) if fixed else None,
    }


def _fixed_document(fixed: FixedManifest) -> dict[str, object]:
    return {
        "path": str(fixed.path),
        "lines": [
            {
                "line_number": line.line_number,
                "removed": line.content is None,
                "changes": list(line.changes),
            }
            for line in fixed.lines
        ],
    }


def _text(
    report: LintReport, findings: Sequence[Finding], fixed: FixedManifest | None
) -> Iterator[str]:
    if fixed is not None:
        for line in fixed.lines:
            yield f"fixed    line {line.line_number}: {'; '.join(line.changes)}"
        yield f"written  {fixed.path}, {len(fixed.lines)} lines corrected"
    for finding in findings:
        yield plain_text(f"{finding.severity:<8} [{finding.rule}] {finding.message}")
        for place in finding.places[:_SHOWN_PLACES]:
            where = f"{place.uri}:{place.line_number}" if place.line_number else place.uri
            yield plain_text(f"           {where}  {place.note}")
        yield f"         {finding.hint}"
        yield f"         rcl-flow explain {_code_of(finding)}"
    yield from _use(report)
    yield _ending("with the manifests", report.from_manifests)
    yield _ending("with datasets made of them", report.from_datasets)


def _code_of(finding: Finding) -> str:
    return finding.docs.rpartition("#")[2].upper()


def _use(report: LintReport) -> Iterator[str]:
    for each in report.manifests:
        yield (
            f"{each.split}: {each.total_lines} lines, {each.valid_lines} valid, "
            f"{each.invalid_lines} invalid, {each.ignored_lines} ignored; "
            f"an import drops {each.dropped_lines}"
        )
        used = report.used.get(each.split, {})
        if used:
            rows = [(short_label(label), use.images, use.boxes) for label, use in used.items()]
            yield table([("label", "images", "boxes"), *rows], indent="  ")


def _ending(route: str, forecast: Forecast) -> str:
    if forecast.failures:
        return f"a training {route} fails: {', '.join(f.code for f in forecast.failures)}"
    doubt = "" if forecast.certain else ", unless the service splits the images badly"
    return f"a training {route} goes on ({forecast.use_case}){doubt}"
