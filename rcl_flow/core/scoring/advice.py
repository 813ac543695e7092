"""What to do next, ranked by what it is expected to bring."""

from typing import Literal

from pydantic import Field

from rcl_flow.core.datasets.boxes import DetectedBox
from rcl_flow.core.values import Frozen

Action = Literal["collect", "relabel", "merge", "threshold", "holdout", "test set"]
"""`collect` training images; `relabel` images; `merge` (or redefine) labels; set a `threshold`;
enlarge the `holdout`; make the `test set` like production."""


class AdvisedImage(Frozen):
    """An image that advice is about."""

    sha256: str
    uri: str
    split: Literal["train", "test", "holdout"]
    truth: tuple[str, ...]
    """Its labels as annotated."""
    suggested: tuple[str, ...]
    """What the model says instead; empty where it says nothing."""
    confidence_percent: float
    """In what it says instead, or in what it withheld."""
    boxes: tuple[DetectedBox, ...] = ()
    """What the model found, when it detects objects."""
    width_pixels: int = 0
    height_pixels: int = 0
    """The image's size; 0 where it is not known."""


class Advice(Frozen):
    """One thing to do, with the evidence for it."""

    rank: int
    """From 1."""
    action: Action
    labels: tuple[str, ...]
    images_wanted: int = 0
    """For `collect` and `holdout`: about how many, in all."""
    is_per_label: bool = False
    """Whether so many are wanted of each label instead."""
    thresholds: dict[str, float] = Field(default_factory=dict)
    """For `threshold`: the advised ones of `labels`, 0 to 1."""
    holdout_images: int = 0
    """For `holdout`: how many the whole holdout had, those for calibration and refused ones
    included; 0 where it is not known."""
    condition: str = ""
    """Where the images should come from, such as `low light`; empty for anywhere."""
    told: str
    """The advice in a sentence, such as `Collect about 40 more images of scratch in low light.`"""
    evidence: tuple[str, ...]
    """Sentences with figures."""
    practice: str
    """The id of the practice, such as `D1` or `J5`."""
    expected_gain: float | None = None
    """About how much the overall F1 on the holdout may rise, 0 to 1; None where unknown."""
    gain_told: str = ""
    """How the gain was estimated."""
    images: tuple[AdvisedImage, ...] = ()


class PastAdvice(Frozen):
    """What became of a piece of the last run's advice."""

    advice: Advice
    followed: bool | None
    """Whether the data show that it was followed; None where they cannot show it."""
    told: str
    """Such as `scratch: 38 training images more; F1 from 0.61 to 0.78 [+0.08, +0.25]: it paid.`"""
    f1_before: float | None = None
    f1_after: float | None = None
    change_interval: tuple[float, float] | None = None
