"""How the splits relate: equal images within and across them, labels that are missing."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import combinations

from rcl_flow.core import limits
from rcl_flow.core.audit.findings import Finding, Place
from rcl_flow.core.audit.stating import Scope, count, found, place_of
from rcl_flow.core.audit.subject import Subject
from rcl_flow.core.datasets.dataset import Dataset, DatasetImage
from rcl_flow.core.label_text import some, visible_label


def check(subject: Subject) -> Iterator[Finding]:
    """Check equal images within and between the splits, and test and holdout against training."""
    datasets = subject.datasets
    for split in datasets:
        yield from _repeats(split)
    for first, second in combinations(datasets, 2):
        yield from _overlap(first, second)
    if datasets.train is not None:
        for judged in (datasets.test, datasets.holdout):
            if judged is not None:
                yield from _against_train(judged, datasets.train)


def annotation_of(image: DatasetImage) -> object:
    """Return what an image is said to show, for comparing."""
    return image.labels, image.boxes


def _repeats(split: Dataset) -> Iterator[Finding]:
    groups: dict[str, list[DatasetImage]] = defaultdict(list)
    for image in split.images:
        groups[image.sha256].append(image)
    repeated = [group for group in groups.values() if len(group) > 1]
    conflicts = [group for group in repeated if len({annotation_of(i) for i in group}) > 1]
    if conflicts:
        places = _pairs(conflicts, split)
        twice = any(place.uri == place.twin_uri for place in places)
        yield found(
            "label-conflict",
            f"{split.split}: {count(conflicts, 'image')} with the same content but different "
            "labels: " + some(map(_told, places)),
            "Decide which label is right and remove the other copy."
            + (" Make one entry of those of a file that is named twice." if twice else ""),
            scope=Scope(split.split, figures={"images": len(conflicts)}, places=places),
        )
    same = [group for group in repeated if len({annotation_of(i) for i in group}) == 1]
    if same:
        places = _pairs(same, split)
        yield found(
            "duplicate-image",
            f"{split.split}: {count(same, 'image')} in more than one copy; each is used once.",
            "Remove the copies.",
            scope=Scope(split.split, figures={"images": len(same)}, places=places),
        )


def _overlap(first: Dataset, second: Dataset) -> Iterator[Finding]:
    known = {image.sha256: image for image in first.images}
    shared = tuple(
        place_of(known[image.sha256], first.split, twin=(image, second.split))
        for image in second.distinct()
        if image.sha256 in known
    )
    if shared:
        yield found(
            "split-overlap",
            f"{count(shared, 'image')} in both {first.split} and {second.split}: "
            + some(map(_told, shared)),
            f"Remove them from one of the two: a score on images that were in {first.split} says "
            "nothing.",
            scope=Scope(
                f"{first.split}+{second.split}", figures={"images": len(shared)}, places=shared
            ),
        )


def _against_train(split: Dataset, train: Dataset) -> Iterator[Finding]:
    trained, here = set(train.labels), set(split.labels)
    if not split.images or not train.images:
        return
    unknown = sorted(here - trained)
    if unknown:
        yield found(
            "unknown-label",
            f"{split.split}: no training image has the label {some(map(visible_label, unknown))}.",
            "Correct the spelling of the label, or add training images of it.",
            scope=Scope(split.split),
        )
    missing = sorted(trained - here)
    if missing:
        overlap = len(trained & here) / len(trained)
        blocks = split.split == "test" and overlap < limits.MIN_LABEL_OVERLAP
        yield found(
            "label-missing",
            f"{split.split}: no image has the label {some(map(visible_label, missing))}.",
            "Add images: without them nothing is known about these labels"
            + (", and the service refuses to train below 50 % overlap." if blocks else "."),
            scope=Scope(split.split, figures={"overlap": overlap}),
            severity="error" if blocks else None,
        )


def _pairs(groups: Sequence[Sequence[DatasetImage]], split: Dataset) -> tuple[Place, ...]:
    return tuple(
        place_of(first, split.split, note=", ".join(first.labels), twin=(other, split.split))
        for first, *others in groups
        for other in others
    )


def _told(place: Place) -> str:
    if place.uri == place.twin_uri:
        return f"{place.uri}, which is named twice"
    return f"{place.uri} = {place.twin_uri}"
