"""Read the few EXIF facts that an audit needs, from any bytes, without ever raising.

Pillow's own reader warns, and warnings cannot be caught safely in threads.

Source: CIPA DC-008 "Exchangeable image file format for digital still cameras" (tags and types).
"""

import re
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

_BYTE, _ASCII, _SHORT, _LONG, _UNDEFINED = 1, 2, 3, 4, 7
_SIZE_BYTES: Final[Mapping[int, int]] = {_BYTE: 1, _ASCII: 1, _SHORT: 2, _LONG: 4, _UNDEFINED: 1}
_MOST_ENTRIES = 512
_LONGEST_TEXT_BYTES = 4096
_MAKE, _MODEL, _ORIENTATION, _SOFTWARE = 0x010F, 0x0110, 0x0112, 0x0131
_EXIF_FOLDER, _CAPTURED_AT, _USER_COMMENT = 0x8769, 0x9003, 0x9286
_FRAMES = 0xB001
_ORIENTATIONS = range(1, 9)
_CAPTURED = re.compile(r"\d{4}:\d\d:\d\d \d\d:\d\d:\d\d")

Entries = dict[int, int | bytes]
"""The values of one directory by tag: a number, or the bytes of a text."""


@dataclass(frozen=True, slots=True)
class Exif:
    """What a file's EXIF data say; the defaults where they say nothing or are broken."""

    orientation: int = 1
    captured_at: str = ""
    camera: str = ""
    software: str = ""
    comment: str = ""


def parse_exif(tiff: bytes) -> Exif:
    """Return the facts in a block of EXIF data, which begins with its byte order."""
    main = _directory(tiff, first=True)
    folder = main.get(_EXIF_FOLDER)
    detail = _directory(tiff, folder) if isinstance(folder, int) else {}
    orientation = main.get(_ORIENTATION)
    captured_at = _text(detail.get(_CAPTURED_AT))
    make, model = _text(main.get(_MAKE)), _text(main.get(_MODEL))
    return Exif(
        orientation=int(orientation) if orientation in _ORIENTATIONS else 1,  # type: ignore[arg-type]  # in the range
        captured_at=captured_at if _CAPTURED.fullmatch(captured_at) else "",
        camera=model if model.startswith(make) else f"{make} {model}".strip(),
        software=_text(main.get(_SOFTWARE)),
        comment=_text(detail.get(_USER_COMMENT)),
    )


def count_pictures(tiff: bytes) -> int:
    """Return how many pictures a block of CIPA's multi-picture format lists, at least 1."""
    count = _directory(tiff, first=True).get(_FRAMES)
    return max(count, 1) if isinstance(count, int) else 1


def _directory(tiff: bytes, offset: int = 0, *, first: bool = False) -> Entries:
    order = {b"II*\0": "<", b"MM\0*": ">"}.get(tiff[:4])
    if order is None:
        return {}
    try:
        start = struct.unpack_from(order + "I", tiff, 4)[0] if first else offset
        (count,) = struct.unpack_from(order + "H", tiff, start)
        rows = range(start + 2, start + 2 + 12 * min(count, _MOST_ENTRIES), 12)
        return {tag: value for row in rows for tag, value in _entry(tiff, row, order)}
    except struct.error:  # it ends before its directory does
        return {}


def _entry(tiff: bytes, row: int, order: str) -> list[tuple[int, int | bytes]]:
    tag, kind, count = struct.unpack_from(order + "HHI", tiff, row)
    size = _SIZE_BYTES.get(kind, 0) * count
    if size == 0:
        return []
    if kind in (_SHORT, _LONG):
        return [
            (tag, struct.unpack_from(order + ("H" if kind == _SHORT else "I"), tiff, row + 8)[0])
        ]
    start = row + 8 if size <= 4 else struct.unpack_from(order + "I", tiff, row + 8)[0]  # noqa: PLR2004  # inline
    return [(tag, tiff[start : start + min(size, _LONGEST_TEXT_BYTES)])]


def _text(value: int | bytes | None) -> str:
    if not isinstance(value, bytes):
        return ""
    shown = value.removeprefix(b"ASCII\0\0\0")
    if value.startswith(b"UNICODE\0"):
        shown = shown[8:].replace(b"\0", b"")  # enough to find plain letters in UTF-16
    text = shown.split(b"\0", 1)[0].decode("utf-8", errors="ignore")
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())
