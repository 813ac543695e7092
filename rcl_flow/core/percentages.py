"""Whether a confidence, in percent, reaches a threshold, a ratio: the one rule for all of it.

A label is predicted when its confidence is at or above the threshold, as the service's
MinConfidence works. In floating point 0.55 * 100 is a little more than 55, and an answer of
exactly 55 percent would be lost at 0.55. So a threshold begins a part in 10**12 below itself:
more than rounding takes, and far less than two answers differ by, which are 32-bit numbers.

It needs nothing but Python, since `scoring.applier` is for functions in production.
"""

from typing import Final

LEAST_PERCENT: Final = 99.9999999999
"""Of the threshold 1. Times a threshold it is the lowest percentage that reaches it."""
_DECIMALS: Final = (3, 4, 5, 6)


def threshold_decimals(threshold: float) -> int:
    """Return so many decimals that a threshold is not taken for 0 or 1: 3, at most 6.

    Args:
        threshold: 0 to 1; of 0 and 1 themselves three decimals are right.
    """
    if threshold in (0.0, 1.0):
        return _DECIMALS[0]
    return next((n for n in _DECIMALS if 0 < round(threshold, n) < 1), _DECIMALS[-1])


def percent_of(threshold: float) -> float:
    """Return the lowest percentage that reaches a threshold, to compare confidences with.

    Args:
        threshold: 0 to 1.
    """
    return threshold * LEAST_PERCENT


def reaches(confidence_percent: float, threshold: float) -> bool:
    """Say whether a confidence, 0 to 100, is at or above a threshold, 0 to 1."""
    return confidence_percent >= percent_of(threshold)
