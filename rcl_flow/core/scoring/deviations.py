"""How wide a normal distribution is; light, since a config is validated with what needs it."""

from statistics import NormalDist


def deviations(confidence_level: float) -> float:
    """Return how many standard deviations on either side hold `confidence_level` of a normal."""
    return NormalDist().inv_cdf((1 + confidence_level) / 2)
