"""Thresholds of the labels: the assumed ones, fixed ones, or tuned on a calibration part.

Tuning looks at cuts. A label's answers, the surest first, can be cut between two neighbouring
confidences, above all of them or below; every threshold between the two predicts the same answers.
The threshold is the middle between the two, so that new answers may differ a little from those
seen. Of cuts that are equally good the assumed threshold's own is kept, since nothing speaks
against it; else that between the two confidences furthest apart is taken, which is the least
likely to be good by chance of single answers.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np

from rcl_flow.core.percentages import LEAST_PERCENT, percent_of
from rcl_flow.core.scoring.answers import NOT_ANSWERED, Flags, Indices, Numbers
from rcl_flow.core.scoring.metrics import ratios_of
from rcl_flow.core.scoring.ranking import RankedAnswers, steps_of
from rcl_flow.core.scoring.threshold_rules import LabelThresholdRule, Objective
from rcl_flow.core.values import Frozen

Interval = tuple[float, float]

MIN_ANSWERS: Final = 10
"""A precision over fewer answers of the calibration part is not taken for met."""
FEW_POSITIVES: Final = 15
"""A threshold that rests on fewer examples is noted as uncertain."""

_DECIMALS: Final = (6, 9, 12)
"""Of a threshold: the first that keeps it between its two confidences."""
_PERCENT: Final = 100


class ThresholdScore(Frozen):
    """A label at one threshold on the judged part; ratios 0 to 1."""

    precision: float
    recall: float
    f1: float


class ThresholdChoice(Frozen):
    """The threshold of one label."""

    label: str
    objective: Objective
    assumed: float
    """The service's, 0 to 1."""
    chosen: float
    """0 to 1."""
    met: bool
    """Whether the calibration part has a threshold that meets the objective."""
    calibration_positives: int
    """Images or objects of the label that the threshold was tuned on; 0 where it was not."""
    at_assumed: ThresholdScore | None
    """On the judged part; None where that has no image of the label, as for the next."""
    at_chosen: ThresholdScore | None
    note: str = ""
    """Why the threshold is not what was asked for, or how little it rests on."""


class ThresholdTuning(Frozen):
    """The thresholds of all labels and what they bring on images that they were not tuned on."""

    used: bool
    """Whether the run's score and decision are at the chosen thresholds; else they are a
    suggestion, tuned for the best F1."""
    calibration_images: int
    """0 where nothing was tuned: then the judged part is the whole holdout."""
    judged_images: int
    labels: tuple[ThresholdChoice, ...]
    f1_at_assumed: float
    """The unweighted mean over the labels of the judged part, as the next."""
    f1_at_chosen: float
    f1_change_interval: Interval
    """Of the difference of the two, over the judged part."""
    note: str = ""
    """Why nothing was tuned although a suggestion is always tried."""


class ChosenThreshold(NamedTuple):
    """A threshold, 0 to 1, whether it meets its objective, and what to know about it."""

    threshold: float
    met: bool
    note: str = ""


@dataclass(frozen=True, slots=True)
class Cuts:
    """What a label's answers are when cut at each place; arrays of one length, the strictest first.

    Places that no threshold can tell apart are left out.
    """

    thresholds: Numbers
    """0 to 1, each in the middle of its place."""
    above_percent: Numbers
    """A threshold of this place is higher than this, in percent, and"""
    up_to_percent: Numbers
    """at most as high as this."""
    hits: Indices
    answers: Indices
    """How many answers are predicted; those that are not hits are false alarms."""
    positives: int
    """Examples of the label, answered or not."""


def cuts_of(ranked: RankedAnswers) -> Cuts:
    """Return every cut of a label's answers, from none predicted to all."""
    steps = steps_of(ranked)
    confidences = steps.confidences_percent
    above = np.append(confidences, NOT_ANSWERED)
    up_to = np.append(float(_PERCENT), confidences)
    thresholds, apart = _between(above, up_to)
    return Cuts(
        thresholds[apart],
        above[apart],
        up_to[apart],
        np.append(0, steps.hits)[apart],
        np.append(0, steps.answers)[apart],
        ranked.positives,
    )


def choose_threshold(
    ranked: RankedAnswers, rule: LabelThresholdRule, assumed: float
) -> ChosenThreshold:
    """Return the threshold that does best by the rule on these answers.

    Where the rule cannot be met, or there is nothing to tune on, it is the assumed one.

    Args:
        ranked: the label's answers over the calibration part.
        rule: what is wanted.
        assumed: the service's threshold, 0 to 1.
    """
    if rule.objective == "assumed":
        return ChosenThreshold(assumed, met=True)
    if rule.objective == "fixed":
        return ChosenThreshold(assumed if rule.fixed is None else rule.fixed, met=True)
    if not ranked.positives:
        return _stays(assumed, "The calibration part has no example of it")
    return _CHOOSERS[rule.objective](cuts_of(ranked), rule, assumed)


def _between(above: Numbers, up_to: Numbers) -> tuple[Numbers, Flags]:
    """Return a ratio for each pair of percentages that lies between them, and where there is one.

    The middle is rounded down to as few decimals as will do. Whether it lies between is asked in
    the very terms in which confidences are compared with thresholds, rounding included.
    """
    middle = (np.maximum(above, 0) + up_to) / 2 / _PERCENT
    ratios = np.zeros_like(middle)
    found = np.zeros(len(middle), dtype=np.bool_)
    for decimals in _DECIMALS:
        rounded = np.floor(middle * 10.0**decimals) / 10.0**decimals
        least = rounded * LEAST_PERCENT
        fits = (least > above) & (least <= up_to) & ~found
        ratios[fits] = rounded[fits]
        found |= fits
    return ratios, found


def _best_f1(cuts: Cuts, rule: LabelThresholdRule, assumed: float) -> ChosenThreshold:
    hits = cuts.hits.astype(np.float64)
    f1 = ratios_of(hits, cuts.answers - hits, cuts.positives - hits).f1
    if not f1.max(initial=0.0):
        return _stays(assumed, "No threshold finds any of its examples")
    return _one_of(cuts, f1 == f1.max(), assumed)


def _least_cost(cuts: Cuts, rule: LabelThresholdRule, assumed: float) -> ChosenThreshold:
    false_alarms, misses = cuts.answers - cuts.hits, cuts.positives - cuts.hits
    costs = rule.false_alarm_cost * false_alarms + rule.miss_cost * misses
    return _one_of(cuts, costs == costs.min(), assumed)


def _precise(cuts: Cuts, rule: LabelThresholdRule, assumed: float) -> ChosenThreshold:
    """Choose the lowest threshold that is precise enough: of those it finds the most."""
    wanted = rule.min_precision or 0.0
    precision = np.divide(
        cuts.hits, cuts.answers, out=np.zeros(len(cuts.hits)), where=cuts.answers > 0
    )
    enough = cuts.answers >= MIN_ANSWERS
    if not enough.any():
        most = int(cuts.answers.max(initial=0))
        return _stays(
            assumed, f"A precision needs {MIN_ANSWERS} answers; the calibration part has {most}"
        )
    good = np.flatnonzero(enough & (precision >= wanted))
    if not len(good):
        best = float(precision[enough].max())
        return _stays(
            assumed,
            f"No threshold is precise to {wanted:g} on the calibration part; best: {best:.3f}",
        )
    return _one_of(cuts, _only(good[-1], cuts), assumed)


def _complete(cuts: Cuts, rule: LabelThresholdRule, assumed: float) -> ChosenThreshold:
    """Choose the highest threshold that finds enough: of those it is the most precise."""
    wanted = rule.min_recall or 0.0
    recall = cuts.hits / cuts.positives
    good = np.flatnonzero(recall >= wanted)
    if not len(good):
        best = float(recall.max(initial=0.0))
        return _stays(
            assumed, f"No threshold finds {wanted:g} of its examples; the lowest finds {best:.3f}"
        )
    return _one_of(cuts, _only(good[0], cuts), assumed)


_CHOOSERS: Final[
    Mapping[Objective, Callable[[Cuts, LabelThresholdRule, float], ChosenThreshold]]
] = {"best_f1": _best_f1, "cost": _least_cost, "precision": _precise, "recall": _complete}


def _only(index: int, cuts: Cuts) -> Flags:
    return np.asarray(np.arange(len(cuts.hits)) == index)


def _one_of(cuts: Cuts, good: Flags, assumed: float) -> ChosenThreshold:
    """Choose among equally good cuts: the assumed threshold's own, else the widest."""
    note = ""
    if cuts.positives < FEW_POSITIVES:
        note = f"It rests on {cuts.positives} example{'s' if cuts.positives > 1 else ''} only."
    percent = percent_of(assumed)
    if (good & (cuts.above_percent < percent) & (percent <= cuts.up_to_percent)).any():
        return ChosenThreshold(assumed, True, note)
    places = np.flatnonzero(good)
    widths = cuts.up_to_percent[places] - np.maximum(cuts.above_percent[places], 0)
    distances = np.abs(cuts.thresholds[places] - assumed)
    best = places[np.lexsort((distances, -widths))[0]]
    if not cuts.answers[best]:
        note = f"The best is hardly ever to predict it. {note}".rstrip()
    return ChosenThreshold(float(cuts.thresholds[best]), True, note)


def _stays(assumed: float, reason: str) -> ChosenThreshold:
    return ChosenThreshold(assumed, False, f"{reason}; the assumed threshold stays.")
