"""Places of files: local paths and s3:// URIs, joined, taken apart and named alike."""

import posixpath
from collections.abc import Sequence
from pathlib import PurePosixPath
from typing import Final

from rcl_flow.formats.problems import AnnotationProblemError

IMAGE_SUFFIXES: Final = (".jpeg", ".jpg", ".png", ".jfif", ".jpe")
"""The formats that the service takes, usual names first; browsers save JPEG as .jfif, too. What is
uploaded is named by its content. Source: developer guide, "Guidelines and quotas" (read
2026-11-23)."""
OTHER_IMAGE_SUFFIXES: Final = frozenset(
    {".gif", ".bmp", ".tif", ".tiff", ".webp", ".heic", ".heif", ".avif"}
)
"""What may be meant for an image; a camera's raw file is none, since it lies beside its JPEG."""
_ALL_SUFFIXES: Final = OTHER_IMAGE_SUFFIXES.union(IMAGE_SUFFIXES)
_S3: Final = "s3://"


def is_s3(uri: str) -> bool:
    """Say whether `uri` is an s3:// URI."""
    return uri.startswith(_S3)


def folder_of(uri: str) -> str:
    """Return the folder or prefix that a file lies in."""
    return posixpath.dirname(uri)


def suffix_of(uri: str) -> str:
    """Return the extension in small letters, with its dot."""
    return posixpath.splitext(uri)[1].lower()


def join(folder: str, reference: str) -> str:
    """Return where `reference` leads from `folder`; s3:// URIs and absolute paths stay.

    In S3 `..` is resolved, since keys have no folders; in local paths it is left to the file
    system, where a folder may be a link.
    """
    if is_s3(reference) or reference.startswith("/"):
        return reference
    if not is_s3(folder):
        return str(PurePosixPath(folder) / reference)
    return _S3 + posixpath.normpath(posixpath.join(folder.removeprefix(_S3), reference))


def image_at(folder: str, name: str) -> str:
    """Return where the image of that name is.

    Raises:
        AnnotationProblemError: the name is no path, or leads to the web.
    """
    if not name or "\0" in name:
        raise AnnotationProblemError("its image has no usable name")
    if "://" in name and not is_s3(name):
        raise AnnotationProblemError(f"its image is at {name[:80]}, which is neither a path nor S3")
    return join(folder, name)


def image_problem(uri: str) -> str:
    """Return why a file that is an image by its name is of no use, or an empty text."""
    if printable(uri) != uri:
        return "its path is not in UTF-8"
    suffix = suffix_of(uri)
    if suffix in OTHER_IMAGE_SUFFIXES:
        return f"{suffix[1:]} is not a format that the service takes"
    return ""


def is_hidden(name: str) -> bool:
    """Say whether a path below a folder has a part that begins with a full stop."""
    return any(part.startswith(".") for part in name.split("/"))


def is_image_name(uri: str) -> bool:
    """Say whether a file is an image by its extension, of whatever format."""
    return suffix_of(uri) in _ALL_SUFFIXES


def printable(uri: str) -> str:
    """Return `uri` with what is not UTF-8 escaped."""
    return uri.encode(errors="backslashreplace").decode()


def name_below(uri: str, folder: str) -> str | None:
    """Return the path of `uri` from `folder` on, or None where it lies elsewhere."""
    if is_s3(uri) != is_s3(folder):
        return None
    path = posixpath.normpath(uri.removeprefix(_S3))
    start = posixpath.normpath(folder.removeprefix(_S3))
    if start == ".":
        return None if path.startswith(("/", "../")) else path
    start = start.rstrip("/") + "/"
    return path.removeprefix(start) if path.startswith(start) else None


def common_folder(uris: Sequence[str]) -> str | None:
    """Return the deepest folder or prefix that all of `uris` lie in, or None."""
    kinds = {(is_s3(uri), uri.startswith("/")) for uri in uris}
    if len(kinds) != 1:
        return None
    paths = {posixpath.normpath(folder_of(uri.removeprefix(_S3))) for uri in uris}
    common = posixpath.commonpath(paths)
    if is_s3(uris[0]):
        return _S3 + common if common else None
    return common or "."


def bare_name(uri: str) -> str:
    """Return a relative path that no other image has: the whole path, or bucket and key."""
    path = posixpath.normpath(uri.removeprefix(_S3)).lstrip("/")
    return "/".join(part for part in path.split("/") if part != "..")
