"""Read the three splits: names and labels from their source, digest and format from the bytes."""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

from rcl_flow.aws.s3 import S3
from rcl_flow.config import DataConfig, ImageSource
from rcl_flow.core.datasets.boxes import DroppedBox, PixelBox, box_problem
from rcl_flow.core.datasets.dataset import Dataset, DatasetImage, Datasets, Split, UnusableImage
from rcl_flow.core.measures import ImageMeasures
from rcl_flow.core.retraining.arrivals import MergedData, Pin, merge_arrivals
from rcl_flow.errors import ConfigError, DataNotFoundError, DatasetGateError
from rcl_flow.formats.access import Access, SourceOptions
from rcl_flow.formats.columns import ColumnMapping, parse_mapping
from rcl_flow.formats.folder import read_folder
from rcl_flow.formats.places import is_s3
from rcl_flow.formats.problems import refused
from rcl_flow.formats.reading import is_pattern, read_source
from rcl_flow.formats.source import SourceEntry, SourceImage
from rcl_flow.imaging.measuring import UnusableContent
from rcl_flow.pipeline.images.access import make_access
from rcl_flow.pipeline.images.measured_objects import MeasuredObjects
from rcl_flow.pipeline.images.measuring import MeasureCache, MeasuredContent
from rcl_flow.pipeline.images.plain_paths import PlainPaths

_QUARTER_TURNS = range(5, 9)
"""The EXIF orientations that change width and height. Source: EXIF 2.32, tag 0x0112."""


def read_datasets(config: DataConfig, s3: S3, measures: MeasureCache | None = None) -> Datasets:
    """Read every split that the config names.

    Args:
        config: where the splits are.
        s3: the gateway.
        measures: knows what was measured before, and is told what is measured now.

    Raises:
        DataNotFoundError: a folder or manifest is not there or holds nothing.
    """
    return read_merged(config, s3, measures).datasets


def read_merged(config: DataConfig, s3: S3, measures: MeasureCache | None = None) -> MergedData:
    """Read every split that the config names, and let the arrivals join train.

    Args:
        config: where the splits are.
        s3: the gateway.
        measures: knows what was measured before, and is told what is measured now.

    Raises:
        DataNotFoundError: a folder or manifest is not there or holds nothing; a folder or prefix
            of arrivals may hold nothing yet.
        ConfigError: there are arrivals, and no data.train that they could join.
    """
    objects, access = MeasuredObjects(measures or MeasureCache(), s3), make_access(lambda: s3)
    if config.arrivals and config.train is None:
        raise ConfigError(
            "data.arrivals join data.train, which is not given.", hint="Give data.train, too."
        )
    datasets = Datasets(
        train=_read_split("train", config.train, access, objects) if config.train else None,
        test=_read_split("test", config.test, access, objects) if config.test else None,
        holdout=_read_split("holdout", config.holdout, access, objects),
    )
    read = [(source.uri, _arrived(source, access, objects)) for source in config.arrivals]
    merged = merge_arrivals(datasets, [arrival for _, arrival in read if arrival is not None])
    empty = tuple(uri for uri, arrival in read if arrival is None)
    return replace(merged, counts=merged.counts.model_copy(update={"empty_sources": empty}))


def read_pinned(pin: Pin, s3: S3, measures: MeasureCache) -> MergedData:
    """Return the data of a retraining under way, whatever the sources hold now.

    The bytes of an image are only read where its measures are not known here; an image that is
    gone or was changed since stays without measures.
    """
    images = {image.sha256: image for split in pin.datasets for image in split.images}
    unknown = _unknown(images.values(), measures)
    if unknown:
        measures.take()
        unknown = _unknown(unknown, measures)
    for _ in MeasuredObjects(measures, s3).measure([image.uri for image in unknown]):
        pass  # the cache keeps what was measured
    return MergedData(pin.datasets, pin.counts)


def _unknown(images: Iterable[DatasetImage], measures: MeasureCache) -> list[DatasetImage]:
    return [one for one in images if measures.recall(one.sha256, one.size_bytes) is None]


def open_bytes(uri: str, s3: S3) -> bytes:
    """Return the content of a local path or an s3:// URI.

    Raises:
        DataNotFoundError: a local file cannot be read.
        AwsRefusedError: an object cannot be read.
    """
    return make_access(lambda: s3).open_bytes(uri)


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


def _arrived(source: ImageSource, access: Access, objects: MeasuredObjects) -> Dataset | None:
    """Return what has arrived at a source; None for a folder or prefix without any image yet."""
    may_be_empty = source.kind == "folder" and (is_s3(source.uri) or Path(source.uri).is_dir())
    try:
        return _read_split("train", source, access, objects)
    except DataNotFoundError:
        if may_be_empty:
            return None
        raise


def _read_split(
    split: Split, source: ImageSource, access: Access, objects: MeasuredObjects
) -> Dataset:
    entries = list(_at_plain_paths(_entries(source, access)))
    read: list[DatasetImage | UnusableImage | None] = [
        entry if isinstance(entry, UnusableImage) else None for entry in entries
    ]
    named = [(i, entry) for i, entry in enumerate(entries) if isinstance(entry, SourceImage)]
    for place, content in objects.measure([entry.uri for _, entry in named]):
        index, entry = named[place]
        read[index] = _image(entry, content)
    return Dataset(
        split=split,
        images=tuple(entry for entry in read if isinstance(entry, DatasetImage)),
        unusable=tuple(entry for entry in read if isinstance(entry, UnusableImage)),
    )


def _entries(source: ImageSource, access: Access) -> Iterator[SourceEntry]:
    if source.kind == "folder" and not is_pattern(source.uri) and not is_s3(source.uri):
        return read_folder(Path(source.uri))
    options = SourceOptions(source.images, _columns(source), source.split)
    return read_source(source.kind, source.uri, access, options=options)


def _at_plain_paths(entries: Iterable[SourceEntry]) -> Iterator[SourceEntry]:
    plain = PlainPaths()
    for entry in entries:
        uri = plain(entry.uri)
        yield entry if uri == entry.uri else replace(entry, uri=uri)


def _columns(source: ImageSource) -> ColumnMapping | None:
    if source.columns is None:
        return None
    with refused(f"columns: {source.columns}"):
        return parse_mapping(source.columns)


def _image(entry: SourceImage, content: MeasuredContent) -> DatasetImage | UnusableImage:
    facts = content.found
    if isinstance(facts, UnusableContent):
        return UnusableImage(entry.uri, facts.reason)
    size = (facts.width_pixels, facts.height_pixels)
    if entry.boxes and entry.size_pixels is not None and entry.size_pixels != size:
        return UnusableImage(entry.uri, _size_problem(entry.size_pixels, facts))
    boxes, dropped = _sorted_out(entry.boxes, facts)
    if dropped and not boxes:
        told = f"{dropped[0].box.label!r} is {dropped[0].problem}"
        return UnusableImage(entry.uri, f"none of its boxes can be used: the one of {told}")
    return DatasetImage(
        uri=entry.uri,
        sha256=content.sha256,
        size_bytes=content.size_bytes,
        image_format=facts.image_format,
        labels=tuple(sorted({box.label for box in boxes})) if boxes else entry.labels,
        boxes=boxes,
        width_pixels=facts.width_pixels,
        height_pixels=facts.height_pixels,
        dropped_boxes=dropped,
    )


def _size_problem(told: tuple[int, int], facts: ImageMeasures) -> str:
    """Say why boxes that were drawn on a picture of another size are of no use, and what helps."""
    size = (facts.width_pixels, facts.height_pixels)
    problem = (
        f"its boxes were drawn on {told[0]} x {told[1]} pixels, and the file has "
        f"{size[0]} x {size[1]}"
    )
    if told == size[::-1] and facts.exif_orientation in _QUARTER_TURNS:
        return f"{problem}, which its EXIF tag turns: save its pixels upright"
    return f"{problem}: draw or scale them anew"


def _sorted_out(
    boxes: Iterable[PixelBox], facts: ImageMeasures
) -> tuple[tuple[PixelBox, ...], tuple[DroppedBox, ...]]:
    used, dropped = [], []
    for box in boxes:
        problem = box_problem(box, facts.width_pixels, facts.height_pixels)
        if problem:
            dropped.append(DroppedBox(box, problem))
        else:
            used.append(box)
    return tuple(used), tuple(dropped)
