"""Whether a retraining is worth its price: the policy, and what it decides from."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from pydantic import Field

from rcl_flow.core.dataset import Dataset, DatasetImage, identity_of
from rcl_flow.core.naming import digest_of
from rcl_flow.core.values import Frozen

_DIGITS = 16
_SHOWN = 5


class RetrainPolicy(Frozen):
    """When `rcl-flow retrain` trains; any one of the reasons is enough."""

    min_new_images_per_label: int = Field(
        20,
        ge=1,
        le=250_000,
        description="Train when a label has so many images that neither the champion nor the last "
        "training had, or not with these labels.",
    )
    min_labels: int = Field(
        1, ge=1, le=250, description="So many labels must have that many new images."
    )
    max_age_days: float | None = Field(
        None,
        gt=0,
        le=3_650,
        description="Train when the champion is older and at least one image is new.",
    )
    on_drift: bool = Field(
        True,
        description="Train when the images of data.production differ from those trained on and "
        "at least one image is new.",
    )
    min_days_between: float = Field(
        0.0, ge=0, le=3_650, description="Never train sooner after the last training."
    )


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


ReasonCode = Literal[
    "forced",
    "first",
    "new-images",
    "age",
    "drift",
    "too-soon",
    "unchanged",
    "too-few",
]


class RetrainReason(Frozen):
    """Why it is trained, or why not."""

    code: ReasonCode
    message: str


class Retraining(Frozen):
    """What the policy says."""

    train: bool
    reasons: tuple[RetrainReason, ...]
    changes: DataChanges = DataChanges()
    """Since the base was trained; without a base everything is new."""
    base_version_arn: str = ""
    """The champion, or else the version of the last completed run; empty without one."""

    @property
    def new_images_by_label(self) -> Mapping[str, int]:
        """How many changed images each label has."""
        return self.changes.by_label


@dataclass(frozen=True, slots=True)
class RetrainSituation:
    """All that the policy looks at."""

    changes: DataChanges
    base_version_arn: str = ""
    base_age_days: float | None = None
    """Since the base was trained; None without one, or where that is not known."""
    days_since_training: float | None = None
    """Since the project's last training, whatever became of it; None without one."""
    drifted: tuple[str, ...] = ()
    """The factors in which production differs from what the base was trained on."""
    forced: bool = False
    """It is asked for, whatever the policy says."""
    first: bool = False
    """No retraining has ended and there is no champion."""
    done: bool = False
    """The last retraining was of exactly this data, judged by the same rules."""
    drift_was_trained: bool = False
    """The last training was asked for because of the same drift, and its model was kept."""
    untried: Mapping[str, int] | None = None
    """How many changed images of each label the last training did not have either; None: all."""

    @property
    def counts(self) -> Mapping[str, int]:
        """How many changed images of each label no training has had."""
        return self.changes.by_label if self.untried is None else self.untried

    @property
    def since(self) -> str:
        """Since when they are counted."""
        return "the base was trained" if self.untried is None else "the last training"


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


def decide_retraining(policy: RetrainPolicy, situation: RetrainSituation) -> Retraining:
    """Say whether to train, with every reason for it or the reason against it."""
    train, reasons = _judged(policy, situation)
    return Retraining(
        train=train,
        reasons=reasons,
        changes=situation.changes,
        base_version_arn=situation.base_version_arn,
    )


def _judged(
    policy: RetrainPolicy, situation: RetrainSituation
) -> tuple[bool, tuple[RetrainReason, ...]]:
    hindrance = _nothing_to_train(situation)
    if hindrance is not None:
        return False, (hindrance,)
    asked = tuple(_asked(situation))
    if asked:
        return True, asked
    wanted = tuple(_wanted(policy, situation))
    if not wanted:
        return False, (RetrainReason(code="too-few", message=_too_few(policy, situation)),)
    days = situation.days_since_training
    if days is not None and days < policy.min_days_between:
        message = (
            f"The last training was {days:.1f} days ago; retrain.min_days_between is "
            f"{policy.min_days_between:g}. It waits although: {wanted[0].message}"
        )
        return False, (RetrainReason(code="too-soon", message=message),)
    return True, wanted


def _nothing_to_train(situation: RetrainSituation) -> RetrainReason | None:
    message = ""
    if situation.done:
        message = "The last retraining was of exactly this data: there is nothing to train."
    elif not situation.changes.images and not situation.forced and not situation.first:
        message = "The training images have not changed since the base was trained."
    return RetrainReason(code="unchanged", message=message) if message else None


def _asked(situation: RetrainSituation) -> Iterator[RetrainReason]:
    if situation.forced:
        yield RetrainReason(code="forced", message="It was asked for, whatever the policy says.")
    elif situation.first:
        message = "No retraining of this project has ended yet, and there is no champion."
        yield RetrainReason(code="first", message=message)


def _wanted(policy: RetrainPolicy, situation: RetrainSituation) -> Iterator[RetrainReason]:
    """Yield what the policy trains for; at least one image has changed.

    What a training has had already, whose model was not promoted, is no reason to train again.
    """
    counts = situation.counts
    enough = [label for label, n in counts.items() if n >= policy.min_new_images_per_label]
    if len(enough) >= policy.min_labels:
        message = (
            f"{_told(enough, counts)} changed since {situation.since}; "
            f"{policy.min_new_images_per_label} are enough."
        )
        yield RetrainReason(code="new-images", message=message)
    if not counts:
        return  # the last training has had all of it, and its model was not promoted
    age, most = situation.base_age_days, policy.max_age_days
    if situation.days_since_training is not None and age is not None:
        age = min(age, situation.days_since_training)
    if age is not None and most is not None and age > most:
        message = f"The base was trained {age:.1f} days ago; retrain.max_age_days is {most:g}."
        yield RetrainReason(code="age", message=message)
    if policy.on_drift and situation.drifted and not situation.drift_was_trained:
        message = f"Production has drifted: {'; '.join(situation.drifted)}."
        yield RetrainReason(code="drift", message=message)


def _too_few(policy: RetrainPolicy, situation: RetrainSituation) -> str:
    counts = situation.counts
    wanted = f"{policy.min_new_images_per_label} of a label"
    if policy.min_labels > 1:
        wanted += f" for {policy.min_labels} labels"
    return (
        f"Too few images have changed since {situation.since}: {_told(list(counts), counts)}; "
        f"the policy wants {wanted}."
    )


def _told(labels: list[str], counts: Mapping[str, int]) -> str:
    """Return the labels with their counts in words, the largest first."""
    if not labels:
        return "none"
    largest = sorted(labels, key=lambda label: (-counts[label], label))
    told = ", ".join(f"{counts[label]} images of {label}" for label in largest[:_SHOWN])
    rest = len(largest) - _SHOWN
    return f"{told} and {rest} more labels" if rest > 0 else told


def _identity(image: DatasetImage) -> str:
    return digest_of(identity_of(image))[:_DIGITS]
