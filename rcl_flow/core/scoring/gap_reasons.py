"""Why the score changes from test to holdout: what differs between them, and where it hurts."""

from rcl_flow.core.values import Frozen

Interval = tuple[float, float]


class FactorShift(Frozen):
    """An image factor whose distribution differs between test and holdout, with certainty."""

    factor: str
    """Such as `brightness`."""
    told: str
    """Such as `holdout is darker than test: median brightness 0.31 against 0.52`."""
    distance: float
    """Kolmogorov-Smirnov's (Kuiper's on a circle), 0 to 1."""
    p_value: float
    test_median: float
    holdout_median: float


class MixShift(Frozen):
    """A label whose share of the images differs between test and holdout, with certainty."""

    label: str
    test_share: float
    holdout_share: float
    p_value: float


class Slice(Frozen):
    """A part of the holdout that is judged worse than the rest, with certainty."""

    dimension: str
    """The factor or the kind of metadata, such as `brightness`, `camera`, `folder`."""
    told: str
    """What its images have in common, such as `the darkest quarter` or `camera ACME X1`."""
    label: str
    """The label that is worse there; empty for all together."""
    images: int
    measure: str
    """What is compared: `recall`, `precision` or `right images`."""
    inside: float
    """0 to 1."""
    outside: float
    difference_interval: Interval
    """Of inside minus outside."""
    p_value: float
    """Corrected for every slice that was looked at."""
    low: float | None = None
    """The range of the factor; None for metadata."""
    high: float | None = None
    sha256s: tuple[str, ...] = ()
    """Of its images that were judged wrongly, the worst first, a few."""


class GapReasons(Frozen):
    """What the data say of the gap; empty where they say nothing."""

    sentences: tuple[str, ...] = ()
    """Only what the tests below support, the most important first."""
    factor_shifts: tuple[FactorShift, ...] = ()
    """The largest distance first."""
    mix_shifts: tuple[MixShift, ...] = ()
    slices: tuple[Slice, ...] = ()
    """The worst first: by the mistakes that would go if it were as good as the rest."""
    compared_images: tuple[int, int] = (0, 0)
    """Images of test and holdout that have measures."""
    looked_at: int = 0
    """How many slices were looked at."""
