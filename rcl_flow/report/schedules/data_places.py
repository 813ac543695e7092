"""Where a config's data lie in S3, as the ARNs that a policy names."""

from collections.abc import Iterator
from dataclasses import dataclass

from rcl_flow.config import DataConfig, ImageSource

_SCHEME = "s3://"


@dataclass(frozen=True, slots=True)
class DataPlaces:
    """The buckets and objects that reading the data needs, sorted; none covers another."""

    buckets: tuple[str, ...]
    """Such as `arn:aws:s3:::parts`."""
    objects: tuple[str, ...]
    """Such as `arn:aws:s3:::parts/data/*`."""


def data_uris(data: DataConfig) -> list[tuple[str, str]]:
    """Return each path or URI of the data with the field that gives it, in the config's order."""
    named = [("train", data.train), ("test", data.test), ("holdout", data.holdout)]
    named += [(f"arrivals[{index}]", source) for index, source in enumerate(data.arrivals)]
    uris = [pair for field, source in named if source for pair in _uris_of(field, source)]
    single = (("lineage", data.lineage), ("production", data.production))
    return uris + [(f"data.{field}", uri) for field, uri in single if uri is not None]


def is_in_s3(uri: str) -> bool:
    """Say whether it is an s3:// URI, and so can be read from any machine."""
    return uri.startswith(_SCHEME)


def data_places(data: DataConfig, partition: str) -> DataPlaces:
    """Return what a role has to be allowed to read.

    Args:
        data: whose URIs are all in S3.
        partition: of the ARNs, such as `aws`.
    """
    prefixes = {_folder_of(uri.removeprefix(_SCHEME)) for _, uri in data_uris(data)}
    least = {one for one in prefixes if not any(_covers(other, one) for other in prefixes)}
    start = f"arn:{partition}:s3:::"
    return DataPlaces(
        buckets=tuple(sorted({f"{start}{one.partition('/')[0]}" for one in least})),
        objects=tuple(sorted(f"{start}{one}*" for one in least)),
    )


def _uris_of(field: str, source: ImageSource) -> Iterator[tuple[str, str]]:
    yield f"data.{field}.{source.kind.replace('-', '_')}", source.uri
    if source.images is not None:
        yield f"data.{field}.images", source.images


def _folder_of(path: str) -> str:
    """Return the folder, with a slash at its end, of what may be a file or a folder."""
    bucket, _, key = path.partition("/")
    folder, _, name = key.rstrip("/").rpartition("/")
    whole = f"{folder}/{name}" if folder else name
    kept = folder if "." in name else whole
    return f"{bucket}/{kept}/" if kept else f"{bucket}/"


def _covers(other: str, one: str) -> bool:
    return other != one and one.startswith(other)
