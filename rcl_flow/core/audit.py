"""Findings about the datasets, before anything is paid for."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import combinations
from typing import Annotated, Literal

from pydantic import Field

from rcl_flow.core import limits
from rcl_flow.core.dataset import Dataset, DatasetImage, Datasets, Task
from rcl_flow.core.values import Frozen

Severity = Literal["error", "warning"]
ImageCount = Annotated[int, Field(ge=0, le=1_000_000)]
_SHOWN = 5


class AuditRules(Frozen):
    """Which findings are errors and which are warnings."""

    min_train_images_per_label: int = Field(
        2, ge=1, le=1_000_000, description="Fewer training images of a label are an error."
    )
    recommended_train_images_per_label: int = Field(
        15,
        ge=1,
        le=1_000_000,
        description="Fewer training images of a label are a warning (practice D1).",
    )
    recommended_holdout_images: tuple[ImageCount, ImageCount] = Field(
        (500, 1000), description="A holdout outside this range is a warning (practice J3)."
    )


class Finding(Frozen):
    """One thing that the audit found."""

    rule: str
    severity: Severity
    message: str
    """What is wrong, and where."""
    hint: str
    """What to do about it."""
    practice: str = ""
    """The id of the practice behind the rule, where there is one."""


class AuditReport(Frozen):
    """All findings, errors first."""

    findings: tuple[Finding, ...]

    @property
    def errors(self) -> tuple[Finding, ...]:
        """The findings that close the gate."""
        return tuple(f for f in self.findings if f.severity == "error")

    @property
    def warnings(self) -> tuple[Finding, ...]:
        """The findings that do not."""
        return tuple(f for f in self.findings if f.severity == "warning")


def audit_datasets(datasets: Datasets, rules: AuditRules) -> AuditReport:
    """Check the splits one by one and against each other."""
    findings = [finding for split in datasets for finding in _within(split)]
    findings += [*_overlaps(list(datasets)), *_tasks(datasets)]
    if datasets.train is not None:
        findings += _train_labels(datasets.train, datasets.task, rules)
        for split in (datasets.test, datasets.holdout):
            if split is not None:
                findings += _against_train(split, datasets.train)
    findings += _holdout_size(datasets.holdout, rules)
    return AuditReport(findings=tuple(sorted(findings, key=lambda f: f.severity != "error")))


def _within(split: Dataset) -> Iterator[Finding]:
    if split.unusable:
        yield Finding(
            rule="unusable-image",
            severity="error",
            message=f"{split.split}: {_count(split.unusable, 'image')} cannot be used: "
            + _some([f"{image.uri} ({image.reason})" for image in split.unusable]),
            hint="Replace or remove them; the service takes PNG and JPEG files of 64 to 4096 "
            "pixels a side and at most 15 MB.",
        )
    if not split.images:
        yield Finding(
            rule="no-images",
            severity="error",
            message=f"{split.split}: there is no usable image.",
            hint="Check the path, and that images lie in one sub-folder a label.",
        )
    yield from _label_limits(split)
    yield from _repeats(split)


def _label_limits(split: Dataset) -> Iterator[Finding]:
    longest = limits.MAX_LABEL_CHARACTERS
    too_long = [f"{label[:40]}…" for label in split.labels if len(label) > longest]
    if too_long:
        yield Finding(
            rule="label-name",
            severity="error",
            message=f"{split.split}: label names of over {longest} characters: {_some(too_long)}.",
            hint="Shorten them.",
            practice="P1",
        )
    most = limits.MAX_BOXES_PER_IMAGE
    crowded = [image.uri for image in split.images if len(image.boxes) > most]
    if crowded:
        yield Finding(
            rule="boxes-per-image",
            severity="error",
            message=f"{split.split}: images with over {most} boxes: {_some(crowded)}.",
            hint="Cut the images into smaller ones: the service takes no more boxes for one.",
        )
    most = limits.MAX_LABELS_PER_IMAGE
    crowded = [image.uri for image in split.images if len(image.labels) > most]
    if crowded:
        yield Finding(
            rule="labels-per-image",
            severity="error",
            message=f"{split.split}: images with over {most} labels: {_some(crowded)}.",
            hint="Remove labels: the service takes no more for one image.",
        )


def _repeats(split: Dataset) -> Iterator[Finding]:
    groups: dict[str, list[DatasetImage]] = defaultdict(list)
    for image in split.images:
        groups[image.sha256].append(image)
    repeated = [group for group in groups.values() if len(group) > 1]
    conflicts = [group for group in repeated if len({_annotation(i) for i in group}) > 1]
    if conflicts:
        yield Finding(
            rule="label-conflict",
            severity="error",
            message=f"{split.split}: {_count(conflicts, 'image')} with the same content but "
            "different labels: " + _some([_pair(group[0], group[1]) for group in conflicts]),
            hint="Decide which label is right and remove the other copy.",
            practice="D8",
        )
    same = [group for group in repeated if group not in conflicts]
    if same:
        yield Finding(
            rule="duplicate-image",
            severity="warning",
            message=f"{split.split}: {_count(same, 'image')} in more than one copy; each is used "
            "once.",
            hint="Remove the copies.",
        )


def _overlaps(splits: Sequence[Dataset]) -> Iterator[Finding]:
    for first, second in combinations(splits, 2):
        known = {image.sha256: image for image in first.images}
        shared = [
            _pair(known[image.sha256], image)
            for image in second.distinct()
            if image.sha256 in known
        ]
        if shared:
            yield Finding(
                rule="split-overlap",
                severity="error",
                message=f"{_count(shared, 'image')} in both {first.split} and {second.split}: "
                + _some(shared),
                hint=f"Remove them from one of the two: a score on images that were in "
                f"{first.split} says nothing.",
                practice="J2",
            )


def _tasks(datasets: Datasets) -> Iterator[Finding]:
    """Check that boxes are everywhere or nowhere; whole images may train a detector of logos."""
    for split in datasets:
        plain = [image.uri for image in split.images if image.labels and not image.boxes]
        if split.task == "detection" and plain:
            yield Finding(
                rule="mixed-labels",
                severity="error",
                message=f"{split.split}: images with boxes and images with image-level labels: "
                + _some(plain),
                hint="Draw boxes in all of them or in none: the service uses one kind and "
                "ignores the rest.",
            )
        elif split.images and split.task != datasets.task and split.split != "train":
            yield Finding(
                rule="mixed-labels",
                severity="error",
                message=f"{split.split}: no image has a box, while other splits have boxes.",
                hint="Draw boxes: without them nothing can be said of a model that detects "
                "objects.",
            )


def _annotation(image: DatasetImage) -> object:
    return image.labels, image.boxes


def _train_labels(train: Dataset, task: Task, rules: AuditRules) -> Iterator[Finding]:
    images = Counter(label for image in train.distinct() for label in image.labels)
    need = limits.MIN_LABELS if task == "classification" else limits.MIN_OBJECT_LABELS
    if train.images and len(images) < need:
        yield Finding(
            rule="too-few-labels",
            severity="error",
            message=f"train: {_count(sorted(images), 'label')}; {task} needs at least {need}.",
            hint="Add a second label, such as one for images that show none of the wanted things.",
            practice="D12",
        )
    if len(images) > limits.MAX_LABELS:
        yield Finding(
            rule="too-many-labels",
            severity="error",
            message=f"train: {len(images)} labels; the service takes {limits.MAX_LABELS}.",
            hint="Merge labels or train several models.",
        )
    yield from _few_images(images, rules)


def _few_images(images: Counter[str], rules: AuditRules) -> Iterator[Finding]:
    need = rules.min_train_images_per_label
    too_few = [f"{label} ({n})" for label, n in sorted(images.items()) if n < need]
    if too_few:
        yield Finding(
            rule="few-images",
            severity="error",
            message=f"train: fewer than {need} images of {_some(too_few)}.",
            hint="Add images of these labels, or remove the labels.",
            practice="D1",
        )
    wanted = rules.recommended_train_images_per_label
    few = [f"{label} ({n})" for label, n in sorted(images.items()) if need <= n < wanted]
    if few:
        yield Finding(
            rule="few-images",
            severity="warning",
            message=f"train: fewer than the recommended {wanted} images of {_some(few)}.",
            hint="Add images with more variation of these labels.",
            practice="D1",
        )


def _against_train(split: Dataset, train: Dataset) -> Iterator[Finding]:
    trained, here = set(train.labels), set(split.labels)
    if not split.images or not train.images:
        return
    unknown = sorted(here - trained)
    if unknown:
        yield Finding(
            rule="unknown-label",
            severity="error",
            message=f"{split.split}: no training image has the label {_some(unknown)}.",
            hint="Correct the spelling of the label, or add training images of it.",
            practice="P1",
        )
    missing = sorted(trained - here)
    if missing:
        overlap = len(trained & here) / len(trained)
        blocks = split.split == "test" and overlap < limits.MIN_LABEL_OVERLAP
        yield Finding(
            rule="label-missing",
            severity="error" if blocks else "warning",
            message=f"{split.split}: no image has the label {_some(missing)}.",
            hint="Add images: without them nothing is known about these labels"
            + (", and the service refuses to train below 50 % overlap." if blocks else "."),
            practice="J2",
        )


def _holdout_size(holdout: Dataset, rules: AuditRules) -> Iterator[Finding]:
    low, high = rules.recommended_holdout_images
    images = len(holdout.distinct())
    if images and not low <= images <= high:
        yield Finding(
            rule="holdout-size",
            severity="warning",
            message=f"holdout: {images} images; {low} to {high} are recommended.",
            hint="Fewer give wide intervals; more cost inference time without telling much more.",
            practice="J3",
        )


def _pair(first: DatasetImage, second: DatasetImage) -> str:
    return f"{first.uri} = {second.uri}"


def _count(things: Sequence[object], noun: str) -> str:
    return f"{len(things)} {noun}" if len(things) == 1 else f"{len(things)} {noun}s"


def _some(texts: Iterable[str]) -> str:
    every = list(texts)
    shown = ", ".join(every[:_SHOWN])
    return shown if len(every) <= _SHOWN else f"{shown} and {len(every) - _SHOWN} more"
