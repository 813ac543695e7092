"""What an import and a training will make of manifests, judged by their reports.

The checks come in the service's order and end at the first that fails.

Source: developer guide, "Debugging a failed model training" (archived text, read 2026-11-23);
where it is silent, docs/04-emulator.md.
"""

from collections.abc import Callable, Iterator, Mapping, Set
from dataclasses import dataclass, field
from typing import Final, Literal

from rcl_flow.core import limits
from rcl_flow.core.lint.codes import MAX_INVALID_SHARE
from rcl_flow.core.lint.manifest_report import ManifestReport
from rcl_flow.core.lint.tally import LabelUse

Route = Literal["manifests", "datasets"]
"""Trained with the manifests as they are, or with datasets that were made of them."""
UseCase = Literal["IMAGE_LEVEL_LABELS", "OBJECT_LOCALIZATION", "NOT_DETERMINED"]
BucketState = Literal["ok", "forbidden", "foreign"]
"""Of an images' bucket: as it should be, not to be looked at, of another account."""

_MIN_IMAGES_TO_SPLIT: Final = 2


@dataclass(frozen=True, slots=True)
class Failure:
    """Why nothing comes of it."""

    code: str
    split: str
    """`train`, `test`, or `both` for what concerns their relation."""


@dataclass(frozen=True, slots=True)
class Forecast:
    """What becomes of the data on one route."""

    route: Route
    failures: tuple[Failure, ...] = ()
    """Of the first check that fails; none if the training goes on."""
    certain: bool = True
    """Whether none of this depends on which images the service splits off for testing.

    If it does, a training that is said to fail still fails, but maybe for an earlier reason.
    """
    use_case: UseCase = "NOT_DETERMINED"

    @property
    def trains(self) -> bool:
        """Whether no check fails."""
        return not self.failures


@dataclass(frozen=True, slots=True)
class Case:
    """The reports, and what is known of the buckets of the images."""

    train: ManifestReport
    test: ManifestReport | None
    buckets: Mapping[str, BucketState] = field(default_factory=dict)
    route: Route = "manifests"

    @property
    def sides(self) -> tuple[ManifestReport, ...]:
        """The manifests that are given."""
        return (self.train, self.test) if self.test else (self.train,)

    @property
    def detection(self) -> bool:
        """Whether any valid line has a box."""
        return any(side.tally.lines_with_boxes for side in self.sides)

    @property
    def logos(self) -> bool:
        """Whether image-level labels train a detector that is tested with boxes."""
        return self.detection and not self.train.tally.lines_with_boxes

    @property
    def min_labels(self) -> int:
        """How many labels each side needs."""
        return limits.MIN_OBJECT_LABELS if self.detection else limits.MIN_LABELS

    def used(self, side: ManifestReport) -> dict[str, LabelUse]:
        """Return the labels of a side that are left once the use case is decided."""
        whole = self.logos and side is self.train
        return side.tally.used(detection=self.detection, whole_images=whole)


def forecast(case: Case) -> Forecast:
    """Say what becomes of the data on the case's route."""
    refused = tuple(_refused_files(case) if case.route == "manifests" else _refused_imports(case))
    if refused:
        return Forecast(case.route, refused)
    for check in _CHECKS:
        failures = tuple(check(case))
        if failures:
            if check not in _AFTER_USE_CASE:
                return Forecast(case.route, failures)
            return Forecast(case.route, failures, _is_certain(case), _use_case(case))
    return Forecast(case.route, certain=_is_certain(case), use_case=_use_case(case))


def can_distribute(train: ManifestReport) -> bool:
    """Say whether each label has images enough to split a test dataset off."""
    images = train.tally.images_of_labels()
    return bool(images) and min(images.values()) >= _MIN_IMAGES_TO_SPLIT


def _use_case(case: Case) -> UseCase:
    return "OBJECT_LOCALIZATION" if case.detection else "IMAGE_LEVEL_LABELS"


def _refused_files(case: Case) -> Iterator[Failure]:
    """Yield the first thing that ends a training before its lines are looked at."""
    refused = [Failure(side.file_codes[0], side.split) for side in case.sides if side.file_codes]
    yield from refused[:1]


def _refused_imports(case: Case) -> Iterator[Failure]:
    for side in case.sides:
        kept = side.total_lines - side.dropped_lines
        if side.file_codes:
            yield Failure(side.file_codes[0], side.split)
        elif not kept:
            yield Failure("ERROR_MANIFEST_INACCESSIBLE_OR_UNSUPPORTED_FORMAT", side.split)
        elif side.dropped_lines > MAX_INVALID_SHARE * side.total_lines:
            yield Failure("ERROR_TOO_MANY_RECORDS_IN_ERROR", side.split)
        elif len(side.declared_labels) > limits.MAX_LABELS:
            yield Failure("ERROR_MANIFEST_TOO_MANY_LABELS", side.split)


def _invalid_rows(case: Case) -> Iterator[Failure]:
    for side in case.sides:
        invalid, total = side.invalid_lines, side.total_lines
        if case.route == "datasets":  # what a dataset dropped is not there any more
            invalid, total = invalid - side.dropped_invalid_lines, total - side.dropped_lines
        if invalid > MAX_INVALID_SHARE * total:
            yield Failure("ERROR_TOO_MANY_INVALID_ROWS_IN_MANIFEST", side.split)


def _dropped_rows(case: Case) -> Iterator[Failure]:
    for side in case.sides if case.route == "manifests" else ():
        if side.dropped_lines > MAX_INVALID_SHARE * side.total_lines:
            yield Failure("ERROR_TOO_MANY_RECORDS_IN_ERROR", side.split)


def _buckets(case: Case) -> Iterator[Failure]:
    for side in case.sides:
        states = {case.buckets.get(bucket, "ok") for bucket in side.buckets}
        if len(side.buckets) > 1:
            yield Failure("ERROR_IMAGES_IN_MULTIPLE_S3_BUCKETS", side.split)
        elif "forbidden" in states:
            yield Failure("ERROR_INVALID_PERMISSIONS_IMAGES_S3_BUCKET", side.split)
        elif "foreign" in states:
            yield Failure("ERROR_INVALID_IMAGES_S3_BUCKET_OWNER", side.split)


def _split(case: Case) -> Iterator[Failure]:
    if case.test is None and not can_distribute(case.train):
        yield Failure("ERROR_INSUFFICIENT_IMAGES_PER_LABEL_FOR_AUTOSPLIT", "train")


def _label_counts(case: Case) -> Iterator[Failure]:
    for side in case.sides:
        labels = len(side.tally.labels)
        if labels < case.min_labels:
            yield Failure("ERROR_MANIFEST_TOO_FEW_LABELS", side.split)
        elif labels > limits.MAX_LABELS:
            yield Failure("ERROR_MANIFEST_TOO_MANY_LABELS", side.split)


def _overlap(case: Case) -> Iterator[Failure]:
    if case.test and _overlaps_little(case.train.tally.labels, case.test.tally.labels):
        yield Failure("ERROR_INSUFFICIENT_LABEL_OVERLAP", "both")


def _usable_label_counts(case: Case) -> Iterator[Failure]:
    for side in case.sides:
        if len(case.used(side)) < case.min_labels:
            yield Failure("ERROR_MANIFEST_TOO_FEW_USABLE_LABELS", side.split)


def _usable_overlap(case: Case) -> Iterator[Failure]:
    if case.test and _overlaps_little(case.used(case.train).keys(), case.used(case.test).keys()):
        yield Failure("ERROR_INSUFFICIENT_USABLE_LABEL_OVERLAP", "both")


def _copies(case: Case) -> Iterator[Failure]:
    for side in case.sides:
        if side.forbidden_images and side.forbidden_images == side.valid_lines:
            yield Failure("ERROR_FAILED_IMAGES_S3_COPY", side.split)


_CHECKS: Final[tuple[Callable[[Case], Iterator[Failure]], ...]] = (
    _invalid_rows,
    _dropped_rows,
    _buckets,
    _split,
    _label_counts,
    _overlap,
    _usable_label_counts,
    _usable_overlap,
    _copies,
)
_AFTER_USE_CASE: Final = (_usable_label_counts, _usable_overlap, _copies)


def _overlaps_little(training: Set[str], testing: Set[str]) -> bool:
    return len(training & testing) < limits.MIN_LABEL_OVERLAP * len(training)


def _is_certain(case: Case) -> bool:
    """Say whether any split that the service may draw passes the checks that come after it.

    A label that is alone on some image is always split off; another one may have no image to spare.
    """
    tally = case.train.tally
    if case.test is not None:
        return True
    if tally.lines_with_boxes and tally.only_labels:
        return False
    labels = case.used(case.train).keys()
    sure = tally.alone & labels
    if not case.detection and len(sure) < case.min_labels:
        return False
    return not _overlaps_little(labels, sure) and not _overlaps_little(tally.labels, tally.alone)
