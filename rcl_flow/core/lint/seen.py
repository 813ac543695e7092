"""Which images a manifest has named so far, in little memory, and on which lines."""

from array import array
from typing import Final

UNUSED_BITS: Final = 4
"""Numbers of 60 bits: Python's next larger integers take half as much memory again."""
_NO_IMAGE: Final = 1 << 62


class SeenImages:
    """The images of a manifest's lines, by number.

    Two different ones among 250,000 get the same number with a chance of about three in a hundred
    million.
    """

    def __init__(self) -> None:
        """Begin before the first line."""
        self.images: set[int] = set()
        self.by_line = array("q")
        """The number of each line's image, if no earlier line has it."""
        self._lines: dict[int, int] = {}
        self._indexed = 0

    def first_line(self, source_ref: str) -> int:
        """Note the next line and return the number of the first one with its image: its own if new.

        Args:
            source_ref: an empty text for a line that names no image.
        """
        number = len(self.by_line) + 1
        image = image_number(source_ref) if source_ref else _NO_IMAGE
        is_new = source_ref != "" and image not in self.images
        self.by_line.append(image if is_new else _NO_IMAGE)
        if is_new:
            self.images.add(image)
        return number if is_new or not source_ref else self.line_of(image)

    def line_of(self, image: int) -> int:
        """Return the first line of an image that was seen.

        The index is made for the first question: most manifests ask none.
        """
        for index in range(self._indexed, len(self.by_line)):
            self._lines.setdefault(self.by_line[index], index + 1)
        self._indexed = len(self.by_line)
        return self._lines[image]


def image_number(source_ref: str) -> int:
    """Return the number by which an image is known, the same throughout the process."""
    return hash(source_ref) >> UNUSED_BITS
