"""What a holdout of some size can tell: interval, smallest fall, smallest difference of models.

Planned for images of one label each, where a wrong image is a miss of one label and a false alarm
of another: the mean F1 then varies as a share does. With several labels or objects an image the
interval is usually narrower for the same images.
"""

from collections.abc import Callable
from dataclasses import dataclass
from math import ceil, hypot, sqrt
from statistics import NormalDist
from typing import Final, Self

from pydantic import Field, model_validator

from rcl_flow.core.scoring.deviations import deviations
from rcl_flow.core.scoring.evaluation_rules import EvaluationRules
from rcl_flow.core.scoring.intervals import share_interval
from rcl_flow.core.values import Frozen

MOST_IMAGES: Final = 100_000
"""No larger holdout is suggested."""
FEWEST_IMAGES: Final = 10
"""A smaller holdout is not reckoned with: its figures say next to nothing."""
FEWEST_OF_LABEL: Final = 3
"""Likewise with fewer images a label."""
_STEPS: Final = 60
"""Halvings of an interval: to the last digit."""
_SHARES_SUM: Final = 1e-6
_NORMAL: Final = NormalDist()
_RULES: Final = EvaluationRules()


class Expected(Frozen):
    """What is expected of a model and its holdout, and how sure one wants to be."""

    labels: int = Field(2, ge=1, le=10_000)
    shares: tuple[float, ...] = ()
    """Of the images, each label's, above 0; empty for equal ones."""
    f1: float = Field(0.85, gt=0, lt=1)
    """On the test set and, but for the fall that is looked for, on the holdout."""
    confidence_level: float = Field(_RULES.confidence_level, gt=0.5, lt=1)
    power: float = Field(0.8, gt=0.5, lt=1)
    """How often a fall or a difference is to be found."""
    margin: float = Field(_RULES.gap_margin, ge=0, lt=1)
    """A fall that does not matter."""
    disagreement: float = Field(0.1, gt=0, le=1)
    """The share of images that just one of two models judges rightly."""

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if self.shares and (min(self.shares) <= 0 or abs(sum(self.shares) - 1) > _SHARES_SUM):
            raise ValueError("the labels' shares are above 0 and add up to 1")
        if self.shares and len(self.shares) != self.labels:
            raise ValueError("there is one share a label")
        return self

    @property
    def label_shares(self) -> tuple[float, ...]:
        """Each label's share of the images."""
        return self.shares or (1 / self.labels,) * self.labels

    @property
    def unbalance(self) -> float:
        """How many times as many images as with equally frequent labels the mean F1 needs."""
        return sum(1 / share for share in self.label_shares) / self.labels**2


class LabelPower(Frozen):
    """What the holdout tells of one label."""

    share: float
    images: float
    """With the label, about."""
    half_width: float
    """Half the width of the interval of its F1; that reaches less far on the side of 1."""


class Power(Frozen):
    """What a holdout of so many images can tell."""

    images: int
    test_images: int
    f1: float
    half_width: float
    """Of the interval of F1 over all labels, as are the next figures."""
    detectable_fall: float | None
    """The smallest fall from test to holdout that is called `drops` as often as wanted; None
    where even a fall to 0 is not."""
    generalises_chance: float
    """How often a model without any fall is called so."""
    detectable_difference: float | None
    """The smallest difference in right images between two models on this holdout that McNemar's
    test finds as often as wanted; None where no difference is found."""
    labels: tuple[LabelPower, ...]
    too_few: bool = False
    """Whether holdout or test set has so few images, or so few of a label, that the figures are
    not to be relied on."""


class ImagesNeeded(Frozen):
    """How large a holdout has to be; None where more than `MOST_IMAGES` would be needed."""

    half_width: int | None
    """For an interval as narrow as wanted."""
    gap: int | None
    """For a fall as small as wanted to be found as often as wanted."""


def holdout_power(images: int, expected: Expected, test_images: int | None = None) -> Power:
    """Return what a holdout can tell.

    Args:
        images: of the holdout, at least 1.
        expected: of the model.
        test_images: of the test set, at least 1; None for as many as the holdout has.
    """
    test = images if test_images is None else test_images
    return Power(
        images=images,
        test_images=test,
        f1=expected.f1,
        half_width=_half_width(_size(expected.f1, images, expected), expected),
        detectable_fall=_detectable_fall(images, test, expected),
        generalises_chance=_generalises_chance(images, test, expected),
        detectable_difference=_detectable_difference(images, expected),
        labels=tuple(
            LabelPower(
                share=share,
                images=images * share,
                half_width=_half_width(_label_size(expected.f1, images * share), expected),
            )
            for share in expected.label_shares
        ),
        too_few=min(images, test) < _fewest_images(expected),
    )


def images_needed(
    expected: Expected,
    *,
    half_width: float,
    gap: float,
    test_images: int | None = None,
) -> ImagesNeeded:
    """Return how many holdout images it takes.

    Args:
        expected: of the model.
        half_width: of the interval of F1 over all labels, above 0.
        gap: a fall from test to holdout, above 0; a larger margin is lowered to it, since a fall
            within the margin is not looked for.
        test_images: None for a test set that is as large as the holdout.
    """
    expected = expected.model_copy(update={"margin": min(expected.margin, gap)})

    def narrow(images: int) -> bool:
        return _half_width(_size(expected.f1, images, expected), expected) <= half_width

    def found(images: int) -> bool:
        test = images if test_images is None else test_images
        fall = _detectable_fall(images, test, expected)
        return fall is not None and fall <= gap

    least = _fewest_images(expected)
    return ImagesNeeded(half_width=_fewest(narrow, least), gap=_fewest(found, least))


def _size(f1: float, images: float, expected: Expected) -> float:
    """Return of how many images a share varies as F1 over all labels does."""
    return _label_size(f1, images) if expected.labels == 1 else images / expected.unbalance


def _label_size(f1: float, images: float) -> float:
    """Return likewise for a label's F1, whose misses and false alarms are equally many."""
    return images * 2 / (2 - f1)


def _half_width(size: float, expected: Expected) -> float:
    low, high = share_interval(expected.f1, size, expected.confidence_level)
    return (high - low) / 2


def _fewest_images(expected: Expected) -> int:
    """Return from how many images on the figures can be relied on."""
    of_labels = ceil(FEWEST_OF_LABEL / min(expected.label_shares))
    return max(FEWEST_IMAGES, of_labels)


@dataclass(frozen=True, slots=True)
class _Gap:
    """How a gap from test to holdout varies, and how far its interval reaches on average."""

    spread: float
    below: float
    above: float

    @classmethod
    def of(cls, fall: float, images: int, test_images: int, expected: Expected) -> Self:
        before, after = expected.f1, expected.f1 - fall
        test, holdout = _size(before, test_images, expected), _size(after, images, expected)
        level = expected.confidence_level
        test_low, test_high = share_interval(before, test, level)
        low, high = share_interval(after, holdout, level)
        return cls(
            spread=sqrt(before * (1 - before) / test + after * (1 - after) / holdout),
            below=hypot(test_high - before, after - low),
            above=hypot(before - test_low, high - after),
        )


def _drops_chance(fall: float, images: int, test_images: int, expected: Expected) -> float:
    """Return how often the whole interval is below zero, and reaches beyond the margin."""
    gap = _Gap.of(fall, images, test_images, expected)
    needed = max(gap.above, expected.margin - gap.below)
    return _NORMAL.cdf((fall - needed) / gap.spread)


def _generalises_chance(images: int, test_images: int, expected: Expected) -> float:
    gap = _Gap.of(0.0, images, test_images, expected)
    return _NORMAL.cdf((expected.margin - gap.below) / gap.spread)


def _detectable_fall(images: int, test_images: int, expected: Expected) -> float | None:
    return _least(
        lambda fall: _drops_chance(fall, images, test_images, expected) >= expected.power,
        expected.f1,
    )


def _detectable_difference(images: int, expected: Expected) -> float | None:
    """Return the least difference that McNemar's test finds, from its normal approximation."""
    level, wanted = deviations(expected.confidence_level), _NORMAL.inv_cdf(expected.power)
    share = expected.disagreement

    def is_found(difference: float) -> bool:
        needed = level * sqrt(share) + wanted * sqrt(max(share - difference**2, 0.0))
        return difference * sqrt(images) >= needed

    return _least(is_found, share)


def _least(is_enough: Callable[[float], bool], most: float) -> float | None:
    """Return the least value, 0 to `most`, from which on it is enough; None if none is."""
    if not is_enough(most):
        return None
    low, high = 0.0, most
    for _ in range(_STEPS):
        middle = (low + high) / 2
        low, high = (low, middle) if is_enough(middle) else (middle, high)
    return high


def _fewest(is_enough: Callable[[int], bool], least: int) -> int | None:
    """Return the fewest images, at least `least`, that do; None if `MOST_IMAGES` do not."""
    if least > MOST_IMAGES or not is_enough(MOST_IMAGES):
        return None
    low, high = least - 1, MOST_IMAGES
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if is_enough(middle) else (middle, high)
    return high
