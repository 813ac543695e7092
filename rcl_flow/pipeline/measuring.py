"""Measure images in threads, each content once: measures are cached by digest in the workspace."""

import hashlib
import os
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from rcl_flow.core.measures import MEASURES_VERSION, ImageMeasures
from rcl_flow.errors import AwsRefusedError, DataNotFoundError
from rcl_flow.files import append_lines
from rcl_flow.imaging.measuring import UnusableContent, measure_image
from rcl_flow.pipeline.executors import map_in_threads
from rcl_flow.pipeline.measure_lines import (
    CachedLine,
    cache_folder,
    cache_path,
    lines_by_digest,
    parse_line,
)

_CONCURRENCY = 8
_BATCH = 256

T = TypeVar("T")
Found = ImageMeasures | UnusableContent


@dataclass(frozen=True, slots=True)
class MeasuredContent:
    """What the bytes of an image turned out to be."""

    sha256: str
    """The digest of the bytes; an empty text when they could not be read."""
    size_bytes: int
    found: Found


class MeasureCache:
    """The measures of contents that were seen before, and of those seen now.

    The file is only appended to. A line that is torn, foreign or of another version counts as
    absent; of two lines for one digest the later one counts.
    """

    def __init__(self, folder: Path | None = None) -> None:
        """Open the cache in `folder`; without one nothing outlives the process."""
        self._path = cache_path(folder) if folder else None
        self._lines = lines_by_digest(self._path) if self._path else {}
        self._known: dict[str, ImageMeasures] = {}
        self._waiting: dict[str, Found] = {}
        self._lock = threading.Lock()
        self._decoding = threading.BoundedSemaphore(os.cpu_count() or 1)

    @property
    def known(self) -> Mapping[str, ImageMeasures]:
        """The measures by digest of every usable content that was asked for."""
        return self._known

    def measure(self, content: bytes) -> MeasuredContent:
        """Return the measures of `content`, decoding it only when it is new; safe in threads."""
        sha256 = hashlib.sha256(content).hexdigest()
        found = self._find(sha256)
        if found is None:
            # as many pictures at a time as there are processors bounds the memory
            with self._decoding:
                found = measure_image(content)
            with self._lock:
                self._waiting[sha256] = found
        if isinstance(found, ImageMeasures):
            with self._lock:
                self._known[sha256] = found
        return MeasuredContent(sha256, len(content), found)

    def save(self, *, at_least: int = 1) -> None:
        """Append what is new to the file, when there are `at_least` so many.

        Raises:
            LocalFilesError: the file cannot be written.
        """
        with self._lock:
            if self._path is None or len(self._waiting) < at_least:
                return
            lines = [_format_line(sha256, found) for sha256, found in self._waiting.items()]
            append_lines(self._path, lines)
            self._lines.update(zip(self._waiting, lines, strict=True))
            self._waiting.clear()

    def _find(self, sha256: str) -> Found | None:
        with self._lock:
            found = self._known.get(sha256) or self._waiting.get(sha256)
            line = self._lines.get(sha256)
        return _parse_line(line) if found is None and line is not None else found


def workspace_cache(workspace: Path) -> MeasureCache:
    """Return the cache that all commands in a workspace share."""
    return MeasureCache(cache_folder(workspace))


def measure_all(
    items: Iterable[T], read: Callable[[T], bytes], cache: MeasureCache
) -> Iterator[tuple[T, MeasuredContent]]:
    """Yield every item with what its bytes are, as they become ready, in no particular order.

    What cannot be read is unusable, with the reason. Few contents are in memory at a time. What
    is new is saved now and then and at the end, also when the consumer stops early.

    Args:
        items: anything that stands for an image.
        read: gives an item's bytes; called in threads.
        cache: knows contents that were measured before.

    Raises:
        LocalFilesError: the cache cannot be written.
    """

    def measure(item: T) -> tuple[T, MeasuredContent]:
        try:
            content = read(item)
        except (DataNotFoundError, AwsRefusedError) as error:
            return item, MeasuredContent("", 0, UnusableContent(error.message))
        return item, cache.measure(content)

    try:
        for measured in map_in_threads(measure, items, concurrency=_CONCURRENCY):
            yield measured
            cache.save(at_least=_BATCH)
    finally:
        cache.save()


def _format_line(sha256: str, found: Found) -> str:
    given = {"reason": found.reason} if isinstance(found, UnusableContent) else {"measures": found}
    line = CachedLine(sha256=sha256, version=MEASURES_VERSION, **given)
    return line.model_dump_json(exclude_defaults=True)


def _parse_line(line: str) -> Found | None:
    cached = parse_line(line)
    return (cached.measures or UnusableContent(cached.reason)) if cached else None
