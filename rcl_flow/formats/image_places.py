"""Find where the images of annotations are, when they do not lie beside them."""

import posixpath
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Final

from rcl_flow.errors import ConfigError
from rcl_flow.formats.access import Access, SourceOptions
from rcl_flow.formats.columns import ColumnMapping
from rcl_flow.formats.layout import FoundSet
from rcl_flow.formats.moved_names import name_elsewhere
from rcl_flow.formats.places import folder_of, is_s3, name_below
from rcl_flow.formats.reading import read_source
from rcl_flow.formats.roles import role_of
from rcl_flow.formats.source import SourceImage

_SAMPLE: Final = 100
_ENOUGH: Final = 0.5
_SHOWN: Final = 3
_FINDS_ITSELF: Final = ("folder", "yolo")
"""Formats whose images lie where the format says."""


def with_images(
    found: FoundSet, images: Sequence[str], access: Access, columns: ColumnMapping | None = None
) -> FoundSet | None:
    """Return the set with the folder of its images, or None where they are not to be found.

    Args:
        found: the set as it was found.
        images: the files that may be its images.
        access: how files are reached; images are not opened.
        columns: what the columns of a CSV file mean.

    Raises:
        ConfigError: images of these names are in several folders.
    """
    if found.kind in _FINDS_ITSELF or found.images is not None:
        return found
    blind = replace(access, image_size=lambda _: (1, 1))
    options = SourceOptions(found.images, columns, found.split)
    entries = read_source(found.kind, found.uri, blind, options=options)
    named = [entry.uri for entry in entries if isinstance(entry, SourceImage)]
    sample = named[:: max(1, len(named) // _SAMPLE)]
    there = {posixpath.normpath(uri) for uri in images}
    missing = [uri for uri in sample if not _is_there(uri, there, found, access)]
    if len(missing) <= len(sample) * _ENOUGH:
        return found  # what single names lead to nowhere is told when images are read
    start = _best_start(found, missing, images)
    return None if start is None else replace(found, images=start)


def _is_there(uri: str, there: set[str], found: FoundSet, access: Access) -> bool:
    if posixpath.normpath(uri) in there:
        return True
    if is_s3(uri):
        return not is_s3(found.uri)  # a local file's s3:// URIs are believed
    return bool(access.list_uris(uri))


def _best_start(found: FoundSet, missing: Iterable[str], images: Sequence[str]) -> str | None:
    """Return the folder from which most of the missing names lead to an image."""
    by_name: dict[str, list[str]] = defaultdict(list)
    for uri in images:
        by_name[posixpath.basename(uri)].append(uri)
    starts: Counter[str] = Counter()
    for uri in missing:
        name = name_elsewhere(name_below(uri, folder_of(found.uri)) or uri)
        starts.update(
            there.removesuffix(f"/{name}")
            for there in by_name[posixpath.basename(name)]
            if there.endswith(f"/{name}")
        )
    if not starts:
        return None
    role = role_of(posixpath.basename(found.uri))
    ranks = {
        start: (count, role is not None and role_of(start) == role)
        for start, count in starts.items()
    }
    highest = max(ranks.values())
    best = sorted(start for start, rank in ranks.items() if rank == highest)
    if len(best) > 1:
        raise ConfigError(
            f"The images that {found.uri} names may be those in "
            f"{' or those in '.join(best[:_SHOWN])}: the names are the same.",
            hint=f"Say which are meant: --images {best[0]}, say.",
        )
    return best[0]
