"""A label's counts at every threshold, as the page embeds them and as they are drawn."""

from bisect import bisect_right
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from rcl_flow.core.percentages import percent_of
from rcl_flow.core.scoring.metrics import ratios_of
from rcl_flow.core.scoring.ranking import LabelCurve

STEP_BUDGET = 40_000
"""Steps of all curves of a page together; about 25 bytes each."""
_LEAST_STEPS = 12


@dataclass(frozen=True, slots=True)
class CountsAt:
    """What a threshold makes of a label's answers."""

    hits: int
    false_alarms: int
    misses: int

    @property
    def ratios(self) -> tuple[float, float, float]:
        """Precision, recall and F1, 0 to 1; a ratio of nothing to nothing is 0."""
        counted = (np.float64(n) for n in (self.hits, self.false_alarms, self.misses))
        ratios = ratios_of(*(np.asarray(number) for number in counted))
        return float(ratios.precision), float(ratios.recall), float(ratios.f1)


def counts_at(curve: LabelCurve, threshold: float) -> CountsAt:
    """Count the answers at or above a threshold, 0 to 1."""
    reached = _steps_at(curve, threshold)
    hits = curve.hits[reached - 1] if reached else 0
    return CountsAt(
        hits=hits,
        false_alarms=curve.false_alarms[reached - 1] if reached else 0,
        misses=curve.positives - hits,
    )


def fitting_curves(
    curves: Sequence[LabelCurve], exact_at: Sequence[Collection[float]]
) -> tuple[LabelCurve, ...]:
    """Thin the curves so that all together have at most `STEP_BUDGET` steps.

    Args:
        curves: one a label.
        exact_at: of each curve the thresholds, 0 to 1, at which the counts stay exact.
    """
    if sum(len(curve.hits) for curve in curves) <= STEP_BUDGET:
        return tuple(curves)
    most = max(STEP_BUDGET // len(curves), _LEAST_STEPS)
    return tuple(thinned(curve, most, marks) for curve, marks in zip(curves, exact_at, strict=True))


def thinned(curve: LabelCurve, most: int, exact_at: Collection[float]) -> LabelCurve:
    """Keep at most about `most` steps of a curve; those kept have their exact counts.

    The steps at which a hit comes in are kept before others, since F1 only falls between them.

    Args:
        curve: any number of steps.
        most: steps to keep, beside those of `exact_at`.
        exact_at: thresholds, 0 to 1, at which the counts stay exact.
    """
    steps = len(curve.hits)
    if steps <= most:
        return curve
    gains = np.flatnonzero(np.diff(curve.hits, prepend=0))
    others = np.flatnonzero(np.diff(curve.hits, prepend=0) == 0)
    some = _evenly(gains, most // 2)
    marks = [max(_steps_at(curve, threshold) - 1, 0) for threshold in exact_at]
    rest = _evenly(others, most - len(some))
    kept = sorted({0, steps - 1, *marks, *some.tolist(), *rest.tolist()})
    return curve.model_copy(
        update={
            "confidences_percent": tuple(curve.confidences_percent[step] for step in kept),
            "hits": tuple(curve.hits[step] for step in kept),
            "false_alarms": tuple(curve.false_alarms[step] for step in kept),
            "exact": False,
        }
    )


def embedded_curve(curve: LabelCurve) -> dict[str, object]:
    """Return a curve for the page's script: hits and false alarms as they grow with each step."""
    return {
        "label": curve.label,
        "positives": curve.positives,
        "exact": curve.exact,
        "confidences": curve.confidences_percent,
        "hits": _growth(curve.hits),
        "alarms": _growth(curve.false_alarms),
    }


def recall_precision(curve: LabelCurve) -> Iterator[tuple[float, float]]:
    """Yield recall and precision at each step of a curve, the surest first."""
    for hits, false_alarms in zip(curve.hits, curve.false_alarms, strict=True):
        answered = hits + false_alarms
        recall = hits / curve.positives if curve.positives else 0.0
        yield recall, hits / answered if answered else 0.0


def _steps_at(curve: LabelCurve, threshold: float) -> int:
    least = percent_of(threshold)
    return bisect_right(curve.confidences_percent, -least, key=lambda sure: -sure)


def _evenly(
    steps: np.ndarray[tuple[int], np.dtype[np.intp]], most: int
) -> np.ndarray[tuple[int], np.dtype[np.intp]]:
    if len(steps) <= most:
        return steps
    chosen = np.linspace(0, len(steps) - 1, most).round().astype(np.intp)
    return steps[np.unique(chosen)]


def _growth(counts: Sequence[int]) -> list[int]:
    return [int(step) for step in np.diff(np.asarray(counts, dtype=np.int64), prepend=0)]
