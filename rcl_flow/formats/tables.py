"""Gather the rows of a table, one a label or a box, into the images that they name."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from rcl_flow.core.datasets.boxes import PixelBox
from rcl_flow.core.datasets.dataset import UnusableImage
from rcl_flow.formats.access import Access, SourceOptions
from rcl_flow.formats.columns import ColumnMapping
from rcl_flow.formats.fields import box_from_corners, box_from_sides, number_from, size_from
from rcl_flow.formats.places import folder_of, image_at
from rcl_flow.formats.problems import AnnotationProblemError
from rcl_flow.formats.sizes import sized
from rcl_flow.formats.source import SourceEntry, source_image

Fields = Mapping[str, str]
BEYOND: Final = "\0"
"""The key of what a row holds beyond its columns; no column has this name."""


@dataclass(slots=True)
class _Gathered:
    labels: set[str] = field(default_factory=set)
    boxes: list[PixelBox] = field(default_factory=list)
    size: tuple[int, int] | None = None
    problem: str = ""

    def add(self, fields: Fields, mapping: ColumnMapping) -> None:
        """Take in one row."""
        if fields.get(BEYOND):
            raise AnnotationProblemError(
                f"it has more fields than there are columns: {fields[BEYOND]}; a label that holds "
                "what stands between columns needs quotes"
            )
        labels = list(_labels(fields, mapping))
        told = [fields.get(column, "").strip() for column in mapping.box]
        size = [fields.get(column, "").strip() for column in mapping.size]
        if any(size):
            self._take_size(size_from(*size))
        if not any(told):
            self.labels.update(labels)
            return
        if not labels:
            raise AnnotationProblemError("its box has no label")
        numbers = [number_from(text, "a side of its box") for text in told]
        make = box_from_corners if mapping.box_form == "corners" else box_from_sides
        self.boxes.extend(make(label, numbers) for label in labels)

    def _take_size(self, size: tuple[int, int]) -> None:
        if self.size not in (None, size):
            raise AnnotationProblemError("its rows tell different image sizes")
        self.size = size


def read_table(
    uri: str,
    rows: Iterable[tuple[int, Fields]],
    mapping: ColumnMapping,
    access: Access,
    options: SourceOptions,
) -> Iterator[SourceEntry]:
    """Yield the images that the rows of the file at `uri` name, in the order of their first rows.

    An image with a faulty row is unusable as a whole: half of its labels would be worse than none.
    """
    gathered: dict[str, _Gathered] = {}
    for line_number, fields in rows:
        name = fields.get(mapping.image, "")
        image = gathered.setdefault(name, _Gathered())
        try:
            image.add(fields, mapping)
        except AnnotationProblemError as problem:
            image.problem = image.problem or f"line {line_number}: {problem}"
    folder = folder_of(uri) if options.images is None else options.images
    for name, image in gathered.items():
        yield _entry(uri, name, image, folder, access)


def _entry(uri: str, name: str, image: _Gathered, folder: str, access: Access) -> SourceEntry:
    if image.problem:
        return UnusableImage(f"{uri}: {name}", image.problem)
    try:
        where = image_at(folder, name)
        size = sized(where, image.size, access) if image.boxes else image.size
    except AnnotationProblemError as problem:
        return UnusableImage(f"{uri}: {name}", str(problem))
    return source_image(where, image.labels, tuple(image.boxes), size)


def _labels(fields: Fields, mapping: ColumnMapping) -> Iterator[str]:
    for column in mapping.labels:
        text = fields.get(column, "")
        parts = text.split(mapping.separator) if mapping.separator else [text]
        yield from (part for part in parts if part)
