"""The cache of measures as a file: a line a content, which is only appended to.

It needs nothing that decodes images, so what was measured before is recalled without it.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import Final, Self

from pydantic import ValidationError, model_validator

from rcl_flow.core.measures import MEASURES_VERSION, ImageMeasures
from rcl_flow.core.values import Frozen
from rcl_flow.files import read_lines

_DIGEST_LENGTH: Final = 64
_BEGIN: Final = '{"sha256":"'
_DIGEST: Final = slice(len(_BEGIN), len(_BEGIN) + _DIGEST_LENGTH)


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


def cache_folder(workspace: Path) -> Path:
    """Return the folder of the cache that all commands in a workspace share."""
    return workspace / "measures"


def cache_path(folder: Path) -> Path:
    """Return the file of the measures that have today's meaning."""
    return folder / f"v{MEASURES_VERSION}.jsonl"


def lines_by_digest(path: Path) -> dict[str, str]:
    """Return the lines that begin as ours do; what they hold is looked at when it is asked for."""
    return {line[_DIGEST]: line for line in read_lines(path) if line.startswith(_BEGIN)}


def parse_line(line: str) -> CachedLine | None:
    """Return what a line holds, or None when it is torn, foreign or of another version."""
    try:
        return CachedLine.model_validate_json(line, strict=True)
    except ValidationError:
        return None


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
