"""The splits that a format tells: YOLO's data.yaml, Pascal VOC's lists, the subsets of CVAT."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from rcl_flow.formats.access import Access, SourceOptions
from rcl_flow.formats.documents import parse_xml
from rcl_flow.formats.problems import AnnotationProblemError
from rcl_flow.formats.yolo_layout import SPLITS, NothingThereError, read_layout

_VOC_LIST: Final = re.compile(r"ImageSets/Main/(train|val|test)\.txt")


@dataclass(frozen=True, slots=True)
class ToldSplits:
    """The splits that a format tells."""

    names: Sequence[str] = ()
    notes: tuple[str, ...] = ()
    """What is named and not there, in sentences."""


def yolo_splits(place: str, access: Access) -> ToldSplits:
    """Return the splits whose images are there, each place once."""
    splits: list[str] = []
    notes: list[str] = []
    texts: set[str] = set()
    seen: set[frozenset[str]] = set()
    for split in SPLITS:
        try:
            layout = read_layout(place, access, SourceOptions(split=split))
        except NothingThereError as problem:
            notes.append(f"There are no images for `{split}`, which {place} names: {problem}.")
            continue
        except AnnotationProblemError:
            continue  # not named; or a fault that reading tells better
        texts.update(layout.texts_alone)
        images = frozenset(image.uri for image in layout.images)
        if images and images not in seen:
            seen.add(images)
            splits.append(split)
    if texts:
        notes.append(f"Text files without an image: {len(texts):,}, such as {min(texts)}.")
    return ToldSplits(splits, tuple(notes))


def voc_splits(names: Iterable[str]) -> list[str]:
    """Return the splits that have a list of images, by the files' paths."""
    return sorted(found[1] for name in names if (found := _VOC_LIST.fullmatch(name)))


def cvat_splits(uri: str, access: Access) -> list[str]:
    """Return the subsets of an export, sorted; none where an image belongs to no subset."""
    try:
        root = parse_xml(access.open_bytes(uri))
    except AnnotationProblemError:
        return []  # which reading tells better
    subsets = {image.get("subset", "") for image in root.iterfind("image")}
    return [] if "" in subsets else sorted(subsets)
