"""Read labelled images from any of the known formats, from a path, a glob or an s3:// prefix."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Final

from rcl_flow.core.source_kinds import SourceKind
from rcl_flow.errors import ConfigError, DataNotFoundError
from rcl_flow.formats.access import Access, SourceOptions
from rcl_flow.formats.coco import read_coco
from rcl_flow.formats.csv import read_csv
from rcl_flow.formats.cvat import read_cvat
from rcl_flow.formats.folder import read_labelled_folder, read_listed
from rcl_flow.formats.label_studio import read_label_studio
from rcl_flow.formats.losses import LossLog
from rcl_flow.formats.manifest import read_manifest_source
from rcl_flow.formats.moved_names import MovedNames
from rcl_flow.formats.places import folder_of
from rcl_flow.formats.source import SourceEntry
from rcl_flow.formats.voc import read_voc
from rcl_flow.formats.yolo import read_yolo

Reader = Callable[[str, Access, SourceOptions, LossLog], Iterator[SourceEntry]]
READERS: Final[Mapping[SourceKind, Reader]] = {
    "folder": read_labelled_folder,
    "csv": read_csv,
    "manifest": read_manifest_source,
    "coco": read_coco,
    "yolo": read_yolo,
    "voc": read_voc,
    "label-studio": read_label_studio,
    "cvat": read_cvat,
}
SPLIT_KINDS: Final[tuple[SourceKind, ...]] = ("yolo", "voc", "cvat")
"""Formats that may tell splits apart in themselves."""
_WILD: Final = "*?["


def read_source(
    kind: SourceKind,
    uri: str,
    access: Access,
    *,
    options: SourceOptions | None = None,
    losses: LossLog | None = None,
) -> Iterator[SourceEntry]:
    """Yield the images that a source of one format names, and what of it cannot be used.

    Boxes that the service would drop are among them. Images are not opened, except for their
    size where a format gives boxes as ratios.

    Args:
        kind: the format.
        uri: a local path, an s3:// URI, or a pattern of either (`*`, `?`, `[…]`).
        access: how files are reached.
        options: what the source does not say itself.
        losses: where to note what the images do not keep.

    Raises:
        DataNotFoundError: there is nothing at `uri`.
        ConfigError: the whole file is not in the form of its format, or that cannot heed what the
            user has told.
    """
    options = options or SourceOptions()
    _require_heeded(kind, uri, options)
    losses = losses if losses is not None else LossLog()
    uris = expand(uri, access)
    if kind == "folder" and uris != [uri]:
        return read_listed(fixed_folder(uri), uris, access)
    # the text files of YOLO lie where its images are said to be
    moved = MovedNames(access, None if kind == "yolo" else options.images)
    read = moved.access()
    return moved.entries(
        entry for one in uris for entry in READERS[kind](one, read, options, losses)
    )


def _require_heeded(kind: SourceKind, uri: str, options: SourceOptions) -> None:
    if options.split is not None and kind not in SPLIT_KINDS:
        raise ConfigError(
            f"{uri} ({kind}) has no split `{options.split}`: that format tells no splits apart.",
            hint=f"Leave the split out; {', '.join(SPLIT_KINDS)} have some. Elsewhere a file or "
            "folder is one set.",
        )
    if options.mapping is not None and kind != "csv":
        raise ConfigError(
            f"{uri} ({kind}) has no columns that could be told.",
            hint="Leave them out, or say that it is CSV (--format csv).",
        )


def expand(uri: str, access: Access) -> Sequence[str]:
    """Return `uri` itself, or the files that it matches when it is a pattern.

    Raises:
        DataNotFoundError: there is nothing there.
    """
    if access.list_uris(uri):
        return [uri]
    found: list[str] = []
    if is_pattern(uri):
        found = [one for one in access.list_uris(fixed_folder(uri)) if fnmatchcase(one, uri)]
    if not found:
        raise DataNotFoundError(
            f"There is nothing at {uri}: no file of this name, and no folder with files.",
            hint="Give a file, a folder, an s3:// prefix or a pattern of files.",
        )
    return found


def is_pattern(uri: str) -> bool:
    """Say whether `uri` can stand for several files."""
    return any(sign in uri for sign in _WILD)


def fixed_folder(uri: str) -> str:
    """Return the folder that a pattern starts at: what stands before its first sign."""
    first = min((uri.index(sign) for sign in _WILD if sign in uri), default=len(uri))
    return folder_of(uri[:first]) or "."
