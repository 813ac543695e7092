"""How sure F1 is: intervals from weighing the images anew, and Wilson's of a single ratio.

An interval that draws images with replacement is too narrow for few images: a label without a
mistake gets none at all. So every draw weighs each image by chance (the Bayesian bootstrap), and
adds one made-up image that is a hit or a mistake by the toss of a coin. For one label whose images
have one object each, that is the exact interval of a share with half of the observed count on
either side (mid-p). `benchmarks/coverage.py` measures how often intervals hold the truth.
"""

from dataclasses import dataclass
from math import sqrt
from typing import Final

import numpy as np
from numpy.typing import NDArray

from rcl_flow.core.scoring.count_patterns import distinct_rows, sums_of_blocks
from rcl_flow.core.scoring.deviations import deviations
from rcl_flow.core.scoring.metrics import CountsPerImage, Outcomes, label_ratios, ratios_of

Interval = tuple[float, float]
_Numbers = NDArray[np.float64]
_Flags = NDArray[np.bool_]

_MOST_WEIGHTS: Final = 1 << 21
"""How many weights are drawn at a time: 16 MB."""
_MOST_PATTERNS: Final = 1 << 13
"""With more, images are weighed in blocks; so many give the width to about 1 percent."""
_VERY_FEW_IMAGES: Final = 10
_FEW_IMAGES: Final = 30


@dataclass(frozen=True, slots=True)
class F1Samples:
    """F1 of randomly weighed images: one row or value a draw, one column a label.

    All three come from the same draws. A label that no image has is not a number.
    """

    overall: _Numbers
    """The mean over the judged labels."""
    by_label: _Numbers
    """For what is said of a label alone, which leans to the middle where it has few images."""
    in_means: _Numbers
    """For `mean_over` several labels, where such leanings would add up: each column is centred
    on the label's F1 and may pass 0 and 1."""


@dataclass(frozen=True, slots=True)
class _Patterns:
    hits: _Numbers
    """One row a distinct image, one column a label; so are the mistakes."""
    mistakes: _Numbers
    counts: NDArray[np.intp]
    """How many images are alike."""

    @property
    def images(self) -> _Numbers:
        """How many images say something of each label."""
        return np.asarray(self.counts @ (self.hits + self.mistakes > 0), dtype=np.float64)

    @property
    def objects(self) -> _Numbers:
        """How many of a label's hits and mistakes come together: 1 with one object an image."""
        union = self.hits + self.mistakes
        whole = self.counts @ union
        return np.divide(self.counts @ union**2, whole, out=np.ones_like(whole), where=whole > 0)


def resample_f1(
    outcomes: Outcomes, *, judged: NDArray[np.bool_], resamples: int, rng: np.random.Generator
) -> F1Samples:
    """Weigh the images by chance `resamples` times and return F1 of each time.

    An image's weight is exponential, so that of a number of alike images is a gamma variable, and
    the cost does not grow with the number of images but with that of distinct ones. An image is
    weighed with all its objects and labels, which depend on one another.

    Args:
        outcomes: at least one image.
        judged: which labels count in the overall F1, the unweighted mean; one flag per label.
        resamples: how many draws.
        rng: source of the draws.
    """
    wrong = outcomes.false_alarms + outcomes.misses
    patterns = _halved(*distinct_rows(outcomes.hits, wrong))
    weighed = patterns
    if len(patterns.counts) > _MOST_PATTERNS:
        rows = np.hstack([outcomes.hits, wrong])
        weighed = _halved(*sums_of_blocks(rows, _MOST_PATTERNS, rng))
    hits, mistakes = _weighed(weighed, resamples, rng)
    unknown = ~outcomes.judged
    by_label = _with_made_up(hits, mistakes, patterns.objects, rng)
    in_means = _centred(_f1(hits, mistakes), label_ratios(outcomes).f1, patterns.images)
    counted = np.flatnonzero(judged & ~unknown)
    if counted.size:
        draws, label = np.arange(resamples), counted[rng.integers(counted.size, size=resamples)]
        alone = hits[draws, label], mistakes[draws, label]
        made_up = _with_made_up(*alone, patterns.objects[label], rng)
        in_means[draws, label] += made_up - _f1(*alone)
    by_label[:, unknown] = np.nan
    in_means[:, unknown] = np.nan
    overall = np.clip(mean_over(in_means, judged), 0.0, 1.0)
    return F1Samples(overall=overall, by_label=by_label, in_means=in_means)


def _halved(rows: CountsPerImage, counts: NDArray[np.intp]) -> _Patterns:
    hits, mistakes = np.hsplit(rows.astype(np.float64), 2)
    return _Patterns(hits, mistakes, counts)


def _weighed(
    patterns: _Patterns, resamples: int, rng: np.random.Generator
) -> tuple[_Numbers, _Numbers]:
    """Return the weight of each label's hits and of its mistakes: one row a draw."""
    hits, mistakes = [], []
    rows = max(_MOST_WEIGHTS // max(len(patterns.counts), 1), 1)
    for start in range(0, resamples, rows):
        size = (min(rows, resamples - start), len(patterns.counts))
        weights = rng.standard_gamma(patterns.counts, size=size)
        hits.append(weights @ patterns.hits)
        mistakes.append(weights @ patterns.mistakes)
    return np.vstack(hits), np.vstack(mistakes)


def _with_made_up(
    hits: _Numbers, mistakes: _Numbers, objects: _Numbers, rng: np.random.Generator
) -> _Numbers:
    """Return F1 with one image more, whose objects are all hits or all mistakes."""
    made_up = rng.standard_exponential(hits.shape) * objects
    is_hit = rng.random(hits.shape) < 1 / 2
    return _f1(hits + np.where(is_hit, made_up, 0.0), mistakes + np.where(is_hit, 0.0, made_up))


def _centred(f1: _Numbers, scored: _Numbers, images: _Numbers) -> _Numbers:
    """Return the samples moved to where the true F1 is on average, and as wide as it varies.

    F1 bends downwards, so weighed images have a lower mean than the score by as much as the score
    has than the truth. And the weights' variance falls short: it is that of n + 1 images, about a
    share whose own variance is seen (n - 1) / n large.

    Args:
        f1: one row a draw, one column a label.
        scored: each label's F1 without weights.
        images: how many images say something of each label.
    """
    mean = f1.mean(axis=0)
    wider = np.sqrt((images + 1) / np.maximum(images - 1, 1))
    return np.asarray(scored + (scored - mean) + (f1 - mean) * wider)


def _f1(hits: _Numbers, mistakes: _Numbers) -> _Numbers:
    return ratios_of(hits, mistakes, np.zeros_like(mistakes)).f1


def mean_over(by_label: NDArray[np.float64], counted: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Return the mean of each row over the labels that are counted and are numbers; 0 for none.

    Args:
        by_label: one row per resample, one column per label; of `F1Samples` those for means.
        counted: one flag per label.
    """
    values = by_label[:, counted]
    numbers = ~np.isnan(values)
    total = np.where(numbers, values, 0.0).sum(axis=1)
    return np.asarray(total / np.maximum(numbers.sum(axis=1), 1), dtype=np.float64)


def interval_of(samples: NDArray[np.float64], confidence_level: float) -> Interval:
    """Return the central interval that holds `confidence_level` (0 to 1) of the samples.

    Samples that are not numbers are left out; with none left, nothing is known: 0 to 1.
    """
    known = samples[~np.isnan(samples)]
    if known.size == 0:
        return 0.0, 1.0
    tail = (1 - confidence_level) / 2
    low, high = np.quantile(known, [tail, 1 - tail])
    return float(low), float(high)


def wilson_interval(part: int, whole: int, confidence_level: float) -> Interval:
    """Return Wilson's interval of the share `part` of `whole`; 0 to 1 for a whole of 0.

    Args:
        part: 0 to `whole`, of things that do not depend on one another.
        whole: how many were looked at.
        confidence_level: how often such an interval holds the true share, 0 to 1.
    """
    if whole == 0:
        return 0.0, 1.0
    return share_interval(part / whole, whole, confidence_level)


def share_interval(share: float, whole: float, confidence_level: float) -> Interval:
    """Return Wilson's interval of a share that is seen of `whole` things, or of as good as many.

    Args:
        share: 0 to 1.
        whole: above 0; what varies more than things that are looked at one by one counts less.
        confidence_level: how often such an interval holds the true share, 0 to 1.
    """
    z = deviations(confidence_level)
    weight = z * z / whole
    middle = (share + weight / 2) / (1 + weight)
    half = z * sqrt((share * (1 - share) + weight / 4) / whole) / (1 + weight)
    return (0.0 if share == 0 else middle - half), (1.0 if share == 1 else middle + half)


def few_images_note(images: int) -> str:
    """Say how little a label's score rests on; empty when it rests on enough images."""
    if images >= _FEW_IMAGES:
        return ""
    counted = {0: "no image", 1: "1 image"}.get(images, f"{images} images")
    if images < _VERY_FEW_IMAGES:
        return f"{counted}: nothing certain can be said of this label"
    return f"{counted}: read the interval, not the score"
