"""Where a config's data lie in S3, as the ARNs that a policy names."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from rcl_flow.config import DataConfig, ImageSource
from rcl_flow.core.source_kinds import SourceKind

_SCHEME: Final = "s3://"
_FOLDERS: Final[frozenset[SourceKind]] = frozenset({"folder", "voc", "yolo"})
"""Formats that are a folder; all others are one object."""
_DESCRIPTION: Final = re.compile(r"[^/]+\.(yaml|yml|txt)")
"""What a YOLO dataset may be named by in place of its folder."""
_PATTERN: Final = re.compile(r"[*?\[]")


@dataclass(frozen=True, slots=True)
class DataPlaces:
    """The buckets and objects that reading the data needs, sorted; none covers another."""

    buckets: tuple[str, ...]
    """Such as `arn:aws:s3:::parts`."""
    objects: tuple[str, ...]
    """Such as `arn:aws:s3:::parts/data/*`."""


@dataclass(frozen=True, slots=True)
class _Place:
    """One path or URI of the data."""

    field: str
    """Which gives it."""
    uri: str
    is_folder: bool
    """Else it is one file, and what it names may lie beside it."""


def data_uris(data: DataConfig) -> list[tuple[str, str]]:
    """Return each path or URI of the data with the field that gives it, in the config's order."""
    return [(place.field, place.uri) for place in _places(data)]


def is_in_s3(uri: str) -> bool:
    """Say whether it is an s3:// URI, and so can be read from any machine."""
    return uri.startswith(_SCHEME)


def data_places(data: DataConfig, partition: str) -> DataPlaces:
    """Return what a role has to be allowed to read.

    Args:
        data: whose URIs are all in S3.
        partition: of the ARNs, such as `aws`.
    """
    prefixes = {_prefix_of(place) for place in _places(data)}
    least = {one for one in prefixes if not any(_covers(other, one) for other in prefixes)}
    start = f"arn:{partition}:s3:::"
    return DataPlaces(
        buckets=tuple(sorted({f"{start}{one.partition('/')[0]}" for one in least})),
        objects=tuple(sorted(f"{start}{one}*" for one in least)),
    )


def _places(data: DataConfig) -> Iterator[_Place]:
    named = [("train", data.train), ("test", data.test), ("holdout", data.holdout)]
    named += [(f"arrivals[{index}]", source) for index, source in enumerate(data.arrivals)]
    for field, source in named:
        if source is not None:
            yield from _places_of(f"data.{field}", source)
    if data.lineage is not None:
        yield _Place("data.lineage", data.lineage, is_folder=False)
    if data.production is not None:
        yield _Place("data.production", data.production, is_folder=True)


def _places_of(field: str, source: ImageSource) -> Iterator[_Place]:
    name = source.uri.rpartition("/")[2]
    described = source.kind == "yolo" and _DESCRIPTION.fullmatch(name) is not None
    is_folder = source.kind in _FOLDERS and not described
    yield _Place(f"{field}.{source.kind.replace('-', '_')}", source.uri, is_folder)
    if source.images is not None:
        yield _Place(f"{field}.images", source.images, is_folder=True)


def _prefix_of(place: _Place) -> str:
    """Return bucket and folder, with a slash at the end; of a pattern, what comes before it."""
    bucket, _, key = place.uri.removeprefix(_SCHEME).partition("/")
    pattern = _PATTERN.search(key)
    if pattern is not None:
        folder = key[: pattern.start()].rpartition("/")[0]
    elif place.is_folder:
        folder = key.rstrip("/")
    else:
        folder = key.rpartition("/")[0]
    return f"{bucket}/{folder}/" if folder else f"{bucket}/"


def _covers(other: str, one: str) -> bool:
    return other != one and one.startswith(other)
