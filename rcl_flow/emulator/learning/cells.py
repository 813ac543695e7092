"""A picture as a grid of cells: edges by direction and brightness, the eyes of the detector."""

import numpy as np
import numpy.typing as npt
from PIL import Image

from rcl_flow.emulator.learning.features import Floats

CELL_PIXELS = 6
MARGIN_CELLS = 2
"""Cells repeated outside each border, so that objects at the border have a neighbourhood."""
DIRECTIONS = 9
CHANNELS = DIRECTIONS + 4
"""Nine directions of edges, local contrast, brightness, red against green, blue against both."""

_EDGE_CAP = 0.6
_OPPONENTS = np.array(
    [[0.299, 0.5, -0.25], [0.587, -0.5, -0.25], [0.114, 0.0, 0.5]], dtype=np.float32
) / np.float32(255)
_NEIGHBOURHOOD = 5
_SHADE_WEIGHT = np.float32(0.2)
"""Brightness and colour count less than edges, or new backgrounds would mislead the detector."""
_SMALLEST_ENERGY = 1e-3


def cell_grid(picture: Image.Image) -> Floats:
    """Return an array of rows x columns x `CHANNELS`, with the margin; at least one inner cell."""
    rows, columns = (max(1, side // CELL_PIXELS) for side in (picture.height, picture.width))
    size = (columns * CELL_PIXELS, rows * CELL_PIXELS)
    pixels = np.asarray(
        picture if picture.size == size else picture.resize(size, Image.Resampling.BILINEAR),
        dtype=np.float32,
    )
    edges = _edges(pixels, rows, columns)
    bright, red_green, blue_yellow = (
        _means(plane, rows, columns) for plane in np.moveaxis(pixels @ _OPPONENTS, 2, 0)
    )
    contrast = bright - _box_means(bright, _NEIGHBOURHOOD)
    shades = _SHADE_WEIGHT * np.stack([bright, red_green, blue_yellow], axis=2)
    planes = np.concatenate([contrast[:, :, None], shades], axis=2)
    grid = np.concatenate([edges, planes], axis=2)
    margins = ((MARGIN_CELLS, MARGIN_CELLS), (MARGIN_CELLS, MARGIN_CELLS), (0, 0))
    return np.pad(grid, margins, mode="edge").astype(np.float32)


def _edges(pixels: Floats, rows: int, columns: int) -> Floats:
    across, down = np.zeros_like(pixels), np.zeros_like(pixels)
    across[:, 1:-1] = pixels[:, 2:] - pixels[:, :-2]
    down[1:-1] = pixels[2:] - pixels[:-2]
    energy = across * across + down * down
    strongest = energy.argmax(axis=2)[:, :, None]
    across, down, energy = (
        np.take_along_axis(each, strongest, axis=2)[:, :, 0] for each in (across, down, energy)
    )
    turn = np.arctan2(down, across) * np.float32(DIRECTIONS / np.pi)
    direction = turn.astype(np.intp) % DIRECTIONS
    histogram = np.bincount(
        (_cell_numbers(rows, columns) * DIRECTIONS + direction.ravel()),
        np.sqrt(energy).ravel(),
        rows * columns * DIRECTIONS,
    ).reshape(rows, columns, DIRECTIONS)
    # sums of squares cannot be negative, but differences of their running sums can
    around = np.maximum(_box_means((histogram**2).sum(axis=2), 3), 0)
    strength = np.sqrt(around) + _SMALLEST_ENERGY
    return np.asarray(np.minimum(histogram / strength[:, :, None], _EDGE_CAP), dtype=np.float32)


def _cell_numbers(rows: int, columns: int) -> npt.NDArray[np.intp]:
    row = np.arange(rows * CELL_PIXELS) // CELL_PIXELS
    column = np.arange(columns * CELL_PIXELS) // CELL_PIXELS
    return (row[:, None] * columns + column[None, :]).ravel()


def _means(values: Floats, rows: int, columns: int) -> Floats:
    cells = values.reshape(rows, CELL_PIXELS, columns, CELL_PIXELS)
    return np.asarray(cells.mean(axis=(1, 3)))


def _box_means(values: npt.NDArray[np.floating], side: int) -> npt.NDArray[np.floating]:
    """Return the mean of the `side` x `side` cells around each cell."""
    half = side // 2
    padded = np.pad(values, half, mode="edge")
    sums = np.pad(padded.cumsum(axis=0).cumsum(axis=1), ((1, 0), (1, 0)))
    window = sums[side:, side:] - sums[:-side, side:] - sums[side:, :-side] + sums[:-side, :-side]
    return np.asarray(window / side**2)
