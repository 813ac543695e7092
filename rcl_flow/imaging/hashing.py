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


def perceptual_hashes(luma: npt.NDArray[np.uint8]) -> tuple[int, ...]:
    """Return the 64-bit hashes of a gray copy of 32 x 32 as EXIF's orientations 1 to 8 show it.

    The first is of the picture as it is. Empty where it is too flat to have a meaningful hash.
    """
    coefficients = _BASIS @ luma.astype(np.float32) @ _BASIS.T
    shape = coefficients.ravel()[1:]
    if float(shape @ shape) < _MIN_SHAPE:
        return ()
    return tuple(_hashes(coefficients))


def _hashes(coefficients: npt.NDArray[np.float32]) -> list[int]:
    shown = np.concatenate([coefficients * _SIGNS, coefficients.T * _SIGNS])
    flat = shown.reshape(8, _LOW * _LOW)
    ranked = np.sort(flat, axis=1)
    bits = flat > (ranked[:, 31:32] + ranked[:, 32:33]) / 2
    hashes: list[int] = np.packbits(bits, axis=1).view(">u8")[:, 0].tolist()
    return hashes
