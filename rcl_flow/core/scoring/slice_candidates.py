"""Which parts of the holdout may be judged worse: by image factor, and by what files say of them.

A dimension cuts the images into parts; a candidate is one part or several of them, in words.
Parts are cut by the images alone, never by how these were judged.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from rcl_flow.core.audit.factors import FACTORS, Factor
from rcl_flow.core.datasets.dataset import DatasetImage
from rcl_flow.core.measures import ORIENTATIONS, ImageMeasures
from rcl_flow.core.scoring.answers import Flags
from rcl_flow.core.statistics import Indices, Numbers, Window

UNKNOWN: Final = -1
"""The part of an image that does not have the factor or the metadata."""

_MOST_PARTS: Final = 30
_QUARTERS: Final = (0.25, 0.5, 0.75)
_OFF: Final = 0.1
"""How far the share of a quarter or half may be from its name, as equal values make it."""
_HOURS: Final = 3
_LONG_HOURS: Final = 6
_DAY_HOURS: Final = 24
_CAPTURE: Final = "hour of capture"

EXTREMES: Final[Mapping[str, tuple[str, str]]] = {
    "brightness": ("the darkest {}", "the brightest {}"),
    "contrast": ("the {} with the least contrast", "the {} with the most contrast"),
    "saturation": ("the palest {}", "the most colourful {}"),
    "background busyness": (
        "the {} with the calmest backgrounds",
        "the {} with the busiest backgrounds",
    ),
    "background vividness": (
        "the {} with the dullest backgrounds",
        "the {} with the most vivid backgrounds",
    ),
    "resolution": ("the {} with the smallest images", "the {} with the largest images"),
    "aspect ratio": ("the {} with the narrowest images", "the {} with the widest images"),
    "sharpness": ("the least sharp {}", "the sharpest {}"),
    "object size": ("the {} with the smallest objects", "the {} with the largest objects"),
    "object shape": ("the {} with the narrowest objects", "the {} with the widest objects"),
}
"""What the lowest and the highest quarter or half of a factor is called."""
ARCS: Final[Mapping[str, tuple[str, ...]]] = {
    "hue": tuple(
        f"the mostly {colour} images"
        for colour in ("red", "yellow", "green", "cyan", "blue", "magenta")
    ),
    "edge angle": tuple(f"the images with edges at about {turn}°" for turn in (0, 45, 90, 135)),
}
"""What the equal arcs of a factor on a circle are called; the first is around 0."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A part of the images that may be judged worse."""

    told: str
    parts: tuple[int, ...]
    """Which of the dimension's parts; the others are what it is compared with."""
    window: Window | None = None
    """The values of the factor; open at the end of the lowest and the highest."""
    extent: Window | None = None
    """The same without open ends: as far as these images go."""
    names: frozenset[str] = frozenset()
    """The values of the metadata."""


@dataclass(frozen=True, slots=True)
class Dimension:
    """One way to cut the images into parts."""

    name: str
    parts: Indices
    """The part of each image, from 0; `UNKNOWN` where it has none."""
    candidates: tuple[Candidate, ...]
    is_factor: bool = False

    @property
    def size(self) -> int:
        """The number of parts, those without an image too."""
        named = (part for candidate in self.candidates for part in candidate.parts)
        return max(int(self.parts.max(initial=UNKNOWN)), max(named, default=UNKNOWN)) + 1

    def holds(self, candidate: Candidate) -> Flags:
        """Say which images are in a candidate."""
        inside = np.zeros(self.size + 1, dtype=np.bool_)  # the last is for UNKNOWN
        inside[list(candidate.parts)] = True
        return inside[self.parts]


@dataclass(frozen=True, slots=True)
class Metadata:
    """What a file says of itself or its path of it: one value an image."""

    name: str
    values: Callable[[Sequence[DatasetImage], Sequence[ImageMeasures | None]], list[str]]
    """Empty where an image has none."""
    told: str
    """A candidate in words, with the value for `{}`."""
    is_of_split: bool = False
    """Whether its values mean nothing in another split."""

    def holds(
        self,
        candidate: Candidate,
        images: Sequence[DatasetImage],
        measures: Sequence[ImageMeasures | None],
    ) -> Numbers:
        """Return 1 for every image that has one of the candidate's values, else 0; NaN: unknown."""
        known = {name: 1.0 for name in candidate.names} | {"": np.nan}
        values = self.values(images, measures)
        return np.array([known.get(value, 0.0) for value in values], dtype=np.float64)


def factor_dimensions(columns: Mapping[str, Numbers]) -> Iterator[Dimension]:
    """Yield the factors that vary enough to be cut.

    Args:
        columns: the value of each image by the factor's name, NaN for none.
    """
    for factor in FACTORS:
        values = columns[factor.name]
        if not np.isnan(values).all():
            yield from _arcs(factor, values) if factor.period else _line(factor, values)


def metadata_dimensions(
    images: Sequence[DatasetImage], measures: Sequence[ImageMeasures | None]
) -> Iterator[Dimension]:
    """Yield the kinds of metadata of which the images have 2 to 30 different values.

    Args:
        images: in the order of the parts.
        measures: of each image; None where it was not measured.
    """
    for kind in METADATA:
        values = kind.values(images, measures)
        names = sorted(set(values) - {""})
        if not 1 < len(names) <= _MOST_PARTS:
            continue
        number = {name: part for part, name in enumerate(names)} | {"": UNKNOWN}
        parts = np.fromiter(map(number.__getitem__, values), np.intp, len(values))
        single = [
            Candidate(kind.told.format(name), (part,), names=frozenset({name}))
            for part, name in enumerate(names)
        ]
        joined = _long_hours(number) if kind.name == _CAPTURE else ()
        yield Dimension(kind.name, parts, (*single, *joined))


def _line(factor: Factor, values: Numbers) -> Iterator[Dimension]:
    known = values[~np.isnan(values)]
    edges = np.quantile(known, _QUARTERS)
    if edges[-1] - edges[0] <= factor.still:
        return
    parts = np.where(np.isnan(values), UNKNOWN, np.searchsorted(edges, values))
    lowest, highest = EXTREMES[factor.name]
    every = [
        (lowest.format("quarter"), (0,), Window(-np.inf, float(edges[0]))),
        (highest.format("quarter"), (3,), Window(float(np.nextafter(edges[2], np.inf)), np.inf)),
        (lowest.format("half"), (0, 1), Window(-np.inf, float(edges[1]))),
        (highest.format("half"), (2, 3), Window(float(np.nextafter(edges[1], np.inf)), np.inf)),
    ]
    ends = Window(float(known.min()), float(known.max()))
    candidates = tuple(
        Candidate(told, chosen, window, _within(window, ends))
        for told, chosen, window in every
        if abs(np.isin(parts, chosen).sum() / len(known) - len(chosen) / 4) <= _OFF
    )
    yield Dimension(factor.name, parts, candidates, is_factor=True)


def _within(window: Window, ends: Window) -> Window:
    return Window(max(window.low, ends.low), min(window.high, ends.high))


def _arcs(factor: Factor, values: Numbers) -> Iterator[Dimension]:
    words = ARCS[factor.name]
    width = factor.period / len(words)
    numbers = np.floor((np.nan_to_num(values) + width / 2) % factor.period / width)
    parts = np.where(np.isnan(values), UNKNOWN, numbers.astype(np.intp))
    arcs = [
        Window((part - 0.5) * width % factor.period, float(np.nextafter((part + 0.5) * width, 0)))
        for part in range(len(words))
    ]
    candidates = tuple(
        Candidate(told, (part,), arc, arc)
        for part, (told, arc) in enumerate(zip(words, arcs, strict=True))
    )
    yield Dimension(factor.name, parts, candidates, is_factor=True)


def _measured(
    value: Callable[[ImageMeasures], str],
) -> Callable[[Sequence[DatasetImage], Sequence[ImageMeasures | None]], list[str]]:
    """Return the values of measures; of images that were not measured, none."""

    def values(_: object, measures: Sequence[ImageMeasures | None]) -> list[str]:
        return [value(each) if each else "" for each in measures]

    return values


def _capture_hours(_: object, measures: Sequence[ImageMeasures | None]) -> list[str]:
    stamps = [each.captured_at[11:13] if each else "" for each in measures]
    hours = {stamp: _hours(stamp) for stamp in set(stamps)}
    return [hours[stamp] for stamp in stamps]


def _hours(stamp: str) -> str:
    if not (stamp.isascii() and stamp.isdigit() and int(stamp) < _DAY_HOURS):
        return ""
    first = int(stamp) // _HOURS * _HOURS
    return f"{first:02}:00 to {first + _HOURS:02}:00"


def _long_hours(number: Mapping[str, int]) -> Iterator[Candidate]:
    """Yield the quarters of the day that are more than one part."""
    for first in range(0, _DAY_HOURS, _LONG_HOURS):
        names = [
            f"{hour:02}:00 to {hour + _HOURS:02}:00"
            for hour in range(first, first + _LONG_HOURS, _HOURS)
        ]
        parts = tuple(number[name] for name in names if name in number)
        if len(parts) > 1:
            told = f"the images taken from {first:02}:00 to {first + _LONG_HOURS:02}:00"
            yield Candidate(told, parts, names=frozenset(names))


def _cameras(_: object, measures: Sequence[ImageMeasures | None]) -> list[str]:
    """Return the camera of each image; of rarer cameras than can be told, none."""
    cameras = [each.camera if each else "" for each in measures]
    counts = Counter(camera for camera in cameras if camera)
    told = {camera for camera, _ in counts.most_common(_MOST_PARTS)}
    return [camera if camera in told else "" for camera in cameras]


def _folders(images: Iterable[DatasetImage], _: object) -> list[str]:
    return [image.uri.rpartition("/")[0] for image in images]


def _formats(images: Iterable[DatasetImage], _: object) -> list[str]:
    return [image.image_format for image in images]


def _orientation(measures: ImageMeasures) -> str:
    """Return how an image stands when it is shown: half of the EXIF orientations turn it."""
    width, height = measures.width_pixels, measures.height_pixels
    if measures.exif_orientation > ORIENTATIONS // 2:
        width, height = height, width
    if width == height:
        return "square"
    return "landscape" if width > height else "portrait"


METADATA: Final = (
    Metadata("camera", _cameras, "camera {}"),
    Metadata(_CAPTURE, _capture_hours, "the images taken from {}"),
    Metadata("folder", _folders, "folder {}", is_of_split=True),
    Metadata("image format", _formats, "format {}"),
    Metadata("orientation", _measured(_orientation), "{} orientation"),
    Metadata(
        "EXIF orientation",
        _measured(lambda measures: str(measures.exif_orientation)),
        "EXIF orientation {}",
    ),
    Metadata(
        "image size",
        _measured(lambda measures: f"{measures.width_pixels} x {measures.height_pixels}"),
        "{} pixels",
    ),
)
"""What files say of themselves."""
