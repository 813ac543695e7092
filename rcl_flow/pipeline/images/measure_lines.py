"""The cache of measures as files: a line a content, a line an object, which are only appended to.

They need nothing that decodes images, so what was measured before is recalled without it.
"""

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Final, Self, TypeVar

from pydantic import ValidationError, model_validator

from rcl_flow.core.measures import MEASURES_VERSION, ImageMeasures
from rcl_flow.core.values import Frozen
from rcl_flow.files import read_lines

_DIGEST_LENGTH: Final = 64
_BEGIN: Final = '{"sha256":"'
_BEGIN_SEEN: Final = '{"uri":"'
_DIGEST: Final = slice(len(_BEGIN), len(_BEGIN) + _DIGEST_LENGTH)
_IS_DIGEST: Final = re.compile(r"[0-9a-f]{64}")

L = TypeVar("L", bound=Frozen)


class CachedLine(Frozen):
    """One line of the cache."""

    sha256: str
    version: int
    measures: ImageMeasures | None = None
    reason: str = ""
    """Why the content is unusable; an empty text when it is not."""

    @model_validator(mode="after")
    def _has_one(self) -> Self:
        if (self.measures is None) != bool(self.reason):
            raise ValueError("there are either measures or a reason")
        if self.version != MEASURES_VERSION:
            raise ValueError("it was measured in another way")
        return self


class SeenObject(Frozen):
    """An object in S3, and what its bytes were when they were read."""

    uri: str
    tag: str
    """Its ETag: other bytes have another one."""
    size_bytes: int
    sha256: str

    @property
    def version(self) -> "ObjectVersion":
        """What a listing can say of it."""
        return (self.uri, self.tag, self.size_bytes)


ObjectVersion = tuple[str, str, int]
"""URI, ETag and size in bytes."""


def cache_folder(workspace: Path) -> Path:
    """Return the folder of the cache that all commands in a workspace share."""
    return workspace / "measures"


def cache_path(folder: Path) -> Path:
    """Return the file of the measures that have today's meaning."""
    return folder / f"v{MEASURES_VERSION}.jsonl"


def objects_path(folder: Path) -> Path:
    """Return the file of the objects that were read; it means the same in every version."""
    return folder / "objects.jsonl"


def digest_of_line(line: str) -> str:
    """Return the digest that a line is about, or an empty text when it is not one of ours."""
    digest = line[_DIGEST]
    return digest if line.startswith(_BEGIN) and _IS_DIGEST.fullmatch(digest) else ""


def lines_by_digest(lines: Iterable[str]) -> dict[str, str]:
    """Return the lines that begin as ours do; what they hold is looked at when it is asked for."""
    found = {digest_of_line(line): line for line in lines}
    found.pop("", None)
    return found


def seen_objects(lines: Iterable[str]) -> dict[ObjectVersion, SeenObject]:
    """Return the objects that lines tell of; other lines are dropped."""
    ours = (line for line in lines if line.startswith(_BEGIN_SEEN))
    seen = (_parse(line, SeenObject) for line in ours)
    return {each.version: each for each in seen if each is not None}


def parse_line(line: str) -> CachedLine | None:
    """Return what a line holds, or None when it is torn, foreign or of another version."""
    return _parse(line, CachedLine)


def format_line(value: CachedLine | SeenObject) -> str:
    """Return a line of the cache, without its end."""
    return value.model_dump_json(exclude_defaults=True)


def recall_measures(workspace: Path, digests: Iterable[str]) -> dict[str, ImageMeasures]:
    """Return the measures of usable contents that were seen before; others are left out.

    Args:
        workspace: whose cache knows them.
        digests: of the contents.
    """
    wanted = set(digests)
    lines = read_lines(cache_path(cache_folder(workspace)))
    found = {line[_DIGEST]: line for line in lines if line[_DIGEST] in wanted}
    parsed = ((sha256, parse_line(line)) for sha256, line in found.items())
    return {sha256: line.measures for sha256, line in parsed if line and line.measures}


def _parse(line: str, kind: type[L]) -> L | None:
    try:
        return kind.model_validate_json(line, strict=True)
    except ValidationError:
        return None
