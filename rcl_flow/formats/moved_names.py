"""Names of images that were written on another machine: on Windows, or with its whole path."""

import re
from dataclasses import replace
from pathlib import PurePosixPath
from typing import Final

from rcl_flow.core.datasets.dataset import UnusableImage
from rcl_flow.formats.access import Access
from rcl_flow.formats.places import is_s3, join, name_below
from rcl_flow.formats.source import SourceEntry, SourceImage

_DRIVE: Final = re.compile(r"[A-Za-z]:/")


def as_found(uri: str, access: Access) -> str:
    """Return `uri`, or the path that its backslashes mean where only that one leads to a file."""
    if "\\" not in uri or is_s3(uri) or access.list_uris(uri):
        return uri
    meant = str(PurePosixPath(uri.replace("\\", "/")))
    return meant if access.list_uris(meant) else uri


def name_elsewhere(name: str) -> str:
    """Return what can be the same here of a name: all of a relative one, the file's own of others.

    Args:
        name: as annotations have it.
    """
    told = name.replace("\\", "/")
    whole = told.startswith("/") or _DRIVE.match(told)
    return told.rpartition("/")[2] if whole else told


class MovedNames:
    """Finds images by names of another machine, each image by one name only."""

    def __init__(self, access: Access, images: str | None) -> None:
        """Look with `access`, for whole paths in the folder `images`, where that is told."""
        self._access = access
        self._images = None if images is None or is_s3(images) else images
        self._names: dict[str, str] = {}

    def access(self) -> Access:
        """Return the access that looks up the size of an image where it is found."""
        return replace(
            self._access, image_size=lambda uri: self._access.image_size(self._found(uri))
        )

    def entry(self, entry: SourceEntry) -> SourceEntry:
        """Return the entry with its image where it is found."""
        if not isinstance(entry, SourceImage):
            return entry
        uri = self._found(entry.uri)
        if uri == entry.uri:
            return entry
        other = self._names.setdefault(uri, entry.uri)
        if other != entry.uri:
            return UnusableImage(entry.uri, f"it may be {uri}, as may {other}")
        return replace(entry, uri=uri)

    def _found(self, uri: str) -> str:
        found = as_found(uri, self._access)
        if found != uri or self._images is None or is_s3(uri):
            return found
        name = (name_below(uri, self._images) or uri).replace("\\", "/")
        if not (name.startswith("/") or _DRIVE.match(name)) or self._access.list_uris(uri):
            return uri
        parts = name.split("/")[1:]
        tails = (join(self._images, "/".join(parts[start:])) for start in range(len(parts)))
        return next((tail for tail in tails if self._access.list_uris(tail)), uri)
