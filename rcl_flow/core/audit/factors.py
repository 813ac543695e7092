"""The image factors that decide accuracy (practice D7): what they are called and how to get them.

Words and units are here so that every rule speaks of a factor in the same words.
"""

from collections.abc import Callable
from dataclasses import dataclass
from statistics import median
from typing import Final

from rcl_flow.core.datasets.dataset import DatasetImage
from rcl_flow.core.measures import ImageMeasures

NONE: Final = float("nan")
"""The value of a factor that an image does not have, such as the hue of a gray one."""


@dataclass(frozen=True, slots=True)
class Factor:
    """One property of images that a model may come to depend on."""

    name: str
    practice: str
    """The id of the practice that asks for it to vary."""
    narrow_rule: str
    """The rule of a label that does not vary in it; empty where nobody wants it to vary."""
    value: Callable[[DatasetImage, ImageMeasures], float]
    less: str
    """What a split with lower values is or has."""
    more: str
    still: float
    """A range of values that is too small to be called variation."""
    unit: str = ""
    period: float = 0.0
    """The length of the circle on which the values lie; 0 on a line."""

    def told(self, value: float) -> str:
        """Return a value in words, with its unit."""
        small = 3 if 0 < abs(value) < _SMALL else 2
        digits = 0 if self.period or abs(value) >= _LARGE else small
        return f"{value:.{digits}f}{self.unit}"


_SMALL, _LARGE = 0.1, 100


def _hue(_: DatasetImage, measures: ImageMeasures) -> float:
    return measures.hue_degrees % 360 if measures.hue_degrees >= 0 else NONE


def _edge_angle(_: DatasetImage, measures: ImageMeasures) -> float:
    return measures.edge_angle_degrees % 180 if measures.edge_angle_degrees >= 0 else NONE


def _object_size(image: DatasetImage, measures: ImageMeasures) -> float:
    """Return the share of the image that the object of median size takes."""
    pixels = measures.width_pixels * measures.height_pixels
    return median([box.width * box.height / pixels for box in image.boxes] or [NONE])


def _object_shape(image: DatasetImage, _: ImageMeasures) -> float:
    return object_shape(image)


def object_shape(image: DatasetImage, label: str | None = None) -> float:
    """Return the median width over height of the boxes, of one label or of all; NaN for none."""
    boxes = (box for box in image.boxes if label in (None, box.label) and box.height > 0)
    return median([box.width / box.height for box in boxes] or [NONE])


FACTORS: Final = (
    Factor(
        "brightness",
        "D5",
        "narrow-light",
        lambda _, measures: measures.brightness,
        less="is darker",
        more="is brighter",
        still=0.03,
    ),
    Factor(
        "contrast",
        "D5",
        "narrow-light",
        lambda _, measures: measures.contrast,
        less="has less contrast",
        more="has more contrast",
        still=0.03,
    ),
    Factor(
        "saturation",
        "D5",
        "narrow-light",
        lambda _, measures: measures.saturation,
        less="is paler",
        more="is more colourful",
        still=0.02,
    ),
    Factor(
        "hue",
        "D5",
        "narrow-light",
        _hue,
        less="has other colours",
        more="has other colours",
        still=5.0,
        unit="°",
        period=360.0,
    ),
    Factor(
        "background busyness",
        "D4",
        "narrow-background",
        lambda _, measures: measures.background_busyness,
        less="has calmer backgrounds",
        more="has busier backgrounds",
        still=0.0,
    ),
    Factor(
        "background vividness",
        "D4",
        "narrow-background",
        lambda _, measures: measures.background_vividness,
        less="has duller backgrounds",
        more="has more vivid backgrounds",
        still=0.02,
    ),
    Factor(
        "edge angle",
        "D6",
        "narrow-angle",
        _edge_angle,
        less="is seen from other angles",
        more="is seen from other angles",
        still=3.0,
        unit="°",
        period=180.0,
    ),
    Factor(
        "resolution",
        "D7",
        "narrow-shape",
        lambda _, measures: measures.megapixels,
        less="has smaller images",
        more="has larger images",
        still=0.0,
        unit=" megapixels",
    ),
    Factor(
        "aspect ratio",
        "D7",
        "narrow-shape",
        lambda _, measures: measures.aspect_ratio,
        less="has narrower images",
        more="has wider images",
        still=0.0,
    ),
    Factor(
        "sharpness",
        "D7",
        "",
        lambda _, measures: measures.sharpness,
        less="is less sharp",
        more="is sharper",
        still=0.0,
    ),
    Factor(
        "object size",
        "D7",
        "",
        _object_size,
        less="has smaller objects",
        more="has larger objects",
        still=0.0,
    ),
    Factor(
        "object shape",
        "D6",
        "narrow-angle",
        _object_shape,
        less="has narrower objects",
        more="has wider objects",
        still=0.0,
    ),
)
