"""Take a PNG file apart: its size, its metadata, and the chunks that hold its pixels.

What is no pixel is kept from Pillow, which parses and warns of it on its own, in any thread.

Source: W3C "Portable Network Graphics (PNG) Specification (Third Edition)" (chunks); C2PA
specification 2.1 (caBX).
"""

import zlib
from collections.abc import Iterator
from dataclasses import dataclass

from rcl_flow.imaging.exif import Exif, parse_exif
from rcl_flow.imaging.origin import Metadata

SIGNATURE = b"\x89PNG\r\n\x1a\n"
_LONGEST_TEXT_BYTES = 65_536
_ANCILLARY = 0x20
_XMP_KEY = "XML:com.adobe.xmp"


@dataclass(frozen=True, slots=True)
class PngFile:
    """The parts of a PNG file."""

    width: int
    height: int
    pixels: bytes
    """The file without its metadata and without its transparency."""
    whole: bool
    """It has an end, and its metadata's checksums are right."""
    metadata: Metadata


@dataclass(frozen=True, slots=True)
class _Chunk:
    kind: bytes
    whole: memoryview
    """With length, kind and checksum."""

    @property
    def content(self) -> bytes:
        return bytes(self.whole[8:-4])

    @property
    def critical(self) -> bool:
        return not self.kind[0] & _ANCILLARY

    @property
    def sound(self) -> bool:
        return zlib.crc32(self.whole[4:-4]) == int.from_bytes(self.whole[-4:])


def parse_png(content: bytes) -> PngFile | None:
    """Return the parts of a PNG file; None where it does not begin with its header."""
    chunks = list(_chunks(content))
    header = chunks[0].content if chunks and chunks[0].kind == b"IHDR" else b""
    if len(header) < 8:  # noqa: PLR2004  # the size
        return None
    kept = [chunk.whole for chunk in chunks if chunk.critical]
    others = [chunk for chunk in chunks if not chunk.critical]
    read = sum(len(chunk.whole) for chunk in chunks) + len(SIGNATURE)
    ended = chunks[-1].kind == b"IEND"
    rest = b"" if ended else content[read:]
    return PngFile(
        width=int.from_bytes(header[:4]),
        height=int.from_bytes(header[4:8]),
        pixels=b"".join([SIGNATURE, *kept, rest]) if others else content,
        whole=ended and all(chunk.sound for chunk in others),
        metadata=_metadata(others),
    )


def _chunks(content: bytes) -> Iterator[_Chunk]:
    place, whole = len(SIGNATURE), memoryview(content)
    while place + 12 <= len(content):
        after = place + 12 + int.from_bytes(content[place : place + 4])
        if after > len(content):
            return
        kind = content[place + 4 : place + 8]
        yield _Chunk(kind, whole[place:after])
        if kind == b"IEND":
            return
        place = after


def _metadata(chunks: list[_Chunk]) -> Metadata:
    by_kind = {chunk.kind: chunk.content for chunk in reversed(chunks)}
    animation = by_kind.get(b"acTL", b"")
    texts = [_text(chunk) for chunk in chunks if chunk.kind in (b"tEXt", b"zTXt", b"iTXt")]
    packets = [text.encode() for key, text in texts if key == _XMP_KEY]
    return Metadata(
        exif=parse_exif(by_kind[b"eXIf"]) if b"eXIf" in by_kind else Exif(),
        frames=max(int.from_bytes(animation[:4]), 1),
        texts=tuple((key, text) for key, text in texts if key != _XMP_KEY),
        statements=(*packets, *(c.content for c in chunks if c.kind == b"caBX")),
    )


def _text(chunk: _Chunk) -> tuple[str, str]:
    key, _, rest = chunk.content.partition(b"\0")
    packed = chunk.kind == b"zTXt"
    if chunk.kind == b"iTXt":
        packed, rest = rest[:1] == b"\1", rest[2:].split(b"\0", 2)[-1]
    elif packed:
        rest = rest[1:]
    if packed:
        rest = _unpacked(rest)
    return key.decode("latin-1"), rest[:_LONGEST_TEXT_BYTES].decode("utf-8", errors="replace")


def _unpacked(packed: bytes) -> bytes:
    try:
        return zlib.decompressobj().decompress(packed, _LONGEST_TEXT_BYTES)
    except zlib.error:
        return b""
