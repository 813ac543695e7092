"""New labelled images that join a project's datasets, and what a retraining holds on to."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from rcl_flow.core.audit.findings import Finding
from rcl_flow.core.datasets.dataset import Dataset, DatasetImage, Datasets, identity_of
from rcl_flow.core.values import Frozen

_Contents = dict[str, list[DatasetImage]]
"""The images of a split by the digest of their bytes, in the order of their first occurrence."""


class ArrivalCounts(Frozen):
    """What became of the images of `data.arrivals`, counted by content."""

    joined: int = 0
    """Contents that are in train because they arrived."""
    relabelled: int = 0
    """Contents of train that have other labels or boxes since."""
    left_holdout: int = 0
    """Those of the joined that were in the holdout and are in it no more."""
    in_test: int = 0
    """Left out: they are test images, and the test set is pinned."""
    unlabelled: int = 0
    """Left out: nobody has labelled them yet."""
    empty_sources: tuple[str, ...] = ()
    """Folders and prefixes in which there is no image yet."""

    @property
    def notices(self) -> tuple[str, ...]:
        """What a person should read of it, a sentence each."""
        told = []
        if self.in_test:
            told.append(
                f"{self.in_test} arrivals are test images and do not join train: the test set "
                "stays as it is, so that scores can be compared."
            )
        if self.left_holdout:
            told.append(
                f"{self.left_holdout} arrivals were holdout images: they join train and judge no "
                "model any more. If they were chosen because a model failed on them, what is left "
                "is easier than production."
            )
        if self.unlabelled:
            told.append(f"{self.unlabelled} arrivals have no label yet and are left out.")
        if self.empty_sources:
            told.append(f"Nothing has arrived yet in {', '.join(self.empty_sources)}.")
        return tuple(told)


NO_ARRIVALS: Final = ArrivalCounts()


@dataclass(frozen=True, slots=True)
class MergedData:
    """The splits with what has arrived."""

    datasets: Datasets
    counts: ArrivalCounts = NO_ARRIVALS


class Pin(Frozen):
    """The data of a retraining under way: what arrives meanwhile waits for the next one.

    It holds labels and places too, so that a relabelled or a removed image cannot begin a second
    training either.
    """

    datasets: Datasets
    counts: ArrivalCounts = NO_ARRIVALS
    manifest_findings: tuple[Finding, ...] = ()
    """What the audit found in the manifests that the images were read from."""


def merge_arrivals(datasets: Datasets, arrivals: Sequence[Dataset]) -> MergedData:
    """Return the splits after the arrivals have joined train, one source after the other.

    A content that is there already keeps its place and gets the later labels. A content of the
    holdout leaves it; a content of the test set stays there, as it is labelled there. Images
    without a label change nothing.

    Args:
        datasets: as the config names them; without `train` nothing joins.
        arrivals: the sources in their order, oldest first.
    """
    if datasets.train is None or not arrivals:
        return MergedData(datasets)
    before = _by_content(datasets.train.images)
    test = {image.sha256 for image in datasets.test.images} if datasets.test else set()
    labelled = [_by_content(each for each in one.images if each.labels) for one in arrivals]
    arrived = {sha256 for contents in labelled for sha256 in contents}
    merged = dict(before)
    for contents in labelled:
        for sha256, images in contents.items():
            if sha256 not in test:
                merged[sha256] = _relabelled(merged.get(sha256), images)
    holdout = _without(datasets.holdout, arrived - test)
    train = replace(
        datasets.train,
        images=tuple(image for images in merged.values() for image in images),
        unusable=(
            *datasets.train.unusable,
            *(one for arrival in arrivals for one in arrival.unusable),
        ),
    )
    counts = ArrivalCounts(
        joined=len(merged.keys() - before.keys()),
        relabelled=sum(_said(merged[sha256]) != _said(images) for sha256, images in before.items()),
        left_holdout=_contents_of(datasets.holdout) - _contents_of(holdout),
        in_test=len(arrived & test),
        unlabelled=len({one.sha256 for each in arrivals for one in each.images if not one.labels}),
    )
    return MergedData(replace(datasets, train=train, holdout=holdout), counts)


def _by_content(images: Iterable[DatasetImage]) -> _Contents:
    found: _Contents = {}
    for image in images:
        found.setdefault(image.sha256, []).append(image)
    return found


def _relabelled(before: list[DatasetImage] | None, after: list[DatasetImage]) -> list[DatasetImage]:
    """Return the later images at the earlier place, or the earlier ones where they say the same.

    A place that stays makes the change of a dataset an update of its entry, not a rebuild.
    """
    if before is None:
        return after
    if _said(before) == _said(after):
        return before
    return [replace(image, uri=before[0].uri) for image in after]


def _said(images: Iterable[DatasetImage]) -> set[str]:
    return {str(identity_of(image)) for image in images}


def _without(split: Dataset, contents: set[str]) -> Dataset:
    kept = tuple(image for image in split.images if image.sha256 not in contents)
    return split if len(kept) == len(split.images) else replace(split, images=kept)


def _contents_of(split: Dataset) -> int:
    return len({image.sha256 for image in split.images})
