"""The checks on the contents of training and testing data, in the order of the service.

Source: https://docs.aws.amazon.com/rekognition/latest/customlabels-dg/tm-terminal-errors-reference.html
"""

from collections.abc import Callable
from dataclasses import replace

from rcl_flow.emulator.data.catalogue import (
    DROPPING_ERRORS,
    MAX_INVALID_SHARE,
    MAX_LABELS,
    MIN_CLASSIFICATION_LABELS,
    MIN_DETECTION_LABELS,
    MIN_LABEL_OVERLAP,
    line_issue,
)
from rcl_flow.emulator.data.images import is_trainable
from rcl_flow.emulator.data.manifests import CheckedLine, Verdict, parse_source_ref
from rcl_flow.emulator.data.sides import (
    IMAGE_LEVEL_LABELS,
    OBJECT_LOCALIZATION,
    Side,
    Sides,
)
from rcl_flow.emulator.data.split import split_off


def check_sides(sides: Sides) -> Sides:
    """Return the sides after the checks up to the first that finds an error."""
    for check in CONTENT_CHECKS:
        sides = check(sides)
        if sides.terminal_errors():
            return sides
    return sides


def _judge_images(sides: Sides) -> Sides:
    bodies, forbidden = sides.images.bodies, sides.images.forbidden
    trainable = {ref for ref, body in bodies.items() if body is not None and is_trainable(body)}

    def judge(side: Side) -> Side:
        some_readable = any(bodies[line.source_ref] is not None for line in side.valid())
        # if none can be read, those that are forbidden fail later, when they are to be copied
        passed = trainable if some_readable else forbidden
        return replace(side, lines=tuple(_judged(line, passed) for line in side.lines))

    return sides.each(judge)


def _judged(line: CheckedLine, passed: set[str] | frozenset[str]) -> CheckedLine:
    if line.verdict is Verdict.VALID and line.source_ref not in passed:
        return line.with_error(line_issue("ERROR_INVALID_IMAGE"))
    return line


def _refuse_invalid_rows(side: Side) -> Side:
    invalid = sum(line.verdict is Verdict.INVALID for line in side.lines)
    if invalid > MAX_INVALID_SHARE * len(side.lines):
        return side.failing("ERROR_TOO_MANY_INVALID_ROWS_IN_MANIFEST")
    return side


def _refuse_dropped_rows(side: Side) -> Side:
    dropped = sum(
        line.repeated or any(error.code in DROPPING_ERRORS for error in line.errors)
        for line in side.lines
    )
    if dropped > MAX_INVALID_SHARE * len(side.lines):
        return side.failing("ERROR_TOO_MANY_RECORDS_IN_ERROR")
    return side


def _bucket_names(side: Side) -> set[str]:
    refs = [parse_source_ref(line.source_ref) for line in side.valid()]
    return {ref.bucket for ref in refs if ref}


def _refuse_buckets(sides: Sides) -> Sides:
    def refuse(side: Side) -> Side:
        names = _bucket_names(side)
        found = [sides.images.buckets[name] for name in names if name in sides.images.buckets]
        if len(names) > 1:
            return side.failing("ERROR_IMAGES_IN_MULTIPLE_S3_BUCKETS")
        if not all(facts.accessible for facts in found):
            return side.failing("ERROR_INVALID_PERMISSIONS_IMAGES_S3_BUCKET")
        if any(facts.owner != side.owner for facts in found):
            return side.failing("ERROR_INVALID_IMAGES_S3_BUCKET_OWNER")
        return side

    return sides.each(refuse)


def _split_off_testing(sides: Sides) -> Sides:
    if sides.testing is not None:
        return sides
    whole = sides.training
    parts = split_off(whole.lines, seed=sides.seed)
    if parts is None:
        failed = whole.failing("ERROR_INSUFFICIENT_IMAGES_PER_LABEL_FOR_AUTOSPLIT")
        return replace(sides, training=failed)
    training, testing = (replace(whole, lines=part) for part in parts)
    return replace(sides, training=training, testing=testing, split_here=True)


def _has_boxes(side: Side | None) -> bool:
    return side is not None and any(line.boxes for line in side.valid())


def _coming_use_case(sides: Sides) -> str:
    boxes = _has_boxes(sides.training) or _has_boxes(sides.testing)
    return OBJECT_LOCALIZATION if boxes else IMAGE_LEVEL_LABELS


def _min_labels(use_case: str) -> int:
    return MIN_DETECTION_LABELS if use_case == OBJECT_LOCALIZATION else MIN_CLASSIFICATION_LABELS


def _refuse_label_counts(sides: Sides) -> Sides:
    least = _min_labels(_coming_use_case(sides))

    def refuse(side: Side) -> Side:
        count = len(side.labels())
        if count < least:
            return side.failing("ERROR_MANIFEST_TOO_FEW_LABELS")
        return side.failing("ERROR_MANIFEST_TOO_MANY_LABELS") if count > MAX_LABELS else side

    return sides.each(refuse)


def _refuse_small_overlap(code: str) -> Callable[[Sides], Sides]:
    def refuse(sides: Sides) -> Sides:
        training = sides.training.labels()
        testing = sides.testing.labels() if sides.testing else set()
        if len(training & testing) < MIN_LABEL_OVERLAP * len(training):
            return replace(sides, errors=(code,))
        return sides

    return refuse


def _decide_use_case(sides: Sides) -> Sides:
    use_case = _coming_use_case(sides)
    decided = sides.each(lambda side: replace(side, use_case=use_case))
    logos = use_case == OBJECT_LOCALIZATION and not _has_boxes(sides.training)
    return replace(decided, training=replace(decided.training, whole_images=logos))


def _refuse_few_usable_labels(side: Side) -> Side:
    if len(side.labels()) < _min_labels(side.use_case):
        return side.failing("ERROR_MANIFEST_TOO_FEW_USABLE_LABELS")
    return side


def _refuse_failed_copy(sides: Sides) -> Sides:
    def refuse(side: Side) -> Side:
        if sides.images.forbidden.issuperset(line.source_ref for line in side.usable()):
            return side.failing("ERROR_FAILED_IMAGES_S3_COPY")
        return side

    return sides.each(refuse)


CONTENT_CHECKS: tuple[Callable[[Sides], Sides], ...] = (
    _judge_images,
    lambda sides: sides.each(_refuse_invalid_rows),
    lambda sides: sides.each(_refuse_dropped_rows),
    _refuse_buckets,
    _split_off_testing,
    _refuse_label_counts,
    _refuse_small_overlap("ERROR_INSUFFICIENT_LABEL_OVERLAP"),
    _decide_use_case,
    lambda sides: sides.each(_refuse_few_usable_labels),
    _refuse_small_overlap("ERROR_INSUFFICIENT_USABLE_LABEL_OVERLAP"),
    _refuse_failed_copy,
)
"""The order in which the service judges contents; it stops at the first that finds an error."""
