"""Measure images in threads, each content once: measures are cached by digest in the workspace."""

import hashlib
import os
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TypeVar

from rcl_flow.aws.errors import tells_of_one_object
from rcl_flow.core.measures import MEASURES_VERSION, ImageMeasures
from rcl_flow.errors import (
    AwsRefusedError,
    DataNotFoundError,
)
from rcl_flow.files import append_lines, read_lines
from rcl_flow.imaging.measuring import (
    DecodedImage,
    UnusableContent,
    decode_image,
    measure_decoded,
)
from rcl_flow.pipeline.images.known_lines import KnownLines
from rcl_flow.pipeline.images.measure_lines import (
    CachedLine,
    ObjectVersion,
    SeenObject,
    cache_folder,
    cache_path,
    format_line,
    lines_by_digest,
    objects_path,
    parse_line,
    seen_objects,
)
from rcl_flow.pipeline.images.other_machines import OtherMachines
from rcl_flow.pipeline.runs.services import Services
from rcl_flow.pipeline.sharding.executors import map_in_threads

_CONCURRENCY = 8
_BATCH = 256
_TOGETHER = 8
"""Images that a thread decodes before it measures them."""

T = TypeVar("T")
Found = ImageMeasures | UnusableContent


@dataclass(frozen=True, slots=True)
class MeasuredContent:
    """What the bytes of an image turned out to be."""

    sha256: str
    """The digest of the bytes; an empty text when they could not be read."""
    size_bytes: int
    found: Found


@dataclass(frozen=True, slots=True)
class BegunContent:
    """A content of which everything is known, or that was decoded."""

    sha256: str
    size_bytes: int
    found: Found | DecodedImage
    is_new: bool = False


class MeasureCache:
    """The measures of contents that were seen before, and of those seen now.

    The files are only appended to. A line that is torn, foreign or of another version counts as
    absent; of two lines for one digest the later one counts. What the bytes of an object in S3
    were is remembered as well, by its ETag.
    """

    def __init__(self, folder: Path | None = None, others: OtherMachines | None = None) -> None:
        """Open the cache in `folder`; without one nothing outlives the process.

        Args:
            folder: of the cache's files.
            others: know what is measured here, too, and may measure in its place.
        """
        self.others = others
        self._folder = folder
        self._lines = KnownLines(cache_path(folder) if folder else None)
        self._objects = seen_objects(read_lines(objects_path(folder))) if folder else {}
        self._known: dict[str, ImageMeasures] = {}
        self._waiting: dict[str, Found] = {}
        self._waiting_objects: dict[ObjectVersion, SeenObject] = {}
        self._lock = threading.Lock()
        self._decoding = threading.BoundedSemaphore(os.cpu_count() or 1)

    @property
    def known(self) -> Mapping[str, ImageMeasures]:
        """The measures by digest of every usable content that was asked for."""
        return self._known

    def measure(self, content: bytes) -> MeasuredContent:
        """Return the measures of `content`, decoding it only when it is new; safe in threads."""
        return self.finish([self.begin(content)])[0]

    def begin(self, content: bytes) -> BegunContent:
        """Decode `content` when it is new; after this it need not be kept."""
        sha256, size_bytes = hashlib.sha256(content).hexdigest(), len(content)
        known = self._find(sha256)
        if known is not None:
            return BegunContent(sha256, size_bytes, known)
        # as many pictures at a time as there are processors bounds the memory
        with self._decoding:
            return BegunContent(sha256, size_bytes, decode_image(content), is_new=True)

    def finish(self, begun: Sequence[BegunContent]) -> list[MeasuredContent]:
        """Return the measures of several contents, measuring together those that are new."""
        # an equal content may have been faster meanwhile
        new = {each.sha256: each.found for each in begun
               if each.is_new and self._find(each.sha256) is None}  # fmt: skip
        decoded = {one: found for one, found in new.items() if isinstance(found, DecodedImage)}
        fresh: dict[str, Found] = {
            one: found for one, found in new.items() if isinstance(found, UnusableContent)
        }
        fresh.update(zip(decoded, measure_decoded([*decoded.values()]), strict=True))
        with self._lock:
            self._waiting.update(fresh)
        return [
            self._asked_for(each.sha256, each.size_bytes, self._found(each, fresh))
            for each in begun
        ]

    def _found(self, begun: BegunContent, fresh: Mapping[str, Found]) -> Found:
        found = fresh.get(begun.sha256) or begun.found
        if isinstance(found, DecodedImage):
            found = self._find(begun.sha256) or measure_decoded([found])[0]
        return found

    def recall(self, sha256: str, size_bytes: int) -> MeasuredContent | None:
        """Return what is known of a content, or None when it was never measured."""
        found = self._find(sha256)
        return None if found is None else self._asked_for(sha256, size_bytes, found)

    def recall_object(self, version: ObjectVersion) -> MeasuredContent | None:
        """Return what is known of an object's bytes, or None when they have to be read."""
        seen = self._objects.get(version)
        return self.recall(seen.sha256, seen.size_bytes) if seen else None

    def remember(self, seen: SeenObject) -> None:
        """Remember what the bytes of an object were when they were read and measured."""
        with self._lock:
            if self._objects.get(seen.version) != seen:
                self._objects[seen.version] = self._waiting_objects[seen.version] = seen

    def lines(self) -> list[str]:
        """Return what is new as lines for a cache, and forget that it is new."""
        with self._lock:
            measures = self._new_measures()
            self._lines.add(measures)
            return [*measures.values(), *self._new_objects()]

    def save(self, *, at_least: int = 1) -> None:
        """Append what is new to the files, when there are `at_least` so many, and tell others.

        Raises:
            LocalFilesError: a file cannot be written.
            StoreError: others cannot be told.
        """
        with self._lock:
            new = len(self._waiting) + len(self._waiting_objects)
            if self._folder is None or new < at_least:
                return
            measures, objects = self._new_measures(), self._new_objects()
            self._append(measures, objects)
        if self.others is not None:
            self.others.give([*measures.values(), *objects])

    def take(self) -> None:
        """Learn what other machines have measured.

        Raises:
            LocalFilesError: a file cannot be written.
            StoreError: the store cannot be read.
        """
        lines = list(self.others.take()) if self.others else []
        measures, objects = lines_by_digest(lines), seen_objects(lines)
        with self._lock:
            measures = {one: line for one, line in measures.items() if one not in self._lines}
            objects = {one: seen for one, seen in objects.items() if one not in self._objects}
            self._objects.update(objects)
            self._append(measures, list(map(format_line, objects.values())))

    def _append(self, measures: dict[str, str], objects: list[str]) -> None:
        # measures first: an object of which they are not known is read again
        for path_of, lines in ((cache_path, [*measures.values()]), (objects_path, objects)):
            if lines and self._folder is not None:
                append_lines(path_of(self._folder), lines)
        self._lines.add(measures)

    def _new_measures(self) -> dict[str, str]:
        lines = {sha256: _format(sha256, found) for sha256, found in self._waiting.items()}
        self._waiting.clear()
        return lines

    def _new_objects(self) -> list[str]:
        lines = [format_line(seen) for seen in self._waiting_objects.values()]
        self._waiting_objects.clear()
        return lines

    def _asked_for(self, sha256: str, size_bytes: int, found: Found) -> MeasuredContent:
        if isinstance(found, ImageMeasures):
            with self._lock:
                self._known[sha256] = found
        return MeasuredContent(sha256, size_bytes, found)

    def _find(self, sha256: str) -> Found | None:
        with self._lock:
            found = self._known.get(sha256) or self._waiting.get(sha256)
        line = self._lines.get(sha256) if found is None else None
        return found if line is None else _parse_line(line)


def workspace_cache(workspace: Path) -> MeasureCache:
    """Return the cache that all commands in a workspace share."""
    return MeasureCache(cache_folder(workspace))


def shared_cache(services: Services, shard_size: int) -> MeasureCache:
    """Return the cache of the services' workspace, which others know, too, and help to fill.

    Args:
        services: whose store is shared, or whose executor measures; else it is the workspace's.
        shard_size: more images than so many are handed to the executor.
    """
    return MeasureCache(cache_folder(services.workspace), OtherMachines(services, shard_size))


def measure_all(
    items: Iterable[T],
    read: Callable[[T], bytes],
    cache: MeasureCache,
    *,
    concurrency: int = _CONCURRENCY,
) -> Iterator[tuple[T, MeasuredContent]]:
    """Yield every item with what its bytes are, as they become ready, in no particular order.

    What cannot be read is unusable, with the reason. Few contents are in memory at a time. What
    is new is saved now and then and at the end, also when the consumer stops early.

    Args:
        items: anything that stands for an image.
        read: gives an item's bytes; called in threads.
        cache: knows contents that were measured before.
        concurrency: how many are under way at once.

    Raises:
        LocalFilesError: the cache cannot be written.
        CredentialsError: AWS does not know who asks: of no image can anything be said.
        AwsUnreachableError: AWS does not answer.
        AwsRefusedError: it is too busy to, or broken, even after all tries.
    """

    def begin(item: T) -> BegunContent:
        try:
            content = read(item)
        except (DataNotFoundError, AwsRefusedError) as error:
            if not tells_of_one_object(error):
                raise
            return BegunContent("", 0, UnusableContent(error.message))
        return cache.begin(content)

    def measure(group: Sequence[T]) -> list[tuple[T, MeasuredContent]]:
        return [*zip(group, cache.finish([begin(item) for item in group]), strict=True)]

    try:
        for group in map_in_threads(measure, _groups(items, concurrency), concurrency=concurrency):
            yield from group
            cache.save(at_least=_BATCH)
    finally:
        cache.save()


def _groups(items: Iterable[T], concurrency: int) -> Iterator[list[T]]:
    """Yield few items at a time, and at first one, so that no thread waits for another's."""
    waiting, begun = iter(items), 0
    while group := list(islice(waiting, min(max(begun // (2 * concurrency), 1), _TOGETHER))):
        begun += len(group)
        yield group


def _format(sha256: str, found: Found) -> str:
    given = {"reason": found.reason} if isinstance(found, UnusableContent) else {"measures": found}
    return format_line(CachedLine(sha256=sha256, version=MEASURES_VERSION, **given))


def _parse_line(line: str) -> Found | None:
    cached = parse_line(line)
    return (cached.measures or UnusableContent(cached.reason)) if cached else None
