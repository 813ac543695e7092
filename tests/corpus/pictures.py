"""Small pictures of things in front of natural backgrounds, every one different, from a seed.

A background is a crop of a photograph mixed with coloured noise whose amplitude falls with its
frequency, as that of photographs does. Light, colours, size and shape are drawn alike for every
picture, whatever it shows, so that no statistics can tell two sets of them apart.
"""

import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw

from rcl_flow.core.datasets.boxes import PixelBox
from tests.corpus.photographs import Photograph, jpeg, photographs

SIZES: Final = ((176, 132), (198, 132), (144, 192), (208, 160), (240, 160), (160, 160), (240, 180))
THINGS: Final = ("bolt", "plate", "ring", "wedge")
"""What can be drawn: the labels of pictures that show something."""

_LUMA: Final = np.array([0.299, 0.587, 0.114], np.float32)
Floats = npt.NDArray[np.float32]
Corners = tuple[int, int, int, int]
"""Left, top, right and bottom in pixels; the last two are just outside."""


@dataclass(frozen=True, slots=True)
class Look:
    """How a picture is taken, as far as it is not left to chance."""

    size: tuple[int, int] | None = None
    light: tuple[float, float] = (75, 165)
    """The range of the mean level, 0 to 255."""
    tint: tuple[int, int, int] | None = None
    """What is added to the levels of red, green and blue."""
    calm: bool = False
    """In front of soft shapes without any detail."""
    stripes_degrees: tuple[float, float] | None = None
    """In front of parallel stripes whose direction is in this range."""


ANY: Final = Look()


@dataclass(frozen=True, slots=True)
class Shown:
    """A picture, and where the things in it are."""

    picture: Image.Image
    boxes: tuple[PixelBox, ...]

    @property
    def content(self) -> bytes:
        """The picture as a JPEG file."""
        return jpeg(self.picture, 88)


class Studio:
    """Takes pictures, each a different one; the same seed takes the same ones."""

    def __init__(self, seed: int, sources: Sequence[Photograph] = ()) -> None:
        """Begin with a seed, and with the photographs that scikit-learn installs or others."""
        self.rng = np.random.default_rng(seed)
        self._sources = sources or photographs()

    def take(self, things: Sequence[str] = (), look: Look = ANY) -> Shown:
        """Take a picture of things, which do not touch one another."""
        size = look.size or SIZES[int(self.rng.integers(len(SIZES)))]
        light = float(self.rng.uniform(*look.light))
        scenery = self._background(size, look) + light
        picture = Image.fromarray(np.clip(scenery, 0, 255).astype(np.uint8))
        boxes = tuple(
            self._draw(picture, thing, field)
            for thing, field in zip(things, self._fields(size, len(things)), strict=True)
        )
        grain = self.rng.standard_normal((size[1], size[0], 1), np.float32) * 2
        drawn = np.asarray(picture) + grain
        levels = np.clip(drawn + light - float((drawn @ _LUMA).mean()), 0, 255)
        return Shown(Image.fromarray(levels.astype(np.uint8)), boxes)

    def _background(self, size: tuple[int, int], look: Look) -> Floats:
        share = float(self.rng.uniform(0.8, 1.2))
        if look.calm:
            levels = self._noise(size, falling=3)
        elif look.stripes_degrees:
            levels = self._stripes(size, look.stripes_degrees) + 0.5 * self._noise(size)
        else:
            levels = _standardised(self._crop(size)) + share * self._noise(size)
        contrast, drawn = float(self.rng.uniform(28, 48)), self.rng.uniform(-25, 25, 3)
        tint = drawn * 0.3 + look.tint if look.tint else drawn
        return (_standardised(levels) * contrast + tint).astype(np.float32)

    def _crop(self, size: tuple[int, int]) -> Floats:
        """Return a turned crop of one of the photographs."""
        source = self._sources[int(self.rng.integers(len(self._sources)))]
        zoom = float(self.rng.uniform(0.9, 1.6)) * min(source.width, source.height) / 330
        angle = float(self.rng.uniform(0, 2 * np.pi))
        x, y = np.cos(angle) * zoom, np.sin(angle) * zoom
        middle = [float(self.rng.uniform(0.25, 0.75)) * s for s in (source.width, source.height)]
        across, down = size[0] / 2, size[1] / 2
        start = (middle[0] - x * across + y * down, middle[1] - y * across - x * down)
        matrix = (x, -y, start[0] + source.edge, y, x, start[1] + source.edge)
        shown = source.wider.transform(
            size, Image.Transform.AFFINE, matrix, Image.Resampling.BILINEAR
        )
        return np.asarray(shown).astype(np.float32)

    def _noise(self, size: tuple[int, int], *, falling: float = 1.5) -> Floats:
        """Return noise of standard deviation 1 whose amplitude falls with its frequency."""
        width, height = size
        away = np.hypot(np.fft.fftfreq(height)[:, None] * height, np.fft.rfftfreq(width) * width)
        away[0, 0] = np.inf
        grain = self.rng.standard_normal((2, height, width))
        shapes = np.fft.irfft2(np.fft.rfft2(grain) / away**falling, s=(height, width))
        light, other = shapes / shapes.std(axis=(1, 2), keepdims=True)
        hue = self.rng.uniform(-0.5, 0.5, 3)
        mixed: Floats = (light[..., None] + other[..., None] * hue).astype(np.float32)
        return mixed

    def _stripes(self, size: tuple[int, int], degrees: tuple[float, float]) -> Floats:
        angle = np.radians(float(self.rng.uniform(*degrees)))
        start, width = float(self.rng.uniform(0, 9)), float(self.rng.uniform(1.5, 2.5))
        x, y = np.arange(size[0]), np.arange(size[1])[:, None]
        waves = np.sin((x * np.sin(angle) + y * np.cos(angle)) / width + start)
        return np.repeat(waves[..., None], 3, axis=2).astype(np.float32)

    def _fields(self, size: tuple[int, int], count: int) -> list[Corners]:
        """Return places in different fields of a grid of 3 x 2."""
        wide, high = size[0] // 3, size[1] // 2
        fields = self.rng.permutation(6)[:count].tolist()
        return [self._place(field % 3 * wide, field // 3 * high, (wide, high)) for field in fields]

    def _place(self, left: int, top: int, field: tuple[int, int]) -> Corners:
        width, height = (int(side * self.rng.uniform(0.5, 0.9)) for side in field)
        x = left + int(self.rng.integers(1, field[0] - width))
        y = top + int(self.rng.integers(1, field[1] - height))
        return x, y, x + width, y + height

    def _draw(self, picture: Image.Image, thing: str, corners: Corners) -> PixelBox:
        left, top, right, bottom = corners
        colour = tuple(self.rng.integers(40, 216, 3).tolist())
        _DRAWN[thing](ImageDraw.Draw(picture), (left, top, right - 1, bottom - 1), colour)
        return PixelBox(thing, left, top, right - left, bottom - top)


def png(picture: Image.Image, **options: object) -> bytes:
    """Return a picture as a PNG file."""
    buffer = io.BytesIO()
    picture.save(buffer, "PNG", **options)
    return buffer.getvalue()


def opened(content: bytes) -> Image.Image:
    """Return the picture in a file."""
    with Image.open(io.BytesIO(content)) as image:
        return image.convert("RGB")


def _standardised(levels: Floats) -> Floats:
    spread = max(float(levels.std()), 1e-6)
    return np.asarray((levels - levels.mean()) / spread, np.float32)


Colour = tuple[int, ...]


def _bolt(draw: ImageDraw.ImageDraw, inside: Corners, colour: Colour) -> None:
    draw.ellipse(inside, fill=colour)


def _plate(draw: ImageDraw.ImageDraw, inside: Corners, colour: Colour) -> None:
    draw.rectangle(inside, fill=colour)


def _ring(draw: ImageDraw.ImageDraw, inside: Corners, colour: Colour) -> None:
    draw.ellipse(inside, outline=colour, width=6)


def _wedge(draw: ImageDraw.ImageDraw, inside: Corners, colour: Colour) -> None:
    left, top, right, bottom = inside
    draw.polygon([(left, bottom), ((left + right) // 2, top), (right, bottom)], fill=colour)


_DRAWN: Final[Mapping[str, Callable[[ImageDraw.ImageDraw, Corners, Colour], None]]] = {
    "bolt": _bolt,
    "plate": _plate,
    "ring": _ring,
    "wedge": _wedge,
}
