"""Split images into train, test and holdout: by label, whole groups, and never drawn again.

What was drawn once stands: a plan keeps the split of every content, and only groups that are
new to it are drawn, each to the split that is most behind with the group's labels. So an image
keeps its split whatever is added, in whatever order the images come. Rarest labels are drawn
first, as in iterative stratification (Sechidis, Tsoumakas and Vlahavas, 2011); groups of one
label are drawn from the largest to the smallest, and among equals by digest. A group goes where
it lowers the need of all its labels most, which is what keeps common labels fair as well.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Final, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from rcl_flow.core.datasets.dataset import DatasetImage, Split
from rcl_flow.core.dividing.grouping import Group, GroupEvidence, GroupRules, group_images
from rcl_flow.core.dividing.quotas import MIN_GROUPS, Quotas, make_quotas
from rcl_flow.core.values import Frozen
from rcl_flow.errors import ConfigError

SPLITS: Final[tuple[Split, ...]] = ("train", "test", "holdout")
_TOLERANCE: Final = 1e-6
_IMAGES: Final = 4
"""How many labels the number of images counts as; measured: 2 to 8 are fairest to all labels."""
Share = Annotated[float, Field(ge=0, le=1)]
Digest = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


class SplitRules(Frozen):
    """How large the splits are, and what belongs together; a split of share 0 is not made."""

    train: Annotated[float, Field(gt=0, le=1)] = 0.7
    test: Share = 0.15
    holdout: Share = 0.15
    holdout_images: int | None = Field(
        None,
        ge=1,
        le=250_000,
        description="The holdout's number of images, in place of its share; train and test share "
        "the rest in their proportion.",
    )
    groups: GroupRules = GroupRules()

    @model_validator(mode="after")
    def _whole(self) -> Self:
        total = self.train + self.test + self.holdout
        if self.holdout_images is None and abs(total - 1) > _TOLERANCE:
            raise ValueError(f"the shares of train, test and holdout add up to {total:g}, not to 1")
        return self

    def go_on_by(self, later: Self) -> bool:
        """Say whether a plan of these rules goes on by later ones: equal, or a larger holdout."""
        before, after = self.holdout_images, later.holdout_images
        if before is None or after is None or after < before:
            return self == later
        return self.model_copy(update={"holdout_images": after}) == later

    def shares(self, images: int) -> dict[Split, float]:
        """Return each split's share of that many images, without the splits that are not made.

        Raises:
            ConfigError: the holdout would leave nothing to train on.
        """
        if self.holdout_images is None:
            wanted = {"train": self.train, "test": self.test, "holdout": self.holdout}
        else:
            if self.holdout_images >= images:
                raise ConfigError(
                    f"A holdout of {self.holdout_images} images leaves nothing of {images} images.",
                    hint="Ask for a smaller holdout, or give shares instead.",
                )
            holdout = self.holdout_images / images
            learning = (1 - holdout) / (self.train + self.test)
            wanted = {
                "train": self.train * learning,
                "test": self.test * learning,
                "holdout": holdout,
            }
        return {split: wanted[split] for split in SPLITS if wanted[split] > 0}


class SplitPlan(Frozen):
    """Which content is in which split, and by which rules it was drawn: what split.json holds."""

    format_version: Literal[1] = 1
    rules: SplitRules
    splits: Mapping[Digest, Split]
    """Also of contents that are not there any more: they come back to where they were."""


@dataclass(frozen=True, slots=True)
class SplitConflict:
    """A group that cannot stay whole.

    It lies in several splits already, such as by a new near duplicate of both, or it has new
    augmented images of one that judges.
    """

    splits: Mapping[str, Split]
    """Its contents that stay where they are, by digest."""
    held_back: tuple[str, ...]
    """Its new contents, by digest: in no split, because in each they would leak."""


@dataclass(frozen=True, slots=True)
class SplitDraw:
    """A plan, and what happened when it was drawn."""

    plan: SplitPlan
    groups: int
    drawn: tuple[str, ...]
    """The digests that had no split before."""
    conflicts: tuple[SplitConflict, ...]


def split_images(
    images: Iterable[DatasetImage],
    rules: SplitRules,
    evidence: GroupEvidence = GroupEvidence(),  # noqa: B008  # frozen
    *,
    existing: SplitPlan | None = None,
) -> SplitDraw:
    """Draw every image that `existing` does not know, and leave the others where they are.

    Raises:
        ConfigError: `existing` was drawn by other rules, or the holdout takes all images.
    """
    if existing is not None and not existing.rules.go_on_by(rules):
        raise ConfigError(
            f"The split was drawn by other rules: {_difference(existing.rules, rules)}.",
            hint="Give the same rules again, or `--redraw` to draw a new split; scores on the new "
            "test and holdout cannot be compared with those on the old ones.",
        )
    groups = group_images(images, rules.groups, evidence)
    shares = rules.shares(sum(len(group.digests) for group in groups))
    settled = existing.splits if existing else {}
    parts: list[tuple[Group, Split]] = []
    fresh: list[Group] = []
    conflicts: list[SplitConflict] = []
    for group in groups:
        known = {digest: settled[digest] for digest in group.digests if digest in settled}
        stay, held_back = _places(group, known, evidence.parents)
        parts += stay
        if len(set(known.values())) > 1 or held_back:
            conflicts.append(SplitConflict(known, held_back))
        elif not stay:
            fresh.append(group)
    placed = {d: split for group, split in parts for d in group.digests} | _draw(
        fresh, _Ledger(parts, fresh, shares)
    )
    return SplitDraw(
        plan=SplitPlan(rules=rules, splits={**settled, **placed}),
        groups=len(groups),
        drawn=tuple(sorted(placed.keys() - settled.keys())),
        conflicts=tuple(conflicts),
    )


def weights_of(images: Iterable[DatasetImage]) -> Counter[str]:
    """Return how much of each label different images hold: boxes, or else images.

    Copies of one content count once; images without a label count under an empty text.
    """
    by_content: dict[str, Counter[str]] = {}
    for image in images:
        named = [box.label for box in image.boxes] or image.labels or ("",)
        by_content[image.sha256] = by_content.get(image.sha256, Counter()) | Counter(named)
    return _sum(by_content.values())


def _sum(counters: Iterable[Counter[str]]) -> Counter[str]:
    total: Counter[str] = Counter()
    for counter in counters:
        total.update(counter)  # in place: `sum` would copy the total each time
    return total


class _Ledger:
    """What each split has still to get."""

    def __init__(
        self,
        parts: Sequence[tuple[Group, Split]],
        fresh: Sequence[Group],
        shares: Mapping[Split, float],
    ) -> None:
        self.weights = {
            group.key: weights_of(group.images)
            for group in [*(group for group, _ in parts), *fresh]
        }
        self.undrawn = Counter(label for group in fresh for label in self.weights[group.key])
        self._quotas: Quotas = make_quotas(
            list(self.weights.values()),
            sum(len(group.digests) for group in [*(group for group, _ in parts), *fresh]),
            shares,
        )
        self._image_aims = dict(self._quotas.images)
        self._aims = {split: aim.copy() for split, aim in self._quotas.labels.items()}
        self._lacking = {
            split: Counter(dict.fromkeys(self._quotas.labels[split], MIN_GROUPS[split]))
            for split in shares
        }
        for group, split in parts:
            if split in shares:
                self._enter(group, split)

    def place(self, group: Group) -> Split:
        """Enter an undrawn group into the split that needs it most."""
        split = max(self._lacking, key=lambda candidate: self._urgency(group, candidate))
        self.undrawn.subtract(self.weights[group.key].keys())
        self._enter(group, split)
        return split

    def _enter(self, group: Group, split: Split) -> None:
        weights = self.weights[group.key]
        self._quotas.labels[split].subtract(weights)
        self._quotas.images[split] -= len(group.digests)
        self._lacking[split].subtract(weights.keys())

    def _urgency(self, group: Group, split: Split) -> tuple[float, ...]:
        """Return what speaks for a split, the weightiest first.

        These are labels that it would never get otherwise, room for images, and by how much the
        group lowers the sum of the squares of what is needed, of images and of each label, each
        over what is aimed at.
        """
        weights, need, aim = self.weights[group.key], self._quotas.labels[split], self._aims[split]
        scarce = sum(self._lacking[split][name] > 0 and self._is_scarce(name) for name in weights)
        images, size = self._quotas.images[split], len(group.digests)
        gain = _IMAGES * _gain(images, size, self._image_aims[split]) + sum(
            _gain(need[label], weight, aim[label]) for label, weight in weights.items()
        )
        return scarce, images > 0, gain, images

    def _is_scarce(self, label: str) -> bool:
        """Say whether no group of `label` can be spared if every split is to have some."""
        wanted = sum(max(0, lacking[label]) for lacking in self._lacking.values())
        return self.undrawn[label] <= wanted


def _gain(need: int, weight: int, aim: int) -> float:
    return (2 * need - weight) * weight / max(1, aim)


def _draw(groups: Sequence[Group], ledger: _Ledger) -> dict[str, Split]:
    ordered = sorted(groups, key=lambda group: (-len(group.digests), group.key))
    of_label: dict[str, list[Group]] = {}
    for group in ordered:
        for label in ledger.weights[group.key]:
            of_label.setdefault(label, []).append(group)
    placed: dict[str, Split] = {}
    while of_label:
        label = min(of_label, key=lambda name: (ledger.undrawn[name], name))
        for group in of_label.pop(label):
            if group.key not in placed:
                placed.update(dict.fromkeys(group.digests, ledger.place(group)))
    return placed


def _places(
    group: Group, known: Mapping[str, Split], parents: Mapping[str, str]
) -> tuple[list[tuple[Group, Split]], tuple[str, ...]]:
    """Return the parts of a group that need no draw, and its new contents that are held back.

    A group with augmented images is for training. A group that was drawn stays where it is and
    takes its new images along, but not into two splits at once, and nothing augmented into test
    or holdout.
    """
    augmented = {digest for digest in group.digests if digest in parents}
    splits = set(known.values())
    if not splits:
        return ([(group, "train")] if augmented else []), ()
    new = [digest for digest in group.digests if digest not in known]
    only = splits.pop() if len(splits) == 1 else None
    held_back = [d for d in new if only is None or (only != "train" and d in augmented)]
    places = {**known, **({d: only for d in new if d not in held_back} if only else {})}
    parts: list[tuple[Group, Split]] = [
        (Group(tuple(i for i in group.images if places.get(i.sha256) == split)), split)
        for split in sorted(set(places.values()))
    ]
    return parts, tuple(held_back)


def _difference(before: SplitRules, after: SplitRules) -> str:
    old, new = before.model_dump(), after.model_dump()
    old |= old.pop("groups")
    new |= new.pop("groups")
    return ", ".join(
        f"{name.replace('_', ' ')} was {old[name]!r} and is now {new[name]!r}"
        for name in old
        if old[name] != new[name]
    )
