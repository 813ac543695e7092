"""The service's own figures recomputed from its evaluation snapshot, and where they differ."""

from collections.abc import Iterator
from typing import Final

import numpy as np

from rcl_flow.core.scoring.answers import Flags
from rcl_flow.core.scoring.metrics import Ratios, label_ratios, outcomes_of
from rcl_flow.core.training.evaluation import Evaluation
from rcl_flow.core.values import Frozen

ROUNDING: Final = 1e-6
"""So far may a figure be from the recomputed one and still count as equal."""

_OF_OBJECTS: Final = (
    "Of objects, the service does not say how it counts. In the one published example of summary "
    "and snapshot the reported F1 is 0.646 and the flags give 0.703, so differences here need not "
    "be errors."
)
_UNTESTED_LEFT_OUT: Final = "The service's means leave out the labels without a test image."


class Difference(Frozen):
    """A figure of the service's summary that its own snapshot does not give."""

    figure: str
    """Such as `F1`, or `recall of "scratch"`."""
    reported: float
    recomputed: float

    @property
    def size(self) -> float:
        """How far the two are apart, not negative."""
        return abs(self.reported - self.recomputed)


class Parity(Frozen):
    """Whether the summary follows from the snapshot."""

    images: int
    """Lines of the snapshot."""
    precision: float
    """Recomputed, as are the next two: unweighted means over labels."""
    recall: float
    f1: float
    differences: tuple[Difference, ...]
    """Beyond rounding; the largest first."""
    note: str = ""
    """Why differences are to be expected, if they are."""


def recompute(evaluation: Evaluation) -> Parity:
    """Count the flags of the snapshot and compare what follows with the summary.

    A ratio of nothing to nothing is 0. A label without a test image therefore has figures of 0
    and takes part in the means, unless the reported F1 is that of the other labels alone: it is
    not documented which of the two the service does.
    """
    counted = ((each.truth, each.hits, each.false_alarms) for each in evaluation.outcomes)
    outcomes = outcomes_of(counted, [entry.label for entry in evaluation.labels])
    ratios = label_ratios(outcomes)
    averaged = _averaged(evaluation, ratios, outcomes.judged)
    notes = [_UNTESTED_LEFT_OUT] if not averaged.all() else []
    notes += [_OF_OBJECTS] if evaluation.task == "detection" else []
    overall = tuple(
        float(figures[averaged].mean()) for figures in (ratios.precision, ratios.recall, ratios.f1)
    )
    compared = [*_overall(evaluation, overall), *_of_labels(evaluation, ratios)]
    different = [each for each in compared if each.size > ROUNDING]
    return Parity(
        images=len(evaluation.outcomes),
        precision=overall[0],
        recall=overall[1],
        f1=overall[2],
        differences=tuple(sorted(different, key=lambda each: -each.size)),
        note=" ".join(notes),
    )


def _averaged(evaluation: Evaluation, ratios: Ratios, tested: Flags) -> Flags:
    """Return which labels take part in the means: all, or those with a test image if that fits."""
    every = np.ones_like(tested)
    if tested.all() or not tested.any():
        return every
    fits = [
        abs(float(ratios.f1[labels].mean()) - evaluation.f1) <= ROUNDING
        for labels in (every, tested)
    ]
    return tested if fits == [False, True] else every


def _overall(evaluation: Evaluation, recomputed: tuple[float, ...]) -> Iterator[Difference]:
    reported = (evaluation.precision, evaluation.recall, evaluation.f1)
    for name, said, found in zip(("precision", "recall", "F1"), reported, recomputed, strict=True):
        yield Difference(figure=name, reported=said, recomputed=found)


def _of_labels(evaluation: Evaluation, ratios: Ratios) -> Iterator[Difference]:
    for index, entry in enumerate(evaluation.labels):
        for name, reported, recomputed in (
            ("precision", entry.precision, ratios.precision),
            ("recall", entry.recall, ratios.recall),
            ("F1", entry.f1, ratios.f1),
        ):
            yield Difference(
                figure=f'{name} of "{entry.label}"',
                reported=reported,
                recomputed=float(recomputed[index]),
            )
