"""Read a folder that has one sub-folder of images for each label.

As the service's console does it, an image gets the name of the first-level sub-folder, however
deep it lies below. Source: developer guide, "Importing images from an Amazon S3 bucket" (read
2026-11-23). A file `labels.csv` beside the sub-folders tells the labels of the images that it
names, in place of their folder's: rows of path, label, label ...
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from rcl_flow.core.datasets.dataset import UnusableImage
from rcl_flow.errors import DataNotFoundError
from rcl_flow.formats.access import Access, OpenBytes, SourceOptions
from rcl_flow.formats.csv import label_rows
from rcl_flow.formats.losses import LossLog
from rcl_flow.formats.places import (
    image_problem,
    is_hidden,
    is_image_name,
    join,
    name_below,
    printable,
)
from rcl_flow.formats.problems import refused
from rcl_flow.formats.source import SourceEntry, SourceImage, source_image

SIDECAR: Final = "labels.csv"


def read_folder(folder: Path) -> Iterator[SourceEntry]:
    """Yield the images below a local `folder` in the order of their paths.

    Hidden files and files that are no images are passed over; images of formats that the service
    does not take, and images without a label's sub-folder, are unusable.

    Raises:
        DataNotFoundError: `folder` is not a folder, or has no image in it.
    """
    if not _is_folder(folder):
        raise DataNotFoundError(
            f"There is no folder {folder}.",
            hint="Correct the path in the config (relative paths start at the config's folder); "
            "for the demo's images run `rcl-flow demo-data DIR`.",
        )
    return _read(str(folder), local_uris(str(folder)), lambda uri: Path(uri).read_bytes())


def read_labelled_folder(
    uri: str, access: Access, _options: SourceOptions, _losses: LossLog
) -> Iterator[SourceEntry]:
    """Yield the images below a folder or s3:// prefix, as `read_folder` does."""
    return _read(uri, access.list_uris(uri), access.open_bytes)


def read_listed(folder: str, uris: Sequence[str], access: Access) -> Iterator[SourceEntry]:
    """Yield those images of `folder` that `uris` name."""
    sidecar = join(folder, SIDECAR)
    known = [sidecar] if sidecar in access.list_uris(sidecar) else []
    return _read(folder, sorted({*uris, *known}), access.open_bytes)


def local_uris(path: str) -> list[str]:
    """Return the files below a local folder, sorted; a file's own path; or none."""
    start = Path(path)
    try:
        if start.is_file():
            return [path]
        return [str(found) for found in sorted(start.rglob("*")) if found.is_file()]
    except (OSError, ValueError):  # a name that no file system takes
        return []


def _read(folder: str, uris: Sequence[str], open_bytes: OpenBytes) -> Iterator[SourceEntry]:
    sidecar = join(folder, SIDECAR)
    told = _sidecar_labels(sidecar, open_bytes) if sidecar in uris else {}
    found = False
    for uri in uris:
        name = name_below(uri, folder)
        if name is None or not is_image_name(name) or is_hidden(name):
            continue
        found = True
        yield _entry(uri, name, told.pop(name, None))
    for name in told:
        yield UnusableImage(f"{sidecar}: {name}", "there is no such image in the folder")
    if not found:
        raise DataNotFoundError(
            f"There are no images in {folder}.",
            hint="Put PNG or JPEG files into one sub-folder for each label.",
        )


def _entry(uri: str, name: str, told: frozenset[str] | None) -> SourceEntry:
    parts = name.split("/")
    problem = image_problem(uri)
    if not problem and told is None and len(parts) == 1:
        problem = "it lies in no label's sub-folder"
    if problem:
        return UnusableImage(printable(uri), problem)
    return source_image(uri, set(told)) if told is not None else SourceImage(uri, (parts[0],))


def _sidecar_labels(uri: str, open_bytes: OpenBytes) -> dict[str, frozenset[str]]:
    with refused(uri):
        rows = [(name, labels) for _, name, labels in label_rows(open_bytes(uri))]
    told: dict[str, frozenset[str]] = {}
    for name, labels in rows:
        told[name] = told.get(name, frozenset()) | frozenset(labels)
    # a first row of column names names no image
    return {name: labels for name, labels in told.items() if is_image_name(name)}


def _is_folder(folder: Path) -> bool:
    try:
        return folder.is_dir()
    except (OSError, ValueError):  # a name that no file system takes
        return False
