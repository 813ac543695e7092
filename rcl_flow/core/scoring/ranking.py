"""A label's answers in the order of their confidence: what every threshold makes of them."""

from dataclasses import dataclass

from rcl_flow.core.scoring.answers import Flags, Numbers
from rcl_flow.core.values import Frozen


@dataclass(frozen=True, slots=True)
class RankedAnswers:
    """Every answer that a model gave for one label, the surest first.

    Of image-level labels there is at most one an image; of objects there may be several.
    """

    label: str
    confidences_percent: Numbers
    """Descending."""
    right: Flags
    """Whether the image has the label, or the found box is matched with a true one."""
    positives: int
    """How many images have the label, or how many true boxes there are of it."""


class LabelCurve(Frozen):
    """What each threshold makes of a label's answers: counts at or above each confidence.

    All three tuples are of one length: a step a confidence, the surest first.
    """

    label: str
    positives: int
    """Images that have the label, or true boxes of it."""
    confidences_percent: tuple[float, ...]
    """Descending, without repeats."""
    hits: tuple[int, ...]
    """How many right answers have at least this confidence."""
    false_alarms: tuple[int, ...]
    exact: bool = True
    """Whether every confidence that occurs is a step; else some were left out to save room, and
    between two steps the counts are those of the higher confidence."""
