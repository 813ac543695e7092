"""Read the three splits: names and labels from their source, digest and format from the bytes."""

import hashlib
from collections.abc import Iterable, Iterator
from pathlib import Path

from rcl_flow.aws.s3 import S3, parse_s3_uri
from rcl_flow.config import DataConfig, ImageSource
from rcl_flow.core.boxes import DroppedBox, PixelBox, box_problem
from rcl_flow.core.dataset import Dataset, DatasetImage, Datasets, Split, UnusableImage
from rcl_flow.errors import AwsRefusedError, DataNotFoundError, DatasetGateError
from rcl_flow.formats.folder import read_folder
from rcl_flow.formats.manifest import read_manifest
from rcl_flow.formats.source import SourceImage
from rcl_flow.imaging.inspection import ImageFacts, UnusableContent, inspect_image
from rcl_flow.pipeline.executors import map_in_threads

_CONCURRENCY = 8


def read_datasets(config: DataConfig, s3: S3) -> Datasets:
    """Read every split that the config names.

    Raises:
        DataNotFoundError: a folder or manifest is not there or holds nothing.
    """
    return Datasets(
        train=_read_split("train", config.train, s3) if config.train else None,
        test=_read_split("test", config.test, s3) if config.test else None,
        holdout=_read_split("holdout", config.holdout, s3),
    )


def open_bytes(uri: str, s3: S3) -> bytes:
    """Return the content of a local path or an s3:// URI.

    Raises:
        DataNotFoundError: a local file cannot be read.
        AwsRefusedError: an object cannot be read.
    """
    location = parse_s3_uri(uri)
    if location is not None:
        return s3.get(location)
    try:
        return Path(uri).read_bytes()
    except (OSError, ValueError) as error:
        raise DataNotFoundError(
            f"Cannot read {uri}: {getattr(error, 'strerror', None) or error}.",
            hint="Correct the path in the config (relative paths start at the config's folder).",
        ) from error


def open_image(image: DatasetImage, s3: S3) -> bytes:
    """Return the bytes of an image that was read before, unless they have changed since.

    Raises:
        DatasetGateError: the content has another digest now.
    """
    content = open_bytes(image.uri, s3)
    if hashlib.sha256(content).hexdigest() != image.sha256:
        raise DatasetGateError(
            f"{image.uri} was changed while the run read it.",
            hint="Run the same command again when the files are at rest.",
        )
    return content


def _read_split(split: Split, source: ImageSource, s3: S3) -> Dataset:
    entries = list(_entries(source, s3))
    numbered = list(enumerate(entries))

    def inspect(
        item: tuple[int, SourceImage | UnusableImage],
    ) -> tuple[int, DatasetImage | UnusableImage]:
        index, entry = item
        return index, _inspect(entry, s3) if isinstance(entry, SourceImage) else entry

    inspected = sorted(
        map_in_threads(inspect, numbered, concurrency=_CONCURRENCY), key=lambda item: item[0]
    )
    return Dataset(
        split=split,
        images=tuple(entry for _, entry in inspected if isinstance(entry, DatasetImage)),
        unusable=tuple(entry for _, entry in inspected if isinstance(entry, UnusableImage)),
    )


def _entries(source: ImageSource, s3: S3) -> Iterator[SourceImage | UnusableImage]:
    if source.folder is not None:
        return read_folder(Path(source.folder))
    return read_manifest(str(source.manifest), lambda uri: open_bytes(uri, s3))


def _inspect(entry: SourceImage, s3: S3) -> DatasetImage | UnusableImage:
    try:
        content = open_bytes(entry.uri, s3)
    except (DataNotFoundError, AwsRefusedError) as error:
        return UnusableImage(entry.uri, error.message)
    facts = inspect_image(content)
    if isinstance(facts, UnusableContent):
        return UnusableImage(entry.uri, facts.reason)
    size = (facts.width, facts.height)
    if entry.size_pixels not in (None, size):
        return UnusableImage(
            entry.uri, f"its boxes were drawn for another size: {entry.size_pixels}, it has {size}"
        )
    boxes, dropped = _sorted_out(entry.boxes, facts)
    if dropped and not boxes:
        told = f"{dropped[0].box.label!r} is {dropped[0].problem}"
        return UnusableImage(entry.uri, f"none of its boxes can be used: the one of {told}")
    return DatasetImage(
        uri=entry.uri,
        sha256=hashlib.sha256(content).hexdigest(),
        size_bytes=len(content),
        image_format=facts.image_format,
        labels=tuple(sorted({box.label for box in boxes})) if boxes else entry.labels,
        boxes=boxes,
        width_pixels=facts.width,
        height_pixels=facts.height,
        dropped_boxes=dropped,
    )


def _sorted_out(
    boxes: Iterable[PixelBox], facts: ImageFacts
) -> tuple[tuple[PixelBox, ...], tuple[DroppedBox, ...]]:
    used, dropped = [], []
    for box in boxes:
        problem = box_problem(box, facts.width, facts.height)
        if problem:
            dropped.append(DroppedBox(box, problem))
        else:
            used.append(box)
    return tuple(used), tuple(dropped)
