"""Turn image bytes into numbers: edges (HOG), texture (LBP) and colour (HSV), on 64 x 64 pixels."""

import numpy as np
import numpy.typing as npt
from PIL import Image

from rcl_flow.emulator.learning.decoding import decode

Floats = npt.NDArray[np.float32]
Integers = npt.NDArray[np.intp]
Pixels = npt.NDArray[np.uint8]

SIDE = 64
_DRAFT_SIDE = 128
_CELL = 8
_CELLS = SIDE // _CELL
_ORIENTATIONS = 9
_BLOCK_CAP = 0.2
_TEXTURE_GRID = 3
_COLOUR_GRID = 2
_HUES, _SATURATIONS, _VALUES = 8, 3, 3
_CLOCKWISE = ((-1, -1), (-1, 0), (-1, 1), (0, 1), (1, 1), (1, 0), (1, -1), (0, -1))
_BYTE_VALUES = 256


def image_features(image: bytes) -> Floats:
    """Describe an image by a vector of numbers, always as many.

    Raises:
        UnreadableImageError: The bytes are no PNG or JPEG image, or a damaged one.
    """
    picture = decode(image, _DRAFT_SIDE, _shrink)
    grey = np.asarray(picture.convert("L"), dtype=np.float32)
    colours = np.asarray(picture.convert("HSV"))
    return np.concatenate([_edges(grey), _textures(grey), _colours(colours)])


def _shrink(picture: Image.Image) -> Image.Image:
    return picture.resize((SIDE, SIDE), Image.Resampling.BILINEAR, reducing_gap=2.0)


def _grid_cells(side: int, grid: int) -> Integers:
    """Number the pixels of a square by the cell of a `grid` x `grid` raster they lie in."""
    band = np.arange(side) * grid // side
    return (band[:, None] * grid + band[None, :]).ravel()


def _uniform_codes() -> Integers:
    """Number the 58 local binary patterns with at most two changes, and give 58 to the rest."""
    codes = np.full(256, 58, dtype=np.intp)
    uniform = [c for c in range(256) if (c ^ ((c >> 1) | (c & 1) << 7)).bit_count() <= 2]  # noqa: PLR2004
    codes[uniform] = np.arange(len(uniform))
    return codes


_PATTERNS = 59
_PATTERN_OF_CODE = _uniform_codes()
_EDGE_OFFSETS = _grid_cells(SIDE, _CELLS) * _ORIENTATIONS
_DIRECTION = np.arange(_ORIENTATIONS + 2) % _ORIENTATIONS
_TEXTURE_OFFSETS = _grid_cells(SIDE - 2, _TEXTURE_GRID) * _PATTERNS
_COLOUR_BINS = _HUES * _SATURATIONS * _VALUES
_COLOUR_OFFSETS = _grid_cells(SIDE, _COLOUR_GRID) * _COLOUR_BINS


def _edges(grey: Floats) -> Floats:
    """Give the histograms of oriented gradients, normalised in overlapping 2 x 2 blocks."""
    across, down = np.zeros_like(grey), np.zeros_like(grey)
    across[:, 1:-1] = grey[:, 2:] - grey[:, :-2]
    down[1:-1] = grey[2:] - grey[:-2]
    strength = np.hypot(across, down).ravel()
    turn = (_half_turns(down, across) * _ORIENTATIONS).ravel()
    lower = turn.astype(np.intp)
    share = turn - lower
    length = _CELLS**2 * _ORIENTATIONS
    first = _EDGE_OFFSETS + _DIRECTION[lower]
    second = _EDGE_OFFSETS + _DIRECTION[lower + 1]
    cells = np.bincount(first, strength * (1 - share), length)
    cells += np.bincount(second, strength * share, length)
    return _blocks(cells.astype(np.float32).reshape(_CELLS, _CELLS, _ORIENTATIONS))


def _half_turns(down: Floats, across: Floats) -> Floats:
    """Give the direction of each edge, 0 to 1 for half a turn: what `% 1` gives, but faster."""
    turns = np.asarray(np.arctan2(down, across) / np.float32(np.pi), dtype=np.float32)
    turns[np.abs(turns) == 1] = 0
    turns += turns < 0
    return turns


def _blocks(cells: Floats) -> Floats:
    corners = (cells[:-1, :-1], cells[:-1, 1:], cells[1:, :-1], cells[1:, 1:])
    blocks = np.concatenate(corners, axis=2)
    for cap in (_BLOCK_CAP, 1.0):
        energy = np.einsum("ijk,ijk->ij", blocks, blocks)[:, :, None]
        blocks = np.minimum(blocks / np.sqrt(energy + np.float32(1e-6)), np.float32(cap))
    return blocks.ravel()


def _textures(grey: Floats) -> Floats:
    """Give the histograms of uniform local binary patterns, one per cell of the grid."""
    inner = SIDE - 2
    centre = grey[1:-1, 1:-1]
    codes = np.zeros((inner, inner), dtype=np.uint8)
    for bit, (y, x) in enumerate(_CLOCKWISE):
        neighbour = grey[1 + y : 1 + y + inner, 1 + x : 1 + x + inner]
        codes |= (neighbour >= centre).view(np.uint8) << np.uint8(bit)
    bins = _TEXTURE_OFFSETS + _PATTERN_OF_CODE[codes.ravel()]
    return _root_histogram(bins, _TEXTURE_GRID**2 * _PATTERNS, inner**2 / _TEXTURE_GRID**2)


def _colours(pixels: Pixels) -> Floats:
    """Give the joint histograms of hue, saturation and value, one per cell of the grid."""
    wide = pixels.reshape(-1, 3).astype(np.intp)
    hue, saturation, value = (
        wide[:, channel] * bins // _BYTE_VALUES
        for channel, bins in enumerate((_HUES, _SATURATIONS, _VALUES))
    )
    bins = _COLOUR_OFFSETS + (hue * _SATURATIONS + saturation) * _VALUES + value
    return _root_histogram(bins, _COLOUR_GRID**2 * _COLOUR_BINS, SIDE**2 / _COLOUR_GRID**2)


def _root_histogram(bins: Integers, length: int, total: float) -> Floats:
    """Count, scale to shares and take roots, so that rare bins are not drowned by common ones."""
    counts = np.bincount(bins, minlength=length)
    return np.sqrt(counts / total).astype(np.float32)
