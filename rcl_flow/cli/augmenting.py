"""Drive an augmentation and tell the terminal what is missing and what was made of it."""

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from rcl_flow.cli.console import FORMAT_VERSION, Console
from rcl_flow.cli.table import table
from rcl_flow.config import DataConfig, FlowConfig
from rcl_flow.core.augmenting.augment_gaps import AugmentRules, Gap
from rcl_flow.core.augmenting.augment_plan import AugmentPlan
from rcl_flow.core.datasets.dataset import Dataset
from rcl_flow.core.label_text import short_label, visible_label
from rcl_flow.errors import ConfigError
from rcl_flow.pipeline.data.auditing import lineage_parents
from rcl_flow.pipeline.data.augmenting import MANIFEST_NAME, AugmentMade, make_plan, write_augmented
from rcl_flow.pipeline.data.splitting import PLAN_NAME
from rcl_flow.pipeline.images.measuring import workspace_cache
from rcl_flow.pipeline.images.reading import open_image, read_datasets
from rcl_flow.report.figures import format_count
from rcl_flow.wiring.services import make_s3

_SHOWN = 5


@dataclass(frozen=True, slots=True)
class AugmentWanted:
    """What the command line asks for."""

    out: Path
    rules: AugmentRules
    dry_run: bool


def drive_augment(config: FlowConfig, wanted: AugmentWanted, console: Console) -> None:
    """Plan, write images, manifest and lineage unless it is a dry run, and print the plan.

    Raises:
        RclFlowError: the data cannot be read, an augmented image judges, or nothing can be written.
    """
    if not wanted.dry_run:
        _require_free(wanted.out, config.data)
    s3 = make_s3(config)
    measures = workspace_cache(Path(config.workspace))
    datasets = read_datasets(config.data, s3, measures)
    lineage = lineage_parents(config.data)
    plan = make_plan(datasets, measures.known, wanted.rules, config.audit, lineage)
    made = None
    if datasets.train is not None and not wanted.dry_run:
        made = write_augmented(
            plan, datasets.train, wanted.out, lambda image: open_image(image, s3)
        )
    console.document(_document(plan, made))
    console.result("\n".join(_lines(plan, made, datasets.train)))


def _require_free(out: Path, data: DataConfig) -> None:
    """Refuse a folder in which the new manifest would replace what the images are read from."""
    manifest = (out / MANIFEST_NAME).resolve()
    sources = [source for source in (data.train, data.test, data.holdout) if source is not None]
    taken = any(Path(source.uri).resolve() == manifest for source in sources)
    if taken or (out / PLAN_NAME).exists():
        raise ConfigError(
            f"{out} holds the manifests that the images are read from or were split into.",
            hint="Give --out a folder of its own.",
        )


def _document(plan: AugmentPlan, made: AugmentMade | None) -> dict[str, object]:
    document: dict[str, object] = {
        "format_version": FORMAT_VERSION,
        "status": "augmented" if made else "planned",
        "gaps": [
            {
                "gap": gap.kind,
                "label": gap.label,
                "reason": gap.reason,
                "wanted": gap.wanted,
                "planned": plan.planned(gap),
            }
            for gap in plan.gaps
        ],
        "images": [
            {
                "parent": planned.parent.uri,
                "parent_sha256": planned.parent.sha256,
                "operation": planned.change.operation,
                "parameters": planned.change.parameters,
                "gap": planned.gap.kind,
            }
            for planned in plan.images
        ],
    }
    if made:
        document |= {
            "made": len(made.images),
            "skipped": [
                {"parent": each.parent.uri, "operation": each.operation, "reason": each.reason}
                for each in made.skipped
            ],
            "dropped_boxes": dict(made.dropped_boxes),
            "left": made.left,
            "artifacts": {"manifest": made.manifest, "lineage": made.lineage},
        }
    return document


def _lines(plan: AugmentPlan, made: AugmentMade | None, train: Dataset | None) -> list[str]:
    if not plan.gaps:
        return ["Nothing is missing that copies of training images could give."]
    rows: list[list[object]] = [["gap", "label", "wanted", "planned", "why"]]
    rows += [
        [gap.kind, _label(gap), gap.wanted, plan.planned(gap), gap.reason] for gap in plan.gaps
    ]
    operations = Counter(planned.change.operation for planned in plan.images)
    told = ", ".join(f"{count} {name}" for name, count in operations.most_common())
    lines = [table(rows), f"planned   {len(plan.images)} images{f': {told}' if told else ''}"]
    return lines + (_written(made, train) if made else ["Nothing was written (--dry-run)."])


def _label(gap: Gap) -> str:
    return short_label(gap.label) if gap.label else "all"


def _written(made: AugmentMade, train: Dataset | None) -> list[str]:
    real = len(train.images) if train else 0
    lines = [f"made      {len(made.images)} images beside the {real} of train"]
    lines += [
        f"skipped   {each.operation} of {each.parent.uri}: {each.reason}"
        for each in made.skipped[:_SHOWN]
    ]
    if len(made.skipped) > _SHOWN:
        lines.append(f"          and {len(made.skipped) - _SHOWN} more (see --json)")
    if made.left:
        images = format_count(made.left, "image")
        lines.append(f"left      {images} of an earlier augmentation, outside this manifest")
    if made.dropped_boxes:
        boxes = sorted(made.dropped_boxes.items())
        told = ", ".join(f"{visible_label(label)} ({n})" for label, n in boxes)
        lines.append(f"boxes left out, out of the picture or too small: {told}")
    return [*lines, f"manifest  {made.manifest}", f"lineage   {made.lineage}"]
