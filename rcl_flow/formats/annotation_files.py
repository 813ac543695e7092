"""The files of annotations at the top of a folder and one level below, by name or first bytes."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import islice
from typing import Final

from rcl_flow.core.source_kinds import SourceKind
from rcl_flow.errors import ConfigError, DataNotFoundError
from rcl_flow.formats.access import Access
from rcl_flow.formats.columns import mapping_of_header
from rcl_flow.formats.csv import csv_rows, has_unknown_header
from rcl_flow.formats.detecting import detect_source
from rcl_flow.formats.folder import SIDECAR
from rcl_flow.formats.one_hot import without_one_hot
from rcl_flow.formats.own_files import foreign_names
from rcl_flow.formats.places import folder_of, is_image_name, suffix_of
from rcl_flow.formats.problems import AnnotationProblemError
from rcl_flow.formats.reading import is_pattern

_SUFFIXES: Final = frozenset(
    (".json", ".xml", ".csv", ".tsv", ".manifest", ".jsonl", ".yaml", ".yml")
)
_MAY_ANNOTATE: Final = _SUFFIXES | {".txt", ".xlsx"}
_TEXTS_OF_BOXES: Final = "/labels/"
_SHOWN: Final = 3
_DEEPEST: Final = 1
"""Folders between the place and a file that is looked at."""
_ROWS: Final = 100
"""Rows of a table that tell its kind."""
_NAMES: Final = re.compile(rb"(?:^|[{,])\s*[\"']?names[\"']?\s*:", re.MULTILINE)
_SIGNS: Final = {
    ".yaml": _NAMES,
    ".yml": _NAMES,
    ".jsonl": re.compile(rb"\"source-ref\""),
}
"""What files have in them where their names alone tell little: configs and logs have such, too."""
_TASK: Final = re.compile(rb"\"(?:data|annotation_id)\"")
"""What the tasks of Label Studio have, in the latter case as JSON-MIN; other lists lack both."""


@dataclass(frozen=True, slots=True)
class AnnotationFile:
    """A file of annotations, or a folder of Pascal VOC's files."""

    kind: SourceKind
    name: str
    """Its path below the place."""
    uri: str
    names_columns: bool = False
    """Whether it is a CSV file whose first row has well-known names of columns."""
    has_unknown_columns: bool = False
    """Whether it is a CSV file whose first row has names that may mean anything."""
    names_labels: bool = False
    """Whether it is a CSV file with a column for each label."""


def annotation_files(
    place: str, names: Mapping[str, str], access: Access
) -> Iterator[AnnotationFile]:
    """Yield the files that annotate images, the folder of those that annotate one image each.

    Args:
        place: the folder.
        names: its files by their paths below it.
        access: how files are opened.
    """
    # a file may be asked several things, and may lie in S3
    access = replace(access, open_bytes=lru_cache(maxsize=1)(access.open_bytes))
    looked_at: set[str] = set()
    for name, uri in sorted(names.items()):
        suffix = suffix_of(name)
        if not may_annotate(name):
            continue
        folder = folder_of(name)
        if suffix == ".xml" and folder in looked_at:
            continue  # one file of a folder tells the kind of all
        kind = _kind_of(uri, access)
        if kind == "voc":
            looked_at.add(folder)
            yield AnnotationFile(kind, folder or ".", folder_of(uri) if folder else place)
        elif kind is not None:
            yield _table(name, uri, access) if kind == "csv" else AnnotationFile(kind, name, uri)


def may_annotate(name: str) -> bool:
    """Say whether a file is looked at, by its path below the place."""
    return suffix_of(name) in _SUFFIXES and name.count("/") <= _DEEPEST


def may_annotate_one(name: str) -> bool:
    """Say whether a file at any depth may tell the boxes of one image: VOC, YOLO."""
    suffix = suffix_of(name)
    return suffix == ".xml" or (suffix == ".txt" and _TEXTS_OF_BOXES in f"/{name}")


def require_known_columns(
    place: str, files: Sequence[AnnotationFile], folders: Sequence[str]
) -> None:
    """Refuse tables that may annotate the images of several folders, or may just be beside them.

    Args:
        place: where they are.
        files: all files of annotations there.
        folders: those with images.

    Raises:
        ConfigError: the columns of all files are unknown.
    """
    if files and len(folders) > 1 and all(file.has_unknown_columns for file in files):
        raise ConfigError(
            f"{place} has {len(folders):,} folders of images and {files[0].name}, a table whose "
            "columns are not known.",
            hint="Say what has the labels: --format folder takes the names of the folders, "
            "--columns image=COLUMN,label=COLUMN the table.",
        )


def told_source(place: str, access: Access) -> tuple[SourceKind, str]:
    """Return the format of a source as its files tell it, and the file or folder to read.

    Folders are not taken for labels where a file in one of them annotates the images; a CSV file
    there counts where its first row says so, else it may say anything.

    Raises:
        DataNotFoundError: there is nothing at the place.
        ConfigError: it may be several formats, or none.
    """
    kind, source = detect_source(place, access)
    if kind != "folder" or is_pattern(place):
        return kind, source
    names = foreign_names(place, access.list_uris(place))
    files = annotation_files(place, _without_sidecars(names), access)
    file = next((file for file in files if _annotates(file)), None)
    if file is not None:
        raise ConfigError(
            f"{place} has folders of images, and annotations in one: {file.uri} ({file.kind}).",
            hint="Give those annotations as the source; `convert` takes --images for images that "
            "are not beside them, and `init` finds them. --format folder takes the names of the "
            "folders for the labels.",
        )
    return kind, source


def without_labels(place: str, names: Iterable[str]) -> DataNotFoundError:
    """Return the error for images of which nothing tells the labels; other files are named.

    Args:
        place: where they are.
        names: all files there, by their paths below it.
    """
    pictures = sum(map(is_image_name, names))
    others = sorted(name for name in names if suffix_of(name) in _MAY_ANNOTATE)
    seen = f"; {', '.join(others[:_SHOWN])} of no known format" if others else ""
    if any(_TEXTS_OF_BOXES in f"/{name}" for name in others):
        hint = (
            "For YOLO's text files, add a data.yaml (`train: images` and `names: [cat, dog]`), or "
            "a classes.txt with a label a line."
        )
    else:
        hint = (
            "Move them into one sub-folder for each label (cat/1.jpg, dog/2.jpg), or add a file "
            "that names them: CSV (`1.jpg,cat`), COCO, YOLO, Pascal VOC, Label Studio or CVAT; "
            "`rcl-flow explain coco`, say, describes each."
        )
    return DataNotFoundError(
        f"The {pictures:,} images in {place} have no labels: there are no folders of labels, and "
        f"no file of annotations{seen}.",
        hint=hint,
    )


def _without_sidecars(names: Mapping[str, str]) -> dict[str, str]:
    """Leave out the JSON files that are named after an image: there may be one for each."""
    images = set(filter(is_image_name, names))
    images |= {name.removesuffix(f".{name.rpartition('.')[2]}") for name in images}
    return {
        name: uri
        for name, uri in names.items()
        if suffix_of(name) != ".json" or name[: -len(".json")] not in images
    }


def _annotates(file: AnnotationFile) -> bool:
    if file.kind != "csv":
        return True
    return (file.names_columns or file.names_labels) and not file.name.endswith(SIDECAR)


def _kind_of(uri: str, access: Access) -> SourceKind | None:
    sign = _SIGNS.get(suffix_of(uri))
    if sign is not None and not sign.search(access.open_bytes(uri)):
        return None  # of something else
    try:
        kind, _ = detect_source(uri, access)
    except ConfigError:
        return None
    is_other = kind == "label-studio" and not _TASK.search(access.open_bytes(uri))
    return None if is_other else kind


def _table(name: str, uri: str, access: Access) -> AnnotationFile:
    try:
        rows = list(islice(csv_rows(access.open_bytes(uri)), _ROWS))
    except AnnotationProblemError:
        rows = []
    known = bool(rows) and mapping_of_header(rows[0][1]) is not None
    one_hot = not known and without_one_hot(rows) is not None
    unknown = not known and not one_hot and has_unknown_header(rows)
    return AnnotationFile("csv", name, uri, known, unknown, one_hot)
