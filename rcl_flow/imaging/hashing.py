"""Perceptual hashes of a picture in its eight orientations, from one cosine transform.

A hash holds which of the 64 lowest coefficients of a 32 x 32 copy exceed their median. Mirroring
a picture changes the signs of its odd coefficients, turning it swaps rows and columns as well, so
the hashes of all orientations follow from the coefficients of one.
"""

from typing import Final

import numpy as np
import numpy.typing as npt

COPY_SIDE: Final = 32
_LOW = 8
_MIN_SHAPE: Final = (2.0 * COPY_SIDE * COPY_SIDE / 2) ** 2
"""Of the squared coefficients: those of one wave with an amplitude of two levels of luma."""
_RISING = np.arange(COPY_SIDE)
_BASIS: Final[npt.NDArray[np.float32]] = np.cos(
    np.pi * (2 * _RISING + 1) * np.arange(_LOW)[:, None] / (2 * COPY_SIDE)
).astype(np.float32)
_ODD: Final = np.where(np.arange(_LOW) % 2, -1, 1).astype(np.float32)
_MIRRORED = np.broadcast_to(_ODD, (_LOW, _LOW))
_UPSIDE_DOWN = _MIRRORED.T
_SIGNS: Final = np.stack(
    [np.ones((_LOW, _LOW), np.float32), _MIRRORED, _MIRRORED * _UPSIDE_DOWN, _UPSIDE_DOWN]
)


def perceptual_hashes(lumas: npt.NDArray[np.uint8]) -> list[tuple[int, ...]]:
    """Return for each picture the 64-bit hashes of it as EXIF's orientations 1 to 8 show it.

    The first is of the picture as it is. There are none where it is too flat to have a meaningful
    hash.

    Args:
        lumas: gray copies of 32 x 32, one at least.
    """
    coefficients = _BASIS @ lumas.astype(np.float32) @ _BASIS.T
    shapes = coefficients.reshape(len(lumas), -1)[:, 1:]
    flat = np.einsum("ij,ij->i", shapes, shapes) < _MIN_SHAPE
    return [
        () if is_flat else tuple(hashes)
        for is_flat, hashes in zip(flat.tolist(), _hashes(coefficients), strict=True)
    ]


def _hashes(coefficients: npt.NDArray[np.float32]) -> list[list[int]]:
    turned = coefficients.transpose(0, 2, 1)
    both = np.stack([coefficients, turned], axis=1)[:, :, None] * _SIGNS
    shown = both.reshape(-1, _LOW * _LOW)
    ranked = np.sort(shown, axis=1)
    bits = shown > (ranked[:, 31:32] + ranked[:, 32:33]) / 2
    hashes: list[list[int]] = np.packbits(bits, axis=1).view(">u8").reshape(-1, 8).tolist()
    return hashes
