"""Measure how a reduced picture looks: its light, its colours, its edges.

Written for few passes: together they must stay small beside the decoding.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from PIL import Image

_LEVELS: Final = np.arange(256.0)
_DARK_BELOW, _BRIGHT_ABOVE = 16, 239
_PERCENTILES: Final = (0.01, 0.05, 0.95, 0.99)
_GRID: Final = (4, 4)
_FRAME_SHARE = 6
_FAINT = 5.0
"""Detail of noise and rounding, in levels of luma squared."""
_MIN_CHROMA = 4.0
"""In levels; a weaker colour is taken for gray."""
_HUE_STEPS = 256
_NEAR_HUES = 10
"""On either side of the dominant one: together 30 of 360 degrees."""
_OFFSETS: Final = np.arange(-_NEAR_HUES, _NEAR_HUES + 1)
_MIN_DIRECTION = 0.15
"""Of 1 for parallel edges alone and 0 for edges in all directions."""

Floats = npt.NDArray[np.float32]


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


def measure_light(luma: Image.Image) -> Light:
    """Measure brightness, contrast and entropy of a gray picture."""
    shares = np.array(luma.histogram(), np.float64) / (luma.width * luma.height)
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
    half = luma.reduce(2)
    coarse = np.asarray(half).astype(np.float32)
    across = coarse[1:-1:2, 2:] - coarse[1:-1:2, :-2]
    down = coarse[2::2, 1:-1] - coarse[:-2:2, 1:-1]
    angle = _direction(across, down)
    busy = np.abs(across, out=across)
    busy += np.abs(down, out=down)
    fine, less_fine = _detail(np.asarray(luma)), _detail(np.asarray(half))
    return Edges(
        sharpness=100 * (fine + _FAINT) / (less_fine + 10 * _FAINT),
        background_busyness=_frame_mean(busy) / (4 * 255),
        edge_angle_degrees=angle,
    )


def measure_colours(copy: Image.Image) -> Colours:
    """Measure saturation and hue of a small copy of a picture, and the colours of its fields."""
    rgb = copy.convert("RGB")
    levels: Floats = np.asarray(rgb.convert("HSV")).astype(np.float32)
    saturation: Floats = levels[..., 1] / np.float32(255)
    return Colours(
        saturation=float(saturation.mean()),
        hue_degrees=_dominant_hue(levels[..., 0], saturation * levels[..., 2]),
        background_vividness=_frame_mean(saturation),
        fields=tuple(rgb.resize(_GRID, Image.Resampling.BOX).tobytes()),
    )


def _detail(levels: npt.NDArray[np.uint8]) -> float:
    """Return the mean square of the Laplacian, of every second row."""
    inner = levels[1:-1:2, 1:-1].astype(np.int16)
    inner *= 4
    for neighbours in (levels[:-2:2, 1:-1], levels[2::2, 1:-1], levels[1:-1:2, :-2],
                       levels[1:-1:2, 2:]):  # fmt: skip
        inner -= neighbours
    values = inner.astype(np.float32)
    return _product(values, values) / values.size


def _product(first: Floats, second: Floats) -> float:
    """Return the sum of the products, without the threads that `@` would start."""
    return float(np.einsum("ij,ij->", first, second))


def _frame_mean(values: Floats) -> float:
    """Return the mean over the outer sixth of each side."""
    high, wide = values.shape[0] // _FRAME_SHARE, values.shape[1] // _FRAME_SHARE
    inner = values[high : values.shape[0] - high, wide : values.shape[1] - wide]
    total = float(values.sum()) - float(inner.sum())
    return max(total, 0.0) / max(values.size - inner.size, 1)


def _direction(across: Floats, down: Floats) -> float:
    """Return the edges' mean direction, their angles doubled, so that opposite ones are one."""
    xx, yy, xy = _product(across, across), _product(down, down), _product(across, down)
    if np.hypot(xx - yy, 2 * xy) <= _MIN_DIRECTION * (xx + yy):
        return -1.0
    gradient = np.degrees(np.arctan2(2 * xy, xx - yy)) / 2
    # an edge runs across its gradient, and rows count downwards
    return float((90 - gradient) % 180)


def _dominant_hue(hue: Floats, chroma: Floats) -> float:
    """Return the middle of the 30 degrees that hold most colour; -1 where there is too little."""
    if float(chroma.mean()) < _MIN_CHROMA:
        return -1.0
    weights = np.bincount(hue.astype(np.int64).ravel(), chroma.ravel(), _HUE_STEPS)
    around = np.concatenate([weights[-_NEAR_HUES:], weights, weights[:_NEAR_HUES]])
    filled = np.concatenate([[0.0], around.cumsum()])
    width = len(_OFFSETS)
    peak = int(np.argmax(filled[width:] - filled[:-width]))
    near = around[peak : peak + width]
    return float(
        (peak + float(near @ _OFFSETS) / float(near.sum())) % _HUE_STEPS * 360 / _HUE_STEPS
    )
