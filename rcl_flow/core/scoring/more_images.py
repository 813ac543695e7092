"""How many more holdout images would settle a gap that is inconclusive."""

from math import ceil, log10

from rcl_flow.core.scoring.power import MOST_IMAGES


def narrowing(
    changes: tuple[float, float], interval: tuple[float, float], *, margin: float
) -> float:
    """Return how wide, as a share of now, an interval may be that tells what a gap means.

    Args:
        changes: the gap as it is judged at the interval's lower and at its upper end.
        interval: of the gap, about these.
        margin: a fall that does not matter.

    Returns:
        1 or more for a gap that is settled; 0 or less where no width does it.
    """
    below, above = changes[0] - interval[0], interval[1] - changes[1]
    return max(_ratio(changes[0] + margin, below), _ratio(-changes[1], above))


def more_images(narrower: float, *, images: int, test_share: float) -> int | None:
    """Return about how many more holdout images would settle an inconclusive gap.

    The gap is taken to stay as it is; only the holdout's part of the variance shrinks.

    Args:
        narrower: what `narrowing` returns.
        images: of the holdout, at least 1.
        test_share: the test's part of the gap's variance, 0 to 1.

    Returns:
        Two digits and zeros, 0 for a gap that is settled; None where no number up to
        `MOST_IMAGES` does it.
    """
    if narrower >= 1:
        return 0
    variance = narrower**2 - test_share
    if narrower <= 0 or variance <= 0:
        return None
    more = _round_up(ceil(images * (1 - test_share) / variance) - images)
    return more if more <= MOST_IMAGES else None


def _ratio(part: float, whole: float) -> float:
    return part / whole if whole > 0 else float(part > 0)


def _round_up(number: int) -> int:
    """Return the next number of two digits and zeros."""
    step = int(10 ** max(int(log10(max(number, 1))) - 1, 0))
    return ceil(number / step) * step
