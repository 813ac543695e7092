"""Where more images should come from, in words: the conditions in which a model is worse."""

from typing import Final

from rcl_flow.core.audit.factors import FACTORS
from rcl_flow.core.scoring.error_types import SharedFactor

_CONDITIONS: Final = {
    "brightness": ("in low light", "in bright light"),
    "contrast": ("with little contrast", "with strong contrast"),
    "saturation": ("in pale colours", "in strong colours"),
    "hue": ("in other colours", "in other colours"),
    "background busyness": ("with calm backgrounds", "with busy backgrounds"),
    "background vividness": ("with dull backgrounds", "with vivid backgrounds"),
    "edge angle": ("from other angles", "from other angles"),
    "resolution": ("of low resolution", "of high resolution"),
    "aspect ratio": ("in narrow formats", "in wide formats"),
    "sharpness": ("that are less sharp", "that are sharper"),
    "object size": ("with small objects", "with large objects"),
    "object shape": ("with narrow objects", "with wide objects"),
}
"""Of each image factor where it is low, and where it is high."""

_VARIETY: Final = "D3"
_PRACTICES: Final = {factor.name: factor.practice for factor in FACTORS}


def practice_of(dimension: str) -> str:
    """Return the practice that asks for variety in a factor, or in a kind of metadata."""
    return _PRACTICES.get(dimension, _VARIETY)


def condition_of(shared: SharedFactor) -> str:
    """Return where images are like the mistakes, such as `in low light`."""
    low, high = _CONDITIONS[shared.factor]
    return low if shared.is_lower else high


def condition_of_slice(told: str) -> str:
    """Return where images are like a slice, such as `like the darkest quarter of the holdout`."""
    return f"like {told} of the holdout" if told.startswith("the ") else f"({told})"
