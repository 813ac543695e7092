"""What of a change is the data's effect, and what the chance of one training.

The same data, trained twice, gives two models. With several trainings on the challenger's data the
difference to the champion has two sources of chance that add up:

- the images of the holdout, by the paired resampling of `resample_f1`: each draw weighs the same
  images for every model;
- the trainings. Their F1 on the same images spread with a standard deviation s, which is pooled
  over the challenger's and the champion's data, as if both trained equally steadily. The mean of
  k trainings minus the mean of m has the standard error s * sqrt(1/k + 1/m), and since s is itself
  estimated from few, its share is drawn from Student's t with as many degrees of freedom as there
  are trainings beyond one of each data.

The interval of the data's effect holds the central share of the sums of both draws. A champion
that was trained once has m = 1: its own luck counts in full. With one training on either side s is
not known, and neither is the interval.

The model that is put forward is the median of the challenger's trainings. The best of several
looks better than it is, since it was chosen by the images that judge it.
"""

from collections.abc import Sequence
from math import sqrt
from typing import Final

import numpy as np
from numpy.typing import NDArray

from rcl_flow.core.scoring.changed_images import Contender, Pair
from rcl_flow.core.scoring.evaluation_rules import EvaluationRules
from rcl_flow.core.scoring.f1_change import F1Changes, half_step_of, mean_f1
from rcl_flow.core.scoring.intervals import mean_over, resample_f1
from rcl_flow.core.scoring.metrics import Outcomes
from rcl_flow.core.values import Frozen
from rcl_flow.errors import HoldoutsDifferError

Interval = tuple[float, float]
Numbers = NDArray[np.float64]
_ONE: Final = 1


class TrainingNoise(Frozen):
    """Several trainings on the same data, held against those of the champion."""

    f1: tuple[float, ...]
    """Of each of the challenger's trainings, in their order, on the common images and labels."""
    champion_f1: tuple[float, ...] = ()
    """Likewise of the champion, and of other trainings on its data; empty without a champion."""
    median: int = 0
    """Which of the challenger's is put forward, from 0: the lower median of an even number."""
    spread: float | None = None
    """The standard deviation of F1 between trainings on the same data; None when unknown."""
    change: float | None = None
    """The mean of the challenger's minus the mean of the champion's; None without a champion."""
    interval: Interval | None = None
    """Of the data's effect, with the chance of images and trainings; None when it is unknown."""
    confidence_level: float = 0.95

    @property
    def repeats(self) -> int:
        """How many trainings the challenger's data had."""
        return len(self.f1)

    @property
    def is_data(self) -> bool | None:
        """Whether the change is more than chance explains; None when that is unknown."""
        return None if self.interval is None else not self.interval[0] <= 0 <= self.interval[1]


def judge_trainings(
    challengers: Sequence[Contender],
    champions: Sequence[Contender],
    rules: EvaluationRules,
    rng: np.random.Generator,
) -> TrainingNoise:
    """Tell the chance of a training from the effect of the data.

    Args:
        challengers: models trained on the same new data; at least one.
        champions: the champion first, then other models trained on its data; may be empty.
        rules: confidence level and number of resamples.
        rng: source of the draws.

    Raises:
        HoldoutsDifferError: no image was judged by all, or none has a label that all know.
    """
    news, olds = _outcomes(challengers, champions)
    return noise_of(news, olds, rules, rng)


def noise_of(
    challengers: Sequence[Outcomes],
    champions: Sequence[Outcomes],
    rules: EvaluationRules,
    rng: np.random.Generator,
) -> TrainingNoise:
    """Do the same with what is right and wrong of the same images and labels, model by model."""
    f1 = tuple(mean_f1(each) for each in challengers)
    champion_f1 = tuple(mean_f1(each) for each in champions)
    spread = _spread(f1, champion_f1)
    interval = None
    if champions and spread is not None:
        draws = _effects(challengers, champions, rules, rng)
        draws += _chance(spread, len(f1), len(champion_f1), rules, rng)
        interval = _interval(draws, champions[0], rules)
    return TrainingNoise(
        f1=f1,
        champion_f1=champion_f1,
        median=median_of(f1),
        spread=spread,
        change=float(np.mean(f1) - np.mean(champion_f1)) if champions else None,
        interval=interval,
        confidence_level=rules.confidence_level,
    )


def median_of(f1: Sequence[float]) -> int:
    """Return the place of the median, the lower one of an even number; of equals the first."""
    return sorted(range(len(f1)), key=lambda place: (f1[place], place))[(len(f1) - 1) // 2]


def _outcomes(
    challengers: Sequence[Contender], champions: Sequence[Contender]
) -> tuple[list[Outcomes], list[Outcomes]]:
    """Count hits and mistakes on the images that all judged, of the labels that all know."""
    every = (*champions, *challengers)
    first = every[0]
    tuned_on = frozenset[str]().union(*(each.tuned_on for each in every))
    judged = set.intersection(*({image.sha256 for image in e.judged.images} for e in every))
    images = tuple(i for i in first.judged.images if i.sha256 in judged - tuned_on)
    known = tuple(
        label for label in first.thresholds if all(label in each.thresholds for each in every)
    )
    if not any(label in known for image in images for label in image.labels):
        raise HoldoutsDifferError(
            "No image that all trainings have judged has a label that all of them know.",
            hint="Judge them on one holdout, with the same labels spelled alike.",
        )
    pair = Pair(first, first, images, known)
    return [pair.outcomes(each) for each in challengers], [pair.outcomes(e) for e in champions]


def _spread(*groups: Sequence[float]) -> float | None:
    """Return the standard deviation within groups; None when no group has two members."""
    degrees = sum(len(group) - _ONE for group in groups if group)
    if not degrees:
        return None
    squares = sum(float(((np.array(g) - np.mean(g)) ** 2).sum()) for g in groups if g)
    return sqrt(squares / degrees)


def _effects(
    challengers: Sequence[Outcomes],
    champions: Sequence[Outcomes],
    rules: EvaluationRules,
    rng: np.random.Generator,
) -> Numbers:
    """Draw the difference of the two means, weighing the same images for all models."""
    every = (*champions, *challengers)
    joined = Outcomes(
        labels=sum((each.labels for each in every), ()),
        truth=np.hstack([each.truth for each in every]),
        hits=np.hstack([each.hits for each in every]),
        false_alarms=np.hstack([each.false_alarms for each in every]),
    )
    samples = resample_f1(joined, judged=joined.judged, resamples=rules.resamples, rng=rng)
    parts = np.hsplit(samples.in_means, len(every))
    means = np.stack([mean_over(part, champions[0].judged) for part in parts])
    count = len(champions)
    return np.asarray(means[count:].mean(axis=0) - means[:count].mean(axis=0))


def _chance(
    spread: float, new: int, old: int, rules: EvaluationRules, rng: np.random.Generator
) -> Numbers:
    degrees = new + old - 2 * _ONE
    error = spread * sqrt(1 / new + 1 / old)
    return np.asarray(error * rng.standard_t(degrees, size=rules.resamples))


def _interval(draws: Numbers, outcomes: Outcomes, rules: EvaluationRules) -> Interval:
    changes = F1Changes(overall=draws, by_label=draws[:, None], half_a_step=half_step_of(outcomes))
    return changes.interval(rules.confidence_level)
