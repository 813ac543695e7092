"""Find every mistake on the holdout, say what kind it is, and what they have in common."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import numpy as np

from rcl_flow.core.datasets.boxes import Box
from rcl_flow.core.percentages import percent_of
from rcl_flow.core.scoring.answers import Flags, Numbers, ObjectAnswers
from rcl_flow.core.scoring.error_types import (
    ErrorSummary,
    KindCount,
    LabelPair,
    SharedFactor,
    TypedError,
)
from rcl_flow.core.scoring.label_pairs import find_pairs
from rcl_flow.core.scoring.material import Material
from rcl_flow.core.scoring.metrics import Counts
from rcl_flow.core.scoring.mistake_table import (
    KINDS,
    NO_LABEL,
    MistakeTable,
    Tally,
    surest_first,
    tally_of,
)
from rcl_flow.core.scoring.shared_factors import find_shared
from rcl_flow.core.scoring.suspects import suspect_boxes, suspect_labels
from rcl_flow.core.scoring.typed_boxes import box_mistakes
from rcl_flow.core.scoring.typed_labels import label_mistakes

MOST_ERRORS: Final = 5_000


def type_errors(material: Material) -> ErrorSummary:
    """Return all mistakes at the material's thresholds, by kind."""
    table = mistakes_of(material)
    positives = positives_of(material)
    pairs = find_pairs(material.labels, table.mixed_up(len(positives)), positives)
    unknown = material.has_unknown_label
    return ErrorSummary(
        errors=tuple(_errors(table.rows(surest_first(table)[:MOST_ERRORS]), material)),
        kinds=_kinds(table, tally_of(table, positives)),
        pairs=pairs,
        shared=_shared(table, material, unknown, pairs),
        unknown_images=int(np.count_nonzero(unknown)),
    )


def mistakes_of(material: Material) -> MistakeTable:
    """Return every mistake at the material's thresholds, label suspects named as such.

    An image with a label that the model does not know suspects nothing: it is annotated, only not
    with what the model could say.
    """
    least = np.array([percent_of(material.thresholds[label]) for label in material.labels])
    unknown = material.has_unknown_label
    if material.task == "detection":
        objects, matches = material.objects_answered, material.answered.matches
        table = box_mistakes(objects, matches, least)
        suspect = suspect_boxes(table, objects, matches, least)
    else:
        answers = material.labels_answered
        table = label_mistakes(answers, least)
        suspect = suspect_labels(table, answers, least, unknown)
    return table.suspecting(suspect & ~unknown[table.images])


def positives_of(material: Material) -> Counts:
    """Return how many images have each label, or how many true boxes there are of it."""
    if material.task == "detection":
        counts = np.bincount(material.objects_answered.true_labels, minlength=len(material.labels))
        return counts.astype(np.float64)
    return np.asarray(material.labels_answered.truth.sum(axis=0), dtype=np.float64)


def _shared(
    table: MistakeTable, material: Material, unknown: Flags, pairs: Sequence[LabelPair]
) -> tuple[SharedFactor, ...]:
    """Return what the mistakes on images share whose labels the model all knows."""
    rows = np.cumsum(~unknown) - 1
    kept = table.rows(~unknown[table.images])
    images = material.judged.some(np.flatnonzero(~unknown)).images
    return find_shared(
        replace(kept, images=rows[kept.images]), images, material.measures, material.labels, pairs
    )


def _kinds(table: MistakeTable, tally: Tally) -> tuple[KindCount, ...]:
    """Return the kinds that occur, the costliest first."""
    now = tally.f1
    counts = [
        KindCount(
            kind=kind,
            count=int(flags.sum()),
            f1_gain=tally.f1_without(table.rows(flags)) - now,
        )
        for kind, flags in ((kind, table.of_kind(kind)) for kind in KINDS)
        if flags.any()
    ]
    return tuple(sorted(counts, key=lambda count: (-count.f1_gain, -count.count, count.kind)))


def _errors(table: MistakeTable, material: Material) -> list[TypedError]:
    images, names = material.judged.images, (*material.labels, "")  # NO_LABEL is the last one
    objects = material.objects_answered if material.task == "detection" else None
    return [
        TypedError(
            sha256=images[row].sha256,
            uri=images[row].uri,
            kind=KINDS[kind],
            truth=names[truth],
            predicted=names[predicted],
            confidence_percent=confidence,
            box=None if objects is None else _box(objects, box, is_true=predicted == NO_LABEL),
        )
        for row, kind, truth, predicted, confidence, box in zip(
            table.images.tolist(),
            table.kinds.tolist(),
            table.truths.tolist(),
            table.predicted.tolist(),
            table.confidences_percent.tolist(),
            table.boxes.tolist(),
            strict=True,
        )
    ]


def _box(objects: ObjectAnswers, index: int, *, is_true: bool) -> Box:
    boxes: Numbers = objects.true_boxes if is_true else objects.found_boxes
    left, top, right, bottom = boxes[index].tolist()
    return Box(left=left, top=top, width=right - left, height=bottom - top)
