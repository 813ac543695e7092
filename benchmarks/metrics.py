"""Precision, recall, F1, average precision and intervals, against scikit-learn.

scikit-learn is asked as its users ask it: a call for all labels where it has one, and for intervals
a loop that draws images with replacement and asks again. Of such loops a few resamples are timed;
the rest would each take as long.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from sklearn.metrics import (
    average_precision_score,
    precision_recall_curve,
    precision_recall_fscore_support,
)

from benchmarks.figures import NEARLY_LINEAR, Figure, Form, Subject, at_least, at_most, growth
from benchmarks.measuring import compare, cpu_seconds, ratio_figure
from rcl_flow.core.scoring.answers import Flags, LabelAnswers, Numbers
from rcl_flow.core.scoring.intervals import interval_of, resample_f1
from rcl_flow.core.scoring.metrics import Outcomes, label_ratios
from rcl_flow.core.scoring.ranking import average_precision, ranked_labels, steps_of

SIZES = (1_000, 25_000, 250_000)
SHORT = 20_000
LABELS = tuple("abcdefgh")
THRESHOLD = 0.5
RESAMPLES = 10_000
FEW_IMAGES, FEW_RESAMPLES = 1_000, 4_000
"""Of so few images and resamples the bounds of intervals are compared: the loops end in time."""
LEVEL = 0.95
SAME = 1e-12
GAP_FLOOR, GAP_FACTOR = 0.005, 1.5
"""Bounds may differ by the larger of the first and so many times what two naive loops do."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A model's answers and what they come to at the threshold."""

    answers: LabelAnswers
    outcomes: Outcomes
    predicted: Flags


def measure(form: Form) -> Iterator[Figure]:
    """Yield figures of scores at a threshold, over all thresholds, and of intervals."""
    sizes = (SHORT,) if form == "short" else (SIZES[0], SIZES[-1])
    for images in sizes:
        asked = draw(images)
        yield from _ratios(asked)
        yield from _curves(asked)
    yield from _loop(draw(sizes[-1]), resamples=1_000 if form == "short" else RESAMPLES)
    if form == "short":
        return
    yield from _speed_of_intervals(draw(SIZES[-1]))
    yield from _bounds(draw(FEW_IMAGES))
    yield from _growths()


def draw(images: int, seed: int = 0) -> Asked:
    """Return answers of a model that is mostly right; an image may have several labels."""
    rng = np.random.default_rng(seed)
    truth = rng.random((images, len(LABELS))) < 0.3
    percents = np.where(
        truth, rng.beta(5, 2, truth.shape) * 100, rng.beta(2, 5, truth.shape) * 100
    ).round(3)
    answers = LabelAnswers(LABELS, truth, percents)
    outcomes = answers.at(dict.fromkeys(LABELS, THRESHOLD))
    return Asked(answers, outcomes, percents >= 100 * THRESHOLD)


def _ratios(asked: Asked) -> Iterator[Figure]:
    answers, images = asked.answers, asked.answers.images
    repeats = max(1, SHORT // images)

    def ours() -> None:
        for _ in range(repeats):
            label_ratios(answers.at(dict.fromkeys(LABELS, THRESHOLD)))

    def theirs() -> None:
        for _ in range(repeats):
            predicted = answers.confidences_percent >= 100 * THRESHOLD
            precision_recall_fscore_support(answers.truth, predicted, zero_division=0)

    name = f"precision, recall and F1 of {images:,} images"
    found = compare(lambda: cpu_seconds(theirs), lambda: cpu_seconds(ours), rounds=7)
    yield ratio_figure(f"{name}: CPU, scikit-learn against ours", found, "s", at_least(5))
    wanted = precision_recall_fscore_support(answers.truth, asked.predicted, zero_division=0)
    ratios = label_ratios(asked.outcomes)
    differ = _differ(np.array([ratios.precision, ratios.recall, ratios.f1]), np.array(wanted[:3]))
    yield Figure(f"{name}: largest difference", differ, "", at_most(SAME))


def _curves(asked: Asked) -> Iterator[Figure]:
    answers = asked.answers
    name = f"of {answers.images:,} images"
    points, areas = 0.0, 0.0
    for column, ranked in enumerate(ranked_labels(answers)):
        truth, percents = answers.truth[:, column], answers.confidences_percent[:, column]
        precision, recall, thresholds = precision_recall_curve(truth, percents)
        steps = steps_of(ranked)
        curve = (steps.hits / steps.answers, steps.hits / ranked.positives)
        at = steps.confidences_percent
        # theirs begin with the least sure, and end in a point that no answer makes
        wanted = (precision[:-1][::-1], recall[:-1][::-1], thresholds[::-1])
        points = max(points, *map(_differ, (*curve, at), wanted))
        areas = max(areas, abs((average_precision(ranked) or 0.0) - _area(truth, percents)))
    yield Figure(f"precision-recall curves {name}: largest difference", points, "", at_most(SAME))
    yield Figure(f"average precision {name}: largest difference", areas, "", at_most(SAME))
    found = compare(
        lambda: cpu_seconds(lambda: average_precision_score(*_both(answers), average=None)),
        lambda: cpu_seconds(lambda: [average_precision(each) for each in ranked_labels(answers)]),
        rounds=3,
    )
    yield ratio_figure(f"average precision {name}: CPU, scikit-learn against ours", found, "s")


def _loop(asked: Asked, *, resamples: int) -> Iterator[Figure]:
    """Time our resamples of all, and a scikit-learn loop of which a few draws are timed."""
    images, draws = asked.answers.images, 3
    rng = np.random.default_rng(1)
    found = compare(
        lambda: cpu_seconds(lambda: naive(asked, draws, rng)) * resamples / draws,
        lambda: cpu_seconds(lambda: _ours(asked, resamples, rng)),
        rounds=3,
    )
    name = f"{resamples:,} resamples of {images:,} images: CPU, a scikit-learn loop against ours"
    figure = ratio_figure(name, found, "s", at_least(100))
    told = f"{figure.detail}; the loop by {draws} of its draws"
    yield Figure(figure.what, figure.measured, figure.unit, figure.goal, told)


def _speed_of_intervals(asked: Asked) -> Iterator[Figure]:
    name = f"{RESAMPLES:,} resamples of {asked.answers.images:,} images and {len(LABELS)} labels"
    rng = np.random.default_rng(2)
    spent = sorted(cpu_seconds(lambda: _ours(asked, RESAMPLES, rng)) for _ in range(3))[1]
    patterns = len(np.unique(asked.answers.truth * 2 + asked.predicted, axis=0))
    told = f"{patterns:,} distinct images, median of 3"
    yield Figure(f"{name}: CPU", round(spent, 2), "s", at_most(5), told)


def _bounds(asked: Asked) -> Iterator[Figure]:
    """Compare intervals with those of the loop, and those of two loops with one another."""
    first, second = (
        naive(asked, FEW_RESAMPLES, np.random.default_rng(seed)).mean(axis=1) for seed in (3, 4)
    )
    ours = _ours(asked, FEW_RESAMPLES, np.random.default_rng(5))
    naive_gap = _gap(first, second)
    allowed = max(GAP_FLOOR, GAP_FACTOR * naive_gap)
    name = f"95 % bounds of mean F1, {FEW_IMAGES:,} images: ours and the loop's differ by"
    told = f"two loops differ by {naive_gap:.4f}; {FEW_RESAMPLES:,} resamples each"
    yield Figure(name, round(_gap(ours, first), 5), "", at_most(round(allowed, 5)), told)


def naive(asked: Asked, resamples: int, rng: np.random.Generator) -> Numbers:
    """Return F1 of images drawn with replacement, as scikit-learn gives it: a row a resample."""
    images = asked.answers.images
    rows = []
    for _ in range(resamples):
        drawn = rng.integers(0, images, images)
        truth, predicted = asked.answers.truth[drawn], asked.predicted[drawn]
        rows.append(precision_recall_fscore_support(truth, predicted, zero_division=0)[2])
    return np.array(rows, dtype=np.float64)


def _growths() -> Iterator[Figure]:
    ratios, intervals = [], []
    for images in SIZES:
        asked = draw(images)
        repeats = max(1, SIZES[-1] // images // 5)
        ratios.append(_least(lambda: _ratios_again(asked, repeats)) / repeats)  # noqa: B023  # run at once
        rng = np.random.default_rng(6)
        intervals.append(_least(lambda: _ours(asked, 1_000, rng)))  # noqa: B023  # run at once
    yield growth("precision, recall and F1: CPU", SIZES, ratios, NEARLY_LINEAR)
    yield growth("1,000 resamples: CPU", SIZES, intervals, NEARLY_LINEAR)


def _ratios_again(asked: Asked, repeats: int) -> None:
    for _ in range(repeats):
        label_ratios(asked.answers.at(dict.fromkeys(LABELS, THRESHOLD)))


def _least(action: Callable[[], object]) -> float:
    return min(cpu_seconds(action) for _ in range(3))


def _ours(asked: Asked, resamples: int, rng: np.random.Generator) -> Numbers:
    outcomes = asked.outcomes
    return resample_f1(outcomes, judged=outcomes.judged, resamples=resamples, rng=rng).overall


def _gap(first: Numbers, second: Numbers) -> float:
    both = zip(interval_of(first, LEVEL), interval_of(second, LEVEL), strict=True)
    return max(abs(one - other) for one, other in both)


def _both(answers: LabelAnswers) -> tuple[Numbers, Numbers]:
    return answers.truth.astype(np.float64), answers.confidences_percent


def _area(truth: Flags, percents: Numbers) -> float:
    return float(average_precision_score(truth, percents))


def _differ(ours: Numbers, theirs: Numbers) -> float:
    return float(np.abs(np.asarray(ours) - np.asarray(theirs)).max())


SUBJECT = Subject("metrics", measure, has_short_form=True)
