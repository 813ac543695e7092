"""What is proposed for labelled images that were looked at: splits, a holdout, and what is missing.

Pure: from counts to rules of a split, a project's name and sentences about what is missing.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from rcl_flow.core import limits
from rcl_flow.core.audit.rules import AuditRules
from rcl_flow.core.datasets.dataset import DatasetImage, Split, Task
from rcl_flow.core.dividing.grouping import GroupRules
from rcl_flow.core.dividing.quotas import MIN_GROUPS
from rcl_flow.core.dividing.split import SPLITS, SplitRules, weights_of
from rcl_flow.core.promotion.rules import Gates
from rcl_flow.errors import DataNotFoundError

_WANTED_HOLDOUT_SHARE: Final = 0.2
_MOST_HOLDOUT_SHARE: Final = 1 / 3
_RULES: Final = AuditRules()
_GATES: Final = Gates()
_SHOWN_LABELS: Final = 5
_LEAST_OF_WANTED: Final = 0.5
_LONGEST_NAME: Final = 60
_DULL_NAMES: Final = frozenset(
    (
        *("annotations", "data", "dataset", "datasets", "export", "images", "img", "imgs"),
        *("labels", "photos", "pictures", "splits", "tmp", "train", "valid", "val", "test"),
    )
)


@dataclass(frozen=True, slots=True)
class SetCounts:
    """How much one set holds; copies of one content count once."""

    images: int
    labels: Mapping[str, int]
    """Images of each label."""
    weights: Mapping[str, int]
    """Boxes of each label where there are boxes, else images."""


@dataclass(frozen=True, slots=True)
class Missing:
    """Something that the images lack, and the cure."""

    message: str
    cure: str


@dataclass(frozen=True, slots=True)
class Demands:
    """What a config demands of its data."""

    gates: Gates = _GATES
    audit: AuditRules = _RULES


USUAL_DEMANDS: Final = Demands()
"""Of a config that says nothing of them."""


def count_set(images: Sequence[DatasetImage]) -> SetCounts:
    """Count the different images of a set, and those of each label."""
    labels = {image.sha256: image.labels for image in images}
    weights = weights_of(images)
    return SetCounts(
        len(labels),
        dict(sorted(Counter(name for names in labels.values() for name in names).items())),
        {name: weight for name, weight in sorted(weights.items()) if name},
    )


def holdout_size(images: int) -> int:
    """Return how many of so many undivided images a holdout gets; 0 where there is just one.

    A fifth, or 500 where a third suffices for that, and never more than 1,000: practice J3 wants
    500 to 1,000, and training has to keep most of a small set.
    """
    least, most = _RULES.recommended_holdout_images
    wanted = round(images * _WANTED_HOLDOUT_SHARE)
    return min(most, max(wanted, min(least, int(images * _MOST_HOLDOUT_SHARE))))


def split_rules_for(
    given: Iterable[Split], images: int, groups: GroupRules, holdout_images: int | None = None
) -> SplitRules | None:
    """Return how the sets that are missing are drawn from `train`; None where none is.

    Args:
        given: the sets that there are; `train` is one of them.
        images: of `train`.
        groups: what stays together.
        holdout_images: wanted for the holdout; by default as many as `holdout_size` says.
    """
    held = holdout_size(images) if holdout_images is None else holdout_images
    missing = set(SPLITS) - set(given)
    if missing == {"holdout"}:
        return SplitRules(train=1.0, test=0.0, holdout_images=max(held, 1), groups=groups)
    if missing == {"test"}:
        usual = SplitRules()
        total = usual.train + usual.test
        shares = round(usual.train / total, 2), round(1 - round(usual.train / total, 2), 2)
        return SplitRules(train=shares[0], test=shares[1], holdout=0.0, groups=groups)
    return SplitRules(holdout_images=max(held, 1), groups=groups) if missing else None


def require_enough(counts: Mapping[Split, SetCounts], task: Task, place: str) -> None:
    """Refuse images of which no model can be trained and judged.

    Args:
        counts: of the sets that there are; `train` is one of them.
        task: what the model is asked.
        place: where the images are, for the message.

    Raises:
        DataNotFoundError: naming what is missing.
    """
    labels, needed = counts["train"].labels, _images_needed(counts)
    least = limits.MIN_LABELS if task == "classification" else limits.MIN_OBJECT_LABELS
    known = f"{_some(labels)} of {_images(counts['train'].images)}" if labels else "none"
    if len(labels) < least:
        raise DataNotFoundError(
            f"The images for training in {place} have too few labels ({known}); {task} needs at "
            f"least {least}.",
            hint="Label more images: one sub-folder a label, or one of the formats that "
            "`rcl-flow explain` lists; --format names the format, where another one was taken.",
        )
    if max(labels.values()) < needed:
        raise DataNotFoundError(
            f"There are too few images in {place}: a label needs {needed} to be in every set, and "
            f"the largest one, {max(labels, key=lambda name: labels[name])!r}, has "
            f"{max(labels.values())}.",
            hint=f"Collect at least {_RULES.recommended_train_images_per_label} images of each "
            f"label for training, and {_RULES.recommended_holdout_images[0]} or more for the "
            "holdout.",
        )


def what_is_missing(
    counts: Mapping[Split, SetCounts],
    rules: SplitRules | None,
    undivided: SetCounts,
    demands: Demands | None = USUAL_DEMANDS,
) -> Iterator[Missing]:
    """Yield what the sets lack, the weightiest first.

    Args:
        counts: of the three sets as the config names them.
        rules: by which sets were drawn; None where all were given.
        undivided: what was drawn from.
        demands: of the config; None where they are not known, and then the gate is not told.
    """
    yield from _uneven(counts, rules, undivided)
    audit = (demands or USUAL_DEMANDS).audit
    least = audit.min_train_images_per_label
    recommended = audit.recommended_train_images_per_label
    trained = counts["train"].labels
    few = {name: number for name, number in trained.items() if number < least}
    if few:
        yield Missing(
            f"`audit` will refuse fewer than {least} training images of a label: {_some(few)}.",
            "Add images of these labels, or take the labels out.",
        )
    few = {name: number for name, number in trained.items() if least <= number < recommended}
    if few:
        yield Missing(
            f"{recommended} training images of each label are recommended; fewer have "
            f"{_some(few)}.",
            "Add images that differ in background, light and angle.",
        )
    for split in ("test", "holdout"):
        unseen = {name: 0 for name in trained if name not in counts[split].labels}
        if unseen:
            yield Missing(
                f"The {split} set has no image of {_names(unseen)}: nothing is known of these "
                "labels there.",
                "Add images of these labels.",
            )
    drawn = rules is not None and rules.holdout_images is not None
    yield from _small_holdout(counts["holdout"].images, demands, drawn=drawn)


def out_of_reach(bucket: str) -> Missing:
    """Return that the emulator does not have the images, which are in a bucket."""
    return Missing(
        "The images are in S3, and `backend: emulator` reads nothing there: `audit` and `run` "
        "would not find them.",
        f"`init --force --backend aws --bucket {bucket}` writes the config for AWS; to try it on "
        "the emulator, copy the images here and give --from the copy.",
    )


def project_name(candidates: Iterable[str]) -> str | None:
    """Return the first candidate that can name a project, with other signs replaced, or None.

    Names that every folder of images has say nothing.
    """
    for candidate in candidates:
        name = re.sub(r"[^a-zA-Z0-9_.\-]+", "-", candidate).strip("-.")[:_LONGEST_NAME]
        if name and name.lower() not in _DULL_NAMES and re.search(r"[a-zA-Z]", name):
            return name
    return None


def _images_needed(given: Iterable[Split]) -> int:
    """Return how many images of a label the sets drawn from train need."""
    return sum(MIN_GROUPS[split] for split in SPLITS if split == "train" or split not in given)


def _uneven(
    counts: Mapping[Split, SetCounts], rules: SplitRules | None, undivided: SetCounts
) -> Iterator[Missing]:
    if rules is None:
        return
    for split, share in rules.shares(undivided.images).items():
        wanted, got = round(share * undivided.images), counts[split].images
        if got < wanted * _LEAST_OF_WANTED:
            yield Missing(
                f"The {split} set came out at {_images(got)}, not about {wanted}: images that "
                "look alike or have one group's name stay together.",
                "Add more different images; or draw again with --redraw and less that stays "
                "together: --near-duplicates 0, --group-by ''.",
            )


def _small_holdout(images: int, demands: Demands | None, *, drawn: bool) -> Iterator[Missing]:
    least, most = (demands or USUAL_DEMANDS).audit.recommended_holdout_images
    if images < least:
        gate = demands.gates.min_holdout_images if demands else 0
        decides = (
            f" With fewer than {gate} (gates.min_holdout_images) a run ends with the decision "
            "`keep`, whatever the score is."
            if images < gate
            else ""
        )
        yield Missing(
            f"The holdout has {_images(images)}; {least} to {most:,} are recommended.{decides}",
            f"Label {least - images} more images that look like production"
            + (f", then `init --update --holdout-images {least}`." if drawn else "."),
        )


def _images(count: int) -> str:
    return f"{count:,} image{'' if count == 1 else 's'}"


def _some(counts: Mapping[str, int]) -> str:
    shown = [f"{name!r} {number}" for name, number in list(counts.items())[:_SHOWN_LABELS]]
    more = len(counts) - len(shown)
    return ", ".join(shown) + _more_labels(more)


def _names(labels: Iterable[str]) -> str:
    names = [repr(label) for label in labels]
    more = len(names) - _SHOWN_LABELS
    return ", ".join(names[:_SHOWN_LABELS]) + _more_labels(more)


def _more_labels(count: int) -> str:
    return f" and {count} more label{'' if count == 1 else 's'}" if count > 0 else ""
