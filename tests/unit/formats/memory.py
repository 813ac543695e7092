"""Files of annotations in memory: what is written is what a reader finds."""

from collections.abc import Mapping, Sequence

from rcl_flow.core.datasets.boxes import PixelBox
from rcl_flow.core.datasets.dataset import UnusableImage
from rcl_flow.core.source_kinds import SourceKind
from rcl_flow.formats.access import Access, SourceOptions
from rcl_flow.formats.losses import LossLog, LossReport
from rcl_flow.formats.reading import read_source
from rcl_flow.formats.source import SourceEntry, SourceImage, source_image
from rcl_flow.formats.targets import NewFile, Target, TargetImage
from rcl_flow.formats.writing import write_target

SIZE = (640, 480)
ROOT = "s3://bucket/pictures"


def access_to(
    files: Mapping[str, bytes], *, sizes: Mapping[str, tuple[int, int]] | None = None
) -> Access:
    """Return access to files by their URIs; images have the size that `sizes` tells, or none."""

    def list_uris(uri: str) -> Sequence[str]:
        start = uri.rstrip("/") + "/"
        return [uri] if uri in files else sorted(one for one in files if one.startswith(start))

    return Access(files.__getitem__, list_uris, (sizes or {}).get)


def read_all(
    kind: SourceKind,
    uri: str,
    files: Mapping[str, bytes | str],
    *,
    options: SourceOptions | None = None,
    sizes: Mapping[str, tuple[int, int]] | None = None,
) -> tuple[list[SourceEntry], LossReport]:
    """Read a source from files, and return its entries and its losses."""
    losses = LossLog()
    content = {
        name: text.encode() if isinstance(text, str) else text for name, text in files.items()
    }
    access = access_to(content, sizes=sizes)
    entries = list(read_source(kind, uri, access, options=options, losses=losses))
    return entries, losses.report()


def read_one(
    kind: SourceKind, uri: str, files: Mapping[str, bytes | str], **told: SourceOptions
) -> SourceImage:
    """Read a source of one usable image."""
    (only,), _ = read_all(kind, uri, files, options=told.get("options"))
    assert isinstance(only, SourceImage), only
    return only


def problem_of(kind: SourceKind, uri: str, files: Mapping[str, bytes | str]) -> UnusableImage:
    """Read a source of one image that cannot be used."""
    (only,), _ = read_all(kind, uri, files)
    assert isinstance(only, UnusableImage), only
    return only


def image(name: str, *labels: str, boxes: Sequence[PixelBox] = ()) -> SourceImage:
    """Return an image below `ROOT`, with a size when it has boxes."""
    return source_image(f"{ROOT}/{name}", set(labels), tuple(boxes), SIZE if boxes else None)


def written(
    kind: SourceKind, images: Sequence[SourceImage], *, file_name: str = ""
) -> tuple[dict[str, bytes], LossReport]:
    """Write images; return the new files, and what was lost."""
    losses = LossLog()
    named = [TargetImage(one, one.uri.removeprefix(f"{ROOT}/"), one.uri) for one in images]
    target = Target(named, file_name, ROOT)
    files = list(write_target(kind, target, losses))
    new = {one.path: one.content for one in files if isinstance(one, NewFile)}
    copies = {one.path: one.uri.encode() for one in files if not isinstance(one, NewFile)}
    return new | copies, losses.report()
