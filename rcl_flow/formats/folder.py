"""Read a folder that has one sub-folder of images for each label.

As the service's console does it, an image gets the name of the first-level sub-folder, however
deep it lies below. Source: developer guide, "Importing images from an Amazon S3 bucket" (read
2026-11-23).
"""

from collections.abc import Iterator
from pathlib import Path

from rcl_flow.core.dataset import UnusableImage
from rcl_flow.errors import DataNotFoundError
from rcl_flow.formats.source import SourceImage

_IMAGES = {".png", ".jpg", ".jpeg"}
_OTHER_IMAGES = {".gif", ".bmp", ".tif", ".tiff", ".webp", ".heic", ".heif", ".avif"}


def read_folder(folder: Path) -> Iterator[SourceImage | UnusableImage]:
    """Yield the images below `folder` in the order of their paths.

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
    found = False
    for path in sorted(folder.rglob("*")):
        entry = _read_path(path, folder)
        if entry is not None:
            found = True
            yield entry
    if not found:
        raise DataNotFoundError(
            f"There are no images in {folder}.",
            hint="Put PNG or JPEG files into one sub-folder for each label.",
        )


def _is_folder(folder: Path) -> bool:
    try:
        return folder.is_dir()
    except (OSError, ValueError):  # a name that no file system takes
        return False


def _read_path(path: Path, folder: Path) -> SourceImage | UnusableImage | None:
    parts = path.relative_to(folder).parts
    suffix = path.suffix.lower()
    if any(part.startswith(".") for part in parts) or suffix not in _IMAGES | _OTHER_IMAGES:
        return None
    if not path.is_file():
        return None
    problem = _problem(path, in_sub_folder=len(parts) > 1)
    return (
        UnusableImage(_printable(path), problem) if problem else SourceImage(str(path), parts[:1])
    )


def _problem(path: Path, *, in_sub_folder: bool) -> str:
    if _printable(path) != str(path):
        return "its path is not in UTF-8"
    suffix = path.suffix.lower()
    if suffix in _OTHER_IMAGES:
        return f"{suffix[1:]} is not a format that the service takes"
    return "" if in_sub_folder else "it lies in no label's sub-folder"


def _printable(path: Path) -> str:
    return str(path).encode(errors="backslashreplace").decode()
