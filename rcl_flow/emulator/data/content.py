"""What label attributes hold once their form is right: labels, boxes, and what is wrong."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeVar

from rcl_flow.emulator.data.catalogue import LineIssue
from rcl_flow.emulator.data.images import ImageSize
from rcl_flow.emulator.learning.boxes import LabelledBox

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class Content:
    """What one label attribute, or all of a line, hold."""

    labels: tuple[str, ...] = ()
    """Image-level labels."""
    boxes: tuple[LabelledBox, ...] = ()
    """The boxes that can be used."""
    declared: tuple[str, ...] = ()
    """All labels that are named, on boxes that cannot be used and on none as well."""
    image_size: ImageSize | None = None
    """The image's size as the line states it."""
    annotations: int = 0
    """How many boxes are given, usable or not."""
    errors: tuple[LineIssue, ...] = ()
    warnings: tuple[LineIssue, ...] = ()

    def joined(self, other: "Content") -> "Content":
        """Return what both hold, without repetitions of labels and issues."""
        return Content(
            labels=_distinct((*self.labels, *other.labels)),
            boxes=(*self.boxes, *other.boxes),
            declared=_distinct((*self.declared, *other.declared)),
            image_size=self.image_size or other.image_size,
            annotations=self.annotations + other.annotations,
            errors=_distinct((*self.errors, *other.errors)),
            warnings=(*self.warnings, *other.warnings),
        )


def metadata_key(attribute: str) -> str:
    """Return the key of an attribute's metadata."""
    return f"{attribute}-metadata"


def _distinct(items: Iterable[Item]) -> tuple[Item, ...]:
    return tuple(dict.fromkeys(items))
