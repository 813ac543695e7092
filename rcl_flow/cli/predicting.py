"""Ask a model about images and tell the terminal what it said."""

from collections.abc import Iterator
from typing import Final

from rcl_flow.cli.console import Console
from rcl_flow.cli.cost_text import cost_text
from rcl_flow.cli.ending import told_signals
from rcl_flow.cli.table import table
from rcl_flow.config import FlowConfig
from rcl_flow.core.datasets.dataset import UnusableImage
from rcl_flow.pipeline.predicting.predicting_files import FilesWanted, PredictOutcome, predict_files
from rcl_flow.report.figures import format_count, format_seconds
from rcl_flow.wiring.executors import with_executor
from rcl_flow.wiring.services import make_services

_SHOWN: Final = 10


def drive_predict(config: FlowConfig, wanted: FilesWanted, console: Console) -> None:
    """Predict, and print what came out.

    Raises:
        typer.Exit: 128 and the signal's number when it was signalled.
        RclFlowError: it cannot go on.
    """
    with told_signals(console), console.watcher() as watcher:
        services = with_executor(config, make_services(config, watcher.tell))
        with services.guard.listening():
            outcome = predict_files(config, wanted, services)
    console.document(predict_document(outcome))
    for line in predict_lines(outcome, paid=config.backend == "aws"):
        console.result(line)


def predict_lines(outcome: PredictOutcome, *, paid: bool) -> Iterator[str]:
    """Yield what a person reads: what was asked, how often each label was given, and where it is.

    What could not be used comes first, so that the rest stays in sight.

    Args:
        outcome: what came of it.
        paid: whether somebody pays what it has cost; on the emulator nobody does.
    """
    gathered, files = outcome.gathered, outcome.files
    reasons = {one.sha256: f"{one.code}: {one.message}" for one in outcome.refused}
    refused = [
        UnusableImage(image.uri, reasons[image.sha256])
        for image in gathered.images
        if image.sha256 in reasons
    ]
    yield from _left_out("cannot be used", gathered.unusable)
    yield from _left_out("refused by the service", refused)
    yield (
        f"{format_count(len(gathered.images), 'image')}: {outcome.asked} asked, "
        f"the rest known; model {outcome.model_status}"
    )
    yield f"model      {outcome.model.version_arn} ({outcome.model.chosen_as})"
    yield f"thresholds {outcome.thresholds.source}"
    rows = [(label, str(count)) for label, count in files.images_by_label.items()]
    rows.append(("(no label)", str(files.without_label)))
    yield from (f"    {row}" for row in table(rows).splitlines())
    yield (
        f"cost       {cost_text(outcome.estimated_usd, paid=paid)}, "
        f"{format_seconds(outcome.inference_seconds)} running"
    )
    for path in (files.jsonl, files.csv, files.boxes_csv):
        if path is not None:
            yield f"written    {path}"


def predict_document(outcome: PredictOutcome) -> dict[str, object]:
    """Return the same facts for a machine."""
    gathered, files = outcome.gathered, outcome.files
    reasons = {one.sha256: one for one in outcome.refused}
    return {
        "format_version": 1,
        "status": outcome.status,
        "id": outcome.use_id,
        "project_version_arn": outcome.model.version_arn,
        "chosen_as": outcome.model.chosen_as,
        "run_id": outcome.model.run_id,
        "model_status": outcome.model_status,
        "images": len(gathered.images),
        "asked": outcome.asked,
        "labels": dict(files.images_by_label),
        "without_label": files.without_label,
        "refused": [
            {
                "uri": image.uri,
                "code": reasons[image.sha256].code,
                "message": reasons[image.sha256].message,
            }
            for image in gathered.images
            if image.sha256 in reasons
        ],
        "unusable": [{"uri": one.uri, "reason": one.reason} for one in gathered.unusable],
        "thresholds": dict(outcome.thresholds.by_label),
        "thresholds_from": outcome.thresholds.source,
        "cost": {
            "inference_seconds": outcome.inference_seconds,
            "estimated_usd": outcome.estimated_usd,
        },
        "artifacts": {
            "predictions": str(files.jsonl),
            "csv": str(files.csv),
            "boxes_csv": str(files.boxes_csv) if files.boxes_csv else None,
        },
    }


def _left_out(why: str, images: tuple[UnusableImage, ...] | list[UnusableImage]) -> Iterator[str]:
    if images:
        yield f"{format_count(len(images), 'image')} {why}"
    yield from (f"    {one.uri}: {one.reason}" for one in images[:_SHOWN])
    if len(images) > _SHOWN:
        yield f"    and {len(images) - _SHOWN} more"
