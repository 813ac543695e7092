"""Names of images that were written on another machine: on Windows, or with its whole path."""

import re
from collections.abc import Iterable, Iterator
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

    def access(self) -> Access:
        """Return the access that looks up the size of an image where it is found."""
        return replace(
            self._access, image_size=lambda uri: self._access.image_size(self._found(uri))
        )

    def entries(self, entries: Iterable[SourceEntry]) -> Iterator[SourceEntry]:
        """Yield the entries with their images where they are found.

        Those whose names lead to one image are all refused: the labels may be of any of them.
        """
        read = [(entry, self._place(entry)) for entry in entries]
        names: dict[str, dict[str, None]] = {}
        for entry, place in read:
            if place is not None:
                names.setdefault(place, {})[entry.uri] = None
        for entry, place in read:
            if not isinstance(entry, SourceImage) or place is None:
                yield entry
                continue
            other = next((name for name in names[place] if name != entry.uri), None)
            if other is None:
                yield replace(entry, uri=place)
            else:
                yield UnusableImage(entry.uri, f"it may be {place}, as may {other}")

    def _place(self, entry: SourceEntry) -> str | None:
        """Return where the image is, when that is not where the entry says."""
        found = self._found(entry.uri) if isinstance(entry, SourceImage) else entry.uri
        return None if found == entry.uri else found

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
