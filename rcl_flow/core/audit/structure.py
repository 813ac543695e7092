"""What keeps a split from being used at all: unusable files, the service's limits, mixed labels."""

from collections import Counter
from collections.abc import Iterator
from typing import Final

from rcl_flow.core import limits
from rcl_flow.core.audit.findings import Finding, Place
from rcl_flow.core.audit.stating import Scope, count, found, place_of
from rcl_flow.core.audit.subject import Subject
from rcl_flow.core.datasets.dataset import Dataset, DatasetImage, Task
from rcl_flow.core.label_text import some

_PER_IMAGE: Final = (
    (
        "boxes",
        limits.MAX_BOXES_PER_IMAGE,
        "Cut the images into smaller ones: the service takes no more boxes for one.",
    ),
    (
        "labels",
        limits.MAX_LABELS_PER_IMAGE,
        "Remove labels: the service takes no more for one image.",
    ),
)


def check(subject: Subject) -> Iterator[Finding]:
    """Check each split by itself."""
    for split in subject.datasets:
        yield from _files(split)
        yield from _label_limits(split)
        yield from _unlabelled(split)
        yield from _mixed(split, subject.datasets.task)
        if split.split != "holdout":
            yield from _buckets(split, subject.evidence.bucket)


def _files(split: Dataset) -> Iterator[Finding]:
    if split.unusable:
        places = [
            Place(uri=each.uri, split=split.split, note=each.reason) for each in split.unusable
        ]
        yield found(
            "unusable-image",
            f"{split.split}: {count(split.unusable, 'image')} cannot be used: "
            + some([f"{image.uri} ({image.reason})" for image in split.unusable]),
            "Replace or remove them; the service takes PNG and JPEG files of 64 to 4096 "
            "pixels a side and at most 15 MB, and boxes of over one pixel within their image. "
            "Files moved since `rcl-flow init` drew the sets are found by `init --update`.",
            scope=Scope(split.split, places=tuple(places)),
        )
    if not split.images:
        yield found(
            "no-images",
            f"{split.split}: there is no usable image.",
            "Check the path, and that images lie in one sub-folder a label.",
            scope=Scope(split.split),
        )


def _label_limits(split: Dataset) -> Iterator[Finding]:
    longest = limits.MAX_LABEL_CHARACTERS
    too_long = [f"{label[:40]}…" for label in split.labels if len(label) > longest]
    if too_long:
        yield found(
            "label-name",
            f"{split.split}: label names of over {longest} characters: {some(too_long)}.",
            "Shorten them.",
            scope=Scope(split.split),
        )
    for things, most, hint in _PER_IMAGE:
        crowded = [image for image in split.images if len(getattr(image, things)) > most]
        if crowded:
            yield found(
                f"{things}-per-image",
                f"{split.split}: images with over {most} {things}: "
                f"{some(image.uri for image in crowded)}.",
                hint,
                scope=_scope(split, crowded),
            )


def _unlabelled(split: Dataset) -> Iterator[Finding]:
    """In the holdout an image without a label is a fair question; training ignores it."""
    plain = [image for image in split.images if not image.labels]
    if plain and split.split != "holdout":
        yield found(
            "unlabelled-image",
            f"{split.split}: {count(plain, 'image')} without a label: "
            + some(image.uri for image in plain),
            "Label them or leave them out: the service ignores them.",
            scope=_scope(split, plain),
        )


def _mixed(split: Dataset, task: Task) -> Iterator[Finding]:
    """Check that boxes are everywhere or nowhere; whole images may train a detector of logos."""
    plain = [image for image in split.images if image.labels and not image.boxes]
    if split.task == "detection" and plain:
        yield found(
            "mixed-labels",
            f"{split.split}: images with boxes and images with image-level labels: "
            + some(image.uri for image in plain),
            "Draw boxes in all of them or in none: the service uses one kind and ignores the rest.",
            scope=_scope(split, plain),
        )
    elif split.images and split.task != task and split.split != "train":
        yield found(
            "mixed-labels",
            f"{split.split}: no image has a box, while other splits have boxes.",
            "Draw boxes: without them nothing can be said of a model that detects objects.",
            scope=Scope(split.split),
        )


def _buckets(split: Dataset, uploaded_to: str) -> Iterator[Finding]:
    """The service takes the images of one manifest from one bucket only."""
    buckets = Counter(_bucket_of(image.uri) or uploaded_to for image in split.images)
    del buckets[""]
    if len(buckets) > 1:
        told = some(f"{bucket} ({images})" for bucket, images in buckets.most_common())
        yield found(
            "one-bucket",
            f"{split.split}: the images are in {len(buckets)} buckets: {told}.",
            "Copy them into one bucket, or give all of them as local files; local images are "
            "uploaded to `storage.bucket`.",
            scope=Scope(split.split, figures={"buckets": len(buckets)}),
        )


def _bucket_of(uri: str) -> str:
    return uri.removeprefix("s3://").partition("/")[0] if uri.startswith("s3://") else ""


def _scope(split: Dataset, images: list[DatasetImage]) -> Scope:
    places = tuple(place_of(image, split.split) for image in images)
    return Scope(split.split, figures={"images": len(images)}, places=places)
