"""What one manifest holds and what is wrong with it, once all its lines were read."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from rcl_flow.core.lint.issues import LineProblem
from rcl_flow.core.lint.tally import Tally

ManifestSplit = Literal["train", "test"]


@dataclass(frozen=True, slots=True)
class ManifestReport:
    """What one manifest holds, and what is wrong with it and its lines."""

    uri: str
    split: ManifestSplit
    total_lines: int = 0
    invalid_lines: int = 0
    """Nothing of them can be used."""
    ignored_lines: int = 0
    """Nothing on them, or an earlier line is of the same image; they count as no fault."""
    dropped_lines: int = 0
    """What a dataset leaves out without a word."""
    dropped_invalid_lines: int = 0
    """Those of the invalid lines that a dataset leaves out."""
    tally: Tally = field(default_factory=Tally)
    """What the valid lines hold."""
    declared_labels: frozenset[str] = frozenset()
    """Labels that a dataset would list, used or not."""
    buckets: frozenset[str] = frozenset()
    """Where the images of valid lines lie."""
    lines_without_boxes: Sequence[int] = ()
    """Numbers of valid lines with image-level labels only."""
    forbidden_images: int = 0
    """Valid lines whose image may not be read, like all others of the manifest."""
    file_codes: tuple[str, ...] = ()
    """What refuses the whole file, in the order in which the service looks."""
    problems: tuple[LineProblem, ...] = ()
    """In the order of the lines."""

    @property
    def valid_lines(self) -> int:
        """Lines that a training uses, unless they are of the other format."""
        return self.tally.lines
