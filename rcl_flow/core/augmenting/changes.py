"""What can be done to an image to make another one of it, and where its boxes then are."""

import math
from dataclasses import dataclass
from typing import Final, Literal

from rcl_flow.core.datasets.boxes import Box, DroppedBox, PixelBox, box_problem

Operation = Literal[
    "gamma",
    "brightness",
    "contrast",
    "grayscale",
    "mirror",
    "flip",
    "quarter-turn",
    "rotation",
    "crop",
    "scale",
]
MIN_VISIBLE_SHARE: Final = 0.6
"""A box of which less is left in the picture is dropped: what is seen may be another thing."""
_QUARTERS_SWAP = (1, 3)
_EVERYTHING = Box(left=0, top=0, width=1, height=1)
_WHOLE = ("grayscale", "mirror", "flip")


@dataclass(frozen=True, slots=True)
class Change:
    """One operation and how much of it."""

    operation: Operation
    amount: float = 0.0
    """Gamma's exponent (above 1 darkens), the factor of brightness, contrast or scale, the number
    of quarter turns or the degrees of a rotation, both against the clock."""
    area: Box = _EVERYTHING
    """What a crop keeps."""

    @property
    def parameters(self) -> dict[str, float]:
        """What lineage.json says of it besides its name."""
        if self.operation == "crop":
            return dict(self.area.model_dump())
        return {} if self.operation in _WHOLE else {"amount": self.amount}


@dataclass(frozen=True, slots=True)
class Move:
    """Where a change of an image of a known size puts each of its points."""

    width: int
    """Of the new image, in pixels."""
    height: int
    matrix: tuple[float, float, float, float, float, float]
    """x' = a x + b y + c and y' = d x + e y + f, for points between pixels."""

    def point(self, x: float, y: float) -> tuple[float, float]:
        """Return where a point goes."""
        a, b, c, d, e, f = self.matrix
        return a * x + b * y + c, d * x + e * y + f


def move_of(change: Change, width: int, height: int) -> Move:
    """Return where a change puts the points of an image of that size, in pixels."""
    move = Move(width, height, (1, 0, 0, 0, 1, 0))
    match change.operation:
        case "mirror":
            move = Move(width, height, (-1, 0, width, 0, 1, 0))
        case "flip":
            move = Move(width, height, (1, 0, 0, 0, -1, height))
        case "quarter-turn":
            move = _turned(round(change.amount) % 4, width, height)
        case "rotation":
            move = _rotated(math.radians(change.amount), width, height)
        case "crop":
            move = _cropped(change.area, width, height)
        case "scale":
            wide, high = round(width * change.amount), round(height * change.amount)
            move = Move(wide, high, (wide / width, 0, 0, 0, high / height, 0))
    return move


def move_boxes(
    boxes: tuple[PixelBox, ...], move: Move
) -> tuple[tuple[PixelBox, ...], tuple[DroppedBox, ...]]:
    """Return the boxes in the new image, and those that leave it or shrink too far.

    A turned box becomes the upright one around it, and is cut at the image's edges.
    """
    kept, dropped = [], []
    for box in boxes:
        moved = _around(box, move)
        seen = _cut(moved, move)
        if seen.width * seen.height < MIN_VISIBLE_SHARE * moved.width * moved.height:
            dropped.append(DroppedBox(moved, "outside"))
        elif (problem := box_problem(seen, move.width, move.height)) is not None:
            dropped.append(DroppedBox(seen, problem))
        else:
            kept.append(seen)
    return tuple(kept), tuple(dropped)


def _turned(quarters: int, width: int, height: int) -> Move:
    size = (height, width) if quarters in _QUARTERS_SWAP else (width, height)
    matrices = (
        (1, 0, 0, 0, 1, 0),
        (0, 1, 0, -1, 0, width),
        (-1, 0, width, 0, -1, height),
        (0, -1, height, 1, 0, 0),
    )
    return Move(*size, matrices[quarters])


def _cropped(area: Box, width: int, height: int) -> Move:
    left, top = round(area.left * width), round(area.top * height)
    right = round((area.left + area.width) * width)
    bottom = round((area.top + area.height) * height)
    return Move(right - left, bottom - top, (1, 0, -left, 0, 1, -top))


def _rotated(angle: float, width: int, height: int) -> Move:
    """Turn about the middle, and keep the largest part of the same shape without empty corners."""
    sine, cosine = abs(math.sin(angle)), math.cos(angle)
    share = 1 / (cosine + sine * max(width / height, height / width))
    wide, high = math.floor(width * share), math.floor(height * share)
    a, b = math.cos(angle), math.sin(angle)
    c = wide / 2 - a * width / 2 - b * height / 2
    f = high / 2 + b * width / 2 - a * height / 2
    return Move(wide, high, (a, b, c, -b, a, f))


def _around(box: PixelBox, move: Move) -> PixelBox:
    right, bottom = box.left + box.width, box.top + box.height
    corners = [move.point(x, y) for x in (box.left, right) for y in (box.top, bottom)]
    left, top = min(x for x, _ in corners), min(y for _, y in corners)
    wide, high = max(x for x, _ in corners) - left, max(y for _, y in corners) - top
    return PixelBox(box.label, left, top, wide, high)


def _cut(box: PixelBox, move: Move) -> PixelBox:
    left, top = max(0.0, box.left), max(0.0, box.top)
    right, bottom = min(move.width, box.left + box.width), min(move.height, box.top + box.height)
    return PixelBox(box.label, left, top, max(0.0, right - left), max(0.0, bottom - top))
