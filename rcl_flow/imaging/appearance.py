"""Measure how a reduced picture looks: its light, its colours, its edges.

Written for few passes over few bytes: together they must stay small beside the decoding.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, TypeVar

import numpy as np
import numpy.typing as npt
from PIL import Image

_LEVELS: Final = np.arange(256.0)
_DARK_BELOW, _BRIGHT_ABOVE = 16, 239
_PERCENTILES: Final = np.array([0.01, 0.05, 0.95, 0.99])
_GRID: Final = (4, 4)
_FRAME_SHARE = 6
_FAINT = 5.0
"""Detail of noise and rounding, in levels of luma squared."""
_MIN_CHROMA = 4.0
"""In levels; a weaker colour is taken for gray."""
_HUE_STEPS = 256
_NEAR_HUES = 10
"""On either side of the dominant one: together 30 of 360 degrees."""
_BANDS: Final = {"HSV": (3,), "RGB": (3,), "YCbCr": (3,)}
_OFFSETS: Final = np.arange(-_NEAR_HUES, _NEAR_HUES + 1)
_MIN_DIRECTION = 0.15
"""Of 1 for parallel edges alone and 0 for edges in all directions."""

Floats = npt.NDArray[np.float32]
Levels = npt.NDArray[np.int16] | Floats
Number = TypeVar("Number", np.uint8, np.float32)


@dataclass(frozen=True, slots=True)
class Light:
    """What the histogram of luma tells; see `core.measures` for the fields."""

    brightness: float
    dark_share: float
    bright_share: float
    contrast: float
    entropy_bits: float
    shadow: float
    highlight: float


@dataclass(frozen=True, slots=True)
class Edges:
    """What the differences of neighbouring pixels tell."""

    sharpness: float
    background_busyness: float
    edge_angle_degrees: float


@dataclass(frozen=True, slots=True)
class Colours:
    """What the colours of a coarse copy tell."""

    saturation: float
    hue_degrees: float
    background_vividness: float
    fields: tuple[int, ...]


def levels_of(image: Image.Image) -> npt.NDArray[np.uint8]:
    """Return the levels of an image of 8 bits: rows, columns and, in colours, bands.

    `np.asarray` takes thrice as long to say the same of a small one.
    """
    levels = np.frombuffer(image.tobytes(), np.uint8)
    return levels.reshape(image.height, image.width, *_BANDS.get(image.mode, ()))


def measure_light(luma: Image.Image) -> Light:
    """Measure brightness, contrast and entropy of a gray picture."""
    shares = np.fromiter(luma.histogram(), np.float64, _LEVELS.size)
    shares /= luma.width * luma.height
    filled = shares.cumsum()
    shadow, low, high, highlight = (filled.searchsorted(_PERCENTILES) / 255).tolist()
    used = shares[shares > 0]
    return Light(
        brightness=float(shares @ _LEVELS) / 255,
        dark_share=float(filled[_DARK_BELOW - 1]),
        bright_share=max(1 - float(filled[_BRIGHT_ABOVE]), 0.0),
        contrast=high - low,
        entropy_bits=abs(float(used @ np.log2(used))),
        shadow=shadow,
        highlight=highlight,
    )


def measure_edges(luma: Image.Image) -> Edges:
    """Measure sharpness, the frame's busyness and the edges' direction, in every second row."""
    # whole numbers up to 1020 are exact in both types; the smaller one is for the larger picture
    fine = levels_of(luma).astype(np.int16)
    coarse: Floats = levels_of(luma.reduce(2)).astype(np.float32)
    across = coarse[1:-1:2, 2:] - coarse[1:-1:2, :-2]
    down = coarse[2::2, 1:-1] - coarse[:-2:2, 1:-1]
    angle = _direction(across, down)
    busy = np.abs(across, out=across)
    busy += np.abs(down, out=down)
    details, less_fine = _mean_square(_laplacian(fine)), _mean_square(_laplacian(coarse))
    return Edges(
        sharpness=100 * (details + _FAINT) / (less_fine + 10 * _FAINT),
        background_busyness=float(_frame_means(busy[None])[0]) / (4 * 255),
        edge_angle_degrees=angle,
    )


def measure_colours(copies: Sequence[Image.Image]) -> list[Colours]:
    """Measure saturation and hue of small copies of pictures, and the colours of their fields.

    Args:
        copies: at least one; all of one size.
    """
    shown = [copy.convert("RGB") for copy in copies]
    levels = np.stack([levels_of(rgb.convert("HSV")) for rgb in shown])
    saturation: Floats = np.divide(levels[..., 1], 255, dtype=np.float32)
    hues = _dominant_hues(_rows(levels[..., 0]), _rows(saturation * levels[..., 2]))
    means = _rows(saturation).sum(axis=1) / saturation[0].size
    vivid = _frame_means(saturation)
    fields = [tuple(rgb.resize(_GRID, Image.Resampling.BOX).tobytes()) for rgb in shown]
    return list(map(Colours, means.tolist(), hues, vivid.tolist(), fields))


def _laplacian(levels: Levels) -> Levels:
    """Return how far each pixel is from its four neighbours, in every second row."""
    values = levels[1:-1:2, 1:-1] * levels.dtype.type(4)
    for neighbours in (levels[:-2:2, 1:-1], levels[2::2, 1:-1], levels[1:-1:2, :-2],
                       levels[1:-1:2, 2:]):  # fmt: skip
        values -= neighbours
    return values


def _mean_square(levels: Levels) -> float:
    values: Floats = levels.astype(np.float32, copy=False)
    return _product(values, values) / values.size


def _product(first: Floats, second: Floats) -> float:
    """Return the sum of the products, without the threads that `@` would start."""
    return float(np.einsum("ij,ij->", first, second))


def _rows(values: npt.NDArray[Number]) -> npt.NDArray[Number]:
    """Return a row for each picture, so that their sums do not depend on one another."""
    return values.reshape(len(values), -1)


def _frame_means(values: Floats) -> npt.NDArray[np.float64]:
    """Return the mean over the outer sixth of each side of each picture."""
    high, wide = values.shape[1] // _FRAME_SHARE, values.shape[2] // _FRAME_SHARE
    inner = values[:, high : values.shape[1] - high, wide : values.shape[2] - wide]
    total = _rows(values).sum(axis=1).astype(np.float64) - _rows(inner).sum(axis=1)
    means: npt.NDArray[np.float64] = total.clip(min=0) / max(values[0].size - inner[0].size, 1)
    return means


def _direction(across: Floats, down: Floats) -> float:
    """Return the edges' mean direction, their angles doubled, so that opposite ones are one."""
    xx, yy, xy = _product(across, across), _product(down, down), _product(across, down)
    if math.hypot(xx - yy, 2 * xy) <= _MIN_DIRECTION * (xx + yy):
        return -1.0
    gradient = math.degrees(math.atan2(2 * xy, xx - yy)) / 2
    # an edge runs across its gradient, and rows count downwards
    return (90 - gradient) % 180


def _dominant_hues(hues: npt.NDArray[np.uint8], chroma: Floats) -> list[float]:
    """Return of each picture the middle of the 30 degrees that hold most colour.

    It is -1 where there is too little.
    """
    count, width = len(hues), len(_OFFSETS)
    cells = hues + _HUE_STEPS * np.arange(count)[:, None]
    weights = np.bincount(cells.ravel(), chroma.ravel(), _HUE_STEPS * count)
    weights = weights.reshape(count, _HUE_STEPS)
    nothing = np.zeros((count, 1))
    around = np.hstack([nothing, weights[:, -_NEAR_HUES:], weights, weights[:, :_NEAR_HUES]])
    filled = around.cumsum(axis=1)
    within = filled[:, width:] - filled[:, :-width]
    peaks = within.argmax(axis=1)
    near = around[np.arange(count)[:, None], peaks[:, None] + 1 + np.arange(width)]
    enough = filled[:, _NEAR_HUES + _HUE_STEPS] - filled[:, _NEAR_HUES] >= (
        _MIN_CHROMA * chroma.shape[1]
    )
    sums = np.where(enough, near.sum(axis=1), 1)
    hue = (peaks + (near * _OFFSETS).sum(axis=1) / sums) % _HUE_STEPS * 360 / _HUE_STEPS
    found: list[float] = np.where(enough, hue, -1.0).tolist()
    return found
