"""How the training images differ from those that a model was trained on."""

from collections import Counter
from collections.abc import Mapping
from datetime import datetime

from pydantic import Field

from rcl_flow.core.datasets.dataset import Dataset, DatasetImage, identity_of
from rcl_flow.core.naming import digest_of
from rcl_flow.core.values import Frozen

_DIGITS = 16


class TrainedOn(Frozen):
    """What a project version was trained on."""

    project_version_arn: str
    trained_at: datetime
    """When its training was seen to have ended, in UTC."""
    labels: Mapping[str, tuple[str, ...]]
    """Those of each training image, by the digest of its bytes."""
    identities: Mapping[str, str]
    """16 hexadecimal digits over labels and boxes of each, by the same digest."""


class DataChanges(Frozen):
    """How the training images differ from those that a model was trained on."""

    new: int = 0
    """Contents that it was not trained on."""
    relabelled: int = 0
    """Contents that it was trained on with other labels or boxes."""
    removed: int = 0
    """Contents that it was trained on and that are gone."""
    by_label: Mapping[str, int] = Field(default_factory=dict)
    """How many of all these concern a label, sorted by name; labels without any are left out."""

    @property
    def images(self) -> int:
        """How many contents there are of all three kinds."""
        return self.new + self.relabelled + self.removed


def trained_on(train: Dataset, project_version_arn: str, trained_at: datetime) -> TrainedOn:
    """Return what to keep of the images that a version was trained on."""
    images = train.distinct()
    return TrainedOn(
        project_version_arn=project_version_arn,
        trained_at=trained_at,
        labels={image.sha256: image.labels for image in images},
        identities={image.sha256: _identity(image) for image in images},
    )


def changes_since(train: Dataset, before: TrainedOn | None) -> DataChanges:
    """Return how the training images differ from what a version was trained on.

    A relabelled image concerns the labels that it has and had.

    Args:
        train: the images of now.
        before: None when nothing is known: then every image is new.
    """
    labels = before.labels if before else {}
    identities = before.identities if before else {}
    now = {image.sha256: image for image in train.distinct()}
    new = [image for sha256, image in now.items() if sha256 not in identities]
    relabelled = [
        image
        for sha256, image in now.items()
        if sha256 in identities and identities[sha256] != _identity(image)
    ]
    removed = [sha256 for sha256 in identities if sha256 not in now]
    concerned = Counter(label for image in new for label in image.labels)
    for image in relabelled:
        concerned.update({*image.labels, *labels.get(image.sha256, ())})
    for sha256 in removed:
        concerned.update(labels.get(sha256, ()))
    return DataChanges(
        new=len(new),
        relabelled=len(relabelled),
        removed=len(removed),
        by_label=dict(sorted(concerned.items())),
    )


def untried_changes(since_base: DataChanges, since_training: DataChanges) -> Mapping[str, int]:
    """Return how many images of each label are news to the base and to the last training alike."""
    counts = {
        label: min(count, since_training.by_label.get(label, 0))
        for label, count in since_base.by_label.items()
    }
    return {label: count for label, count in counts.items() if count}


def _identity(image: DatasetImage) -> str:
    return digest_of(identity_of(image))[:_DIGITS]
