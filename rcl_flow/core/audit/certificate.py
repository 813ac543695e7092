"""The holdout's certificate: which contents were compared, and the proof that they are disjoint."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from rcl_flow.core.audit.findings import AuditReport, Place
from rcl_flow.core.audit.rules import AuditRules
from rcl_flow.core.datasets.dataset import Datasets
from rcl_flow.core.measures import MEASURES_VERSION, ImageMeasures
from rcl_flow.core.values import Frozen

_OVERLAPS: Final = ("split-overlap", "near-overlap", "turned-overlap", "augmented-image")


class SplitIdentity(Frozen):
    """What a split was when the certificate was issued."""

    digest: str
    """SHA-256 of its contents and labels, 64 hexadecimal digits."""
    images: int
    """Different contents."""
    hashed_images: int
    """Those that have a perceptual hash; images that show nothing have none."""


class HoldoutCertificate(Frozen):
    """What is known of a holdout being external to the model that it judges."""

    format_version: int = 1
    issued_at: datetime
    splits: Mapping[str, SplitIdentity]
    """By name: `train`, `test` and `holdout`, those that there are."""
    near_duplicate_bits: int
    """Images whose hashes differ in at most so many of 64 bits counted as the same picture."""
    measures_version: int = MEASURES_VERSION
    """By which way of measuring the hashes were made: two certificates of different ones may differ
    in what they found. It is there for whoever reads the file."""
    overlaps: Mapping[str, int]
    """How many images of the holdout each rule found in another split, too."""
    unchecked: tuple[str, ...]
    """The rules among them that the config turned off; nothing is proven without them."""
    accepted: Mapping[str, str]
    """The config's reasons for overlaps that were waived, by rule."""
    uses: int
    """How many models the holdout had judged before."""
    left_for_training: int = 0
    """Images that its source has and that arrived as training images: they are in it no more."""

    @property
    def holdout_digest(self) -> str:
        """The identity of the holdout: scores on the same one can be compared."""
        return self.splits["holdout"].digest

    @property
    def disjoint(self) -> bool:
        """Whether there were images to compare, all was checked, and nothing is shared."""
        return self._compared and not self.unchecked and not any(self.overlaps.values())

    @property
    def _compared(self) -> bool:
        return all(
            name in self.splits and self.splits[name].images for name in ("train", "holdout")
        )

    @property
    def summary(self) -> str:
        """What it says, in a few sentences."""
        return f"{self._proof}{self._left}"

    @property
    def _left(self) -> str:
        count = self.left_for_training
        return f" {count} images left it to be trained on." if count else ""

    @property
    def _proof(self) -> str:
        if "train" not in self.splits:
            return "Nothing proves that the model has not seen the holdout: there is no data.train."
        if not self._compared:
            return "Nothing is proven: train or holdout has no usable image."
        if self.unchecked:
            return f"Not proven: the config turns {', '.join(self.unchecked)} off."
        shared = {rule: n for rule, n in self.overlaps.items() if n}
        if not shared:
            others = " or ".join(name for name in self.splits if name != "holdout")
            return (
                f"No holdout image is in {others}: neither the same file, nor one whose perceptual "
                f"hash, mirrored and turned too, differs in at most {self.near_duplicate_bits} of "
                f"64 bits.{self._unhashed}"
            )
        told = ", ".join(f"{rule}: {n}" for rule, n in shared.items())
        return f"The holdout shares images with other splits ({told})."

    @property
    def _unhashed(self) -> str:
        """Say how many images were compared as files only."""
        count = sum(split.images - split.hashed_images for split in self.splits.values())
        return f" {count} images show too little to have a hash." if count else ""


def certify(
    datasets: Datasets,
    report: AuditReport,
    measures: Mapping[str, ImageMeasures],
    rules: AuditRules,
    *,
    issued_at: datetime,
    uses: int,
) -> HoldoutCertificate:
    """Return the certificate of an audited holdout.

    Args:
        datasets: the splits that were audited.
        report: what the audit found.
        measures: of the images, by digest; an image without is not proven by its looks.
        rules: the audit's rules, for the radius.
        issued_at: now, in UTC.
        uses: how many models this holdout has judged before.
    """
    findings = [
        finding
        for finding in report.findings
        if finding.rule in _OVERLAPS and "+" in finding.split and "holdout" in finding.split
    ]
    shared: dict[str, set[str]] = {rule: set() for rule in _OVERLAPS}
    for finding in findings:
        shared[finding.rule] |= {_holdout_image(place) for place in finding.places} - {""}
    return HoldoutCertificate(
        issued_at=issued_at,
        splits={
            split.split: SplitIdentity(
                digest=split.digest,
                images=len(split.distinct()),
                hashed_images=sum(
                    bool(image.sha256 in measures and measures[image.sha256].hashes)
                    for image in split.distinct()
                ),
            )
            for split in datasets
        },
        near_duplicate_bits=rules.duplicates.near_duplicate_bits,
        overlaps={rule: len(images) for rule, images in shared.items()},
        unchecked=tuple(rule for rule in _OVERLAPS if rules.severities.get(rule) == "off"),
        accepted={finding.rule: finding.waived for finding in findings if finding.waived},
        uses=uses,
    )


def changed_splits(certificate: HoldoutCertificate, datasets: Datasets) -> tuple[str, ...]:
    """Return the names of the splits that are not what the certificate was issued for."""
    now: dict[str, str] = {split.split: split.digest for split in datasets}
    then = {name: identity.digest for name, identity in certificate.splits.items()}
    return tuple(name for name in sorted(now.keys() | then) if now.get(name) != then.get(name))


def _holdout_image(place: Place) -> str:
    return place.sha256 if place.split == "holdout" else place.twin_sha256
