"""Tell the format of a source from its names and its first bytes."""

import re
from collections.abc import Iterator, Sequence
from typing import Final

from rcl_flow.core.source_kinds import SourceKind
from rcl_flow.errors import ConfigError
from rcl_flow.formats.access import Access
from rcl_flow.formats.csv import names_images
from rcl_flow.formats.folder import SIDECAR
from rcl_flow.formats.places import is_image_name, name_below, suffix_of
from rcl_flow.formats.reading import READERS, expand
from rcl_flow.formats.voc import ANNOTATIONS
from rcl_flow.formats.yolo_layout import CLASSES, DESCRIPTIONS

_BY_SUFFIX: Final[dict[str, SourceKind]] = {
    ".manifest": "manifest",
    ".jsonl": "manifest",
    ".csv": "csv",
    ".tsv": "csv",
    ".yaml": "yolo",
    ".yml": "yolo",
}
_BY_CONTENT: Final = (".json", ".xml")
_LINE_START: Final = re.compile(rb"\s*\{.{0,100000}?\"source-ref\"")
_OTHER_JSON: Final = re.compile(rb"\{\s*\"(?:\$schema|format_version)\"\s*:")
"""How JSON Schemas begin, and the files that this program writes itself."""
_COCO_IMAGES: Final = re.compile(rb"\"images\"\s*:\s*\[\s*(?:[{\]]|\Z)")
_TASKS: Final = re.compile(rb"\[\s*(?:[{\]]|\Z)")
_START_BYTES: Final = 4096
Found = tuple[SourceKind, str]
"""A format, and the file or folder to read."""


def detect_source(uri: str, access: Access) -> Found:
    """Return the format of a source and where exactly it starts.

    Args:
        uri: the source.
        access: how files are reached.

    Raises:
        DataNotFoundError: there is nothing at `uri`.
        ConfigError: it may be several formats, or none.
    """
    uris = expand(uri, access)
    if uris != [uri]:
        kinds = {kind for one in uris for kind in _kinds_of_file(one, access)}
        kinds = kinds or ({"folder"} if any(map(is_image_name, uris)) else set())
        return _only(uri, [(kind, uri) for kind in sorted(kinds)])
    listed = access.list_uris(uri)
    if list(listed) == [uri]:
        return _only(uri, [(kind, uri) for kind in _kinds_of_file(uri, access)])
    return _only(uri, list(_kinds_of_folder(uri, listed, access)))


def _only(uri: str, found: Sequence[Found]) -> Found:
    if len(found) == 1:
        return found[0]
    seen = ", ".join(f"{kind} ({where})" for kind, where in found[:6])
    raise ConfigError(
        f"{uri} may be of several formats: {seen}."
        if found
        else f"The format of {uri} is not known.",
        hint=f"Name it with --format: {', '.join(READERS)}.",
    )


def _kinds_of_folder(uri: str, listed: Sequence[str], access: Access) -> Iterator[Found]:
    names = {name: one for one in listed if (name := name_below(one, uri)) is not None}
    files = [
        (kind, one)
        for name, one in sorted(names.items())
        if "/" not in name and name not in (SIDECAR, *DESCRIPTIONS)
        for kind in _kinds_of_file(one, access)
        if kind != "voc" and (suffix_of(one) != ".tsv" or names_images(access.open_bytes(one)))
    ]
    yolo = any(name in names for name in (*DESCRIPTIONS, CLASSES))
    voc = any(name.startswith(f"{ANNOTATIONS}/") and name.endswith(".xml") for name in names)
    beside = not files and any("/" not in name and name.endswith(".xml") for name in names)
    yield from files
    if yolo:
        yield "yolo", uri
    if voc or beside:
        yield "voc", uri
    if not files and not yolo and not voc and not beside and any(map(is_image_name, names)):
        yield "folder", uri


def _kinds_of_file(uri: str, access: Access) -> Sequence[SourceKind]:
    suffix = suffix_of(uri)
    if suffix in _BY_SUFFIX:
        return (_BY_SUFFIX[suffix],)
    if suffix not in _BY_CONTENT:
        return ()
    content = access.open_bytes(uri).lstrip(b"\xef\xbb\xbf \t\r\n")
    kind = _kind_of_json(content) if suffix == ".json" else _kind_of_xml(content[:_START_BYTES])
    return (kind,) if kind else ()


def _kind_of_json(content: bytes) -> SourceKind | None:
    if _TASKS.match(content):
        return "label-studio"
    if _LINE_START.match(content.split(b"\n", 1)[0]):
        return "manifest"
    is_coco = not _OTHER_JSON.match(content) and _COCO_IMAGES.search(content)
    return "coco" if is_coco else None


def _kind_of_xml(start: bytes) -> SourceKind | None:
    root = re.search(rb"<([A-Za-z]+)[\s>]", start)
    if root is None:
        return None
    kinds: dict[bytes, SourceKind] = {b"annotations": "cvat", b"annotation": "voc"}
    return kinds.get(root[1])
