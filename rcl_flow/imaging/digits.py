"""Give the demo's images: real handwritten digits from the scikit-learn package.

Source: `sklearn.datasets.load_digits`, 1,797 scans of 8 x 8 pixels, part of the installed
package (BSD-3-Clause), so nothing is downloaded. They are a copy of the test set of "Optical
Recognition of Handwritten Digits" of the UCI Machine Learning Repository (E. Alpaydin and
C. Kaynak, 1998; CC BY 4.0). Each scan is enlarged to 96 x 96 pixels; none is made up, altered
otherwise or used twice.

The split is random and the package has no writer ids, so the 13 writers of that set are shared
between the splits: results on the holdout are better than on handwriting of new people.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from typing import Literal

import numpy as np
import numpy.typing as npt
from PIL import Image

Split = Literal["train", "test", "holdout"]

LABELS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
SIDE = 96
IMAGES_PER_LABEL: dict[Split, int] = {"train": 60, "test": 20, "holdout": 100}
_INK_LEVELS = 16


@dataclass(frozen=True, slots=True)
class DemoImage:
    """One handwritten digit."""

    split: Split
    label: str
    """The digit as an English word."""
    file_name: str
    """Unique over all splits; the number in it is the scan's position in `load_digits`."""
    png: bytes
    """A grey PNG file of 96 x 96 pixels."""


def digit_images(*, seed: int = 0) -> Iterator[DemoImage]:
    """Yield the train, test and holdout images: 60, 20 and up to 100 per label, 1,788 in all.

    Args:
        seed: Decides which scan is in which split.
    """
    from sklearn.datasets import load_digits

    scans, digits = load_digits(return_X_y=True)
    rng = random.Random(seed)  # noqa: S311  # splits images, guards nothing
    for digit, label in enumerate(LABELS):
        indexes = np.flatnonzero(digits == digit).tolist()
        rng.shuffle(indexes)
        for split, count in IMAGES_PER_LABEL.items():
            chosen, indexes = sorted(indexes[:count]), indexes[count:]
            for index in chosen:
                png = _enlarge(scans[index].reshape(8, 8))
                yield DemoImage(split, label, f"{label}-{index:04d}.png", png)


def _enlarge(scan: npt.NDArray[np.float64]) -> bytes:
    pixels = np.rint(scan * (255 / _INK_LEVELS)).astype(np.uint8)
    picture = Image.fromarray(pixels).resize((SIDE, SIDE), Image.Resampling.BICUBIC)
    buffer = BytesIO()
    picture.save(buffer, "PNG")
    return buffer.getvalue()
