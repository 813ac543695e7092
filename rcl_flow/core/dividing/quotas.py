"""How many images and how much of each label every split is to get, in whole numbers."""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from rcl_flow.core.datasets.dataset import Split

MIN_GROUPS: Final[Mapping[Split, int]] = {"train": 2, "test": 1, "holdout": 1}
"""What every split should have of each label; where there is less, train comes first."""


@dataclass(frozen=True, slots=True)
class Quotas:
    """Whole numbers of images and of each label's weight, split by split."""

    images: dict[Split, int]
    labels: dict[Split, Counter[str]]


def make_quotas(
    groups: Sequence[Counter[str]], images: int, shares: Mapping[Split, float]
) -> Quotas:
    """Divide images and labels by `shares`, to which the sums over all labels keep as well.

    Args:
        groups: how much of each label every group holds.
        images: how many different images the groups have together.
        shares: of each split that is made; they add up to 1.
    """
    totals: Counter[str] = Counter()
    for group in groups:
        totals.update(group)
    groups_of = Counter(label for group in groups for label in group)
    images_left, left = images, totals.copy()
    quotas = Quotas(images={}, labels={})
    needed = MIN_GROUPS["train"]
    for split in [name for name in shares if name != "train"]:
        needed += MIN_GROUPS[split]
        quotas.labels[split] = _divide(
            totals,
            shares[split],
            least={label for label in totals if groups_of[label] >= needed},
            room={label: left[label] - MIN_GROUPS["train"] for label in totals},
        )
        forced = quotas.labels[split].total() - _rounded(totals.total() * shares[split])
        wanted_images = _rounded(images * shares[split]) + max(0, forced)
        quotas.images[split] = min(images_left, wanted_images)
        images_left -= quotas.images[split]
        left.subtract(quotas.labels[split])
    quotas.images["train"], quotas.labels["train"] = images_left, left
    return quotas


def _divide(
    totals: Counter[str], share: float, *, least: set[str], room: Mapping[str, int]
) -> Counter[str]:
    """Round the share of each label so that their sum is kept.

    Args:
        totals: how much there is of each label.
        share: 0 to 1.
        least: labels of which at least 1 is needed.
        room: how much may be taken of each label, which goes before what is needed.
    """
    wanted = {label: weight * share for label, weight in totals.items()}
    quota: Counter[str] = Counter()
    for label, weight in wanted.items():
        at_least = max(int(label in least), math.floor(weight))
        quota[label] = max(0, min(room[label], at_least))
    missing = _rounded(totals.total() * share) - quota.total()
    by_need = sorted(wanted, key=lambda label: (quota[label] - wanted[label], label))
    for label in [label for label in by_need if quota[label] < room[label]][: max(0, missing)]:
        quota[label] += 1
    return quota


def _rounded(value: float) -> int:
    return math.floor(value + 0.5)
