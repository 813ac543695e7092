"""How files that are written refer to images: by names, and by paths that lead to them."""

import posixpath
from pathlib import Path

from rcl_flow.formats.places import bare_name, is_s3, name_below


def whole_path(uri: str) -> str:
    """Return a local path from the root on: relative ones may begin alike and lead elsewhere."""
    if is_s3(uri):
        return uri
    path = Path(uri).absolute()
    if ".." in path.parts:
        path = _without_links(path)
    return path.as_posix()


def name_below_root(uri: str, root: str | None) -> str:
    """Return the path of an image below `root`, else one that no other image has.

    Args:
        uri: the image's.
        root: a whole path or prefix; None where the images have none in common.
    """
    name = name_below(whole_path(uri), root) if root is not None else None
    return name or bare_name(uri)


def reference_from(folder: Path, uri: str) -> str:
    """Return the path that leads from a folder to an image; an s3:// URI stays.

    Args:
        folder: resolved.
        uri: the image's.
    """
    if is_s3(uri):
        return uri
    return posixpath.relpath(_without_links(Path(uri)).as_posix(), folder.as_posix())


def _without_links(path: Path) -> Path:
    """Return a path without links on the way, since `..` after one leads elsewhere."""
    return path.parent.resolve() / path.name
