"""Compare two runs and tell the terminal which model is better."""

import textwrap
from collections.abc import Iterator
from pathlib import Path

from rcl_flow.cli.console import FORMAT_VERSION, Console
from rcl_flow.cli.table import table
from rcl_flow.clock import SystemClock
from rcl_flow.core.scoring.evaluation_rules import EvaluationRules
from rcl_flow.core.scoring.paired import PairedComparison
from rcl_flow.errors import EmulatorUnavailableError
from rcl_flow.pipeline.history.selecting import select_runs
from rcl_flow.pipeline.judging.comparing import (
    ComparedRuns,
    ComparisonFiles,
    FinishedRun,
    Objects,
    compare_runs,
    finished_run,
    write_comparison,
)
from rcl_flow.pipeline.runs.output_folders import require_folder
from rcl_flow.pipeline.state.records import list_runs
from rcl_flow.report.figures import (
    format_change,
    format_change_interval,
    format_interval,
    format_ratio,
)
from rcl_flow.report.paired_wording import (
    left_out_sentence,
    mcnemar_sentence,
    paired_sentence,
    regression_sentence,
    thresholds_text,
)
from rcl_flow.wiring.gateways import NO_ENDPOINT
from rcl_flow.wiring.services import connect_s3, reach_backend
from rcl_flow.wiring.stores import open_store

_SHOWN_LABELS = 10
_WIDTH_COLUMNS = 80


def drive_compare(
    wanted: tuple[str, str],
    workspace: Path,
    out: Path | None,
    console: Console,
    rules: EvaluationRules,
) -> None:
    """Compare two finished runs, write the page and print what came out.

    Args:
        wanted: the runs' ids, their beginnings, or `latest`.
        workspace: the folder of state and runs.
        out: where the files are put; None for the second run's folder.
        console: where the result goes.
        rules: margin, confidence level and number of resamples.

    Raises:
        UnknownRunError: there is no such finished run, or its files are gone.
        HoldoutsDifferError: the runs were judged on different images.
        ConfigError: what is to be the folder is a file.
    """
    if out is not None:
        require_folder(out)
    store = open_store(workspace)
    chosen = (select_runs(list_runs(store), name)[0] for name in wanted)
    first, second = (finished_run(record, store, workspace) for record in chosen)
    document = compare_runs(first, second, rules)
    folder = out or second.folder
    objects = _objects(second, workspace)
    files = write_comparison(document, (first, second), folder, objects, SystemClock().now())
    console.result(comparison_text(files))
    console.document(
        {
            "format_version": FORMAT_VERSION,
            **document.model_dump(mode="json", exclude={"comparison"}),
            **_figures(document.comparison),
            "artifacts": {"html": str(files.html), "json": str(files.json_file)},
        }
    )


def comparison_text(files: ComparisonFiles) -> str:
    """Return what came out, in a few lines for a terminal of 80 columns."""
    comparison = files.document.comparison
    sentences = (
        paired_sentence(comparison, files.document.kinship),
        mcnemar_sentence(comparison.mcnemar),
        regression_sentence(comparison),
        left_out_sentence(comparison),
    )
    told = [_wrapped(sentence) for sentence in sentences if sentence]
    lines = [table([*_score_rows(files.document)]), "", *told, ""]
    lines += [table(_label_rows(comparison)), "", f"report  {files.html}"]
    return "\n".join(lines)


def _wrapped(text: str) -> str:
    return textwrap.fill(text, _WIDTH_COLUMNS, break_long_words=False, break_on_hyphens=False)


def _score_rows(document: ComparedRuns) -> Iterator[tuple[str, str]]:
    """Yield the two runs, each with its thresholds and its score below."""
    comparison = document.comparison
    for name, run, ends, score in (
        ("first", document.first, document.first_thresholds, comparison.first),
        ("second", document.second, document.second_thresholds, comparison.second),
    ):
        yield name, f"{run}, {thresholds_text(ends)}"
        yield "", f"F1 {format_ratio(score.f1)} {format_interval(score.f1_interval)}"


def _label_rows(comparison: PairedComparison) -> list[tuple[str, ...]]:
    rows: list[tuple[str, ...]] = [("label", "first", "second", "difference", "")]
    rows += [
        (
            entry.label,
            format_ratio(entry.first.f1),
            format_ratio(entry.second.f1),
            f"{format_change(entry.f1)} {format_change_interval(entry.corrected_interval)}",
            "regressed" if entry.regressed else "",
        )
        for entry in comparison.labels[:_SHOWN_LABELS]
    ]
    more = len(comparison.labels) - _SHOWN_LABELS
    return rows + ([(f"and {more} more", "", "", "", "")] if more > 0 else [])


def _figures(comparison: PairedComparison) -> dict[str, object]:
    """Return the comparison without its single images, which the JSON file holds."""
    left_out = {"fixed", "broken", "first", "second"}
    return comparison.model_dump(mode="json", exclude=left_out) | {
        "first_score": comparison.first.model_dump(mode="json"),
        "second_score": comparison.second.model_dump(mode="json"),
        "regressed_labels": list(comparison.regressed_labels),
        "fixed_images": len(comparison.fixed),
        "broken_images": len(comparison.broken),
    }


def _objects(run: FinishedRun, workspace: Path) -> Objects:
    backend = run.record.backend
    try:
        return Objects(reach_backend(backend, workspace, lambda _event: None).s3, reachable=True)
    except EmulatorUnavailableError:
        return Objects(connect_s3(backend.region, None, NO_ENDPOINT), reachable=False)
