"""Advice on labels: annotations to look at, and pairs of labels that are not distinct (J5, D8)."""

from collections import Counter
from collections.abc import Iterator
from typing import Final

import numpy as np

from rcl_flow.core.percentages import percent_of
from rcl_flow.core.scoring.advice import Advice
from rcl_flow.core.scoring.error_types import LabelPair
from rcl_flow.core.scoring.known import Known
from rcl_flow.core.scoring.label_pairs import both_ways
from rcl_flow.core.scoring.metrics import Counts, ratios_of

LARGE: Final = 0.1
"""A pair that is mixed up in this share of its images or objects may be one label."""
_SHOWN: Final = 3
_ENOUGH_LABELS: Final = 10
"""With fewer labels little is known of how mistakes spread that make no pair."""


def relabel(known: Known) -> Iterator[Advice]:
    """Yield the advice to look at the annotations that the model disagrees with."""
    yield from _name_known(known)
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


def _name_known(known: Known) -> Iterator[Advice]:
    """Yield the advice on images with labels that the model does not know, such as a misspelt."""
    count = known.errors.unknown_images
    if not count:
        return
    model, unknown = frozenset(known.material.labels), known.unknown_images
    names = Counter(label for image in unknown for label in image.truth if label not in model)
    shown = ", ".join(f"{label} ({number})" for label, number in names.most_common(_SHOWN))
    more = ", …" if len(names) > _SHOWN else ""
    some = f"{count} holdout images have labels" if count > 1 else "1 holdout image has a label"
    yield Advice(
        rank=1,
        action="relabel",
        labels=(),
        told=f"{some} that the model does not know: {shown}{more}. Correct them where they are "
        "misspelt; else train a model that has these labels, or leave the images out.",
        evidence=(
            "Whatever the model says of such an image counts as a false alarm. No other advice "
            "rests on them.",
        ),
        practice="D8",
        gain_told="Not estimated.",
        images=unknown,
    )


def separate(known: Known) -> Iterator[Advice]:
    """Yield what to do about each pair of labels that is mixed up."""
    for pair in known.errors.pairs:
        names = {pair.first, pair.second}
        errors = [error for error in known.errors.errors if {error.truth, error.predicted} == names]
        is_one = both_ways(pair.first_as_second, pair.second_as_first) and pair.share >= LARGE
        gain = _gain_if_merged(known, pair) if is_one else _gain_if_distinct(known, pair)
        yield Advice(
            rank=1,
            action="merge",
            labels=(pair.first, pair.second),
            told=_told(pair, is_one=is_one),
            evidence=_evidence(pair, known),
            practice="J5",
            expected_gain=gain,
            gain_told=_gain_told(pair, is_one=is_one, is_known=gain is not None),
            images=known.images_of(errors),
        )


def f1_if_merged(known: Known, pair: LabelPair) -> float:
    """Return the overall F1 if the two labels were one: either answer is right for either.

    The mean stays over the labels that the holdout has, with the one's F1 for both, so that it
    changes only by what merging does to the two.
    """
    first, second = known.column(pair.first), known.column(pair.second)
    merged = (
        _merged_objects(known, first, second)
        if known.material.task == "detection"
        else _merged_labels(known, first, second)
    )
    tally = known.tally
    counts = np.array([tally.hits, tally.false_alarms, tally.misses])
    counts[:, [first, second]] = merged[:, np.newaxis]
    return float(ratios_of(*counts).f1[tally.positives > 0].mean())


def _merged_labels(known: Known, first: int, second: int) -> Counts:
    """Return hits, false alarms and misses of the one label that two would be."""
    answers = known.material.labels_answered
    both = [first, second]
    least = np.array(
        [percent_of(known.material.thresholds[answers.labels[column]]) for column in both]
    )
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


def _gain_if_merged(known: Known, pair: LabelPair) -> float | None:
    """Return the gain, or None where the rarer label would lose more than the pair's mix-ups."""
    gain = f1_if_merged(known, pair) - known.tally.f1
    return gain if gain > 0 else None


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
    unit, labels = known.unit, len(known.material.labels)
    few = (
        f"With only {labels} labels, a pair and two labels that the model prefers look much alike: "
        "look at the images before you act.",
    )
    return (
        f"On the holdout {pair.first_as_second} {unit} of {pair.first} were taken for "
        f"{pair.second}, and {pair.second_as_first} of {pair.second} for {pair.first}: "
        f"{pair.share:.0%} of both labels' {unit}.",
        "That is more than the other mistakes of the two explain "
        f"(p = {pair.p_value:.2g}, corrected for all pairs).",
        *(few if labels < _ENOUGH_LABELS else ()),
    )


def _gain_told(pair: LabelPair, *, is_one: bool, is_known: bool) -> str:
    first, second = pair.first, pair.second
    if not is_one:
        return f"An upper bound: if {first} and {second} were never mixed up."
    if not is_known:
        return f"None shown: {first} and {second} as one label would have no higher F1."
    return (
        f"If {first} and {second} were one label, recomputed on the holdout; in the mean its F1 "
        "stands for both."
    )
