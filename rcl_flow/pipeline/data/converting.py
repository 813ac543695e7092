"""Convert labelled images from one format to another, and tell what was lost."""

import posixpath
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from rcl_flow.aws.errors import tells_of_one_object
from rcl_flow.aws.s3 import parse_s3_uri
from rcl_flow.core.datasets.dataset import UnusableImage
from rcl_flow.core.source_kinds import SourceKind
from rcl_flow.errors import (
    AwsRefusedError,
    ConfigError,
    DataNotFoundError,
)
from rcl_flow.files import write_bytes
from rcl_flow.formats.access import Access, SourceOptions
from rcl_flow.formats.annotation_files import told_source
from rcl_flow.formats.folder import SIDECAR
from rcl_flow.formats.losses import LossLog, LossReport
from rcl_flow.formats.places import (
    common_folder,
    folder_of,
    is_image_name,
    is_s3,
    name_below,
    suffix_of,
)
from rcl_flow.formats.reading import expand, fixed_folder, is_pattern, read_source
from rcl_flow.formats.source import SourceImage
from rcl_flow.formats.targets import CopiedImage, Target, TargetFile, TargetImage
from rcl_flow.formats.writing import FORMATS, is_file_of, write_target
from rcl_flow.pipeline.data.references import name_below_root, reference_from, whole_path

_SAMPLE: Final = 100
_NEVER_READ: Final = frozenset((".csv", ".json", ".manifest"))
"""Files of formats that are one file: YOLO and Pascal VOC, which are folders, pass them over."""
_S3_PREFIX: Final = re.compile(r"s3://[0-9A-Za-z.\-_]{3,255}(/.*)?")
"""Source: botocore's model of Rekognition, shape `S3Bucket`."""


@dataclass(frozen=True, slots=True)
class ConversionWanted:
    """From where to where, in which formats."""

    source: str
    destination: str
    target_kind: SourceKind
    source_kind: SourceKind | None = None
    """None: told by the files."""
    options: SourceOptions = field(default_factory=SourceOptions)
    images_prefix: str | None = None
    """What image references start with in what is written, in place of where images are now."""
    force: bool = False
    """Write into a destination that is there already."""


@dataclass(frozen=True, slots=True)
class Conversion:
    """What was converted."""

    source_kind: SourceKind
    target_kind: SourceKind
    read_images: int
    labels: tuple[str, ...]
    boxes: int
    example: tuple[str, str]
    """Where the first image is, and where the destination says that it is."""
    files: tuple[str, ...]
    """What was written, below the destination's folder."""
    unusable: tuple[UnusableImage, ...]
    losses: LossReport
    looked_for: int
    """Local images that were looked for: a sample of many."""
    absent: tuple[str, ...]
    """Those of them that are not there."""


def convert(wanted: ConversionWanted, access: Access) -> Conversion:
    """Read the source, write the destination, and return what happened.

    Raises:
        DataNotFoundError: there is nothing to read, or none of it can be used.
        ConfigError: a format is not known or not kept to, or the destination is not empty.
        LocalFilesError: the destination cannot be written.
    """
    _require_free(wanted)
    kind, source = wanted.source_kind, wanted.source
    if kind is None:
        kind, source = told_source(source, access)
    losses = LossLog()
    entries = list(read_source(kind, source, access, options=wanted.options, losses=losses))
    images = [entry for entry in entries if isinstance(entry, SourceImage)]
    unusable = tuple(entry for entry in entries if isinstance(entry, UnusableImage))
    _require_images(wanted, images, unusable)
    sample = _sample([image.uri for image in images if not is_s3(image.uri)])
    folder, file_name = _destination(wanted)
    target = _target(images, replace(wanted, source=source), folder, access)
    files = list(write_target(wanted.target_kind, replace(target, file_name=file_name), losses))
    listed = (uri for one in expand(source, access) for uri in access.list_uris(one))
    read = [uri for uri in listed if _is_read(uri, kind)]
    _require_source_kept(source, images, read, [folder / file.path for file in files])
    written, not_copied = _put_all(files, folder, access)
    if not written:
        _require_images(wanted, (), unusable + not_copied)
    return Conversion(
        source_kind=kind,
        target_kind=wanted.target_kind,
        read_images=len(images),
        labels=tuple(sorted({label for image in images for label in image.labels})),
        boxes=sum(len(image.boxes) for image in images),
        example=(target.images[0].source.uri, target.images[0].reference),
        files=written,
        unusable=unusable + not_copied,
        losses=losses.report(),
        looked_for=len(sample),
        absent=tuple(uri for uri in sample if not access.list_uris(uri)),
    )


def _sample(uris: Sequence[str]) -> Sequence[str]:
    return uris[:: max(1, len(uris) // _SAMPLE)]


def _require_free(wanted: ConversionWanted) -> None:
    path = Path(wanted.destination)
    if is_s3(wanted.destination) or "\0" in wanted.destination:
        raise ConfigError(
            f"{wanted.destination} is no local path.",
            hint="Write to a local folder, and upload it with `aws s3 cp --recursive`.",
        )
    taken = any(path.iterdir()) if path.is_dir() else path.exists() and path.stat().st_size > 0
    if taken and not wanted.force:
        raise ConfigError(
            f"{path} exists and is not empty.",
            hint="Give another destination, or --force to write into it.",
        )


def _is_read(uri: str, kind: SourceKind) -> bool:
    """Say whether a file below a source of that kind tells something: not all that lies there."""
    if kind == "folder":
        return is_image_name(uri) or posixpath.basename(uri) == SIDECAR
    return kind not in {"yolo", "voc"} or suffix_of(uri) not in _NEVER_READ


def _require_source_kept(
    source: str, images: Sequence[SourceImage], read: Sequence[str], targets: Sequence[Path]
) -> None:
    """Refuse to write over what was read: what the new format cannot hold would be gone."""
    there = [target for target in targets if target.exists()]
    if not there:
        return
    uris = (*read, *(image.uri for image in images))
    kept = {Path(uri).resolve() for uri in uris if not is_s3(uri)}
    replaced = next((target for target in there if target.resolve() in kept), None)
    if replaced is not None:
        raise ConfigError(
            f"{replaced} would replace a file of the source, {source}.",
            hint="Give another destination: what the new format cannot hold would be lost.",
        )


def _require_images(
    wanted: ConversionWanted, images: Sequence[SourceImage], unusable: Sequence[UnusableImage]
) -> None:
    if not images:
        first = f"; first: {unusable[0].told}" if unusable else ""
        raise DataNotFoundError(
            f"None of the {len(unusable)} images of {wanted.source} can be used{first}.",
            hint="Correct the source, or name its format with --format.",
        )
    labelled = any(image.labels for image in images)
    if FORMATS[wanted.target_kind].boxes_only and labelled and not any(i.boxes for i in images):
        raise ConfigError(
            f"{wanted.target_kind} holds boxes only, and no image of {wanted.source} has one.",
            hint="Choose a format for labels of whole images: folder, csv, manifest, "
            "label-studio or cvat.",
        )


def _destination(wanted: ConversionWanted) -> tuple[Path, str]:
    path = Path(wanted.destination)
    if is_file_of(wanted.target_kind, wanted.destination) and not path.is_dir():
        return path.parent, path.name
    return path, ""


def _target(
    images: Sequence[SourceImage], wanted: ConversionWanted, folder: Path, access: Access
) -> Target:
    root = _images_root(images, wanted, access)
    here = folder.resolve()
    prefix = _prefix(wanted, root, here)
    named = [(image, name_below_root(image.uri, root)) for image in images]
    target = Target(
        [
            TargetImage(
                _with_size(image, wanted.target_kind, access),
                name,
                f"{prefix}/{name}"
                if wanted.images_prefix is not None
                else reference_from(here, image.uri),
            )
            for image, name in named
        ],
        images_root=prefix,
    )
    if wanted.target_kind == "manifest":
        _require_one_bucket(target)
    return target


def _images_root(
    images: Sequence[SourceImage], wanted: ConversionWanted, access: Access
) -> str | None:
    uris = [whole_path(image.uri) for image in images]
    source = wanted.source
    told = wanted.options.images
    if told is None and is_pattern(source):
        told = fixed_folder(source)
    elif told is None:
        told = folder_of(source) if list(access.list_uris(source)) == [source] else source
    told = whole_path(told or ".")
    if all(name_below(uri, told) is not None for uri in uris):
        return told
    return common_folder(uris)


def _prefix(wanted: ConversionWanted, root: str | None, here: Path) -> str | None:
    if wanted.images_prefix is not None:
        if is_s3(wanted.images_prefix) and not _S3_PREFIX.fullmatch(wanted.images_prefix):
            raise ConfigError(
                f"{wanted.images_prefix} is no S3 prefix.", hint="Write s3://bucket/prefix."
            )
        return wanted.images_prefix.rstrip("/")
    if root is None:
        return None
    return root.rstrip("/") if is_s3(root) else reference_from(here, root)


def _with_size(image: SourceImage, kind: SourceKind, access: Access) -> SourceImage:
    """Look up a size that other tools expect, unless the image would have to be downloaded."""
    if image.size_pixels or not FORMATS[kind].wants_sizes or is_s3(image.uri):
        return image
    return replace(image, size_pixels=access.image_size(image.uri))


def _require_one_bucket(target: Target) -> None:
    """Make sure that the service can find the images.

    Source: developer guide, "Creating a manifest file" (archived text, read 2026-11-23): all
    images of a manifest are in one bucket.
    """
    buckets = set()
    for image in target.images:
        location = parse_s3_uri(image.reference)
        if location is None:
            raise ConfigError(
                f"A manifest refers to images in S3, and {image.source.uri} is a local file.",
                hint="Upload the images, and tell where they are: --images-prefix s3://bucket/...",
            )
        buckets.add(location.bucket)
    if len(buckets) > 1:
        raise ConfigError(
            f"The images are in several buckets: {', '.join(sorted(buckets))}.",
            hint="The service takes one bucket a manifest: copy the images into one, and give it "
            "with --images-prefix.",
        )


def _put_all(
    files: Iterable[TargetFile], folder: Path, access: Access
) -> tuple[tuple[str, ...], tuple[UnusableImage, ...]]:
    written, not_copied = [], []
    for file in files:
        try:
            content = access.open_bytes(file.uri) if isinstance(file, CopiedImage) else file.content
        except (DataNotFoundError, AwsRefusedError) as error:
            if not tells_of_one_object(error):
                raise
            not_copied.append(UnusableImage(file.path, error.message))
        else:
            write_bytes(folder / file.path, content)
            written.append(file.path)
    return tuple(written), tuple(not_copied)
