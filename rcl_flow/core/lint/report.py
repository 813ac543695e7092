"""Everything that lint says of one or two manifests."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from rcl_flow.core import limits
from rcl_flow.core.lint import codes
from rcl_flow.core.lint.forecast import (
    BucketState,
    Case,
    Failure,
    Forecast,
    can_distribute,
    forecast,
)
from rcl_flow.core.lint.issues import LineProblem
from rcl_flow.core.lint.manifest_report import ManifestReport
from rcl_flow.core.lint.tally import LabelUse

_NO_BUCKETS: Mapping[str, BucketState] = {}


@dataclass(frozen=True, slots=True)
class LintReport:
    """The manifests' reports, and what an import and a training will make of them."""

    train: ManifestReport
    test: ManifestReport | None
    from_manifests: Forecast
    from_datasets: Forecast
    used: Mapping[str, Mapping[str, LabelUse]] = field(default_factory=dict)
    """By split: images and boxes of each label that a training uses if nothing else fails.

    Without a testing manifest, those of `train` are split by the service.
    """
    other_format: Mapping[str, Sequence[int]] = field(default_factory=dict)
    """By split: lines that are not used since they have no boxes."""
    mixed_labels: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """By split: labels that stand on boxes and on whole images."""
    can_distribute: bool = True
    """Whether DistributeDatasetEntries could make a testing dataset, where it has to."""

    @property
    def manifests(self) -> tuple[ManifestReport, ...]:
        """The training manifest and, if there is one, the testing manifest."""
        return (self.train, self.test) if self.test else (self.train,)

    @property
    def failures(self) -> Mapping[Failure, tuple[str, ...]]:
        """What fails, with the routes on which it does."""
        routes: dict[Failure, tuple[str, ...]] = {}
        for each in (self.from_manifests, self.from_datasets):
            for failure in each.failures:
                routes[failure] = (*routes.get(failure, ()), each.route)
        return routes

    @property
    def problems(self) -> Iterator[tuple[ManifestReport, LineProblem]]:
        """The problems of all lines, with the manifest that each is in."""
        for manifest in self.manifests:
            for problem in manifest.problems:
                yield manifest, problem

    @property
    def passes(self) -> bool:
        """Whether the training goes on, on both routes, and no line or part of one is lost."""
        lost = any(problem.code not in codes.DISPUTED for _, problem in self.problems)
        return not self.failures and not lost

    def crowded_test_labels(self) -> dict[str, int]:
        """Return the labels with more test images than the service takes."""
        if self.test is None:
            return {}
        most = limits.MAX_TEST_IMAGES_PER_LABEL
        images = self.test.tally.images_of_labels()
        return {label: count for label, count in sorted(images.items()) if count > most}


def judge_manifests(
    train: ManifestReport,
    test: ManifestReport | None = None,
    *,
    buckets: Mapping[str, BucketState] = _NO_BUCKETS,
) -> LintReport:
    """Say what an import and a training will make of manifests that were read.

    Args:
        train: the training manifest.
        test: the testing manifest; without one, the service splits the training images.
        buckets: what is known of the images' buckets; others count as usable.
    """
    case = Case(train, test, buckets)
    logos = case.logos
    return LintReport(
        train,
        test,
        from_manifests=forecast(case),
        from_datasets=forecast(Case(train, test, buckets, "datasets")),
        used={side.split: case.used(side) for side in case.sides},
        other_format={
            side.split: side.lines_without_boxes
            for side in case.sides
            if case.detection and side.lines_without_boxes and not (logos and side is train)
        },
        mixed_labels={
            side.split: tuple(sorted(side.tally.images.keys() & side.tally.box_images.keys()))
            for side in case.sides
        },
        can_distribute=test is not None or can_distribute(train),
    )
