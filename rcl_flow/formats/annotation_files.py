"""The files of annotations at the top of a folder and one level below, by name or first bytes."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from rcl_flow.core.source_kinds import SourceKind
from rcl_flow.errors import ConfigError
from rcl_flow.formats.access import Access
from rcl_flow.formats.columns import mapping_of_header
from rcl_flow.formats.csv import csv_rows
from rcl_flow.formats.detecting import detect_source
from rcl_flow.formats.places import folder_of, suffix_of
from rcl_flow.formats.problems import AnnotationProblemError

_SUFFIXES: Final = frozenset((".json", ".xml", ".csv", ".manifest", ".jsonl", ".yaml", ".yml"))
_DEEPEST: Final = 1
"""Folders between the place and a file that is looked at."""
_YOLO_KEY: Final = b"names"


@dataclass(frozen=True, slots=True)
class AnnotationFile:
    """A file of annotations, or a folder of Pascal VOC's files."""

    kind: SourceKind
    name: str
    """Its path below the place."""
    uri: str
    names_columns: bool = False
    """Whether it is a CSV file whose first row has well-known names of columns."""


def annotation_files(
    place: str, names: Mapping[str, str], access: Access
) -> Iterator[AnnotationFile]:
    """Yield the files that annotate images, the folder of those that annotate one image each.

    Args:
        place: the folder.
        names: its files by their paths below it.
        access: how files are opened.
    """
    looked_at: set[str] = set()
    for name, uri in sorted(names.items()):
        suffix = suffix_of(name)
        if suffix not in _SUFFIXES or name.count("/") > _DEEPEST:
            continue
        folder = folder_of(name)
        if suffix == ".xml" and folder in looked_at:
            continue  # one file of a folder tells the kind of all
        kind = _kind_of(uri, access)
        if kind == "voc":
            looked_at.add(folder)
            yield AnnotationFile(kind, folder or ".", folder_of(uri) if folder else place)
        elif kind is not None:
            yield AnnotationFile(kind, name, uri, kind == "csv" and _names_columns(uri, access))


def _kind_of(uri: str, access: Access) -> SourceKind | None:
    if suffix_of(uri) in (".yaml", ".yml") and _YOLO_KEY not in access.open_bytes(uri):
        return None  # of something else
    try:
        kind, _ = detect_source(uri, access)
    except ConfigError:
        return None
    return kind


def _names_columns(uri: str, access: Access) -> bool:
    try:
        _, header = next(csv_rows(access.open_bytes(uri)), (0, []))
    except AnnotationProblemError:
        return False
    return mapping_of_header(header) is not None
