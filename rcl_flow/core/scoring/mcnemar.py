"""McNemar's exact test: whether two models are right equally often on the same images."""

from math import log

import numpy as np

from rcl_flow.core.scoring.answers import Flags
from rcl_flow.core.statistics import Draws
from rcl_flow.core.values import Frozen


class Mcnemar(Frozen):
    """On how many images each model is right, and McNemar's exact test of whether they differ."""

    both_right: int
    only_first: int
    """The first model is right, the second wrong."""
    only_second: int
    both_wrong: int
    p_value: float
    """The chance of such an uneven split of the images that they disagree on, if both models were
    right equally often; 1 where they never disagree."""
    certain: bool
    """Whether the difference is beyond chance at the confidence level; of labels, corrected for
    all of them (Holm)."""


def mcnemar_p_value(only_first: int, only_second: int) -> float:
    """Return McNemar's exact two-sided p-value: a fair coin's, thrown for each disagreement."""
    thrown = only_first + only_second
    if not thrown:
        return 1.0
    logs = Draws.up_to(thrown).log_factorials
    fewer = np.arange(min(only_first, only_second) + 1)
    chances = np.exp(logs[thrown] - logs[fewer] - logs[thrown - fewer] - thrown * log(2))
    return min(2 * float(chances.sum()), 1.0)


def mcnemar(first: Flags, second: Flags, level: float) -> Mcnemar:
    """Compare two models by the images on which they are right.

    Args:
        first: whether the first model is right, one flag an image.
        second: likewise.
        level: the confidence level, 0 to 1.
    """
    only_first, only_second = int((first & ~second).sum()), int((~first & second).sum())
    p_value = mcnemar_p_value(only_first, only_second)
    return Mcnemar(
        both_right=int((first & second).sum()),
        only_first=only_first,
        only_second=only_second,
        both_wrong=int((~first & ~second).sum()),
        p_value=p_value,
        certain=p_value <= 1 - level,
    )
