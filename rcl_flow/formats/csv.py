"""Read and write CSV files: the layout of AWS's own script, or columns that are named.

Source of the former: developer guide, "Creating a manifest file from a CSV file" (stored copy,
read 2026-11-23): no header, an image a row, then its labels.
"""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Final

from rcl_flow.core.datasets.boxes import PixelBox
from rcl_flow.core.datasets.dataset import UnusableImage
from rcl_flow.formats.access import Access, SourceOptions
from rcl_flow.formats.columns import SIDES, SIZE, ColumnMapping, mapping_of_header
from rcl_flow.formats.documents import decode_text
from rcl_flow.formats.fields import short
from rcl_flow.formats.losses import LossLog
from rcl_flow.formats.one_hot import Row, without_one_hot
from rcl_flow.formats.places import folder_of, image_at, is_image_name
from rcl_flow.formats.problems import AnnotationProblemError, refused
from rcl_flow.formats.source import SourceEntry, SourceImage, source_image
from rcl_flow.formats.tables import BEYOND, read_table
from rcl_flow.formats.targets import NewFile, Target

_LONGEST_SHOWN: Final = 200
_TELLING_ROWS: Final = 1_000
_QUOTED: Final = re.compile(r'"[^"]*"')
_HEADER: Final = ("image", "label", *SIDES, *SIZE)


def read_csv(
    uri: str, access: Access, options: SourceOptions, _losses: LossLog
) -> Iterator[SourceEntry]:
    """Yield the images that a CSV file names, in the order of their first rows."""
    content = access.open_bytes(uri)
    with refused(uri):
        delimiter = options.mapping.delimiter if options.mapping else ""
        rows = list(csv_rows(content, delimiter))
        mapping = options.mapping or (mapping_of_header(rows[0][1]) if rows else None)
    if mapping is None:
        yield from _image_rows(uri, without_one_hot(rows) or rows, options)
    else:
        with refused(uri):
            table = _named(rows, mapping)
        yield from read_table(uri, table, mapping, access, options)


def csv_rows(content: bytes, delimiter: str = "") -> Iterator[Row]:
    """Yield the rows of a CSV file that are not blank.

    Args:
        content: the file.
        delimiter: what stands between columns; an empty text for what the first row tells.

    Raises:
        AnnotationProblemError: it is not UTF-8, or a quote is never closed.
    """
    text = decode_text(content)
    reader = csv.reader(
        io.StringIO(text, newline=""), delimiter=delimiter or _delimiter_of(text), strict=True
    )
    try:
        for fields in reader:
            if any(fields):
                yield reader.line_num, fields
    except csv.Error as error:
        raise AnnotationProblemError(
            f"it is not CSV, at line {reader.line_num}: {error}"
        ) from error


def _delimiter_of(text: str) -> str:
    """Return the sign after which a row has an image or known columns, else a frequent one.

    Spreadsheets write semicolons or tabs, and commas may stand in the other columns. The first row
    tells, but for rows of one image without a label.
    """
    for row in islice(io.StringIO(text.lstrip()), _TELLING_ROWS):
        bare = _QUOTED.sub("", row)
        signs = [sign for sign in (",", ";", "\t") if sign in bare]
        if signs and not is_image_name(row.strip().strip('"')):
            found = (sign for sign in signs if _is_first_row(row.split(sign)))
            return next(found, signs[0])
    return ","


def names_images(content: bytes) -> bool:
    """Say whether the first row of a table has an image or known columns."""
    try:
        first = next(csv_rows(content), None)
    except AnnotationProblemError:
        return False
    return first is not None and _is_first_row(first[1])


def _is_first_row(fields: Sequence[str]) -> bool:
    names = [field.strip().strip('"') for field in fields]
    return is_image_name(names[0]) or mapping_of_header(names) is not None


def label_rows(content: bytes) -> Iterator[tuple[int, str, list[str]]]:
    """Yield line, image and labels of each row in AWS's layout; empty labels are passed over."""
    for line_number, fields in csv_rows(content):
        yield line_number, fields[0], [label for label in fields[1:] if label]


def has_unknown_header(rows: Sequence[Row]) -> bool:
    """Say whether the first row names no image, and the second does."""
    names = [fields[0] for _, fields in rows[:2]]
    return [is_image_name(name) for name in names] == [False, True]


def write_csv(target: Target, losses: LossLog) -> Iterator[NewFile]:
    """Yield the file: in AWS's layout, or with named columns as soon as an image has boxes."""
    with_boxes = any(image.source.boxes for image in target.images)
    rows: list[Sequence[object]] = [_HEADER] if with_boxes else []
    for image in target.images:
        if any("\0" in label for label in image.source.labels):
            losses.note("unwritable", image.source.uri)
        elif with_boxes:
            rows.extend(_box_rows(image.reference, image.source))
        else:
            rows.append((image.reference, *image.source.labels))
    yield NewFile(target.file_name, format_csv(rows))


def format_csv(rows: Iterable[Sequence[object]]) -> bytes:
    """Return a CSV file of `rows`, a line each."""
    lines = []
    for row in rows:
        line = io.StringIO(newline="")
        # a carriage return is quoted only when it is part of the line's end
        csv.writer(line, lineterminator="\r\n").writerow(row)
        lines.append(line.getvalue().removesuffix("\r\n"))
    return "".join(f"{line}\n" for line in lines).encode()


def _image_rows(uri: str, rows: Sequence[Row], options: SourceOptions) -> Iterator[SourceEntry]:
    folder = folder_of(uri) if options.images is None else options.images
    if has_unknown_header(rows):
        (line_number, header), *rows = rows
        columns = ", ".join(map(repr, header))[:_LONGEST_SHOWN]
        yield UnusableImage(
            f"{uri}:{line_number}",
            f"it seems to name columns, of which none is known: {columns}; tell which are meant "
            "with --columns, or --mapping of `convert`",
        )
    first_line: dict[str, int] = {}
    for line_number, (name, *labels) in rows:
        place = f"{uri}:{line_number}"
        if name in first_line:
            yield UnusableImage(place, f"its image stands in line {first_line[name]} already")
            continue
        first_line[name] = line_number
        try:
            yield source_image(image_at(folder, name), {label for label in labels if label})
        except AnnotationProblemError as problem:
            yield UnusableImage(place, str(problem))


def _named(rows: Sequence[Row], mapping: ColumnMapping) -> Iterator[tuple[int, dict[str, str]]]:
    header = rows[0][1] if mapping.has_header and rows else []
    missing = [column for column in mapping.columns if mapping.has_header and column not in header]
    if missing:
        columns = ", ".join(map(repr, header))[:_LONGEST_SHOWN]
        raise AnnotationProblemError(
            f"it has no column {', '.join(map(repr, missing))}; its columns: {columns}"
        )
    return _fields_by_column(rows[1:] if header else rows, header)


def _fields_by_column(
    rows: Sequence[Row], header: Sequence[str]
) -> Iterator[tuple[int, dict[str, str]]]:
    for line_number, fields in rows:
        names = header or [str(number) for number in range(1, len(fields) + 1)]
        beyond = ", ".join(repr(field) for field in fields[len(names) :] if field.strip())
        yield line_number, {**dict(zip(names, fields, strict=False)), BEYOND: beyond}


def _box_rows(reference: str, image: SourceImage) -> Iterator[tuple[object, ...]]:
    size = image.size_pixels or ("", "")
    nothing = ("",) * len(SIDES)
    for label in image.image_labels:
        yield (reference, label, *nothing, *size)
    for box in image.boxes:
        yield (reference, box.label, *_sides(box), *size)
    if not image.labels:
        yield (reference, "", *nothing, *size)


def _sides(box: PixelBox) -> tuple[str, ...]:
    return tuple(short(side) for side in (box.left, box.top, box.width, box.height))
