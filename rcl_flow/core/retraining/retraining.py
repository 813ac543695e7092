"""Whether a retraining is worth its price: the policy, and what it decides from."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from rcl_flow.core.retraining.data_changes import DataChanges
from rcl_flow.core.retraining.policy import RetrainPolicy
from rcl_flow.core.values import Frozen

_SHOWN = 5
_LOST = (
    "The last retraining of exactly this data failed: the service refused too many holdout images. "
    "Replace them, raise inference.max_refused_images, or ask for it again with --force."
)


ReasonCode = Literal[
    "forced",
    "first",
    "unfinished",
    "new-images",
    "age",
    "drift",
    "too-soon",
    "failed",
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
    """A training was asked for because of the same drift, whatever became of its model."""
    unended: bool = False
    """No retraining with the last training has come to its end."""
    same_images: bool = False
    """The training images are exactly those of the last training."""
    lost: bool = False
    """The last retraining of exactly this data lost too many holdout images."""
    untried: Mapping[str, int] | None = None
    """How many changed images of each label the last training did not have either; None: all."""

    @property
    def unfinished(self) -> bool:
        """Whether going on costs no training, or tells again why it failed."""
        return self.unended and self.same_images

    @property
    def counts(self) -> Mapping[str, int]:
        """How many changed images of each label no training has had."""
        return self.changes.by_label if self.untried is None else self.untried

    @property
    def since(self) -> str:
        """Since when they are counted."""
        return "the base was trained" if self.untried is None else "the last training"


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
    wanted = tuple(_asked(situation)) or tuple(_wanted(policy, situation))
    if not wanted:
        return False, (RetrainReason(code="too-few", message=_too_few(policy, situation)),)
    days = situation.days_since_training
    if days is not None and days < policy.min_days_between and not _may_be_soon(situation):
        message = (
            f"The last training was {days:.1f} days ago; retrain.min_days_between is "
            f"{policy.min_days_between:g}. It waits although: {wanted[0].message}"
        )
        return False, (RetrainReason(code="too-soon", message=message),)
    return True, wanted


def _may_be_soon(situation: RetrainSituation) -> bool:
    """Say whether the days between trainings do not count; after a failure they do at first."""
    first = situation.first and not situation.unended
    return situation.forced or situation.unfinished or first


def _nothing_to_train(situation: RetrainSituation) -> RetrainReason | None:
    message = ""
    if situation.lost and not situation.forced:
        return RetrainReason(code="failed", message=_LOST)
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
    elif situation.unfinished:
        message = "The last training was on exactly these images, and its model is not judged yet."
        yield RetrainReason(code="unfinished", message=message)


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
