"""Windows that slide over a pyramid of cell grids: where they lie, and what they see."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from PIL import Image

from rcl_flow.emulator.learning.boxes import Box
from rcl_flow.emulator.learning.cells import CELL_PIXELS, CHANNELS, MARGIN_CELLS, cell_grid
from rcl_flow.emulator.learning.decoding import decode
from rcl_flow.emulator.learning.features import Floats

Corners = npt.NDArray[np.float64]
"""One row a box: left, top, right, bottom."""
Numbers = npt.NDArray[np.intp]

OBJECT_CELLS = 8
OBJECT_PIXELS = OBJECT_CELLS * CELL_PIXELS
WORKING_SIDE_PIXELS = 640
"""Longer images are scaled down before anything is looked for."""
_LONGEST_SIDE_PIXELS = 1600
_LEVELS_PER_OCTAVE = 4


@dataclass(frozen=True, slots=True)
class Template:
    """The shape of a window in cells; the object fills it but for one cell on each side."""

    rows: int
    columns: int

    @property
    def length(self) -> int:
        """How many numbers such a window sees."""
        return self.rows * self.columns * CHANNELS


@dataclass(frozen=True, slots=True, eq=False)
class Level:
    """One size of an image."""

    grid: Floats
    width: int
    """Of the picture in cells, without margins, as is the height."""
    height: int

    def positions(self, template: Template) -> tuple[int, int]:
        """Return how many rows and columns of windows there are."""
        rows, columns, _ = self.grid.shape
        return max(0, rows - template.rows + 1), max(0, columns - template.columns + 1)

    def corners(self, template: Template) -> Corners:
        """Return where each window's object lies, as ratios of the image, row by row."""
        rows, columns = self.positions(template)
        left = np.arange(columns) + 1.0 - MARGIN_CELLS
        top = np.arange(rows) + 1.0 - MARGIN_CELLS
        return np.stack(
            [
                np.tile(left / self.width, rows),
                np.repeat(top / self.height, columns),
                np.tile((left + template.columns - 2) / self.width, rows),
                np.repeat((top + template.rows - 2) / self.height, columns),
            ],
            axis=1,
        )

    def vectors(self, template: Template, numbers: Numbers) -> Floats:
        """Return what the numbered windows see, one row a window."""
        if not len(numbers):
            return np.empty((0, template.length), dtype=np.float32)
        views = np.lib.stride_tricks.sliding_window_view(
            self.grid, (template.rows, template.columns), axis=(0, 1)
        )
        _, columns = self.positions(template)
        chosen = views[numbers // columns, numbers % columns]
        return np.moveaxis(chosen, 1, 3).reshape(len(numbers), template.length)

    def scores(self, template: Template, weights: Floats) -> Floats:
        """Return weights x window for all windows at once, which are never copied out.

        Args:
            template: The windows' shape.
            weights: One row per number that a window sees, one column per class.
        """
        rows, columns = self.positions(template)
        classes = weights.shape[1]
        by_cell = weights.reshape(template.rows, template.columns, CHANNELS, classes)
        total = np.zeros((rows, columns, classes), dtype=np.float32)
        for row in range(template.rows):
            stripe = self.grid[row : row + rows]
            for column in range(template.columns):
                total += stripe[:, column : column + columns] @ by_cell[row, column]
        return total.reshape(rows * columns, classes)


def pyramid(image: bytes, sizes: Sequence[float]) -> Iterator[Level]:
    """Yield an image in the sizes at which objects of `sizes` fill a window.

    Args:
        image: The encoded file.
        sizes: Roots of the objects' areas in pixels of the working image.

    Raises:
        UnreadableImageError: The image cannot be decoded.
    """
    picture = decode(image, WORKING_SIDE_PIXELS, _working_copy)
    seen = set()
    for size in sizes:
        scale = min(OBJECT_PIXELS / size, _LONGEST_SIDE_PIXELS / max(picture.size))
        width, height = (max(CELL_PIXELS, round(side * scale)) for side in picture.size)
        if (width, height) in seen:
            continue
        seen.add((width, height))
        filter_ = Image.Resampling.BILINEAR
        grid = cell_grid(picture.resize((width, height), filter_, reducing_gap=2.0))
        yield Level(grid, grid.shape[1] - 2 * MARGIN_CELLS, grid.shape[0] - 2 * MARGIN_CELLS)


def level_sizes(smallest: float, largest: float) -> list[float]:
    """Return sizes from one to the other, four per octave."""
    steps = max(0, round(np.log2(largest / smallest) * _LEVELS_PER_OCTAVE))
    return [float(smallest * 2 ** (step / _LEVELS_PER_OCTAVE)) for step in range(steps + 1)]


def working_size(image: bytes) -> tuple[int, int]:
    """Return the width and height of the working image in pixels.

    Raises:
        UnreadableImageError: The image cannot be decoded.
    """
    return decode(image, WORKING_SIDE_PIXELS, _scaled_size)


def corners_of(boxes: Sequence[Box]) -> Corners:
    """Return boxes as rows of left, top, right, bottom."""
    rows = [(box.left, box.top, box.left + box.width, box.top + box.height) for box in boxes]
    return np.array(rows, dtype=np.float64).reshape(len(rows), 4)


def overlaps(first: Corners, second: Corners) -> npt.NDArray[np.float64]:
    """Return intersection over union of each box with each other, one row per first box."""
    low = np.maximum(first[:, None, :2], second[None, :, :2])
    high = np.minimum(first[:, None, 2:], second[None, :, 2:])
    shared = np.prod(np.clip(high - low, 0, None), axis=2)
    return np.asarray(shared / (_areas(first)[:, None] + _areas(second)[None, :] - shared))


def _areas(corners: Corners) -> npt.NDArray[np.float64]:
    return np.asarray(np.prod(corners[:, 2:] - corners[:, :2], axis=1))


def _scaled_size(picture: Image.Image) -> tuple[int, int]:
    scale = min(1.0, WORKING_SIDE_PIXELS / max(picture.size))
    width, height = (max(1, round(side * scale)) for side in picture.size)
    return width, height


def _working_copy(picture: Image.Image) -> Image.Image:
    size = _scaled_size(picture)
    picture.load()
    if picture.size == size:
        return picture.copy()
    return picture.resize(size, Image.Resampling.BILINEAR, reducing_gap=2.0)
