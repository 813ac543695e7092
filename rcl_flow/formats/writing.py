"""Write labelled images in any of the known formats: a stream of files to be put somewhere."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final

from rcl_flow.core.source_kinds import SourceKind
from rcl_flow.formats.coco import write_coco
from rcl_flow.formats.csv import write_csv
from rcl_flow.formats.cvat import write_cvat
from rcl_flow.formats.folder_writing import write_folder
from rcl_flow.formats.label_studio import write_label_studio
from rcl_flow.formats.losses import LossLog
from rcl_flow.formats.manifest import write_manifest
from rcl_flow.formats.places import printable, suffix_of
from rcl_flow.formats.targets import Target, TargetFile, TargetImage
from rcl_flow.formats.voc import write_voc
from rcl_flow.formats.yolo_writing import write_yolo

Writer = Callable[[Target, LossLog], Iterator[TargetFile]]


@dataclass(frozen=True, slots=True)
class TargetFormat:
    """What a format is like to write."""

    write: Writer
    file_name: str = ""
    """The usual name of its one file; empty where it is a folder of files."""
    suffixes: tuple[str, ...] = ()
    """The extensions that its one file may have."""
    boxes_only: bool = False
    """Whether labels of whole images have no place in it."""
    wants_sizes: bool = False
    """Whether other tools expect the size of every image."""


FORMATS: Final[Mapping[SourceKind, TargetFormat]] = {
    "folder": TargetFormat(write_folder),
    "csv": TargetFormat(write_csv, "images.csv", (".csv",)),
    "manifest": TargetFormat(write_manifest, "labels.manifest", (".manifest", ".jsonl", ".json")),
    "coco": TargetFormat(
        write_coco, "annotations.json", (".json",), boxes_only=True, wants_sizes=True
    ),
    "yolo": TargetFormat(write_yolo, boxes_only=True),
    "voc": TargetFormat(write_voc, boxes_only=True, wants_sizes=True),
    "label-studio": TargetFormat(write_label_studio, "tasks.json", (".json",)),
    "cvat": TargetFormat(write_cvat, "annotations.xml", (".xml",), wants_sizes=True),
}


def write_target(kind: SourceKind, target: Target, losses: LossLog) -> Iterator[TargetFile]:
    """Yield the files that hold the images in that format, and note what it cannot hold.

    An image that occurs again is left out; the service would drop it too.
    """
    target = replace(
        target,
        images=_distinct(target, losses),
        file_name=target.file_name or FORMATS[kind].file_name,
    )
    return FORMATS[kind].write(target, losses)


def is_file_of(kind: SourceKind, path: str) -> bool:
    """Say whether a destination names the one file of a format, and not a folder."""
    return suffix_of(path) in FORMATS[kind].suffixes


def _distinct(target: Target, losses: LossLog) -> tuple[TargetImage, ...]:
    first: dict[str, TargetImage] = {}
    for image in target.images:
        texts = (image.name, image.reference, *image.source.labels)
        is_text = all(printable(text) == text for text in texts)
        if not is_text or (image.source.boxes and image.source.size_pixels is None):
            losses.note("unwritable", image.source.uri)
        elif image.reference in first:
            losses.note("repeated-images", image.source.uri)
        else:
            first[image.reference] = image
    return tuple(first.values())
