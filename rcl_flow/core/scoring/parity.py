"""The service's own figures recomputed from its evaluation snapshot, and where they differ."""

from rcl_flow.core.values import Frozen


class Difference(Frozen):
    """A figure of the service's summary that its own snapshot does not give."""

    figure: str
    """Such as `F1`, or `recall of "scratch"`."""
    reported: float
    recomputed: float


class Parity(Frozen):
    """Whether the summary follows from the snapshot."""

    images: int
    """Lines of the snapshot."""
    precision: float
    """Recomputed, as are the next two: unweighted means over labels."""
    recall: float
    f1: float
    differences: tuple[Difference, ...]
    """Beyond rounding; the largest first."""
    note: str = ""
    """Why differences are to be expected, if they are."""
