"""What tells a dataset's entries from the manifest that it shall hold, and how it is sent.

Source: developer guide, UpdateDatasetEntries and ListDatasetEntries (archived text, read
2026-11-23): an entry is known by its `source-ref`, is replaced as a whole, and cannot be deleted.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

import orjson

from rcl_flow.core.datasets.manifest import ManifestLine, SkippedLine, parse_manifest
from rcl_flow.core.training.training_errors import cause_and_cure, reported

MAX_CHANGES_BYTES: Final = 5_000_000
"""The changes of one call stay below this.

Source: API reference, DatasetChanges: "less than 5 MB" (archived text, read 2026-11-23); the shape
allows 5,242,880 bytes, so the smaller meaning of a megabyte is safe.
"""
ERROR_KEYS: Final = frozenset({"cl-errors"})
"""Under which an entry holds what the service found wrong with it."""


@dataclass(frozen=True, slots=True)
class DatasetDelta:
    """What has to change in a dataset; lines are those of the manifest, without line ends."""

    added: tuple[bytes, ...]
    """Of images that the dataset does not have, in the manifest's order, as the next."""
    changed: tuple[bytes, ...]
    """Of images that it has with other labels or boxes."""
    removed: tuple[str, ...]
    """The source-refs of entries that the manifest does not have."""
    unchanged: int

    @property
    def to_send(self) -> tuple[bytes, ...]:
        """The lines that the dataset needs."""
        return self.changed + self.added

    @property
    def text(self) -> str:
        """What changes, in a few words."""
        return f"{len(self.added)} images added, {len(self.changed)} changed"


@dataclass(frozen=True, slots=True)
class EntryProblem:
    """One thing that the service found wrong with one entry, or that it did with it."""

    source_ref: str
    code: str
    message: str

    @property
    def sentence(self) -> str:
        """The image, the code, its cause and its cure."""
        return f"{self.source_ref}: {self.code}: {cause_and_cure(self.code, self.message)}"


def diff_entries(entries: Iterable[str], manifest: bytes) -> DatasetDelta:
    """Compare a dataset's entries with the manifest that it shall hold.

    Two lines of an image are alike when they mean the same: labels, boxes and the image's size.
    What the service adds to an entry, the order of its members and free text tell nothing.

    Args:
        entries: each one line of JSON, as ListDatasetEntries returns it.
        manifest: JSON Lines, each of another image.
    """
    wanted = {_source_ref(raw): raw for raw in manifest.splitlines()}
    same: set[str] = set()
    other: set[str] = set()
    removed: list[str] = []
    for text in entries:
        document = orjson.loads(text)
        source_ref = str(document.get("source-ref", ""))
        if source_ref not in wanted:
            removed.append(source_ref)
        elif _is_alike(document, wanted[source_ref]):
            same.add(source_ref)
        else:
            other.add(source_ref)
    return DatasetDelta(
        added=tuple(raw for ref, raw in wanted.items() if ref not in same and ref not in other),
        changed=tuple(raw for ref, raw in wanted.items() if ref in other),
        removed=tuple(removed),
        unchanged=len(same),
    )


def chunk_lines(lines: Iterable[bytes], max_bytes: int = MAX_CHANGES_BYTES) -> Iterator[bytes]:
    """Yield the lines as JSON Lines, in their order, in parts below `max_bytes` each.

    A single line is sent whatever its length is; a line may have 100,000 characters.
    """
    part: list[bytes] = []
    size = 0
    for line in lines:
        if part and size + len(line) + 1 >= max_bytes:
            yield b"".join(part)
            part, size = [], 0
        part.append(line + b"\n")
        size += len(line) + 1
    if part:
        yield b"".join(part)


def entry_problems(entries: Iterable[str]) -> Iterator[EntryProblem]:
    """Yield what the service has noted on entries, each code of an entry once."""
    for text in entries:
        document = orjson.loads(text)
        source_ref = str(document.get("source-ref", ""))
        found = reported(document, ERROR_KEYS)
        codes = {str(each["code"]): str(each.get("message", "")) for each in found}
        yield from (EntryProblem(source_ref, code, said) for code, said in codes.items())


def unheeded_problems(delta: DatasetDelta) -> Iterator[EntryProblem]:
    """Yield what a dataset does not have although it was sent."""
    for raw in delta.added:
        said = "the line was sent, and the dataset has no such entry"
        yield EntryProblem(_source_ref(raw), "ENTRY_MISSING", said)
    for raw in delta.changed:
        said = "the line was sent, and the entry has other labels or boxes"
        yield EntryProblem(_source_ref(raw), "ENTRY_DIFFERS", said)


def _source_ref(raw: bytes) -> str:
    return str(orjson.loads(raw).get("source-ref", ""))


def _is_alike(document: dict[str, object], raw: bytes) -> bool:
    document.pop("cl-metadata", None)
    # nearly all entries are just what was sent, which is seen at a third of the time
    return document == orjson.loads(raw) or _meaning(orjson.dumps(document)) == _meaning(raw)


def _meaning(raw: bytes) -> ManifestLine | SkippedLine | None:
    """Return what a line says; of one that cannot be used, something that no manifest says."""
    return next(parse_manifest(raw), None)
