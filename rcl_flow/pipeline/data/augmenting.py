"""Make the images of an augmentation plan, and a training manifest and lineage with them."""

import hashlib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pydantic import ValidationError

from rcl_flow.core.audit.auditing import audit_datasets
from rcl_flow.core.audit.rules import AuditRules
from rcl_flow.core.audit.stating import count
from rcl_flow.core.audit.subject import Evidence
from rcl_flow.core.augmenting.augment_gaps import AugmentRules
from rcl_flow.core.augmenting.augment_plan import AugmentPlan, PlannedImage, plan_augmentation
from rcl_flow.core.augmenting.lineage import Descent, Lineage, check_lineage, marked_parents
from rcl_flow.core.datasets.dataset import Dataset, DatasetImage, Datasets
from rcl_flow.core.measures import ImageMeasures
from rcl_flow.core.naming import image_key
from rcl_flow.errors import ConfigError, DatasetGateError
from rcl_flow.files import write_bytes, write_text
from rcl_flow.imaging.augmenting import AugmentedImage, augment_image
from rcl_flow.imaging.measuring import UnusableContent
from rcl_flow.pipeline.data.local_manifests import write_local_manifest
from rcl_flow.pipeline.sharding.executors import map_in_threads

LINEAGE_NAME = "lineage.json"
NO_LINEAGE: Final[Mapping[str, str]] = {}
MANIFEST_NAME = "train.manifest"
_FORMATS: Final = ("PNG", "JPEG")
_CONCURRENCY = 4
_SHOWN = 5

OpenImage = Callable[[DatasetImage], bytes]
"""Returns the bytes of an image that was read before, unless they have changed since."""


@dataclass(frozen=True, slots=True)
class SkippedImage:
    """A planned image that was not made, and why."""

    parent: DatasetImage
    operation: str
    reason: str


@dataclass(frozen=True, slots=True)
class AugmentMade:
    """What an augmentation has written."""

    images: tuple[DatasetImage, ...]
    skipped: tuple[SkippedImage, ...]
    dropped_boxes: Counter[str]
    """How many boxes of each label left the picture or shrank too far."""
    manifest: str
    lineage: str
    left: int
    """Copies of an earlier augmentation in the folder that the manifest does not name."""


def make_plan(
    datasets: Datasets,
    measures: Mapping[str, ImageMeasures],
    rules: AugmentRules,
    audit_rules: AuditRules,
    lineage: Mapping[str, str] = NO_LINEAGE,
) -> AugmentPlan:
    """Plan from the audit's gaps, after a check that nothing augmented judges a model.

    Args:
        datasets: the splits.
        measures: of their images, by digest.
        rules: what is wanted and allowed.
        audit_rules: what the audit calls too few or too narrow.
        lineage: the parent of each copy that is known from a file; others are known by their mark.

    Raises:
        ConfigError: there are no training images.
        DatasetGateError: an augmented image is in test or holdout, or the parent of one that is
            trained on.
    """
    if datasets.train is None or not datasets.train.images:
        raise ConfigError(
            "The config has no training images, and only those are augmented.",
            hint="Add `data.train`.",
        )
    parents = {**marked_parents(measures), **lineage}
    problems = check_lineage(parents, datasets)
    if problems:
        raise DatasetGateError(
            f"{count(problems, 'image')} must not judge a model: "
            + "; ".join(problem.message for problem in problems[:_SHOWN]),
            hint="Remove them from test and holdout: these are for real images that training "
            "knows in no form.",
            findings=[problem.message for problem in problems],
        )
    report = audit_datasets(datasets, audit_rules, Evidence(measures=measures, parents=parents))
    narrow = {finding.label for finding in report.findings if finding.rule == "narrow-angle"}
    return plan_augmentation(datasets, measures, rules, narrow_labels=narrow, parents=parents)


def write_augmented(
    plan: AugmentPlan, train: Dataset, folder: Path, open_image: OpenImage
) -> AugmentMade:
    """Write the plan's images, the manifest of all training images, and the lineage.

    Copies that an earlier augmentation wrote into the folder stay, and the lineage names them:
    another manifest may hold them.

    Raises:
        DatasetGateError: a parent was changed since it was read.
        LocalFilesError: a file cannot be written.
    """
    present = {image.sha256 for image in train.images}
    images: dict[str, DatasetImage] = {}
    earlier, skipped = _earlier(folder), []
    descents: list[Descent] = []
    dropped: Counter[str] = Counter()
    for planned, made in _made_in_order(plan, open_image):
        reason = _reason_to_skip(made, planned, present | images.keys())
        if reason or isinstance(made, UnusableContent):
            skipped.append(SkippedImage(planned.parent, planned.change.operation, reason))
            continue
        image = _put(made, planned, folder)
        images[image.sha256] = image
        dropped.update(entry.box.label for entry in made.dropped)
        descents.append(_descent(image, planned))
    write_local_manifest(folder / MANIFEST_NAME, [*train.images, *images.values()])
    known = [descent for descent in earlier if descent.child_sha256 not in images]
    lineage = Lineage(images=(*known, *descents))
    write_text(folder / LINEAGE_NAME, lineage.model_dump_json(indent=1))
    unused = {descent.child_sha256 for descent in known} - present
    return AugmentMade(
        images=tuple(images.values()),
        skipped=tuple(skipped),
        dropped_boxes=dropped,
        manifest=str(folder / MANIFEST_NAME),
        lineage=str(folder / LINEAGE_NAME),
        left=sum(_is_there(sha256, folder) for sha256 in unused),
    )


def _earlier(folder: Path) -> Sequence[Descent]:
    """Return what is known of the images that earlier runs made."""
    try:
        return Lineage.model_validate_json((folder / LINEAGE_NAME).read_bytes()).images
    except (OSError, ValidationError):
        return ()  # every file names its parent itself


def _is_there(sha256: str, folder: Path) -> bool:
    return any((folder / image_key("", sha256, kind)).is_file() for kind in _FORMATS)


def _made_in_order(
    plan: AugmentPlan, open_image: OpenImage
) -> Iterator[tuple[PlannedImage, AugmentedImage | UnusableContent]]:
    """Make the images a few at a time in threads, and yield them in the order of the plan."""

    def make(planned: PlannedImage) -> tuple[PlannedImage, AugmentedImage | UnusableContent]:
        parent = planned.parent
        return planned, augment_image(
            open_image(parent),
            planned.change,
            parent_sha256=parent.sha256,
            boxes=parent.boxes,
        )

    for start in range(0, len(plan.images), _CONCURRENCY):
        batch = plan.images[start : start + _CONCURRENCY]
        ready = map_in_threads(make, batch, concurrency=_CONCURRENCY)
        place = {id(planned): index for index, planned in enumerate(batch)}
        yield from sorted(ready, key=lambda each: place[id(each[0])])


def _reason_to_skip(
    made: AugmentedImage | UnusableContent, planned: PlannedImage, present: set[str]
) -> str:
    if isinstance(made, UnusableContent):
        return made.reason
    if planned.parent.boxes and not made.boxes:
        return "none of its boxes would be left"
    if hashlib.sha256(made.content).hexdigest() in present:
        return "it is there already"
    return ""


def _put(made: AugmentedImage, planned: PlannedImage, folder: Path) -> DatasetImage:
    sha256 = hashlib.sha256(made.content).hexdigest()
    path = folder / image_key("", sha256, made.image_format)
    write_bytes(path, made.content)
    boxed = tuple(sorted({box.label for box in made.boxes}))
    return DatasetImage(
        uri=str(path),
        sha256=sha256,
        size_bytes=len(made.content),
        image_format=made.image_format,
        labels=boxed or planned.parent.labels,
        boxes=made.boxes,
        width_pixels=made.width_pixels,
        height_pixels=made.height_pixels,
    )


def _descent(image: DatasetImage, planned: PlannedImage) -> Descent:
    return Descent(
        child_sha256=image.sha256,
        parent_sha256=planned.parent.sha256,
        operation=planned.change.operation,
        parameters=planned.change.parameters,
    )
