"""How long a training and an inference will take, as a range: from what past ones took."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from statistics import median
from typing import Final, Self

from pydantic import model_validator

from rcl_flow.core.values import Frozen

_SECONDS_PER_HOUR: Final = 3600
_MARGIN: Final = 0.25
"""How far what comes may lie from what was measured."""
_ALIKE: Final = 0.25
"""Counts of images that differ by no more than this share take about as long."""
_RECENT: Final = 10
"""Past trainings and inferences that are looked at."""


class Estimate(Frozen):
    """An amount that is not known yet: its least, its most likely and its greatest value."""

    low: float
    expected: float
    high: float

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if not 0 <= self.low <= self.expected <= self.high:
            raise ValueError("an estimate is 0 <= low <= expected <= high")
        return self

    def plus(self, other: "Estimate") -> "Estimate":
        """Return the estimate of both amounts together."""
        return Estimate(
            low=self.low + other.low,
            expected=self.expected + other.expected,
            high=self.high + other.high,
        )

    def times(self, factor: float) -> "Estimate":
        """Return the estimate of that many times the amount; `factor` is not negative."""
        return Estimate(
            low=self.low * factor, expected=self.expected * factor, high=self.high * factor
        )

    def dollars(self, usd_per_hour: float) -> "Estimate":
        """Return what these seconds cost."""
        return self.times(usd_per_hour / _SECONDS_PER_HOUR)


NOTHING: Final = Estimate(low=0, expected=0, high=0)

IMAGES_PER_SECOND_AND_UNIT: Final = Estimate(low=2.8, expected=math.sqrt(2.8 * 5), high=5)
"""What one inference unit answers while nothing was measured; in the middle by ratio.

Source: AWS publishes no figure. 5 is of the developer guide of 2020; 2.8 is an example of the
pricing page, 440,000 images in 44 hours, quoted by a third party (fact sheet 7.5, 2026-11-23).
"""
EMULATED_IMAGES_PER_SECOND: Final = Estimate(low=50, expected=400, high=2000)
"""What the emulator answers while nothing was measured: two shared cores did 400 (2026-11-24)."""


_ROUNDING: Final = 1e-6
"""A difference of seconds that is none, as a part of an image's time."""


@dataclass(frozen=True, slots=True)
class PastTraining:
    """A training that was billed."""

    billed_seconds: float
    images: int


@dataclass(frozen=True, slots=True)
class PastInference:
    """A stretch of running that answered images."""

    seconds: float
    images: int
    inference_units: int

    @property
    def load(self) -> float:
        """Images for each unit."""
        return self.images / self.inference_units


@dataclass(frozen=True, slots=True)
class InferencePace:
    """How a running model spends its seconds."""

    overhead_seconds: Estimate
    """What it runs for before the first image and after the last."""
    seconds_per_image: Estimate
    """With one inference unit; more units divide it."""


def between(low: float, high: float) -> Estimate:
    """Return the range whose most likely value is in the middle by ratio; `low` is above 0."""
    return Estimate(low=low, expected=min(high, max(low, math.sqrt(low * high))), high=high)


def estimate_training(
    images: int, past: Sequence[PastTraining], fallback_seconds: Estimate
) -> Estimate:
    """Return how many seconds a training on that many images will bill.

    Args:
        images: training images.
        past: this project's trainings, the newest last.
        fallback_seconds: what to say without any.
    """
    seconds = [_scaled(one, images) for one in past if one.billed_seconds > 0][-_RECENT:]
    if not seconds:
        return fallback_seconds
    return _with_margin(min(seconds), median(seconds), max(seconds))


def _scaled(past: PastTraining, images: int) -> float:
    if past.images <= 0 or abs(images - past.images) <= _ALIKE * past.images:
        return past.billed_seconds
    return past.billed_seconds * images / past.images


def estimate_pace(
    past: Sequence[PastInference],
    overhead_seconds: Estimate,
    images_per_second: Estimate = IMAGES_PER_SECOND_AND_UNIT,
) -> InferencePace:
    """Return how fast the next model will be.

    Past runs of unlike length tell overhead and time per image apart; those of one length, or a
    single one, only do so with the overhead that is usual.

    Args:
        past: this project's stretches of running, the newest last.
        overhead_seconds: what is usual.
        images_per_second: of one unit, what is usual; above 0.
    """
    known = [one for one in past if one.seconds > 0 and one.images > 0 and one.inference_units > 0][
        -_RECENT:
    ]
    if not known:
        rate = images_per_second
        per_image = Estimate(low=1 / rate.high, expected=1 / rate.expected, high=1 / rate.low)
        return InferencePace(overhead_seconds, per_image)
    overhead, per_image_seconds = _line_through(known) or _usual(known, overhead_seconds.expected)
    return InferencePace(_around(overhead), _around(per_image_seconds))


def _line_through(past: Sequence[PastInference]) -> tuple[float, float] | None:
    """Return overhead and seconds an image by the median slope, which an outlier cannot move."""
    slopes = [
        (one.seconds - other.seconds) / (one.load - other.load)
        for one, other in combinations(past, 2)
        if abs(one.load - other.load) > _ALIKE * min(one.load, other.load)
    ]
    if not slopes:
        return None
    slope = median(slopes)
    overhead = median(one.seconds - slope * one.load for one in past)
    if slope <= 0 or overhead < -_ROUNDING * slope:
        return None
    return max(0.0, overhead), slope


def _usual(past: Sequence[PastInference], overhead: float) -> tuple[float, float]:
    # at least half of the time was spent on images, or a short run would say nothing of them
    overhead = min(overhead, *(one.seconds / 2 for one in past))
    return overhead, median((one.seconds - overhead) / one.load for one in past)


def estimate_inference(images: int, inference_units: int, pace: InferencePace) -> Estimate:
    """Return how many seconds a model runs that answers that many images; 0 for no images."""
    if images == 0:
        return NOTHING
    return pace.overhead_seconds.plus(pace.seconds_per_image.times(images / inference_units))


def _around(value: float) -> Estimate:
    return _with_margin(value, value, value)


def _with_margin(low: float, expected: float, high: float) -> Estimate:
    return Estimate(low=low * (1 - _MARGIN), expected=expected, high=high * (1 + _MARGIN))
