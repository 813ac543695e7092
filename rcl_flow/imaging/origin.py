"""Find what a file itself says of having been made by a program instead of a camera.

Sources: IPTC "Digital Source Type" (cv.iptc.org/newscodes/digitalsourcetype); C2PA specification
2.1, "Embedding manifests" (JUMBF in APP11 or caBX); the text chunks that the usual generators
write, read in their own sources 2026-11-24.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from rcl_flow.imaging.exif import Exif

_SOURCE_TYPES = re.compile(
    rb"digitalsourcetype/(compositeWithTrainedAlgorithmicMedia|trainedAlgorithmicMedia"
    rb"|algorithmicMedia|compositeSynthetic|virtualRecording)"
)
_GENERATORS: Final = re.compile(
    r"stable.?diffusion|comfyui|automatic1111|invokeai|novelai|midjourney|dall.?e\b|adobe firefly"
    r"|imagen\b|flux\.1|fooocus|\bsdxl\b|blender|unreal engine|unity editor|povray|pov-ray",
    re.IGNORECASE,
)
_TEXT_KEYS: Final[Mapping[str, str]] = {
    "parameters": "Steps: ",
    "prompt": "{",
    "workflow": "{",
    "invokeai_metadata": "{",
    "sd-metadata": "{",
    "Dream": "",
}
"""Keys of PNG texts in which generators keep their settings, and what these hold."""
_TOLD_IN = ("", "Software", "Comment", "Source")
_OWN_MARK = "rcl-flow:parent="
_LONGEST = 200


@dataclass(frozen=True, slots=True)
class Metadata:
    """What stands in a file beside its pixels."""

    exif: Exif = field(default_factory=Exif)
    frames: int = 1
    texts: tuple[tuple[str, str], ...] = ()
    """Comments, and PNG's texts with their keys; a JPEG's comments have an empty key."""
    statements: tuple[bytes, ...] = ()
    """XMP packets and C2PA manifests, as they are."""


def origin_of(metadata: Metadata) -> str:
    """Return the first evidence that a program generated the picture, or an empty text."""
    return next(_evidence(metadata), "")[:_LONGEST]


def _evidence(metadata: Metadata) -> Iterator[str]:
    for statement in metadata.statements:
        for kind in _SOURCE_TYPES.findall(statement):
            yield f"its source type is {kind.decode()}"
    for key, text in metadata.texts:
        yield from _evidence_in_text(key, text)
    if _GENERATORS.search(metadata.exif.software):
        yield f"its EXIF software is {metadata.exif.software}"
    if "Steps: " in metadata.exif.comment and "Sampler: " in metadata.exif.comment:
        yield "a generator's settings stand in its EXIF comment"


def _evidence_in_text(key: str, text: str) -> Iterator[str]:
    if text.startswith(_OWN_MARK):
        yield text
    elif key in _TEXT_KEYS and _TEXT_KEYS[key] in text:
        yield f"a generator's settings stand in its text {key!r}"
    elif key in _TOLD_IN:
        named = _GENERATORS.search(text)
        if named:
            yield f"its text {key!r} names {named[0]}" if key else f"its comment names {named[0]}"
