"""Advice on labels: annotations to look at, and pairs of labels that are not distinct (J5, D8)."""

from collections import Counter
from collections.abc import Iterator
from typing import Final

import numpy as np

from rcl_flow.core.scoring.advice import Advice
from rcl_flow.core.scoring.error_types import LabelPair
from rcl_flow.core.scoring.known import Known
from rcl_flow.core.scoring.label_pairs import both_ways
from rcl_flow.core.scoring.metrics import Counts, ratios_of

LARGE: Final = 0.1
"""A pair that is mixed up in this share of its images or objects may be one label."""
_SHOWN: Final = 3


def relabel(known: Known) -> Iterator[Advice]:
    """Yield the advice to look at the annotations that the model disagrees with."""
    count = sum(kind.count for kind in known.errors.kinds if kind.kind == "label suspect")
    if not count:
        return
    gain = sum(kind.f1_gain for kind in known.errors.kinds if kind.kind == "label suspect")
    suspects = [error for error in known.errors.errors if error.kind == "label suspect"]
    images = known.images_of(suspects)
    seen = Counter((error.truth or "nothing", error.predicted) for error in suspects)
    looked_at = f"these {len(images)} images" if len(images) > 1 else "this image"
    yield Advice(
        rank=1,
        action="relabel",
        labels=tuple(sorted({label for pair in seen for label in pair} - {"nothing"})),
        told=f"Look at {looked_at} and relabel what is annotated wrongly.",
        evidence=(
            f"{count} holdout annotations contradict answers that are as sure as the model is of "
            "most of its right ones.",
            *(
                f"{number} annotated as {truth} {'look' if number > 1 else 'looks'} like "
                f"{predicted} to the model."
                for (truth, predicted), number in seen.most_common(_SHOWN)
            ),
        ),
        practice="D8",
        expected_gain=gain,
        gain_told="An upper bound: if the model is right about all of them. The score is then "
        "measured rightly; the model stays the same. Training images that were annotated alike "
        "may have the same fault.",
        images=images,
    )


def separate(known: Known) -> Iterator[Advice]:
    """Yield what to do about each pair of labels that is mixed up."""
    for pair in known.errors.pairs:
        names = {pair.first, pair.second}
        errors = [error for error in known.errors.errors if {error.truth, error.predicted} == names]
        is_one = both_ways(pair.first_as_second, pair.second_as_first) and pair.share >= LARGE
        gain = (
            f1_if_merged(known, pair) - known.tally.f1 if is_one else _gain_if_distinct(known, pair)
        )
        yield Advice(
            rank=1,
            action="merge",
            labels=(pair.first, pair.second),
            told=_told(pair, is_one=is_one),
            evidence=_evidence(pair, known),
            practice="J5",
            expected_gain=gain,
            gain_told=_gain_told(pair, is_one=is_one),
            images=known.images_of(errors),
        )


def f1_if_merged(known: Known, pair: LabelPair) -> float:
    """Return the overall F1 if the two labels were one: either answer is right for either."""
    first, second = known.column(pair.first), known.column(pair.second)
    merged = (
        _merged_objects(known, first, second)
        if known.material.task == "detection"
        else _merged_labels(known, first, second)
    )
    kept = np.arange(len(known.material.labels)) != second
    tally = known.tally
    counts = np.array([tally.hits, tally.false_alarms, tally.misses])
    counts[:, first] = merged
    judged = (counts[0] + counts[2] > 0) & kept
    return float(ratios_of(*counts).f1[judged].mean())


def _merged_labels(known: Known, first: int, second: int) -> Counts:
    """Return hits, false alarms and misses of the one label that two would be."""
    answers = known.material.labels_answered
    both = [first, second]
    least = np.array([known.material.thresholds[answers.labels[column]] * 100 for column in both])
    truth = answers.truth[:, both].any(axis=1)
    predicted = (answers.confidences_percent[:, both] >= least).any(axis=1)
    flags = (truth & predicted, ~truth & predicted, truth & ~predicted)
    return np.array([np.count_nonzero(each) for each in flags], dtype=np.float64)


def _merged_objects(known: Known, first: int, second: int) -> Counts:
    """Return the same of objects: a box that stood for the other one's is a hit."""
    table, tally, both = known.table, known.tally, [first, second]
    within = np.isin(table.truths, both) & np.isin(table.predicted, both)
    swapped = within & (table.truths != table.predicted) & table.loses
    hits, false_alarms, misses = (
        each[both].sum() for each in (tally.hits, tally.false_alarms, tally.misses)
    )
    number = np.count_nonzero(swapped)
    return np.array([hits + number, false_alarms - number, misses - number], dtype=np.float64)


def _gain_if_distinct(known: Known, pair: LabelPair) -> float:
    both = [known.column(pair.first), known.column(pair.second)]
    table = known.table
    mixed_up = np.isin(table.truths, both) & np.isin(table.predicted, both)
    mixed_up &= table.truths != table.predicted
    return known.tally.f1_without(table.rows(mixed_up)) - known.tally.f1


def _told(pair: LabelPair, *, is_one: bool) -> str:
    first, second = pair.first, pair.second
    if is_one:
        return (
            f"Either {first} and {second} are not distinct, or training images of them carry the "
            f"other's label: check the labels of those first, then redefine or merge {first} "
            f"and {second}."
        )
    return (
        f"Check the training images of {first} and {second} for wrong labels, then add images of "
        "both, or redefine the labels so that each is distinct."
    )


def _evidence(pair: LabelPair, known: Known) -> tuple[str, ...]:
    unit = known.unit
    return (
        f"On the holdout {pair.first_as_second} {unit} of {pair.first} were taken for "
        f"{pair.second}, and {pair.second_as_first} of {pair.second} for {pair.first}: "
        f"{pair.share:.0%} of both labels' {unit}.",
        "That is more than the other mistakes of the two explain "
        f"(p = {pair.p_value:.2g}, corrected for all pairs).",
    )


def _gain_told(pair: LabelPair, *, is_one: bool) -> str:
    if is_one:
        return (
            f"The overall F1 if {pair.first} and {pair.second} were one label, recomputed on the "
            "holdout; the mean is then over one label less."
        )
    return f"An upper bound: if {pair.first} and {pair.second} were never mixed up."
