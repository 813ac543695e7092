"""Take a JPEG file apart: its frame, its metadata, and the bytes that hold its pixels.

What is no pixel is kept from Pillow, which parses and warns of it on its own, in any thread.

Source: ITU-T T.81 annex B (markers); CIPA DC-007 (multi-picture format); libjpeg's
`default_decompress_parms` (which colours three components are).
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from rcl_flow.imaging.exif import Exif, count_pictures, parse_exif
from rcl_flow.imaging.origin import Metadata

SIGNATURE = b"\xff\xd8\xff"
_SOI, _EOI, _SOS, _COMMENT, _FILL = 0xD8, 0xD9, 0xDA, 0xFE, 0xFF
_APP0, _APP1, _APP2, _APP11, _APP14, _APP15 = 0xE0, 0xE1, 0xE2, 0xEB, 0xEE, 0xEF
_RESTARTS = range(0xD0, 0xD8)
_RESTART_BITS = 0xF8
_STANDALONE = {0x01, _SOI, *_RESTARTS}
_FRAMES = {*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC}
_SEQUENTIAL = (0xC0, 0xC1)
_OF_WAVES = (0xC0, 0xC1, 0xC2, 0xC9, 0xCA)
_BETWEEN_SCANS = {0xC4, 0xCC, _SOS, 0xDB, 0xDC, 0xDD, *range(_APP0, _APP15 + 1), _COMMENT}
_EXIF, _XMP, _MPF = b"Exif\0\0", b"http://ns.adobe.com/xap/1.0/\0", b"MPF\0"
_RGB_LETTERS = bytes([82, 71, 66])
_THREE = 3
_PADDING = bytes(16)
"""A decoder looks up to eight bytes ahead."""

_NO_METADATA = Metadata()

Places = npt.NDArray[np.intp]


@dataclass(slots=True)
class _Header:
    """What was found before the first scan."""

    frame_marker: int = 0
    frame: bytes = b""
    adobe: bytes = b""
    jfif: bool = False
    whole: bool = True
    scan_start: int = 0
    kept: list[bytes] = field(default_factory=list)
    dropped: list[tuple[int, bytes]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class JpegFile:
    """The parts of a JPEG file."""

    width: int
    height: int
    precision_bits: int
    """Of a sample."""
    components: int
    """How many colours a pixel has."""
    scalable: bool
    """It is stored as waves, so that it can be had at a reduced scale."""
    luma_chroma: bool
    """Its colours are stored as luma and chroma, so that they can be had as such."""
    whole: bool
    """Its markers are where they belong, and it has an end."""
    metadata: Metadata
    _head: bytes | None
    """What stands before the scans, without metadata; None where there are none to leave out."""
    _content: bytes
    _scan_start: int
    _scan_end: int
    _one_scan: bool

    @property
    def pixels(self) -> bytes:
        """The file without its metadata."""
        if self._head is None:
            return self._content
        return self._head + memoryview(self._content)[self._scan_start :]

    @property
    def unended(self) -> bytes:
        """The same with padding in place of the marker that ends its only scan.

        At a marker a decoder makes missing data up in silence; without one it complains. Empty
        where there are more scans.
        """
        if not self._one_scan:
            return b""
        scans = memoryview(self._content)[: self._scan_end]
        if self._head is None:
            return b"".join([scans, _PADDING])
        return b"".join([self._head, scans[self._scan_start :], _PADDING])


def parse_jpeg(content: bytes) -> JpegFile | None:
    """Return the parts of a JPEG file; None where it has no whole header."""
    header = _header(content)
    if header is None:
        return None
    start, (first, whole) = header.scan_start, _scans(content, header.scan_start)
    frame = header.frame
    components = frame[5]
    return JpegFile(
        width=int.from_bytes(frame[3:5]),
        height=int.from_bytes(frame[1:3]),
        precision_bits=frame[0],
        components=components,
        scalable=header.frame_marker in _OF_WAVES,
        luma_chroma=components == _THREE and not _is_rgb(header),
        whole=header.whole and whole,
        metadata=_metadata(header.dropped) if header.dropped else _NO_METADATA,
        _head=b"".join([content[:2], *header.kept]) if header.dropped else None,
        _content=content,
        _scan_start=start,
        _scan_end=first,
        _one_scan=header.frame_marker in _SEQUENTIAL and content[start + 4] == components,
    )


def _header(content: bytes) -> _Header | None:
    header = _Header()
    for marker, start, payload in _segments(content, header):
        if marker == _SOS:
            header.scan_start = start
            return header if header.frame and len(payload) > 1 else None
        _sort(marker, payload, content[start : start + 4 + len(payload)], header)
    return None


def _segments(content: bytes, header: _Header) -> Iterator[tuple[int, int, bytes]]:
    """Yield marker, place and payload of the segments up to the first scan's."""
    place = content.find(_FILL, 2)
    while 0 <= place < len(content) - 3:
        marker = content[place + 1]
        if marker == _FILL or marker in _STANDALONE:
            place += 1 if marker == _FILL else 2
            continue
        length = int.from_bytes(content[place + 2 : place + 4])
        after = place + 2 + length
        if marker in (0, _EOI) or length < 2 or after > len(content):  # noqa: PLR2004  # itself
            return
        yield marker, place, content[place + 4 : after]
        place = content.find(_FILL, after)
        header.whole = header.whole and place == after


def _sort(marker: int, payload: bytes, segment: bytes, header: _Header) -> None:
    if marker == _COMMENT or (_APP1 <= marker <= _APP15 and marker != _APP14):
        header.dropped.append((marker, payload))
        return
    header.kept.append(segment)
    if marker in _FRAMES and len(payload) > 5:  # noqa: PLR2004  # the fixed part of a frame
        header.frame_marker, header.frame = marker, payload
    elif marker == _APP14 and payload.startswith(b"Adobe"):
        header.adobe = payload
    elif marker == _APP0 and payload.startswith(b"JFIF"):
        header.jfif = True


def _scans(content: bytes, start: int) -> tuple[int, bool]:
    """Return where the first scan ends, and whether all of them and the file end as they should."""
    start += 2  # behind the marker of the scan itself
    scans = np.frombuffer(content, np.uint8, offset=start)
    # 0xFF is followed by 0 where it is no marker
    marked = scans[1:] != 0
    marked &= scans[:-1] == _FILL
    place = int(marked.argmax())
    if marked[place] and scans[place + 1] == _EOI:
        return start + place, True
    return _several_scans(content, start, np.flatnonzero(marked))


def _several_scans(content: bytes, start: int, places: Places) -> tuple[int, bool]:
    """Tell the same of scans with further markers, whose places are given."""
    markers = np.frombuffer(content, np.uint8, offset=start)[places + 1]
    real = (markers != _FILL) & (markers & _RESTART_BITS != _RESTARTS[0])
    first, after = 0, 0
    for place, marker in zip(places[real].tolist(), markers[real].tolist(), strict=True):
        if place < after:
            continue
        first = first or start + int(place)
        if marker == _EOI or marker not in _BETWEEN_SCANS:
            return first, marker == _EOI
        after = place + 2 + int.from_bytes(content[start + place + 2 : start + place + 4])
    return first or len(content), False


def _is_rgb(header: _Header) -> bool:
    if header.jfif:
        return False
    if len(header.adobe) > 11:  # noqa: PLR2004  # where the transform stands
        return header.adobe[11] == 0
    return bytes(header.frame[6:15:3]) == _RGB_LETTERS


def _metadata(segments: list[tuple[int, bytes]]) -> Metadata:
    exif = b"".join(
        part.removeprefix(_EXIF) for m, part in segments if m == _APP1 and part.startswith(_EXIF)
    )
    listed = [part[4:] for m, part in segments if m == _APP2 and part.startswith(_MPF)]
    return Metadata(
        exif=parse_exif(exif) if exif else Exif(),
        frames=count_pictures(listed[0]) if listed else 1,
        texts=tuple(
            ("", part.decode("utf-8", errors="replace")) for m, part in segments if m == _COMMENT
        ),
        statements=tuple(
            part
            for marker, part in segments
            if marker == _APP11 or (marker == _APP1 and part.startswith(_XMP))
        ),
    )
