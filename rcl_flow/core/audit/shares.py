"""Whether the labels have the same shares of each split's images (J2).

Each label's share is compared by Fisher's exact test, which holds for one label an image and for
several; Holm's correction over all labels and pairs of splits keeps to a quarter of the false
alarm rate (see `shift`).
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Final

from rcl_flow.core.audit.findings import Finding
from rcl_flow.core.audit.rules import FactorRules
from rcl_flow.core.audit.stating import Scope, found
from rcl_flow.core.audit.subject import Subject
from rcl_flow.core.datasets.dataset import Dataset
from rcl_flow.core.label_text import some
from rcl_flow.core.statistics import Draws, holm

_SHARE_OF_RATE: Final = 0.25


@dataclass(frozen=True, slots=True)
class LabelCounts:
    """How many images of a split have each label; images without a label do not count."""

    split: str
    images: int
    by_label: Counter[str]

    def share(self, label: str) -> float:
        """Return the share of the images that have a label, 0 to 1."""
        return self.by_label[label] / self.images

    def mix(self, label: str) -> float:
        """Return the share of a label among all labels given, 0 to 1."""
        return self.by_label[label] / self.by_label.total()


@dataclass(frozen=True, slots=True)
class MixShift:
    """One label in two splits."""

    first: LabelCounts
    second: LabelCounts
    label: str
    p_value: float

    @property
    def change(self) -> float:
        """The second's share minus the first's."""
        return self.second.share(self.label) - self.first.share(self.label)


def check(subject: Subject) -> Iterator[Finding]:
    """Compare the labels' shares of each two splits."""
    rules = subject.rules.factors
    pairs = list(combinations([counts_of(split) for split in subject.datasets], 2))
    certain = certain_shifts(pairs, rules)
    for one, other in pairs:
        here = [shift for shift in certain if (shift.first, shift.second) == (one, other)]
        yield from _found(one, other, here)


def certain_shifts(
    pairs: Sequence[tuple[LabelCounts, LabelCounts]], rules: FactorRules
) -> list[MixShift]:
    """Return the labels whose share differs with certainty, of pairs whose mix differs enough.

    The largest change of a pair comes first; splits with few images are not compared.
    """
    enough = [pair for pair in pairs if min(each.images for each in pair) >= rules.min_images]
    draws = Draws.up_to(max((one.images + other.images for one, other in enough), default=0))
    shifts = [shift for one, other in enough for shift in _shifts(one, other, draws)]
    sure = holm([shift.p_value for shift in shifts], _SHARE_OF_RATE * rules.false_alarm_rate)
    certain = [
        shift
        for shift, fallen in zip(shifts, sure, strict=True)
        if fallen and mix_distance(shift.first, shift.second) >= rules.min_shift
    ]
    return sorted(certain, key=lambda shift: -abs(shift.change))


def mix_distance(first: LabelCounts, second: LabelCounts) -> float:
    """Return what share of the labels would have to change for the same mix, 0 to 1."""
    labels = sorted(first.by_label | second.by_label)
    return sum(abs(first.mix(label) - second.mix(label)) for label in labels) / 2


def counts_of(split: Dataset) -> LabelCounts:
    """Count the labels of a split's different images."""
    labelled = [image.labels for image in split.distinct() if image.labels]
    return LabelCounts(
        split.split, len(labelled), Counter(label for labels in labelled for label in labels)
    )


def _shifts(first: LabelCounts, second: LabelCounts, draws: Draws) -> Iterator[MixShift]:
    for label in sorted(first.by_label | second.by_label):
        hits = first.by_label[label]
        p_value = draws.as_odd_as(
            hits,
            things=first.images + second.images,
            marked=hits + second.by_label[label],
            drawn=first.images,
        )
        yield MixShift(first, second, label, p_value)


def _found(first: LabelCounts, second: LabelCounts, ordered: list[MixShift]) -> Iterator[Finding]:
    """A training set may be balanced on purpose; what judges a model must have production's mix."""
    if not ordered:
        return
    distance = mix_distance(first, second)
    told = some(
        f"{shift.label} is {second.share(shift.label):.0%} of {second.split} and "
        f"{first.share(shift.label):.0%} of {first.split}"
        for shift in ordered
    )
    trained = first.split == "train"
    yield found(
        "label-shift",
        f"{distance:.0%} of the labels would have to change for {first.split} and {second.split} "
        f"to have the same mix: {told}.",
        "Fine where training is balanced on purpose; test and holdout must have production's mix."
        if trained
        else "Give the test set the holdout's mix, if that is production's: the service picks its "
        "thresholds by F1 on the test set.",
        scope=Scope(
            f"{first.split}+{second.split}",
            figures={
                "distance": distance,
                **{f"{shift.label} change": shift.change for shift in ordered},
            },
        ),
        severity="note" if trained else None,
    )
