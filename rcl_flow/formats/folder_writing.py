"""Write a folder that has one sub-folder of images for each label, with a copy of each image."""

from collections.abc import Iterator
from typing import Final

from rcl_flow.formats.csv import format_csv
from rcl_flow.formats.folder import SIDECAR
from rcl_flow.formats.losses import LossLog
from rcl_flow.formats.places import image_problem, is_hidden, is_image_name
from rcl_flow.formats.targets import CopiedImage, NewFile, Target, TargetFile, TargetImage

_LONGEST_NAME_BYTES: Final = 255


def write_folder(target: Target, losses: LossLog) -> Iterator[TargetFile]:
    """Yield a copy of each image in the folder of its first label.

    labels.csv tells the labels of every image that the folder alone would tell wrongly.
    """
    paths: set[str] = set()
    rows: list[tuple[str, ...]] = []
    for image in target.images:
        source = image.source
        path = _path(image)
        if not _is_readable(path) or any("\0" in label for label in source.labels):
            losses.note("unwritable", source.uri)
            continue
        if path in paths:
            losses.note("name-clashes", source.uri)
            continue
        paths.add(path)
        losses.note("boxes", source.uri, count=len(source.boxes))
        losses.note("label-names", source.uri, count=sum(not _is_name(x) for x in source.labels))
        if source.labels != (path.split("/")[0],) or "/" not in path:
            rows.append((path, *source.labels))
        yield CopiedImage(path, source.uri)
    if rows:
        yield NewFile(SIDECAR, format_csv(rows))


def _path(image: TargetImage) -> str:
    label = next((label for label in image.source.labels if _is_name(label)), None)
    if label is None or image.name.startswith(f"{label}/"):
        return image.name
    return f"{label}/{image.name}"


def _is_readable(path: str) -> bool:
    return is_image_name(path) and not image_problem(path) and not is_hidden(path)


def _is_name(label: str) -> bool:
    return (
        not label.startswith(".")
        and label != SIDECAR
        and "/" not in label
        and "\0" not in label
        and len(label.encode()) <= _LONGEST_NAME_BYTES
    )
