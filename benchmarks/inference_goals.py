"""What batch inference is held to, in simulated time and for real."""

from benchmarks.figures import Goal, at_most

IMAGES = {5: 300, 25: 1000, 50: 1000}
"""By the limit, in calls a second."""


def wasted_goal(limit: int, *, known: bool) -> Goal:
    """Return which share of calls may be turned away."""
    if known:
        return at_most(0.01)
    return at_most(0.02 if IMAGES[limit] >= 1000 else 0.06)
