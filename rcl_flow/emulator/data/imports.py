"""Reading a manifest into a dataset: what is kept, what is dropped silently, what ends it."""

from codecs import BOM_UTF8
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import PurePosixPath

from rcl_flow.emulator.data.catalogue import (
    CONTENT_ERRORS,
    FILE_EMPTY,
    FILE_INVALID,
    FILE_TOO_LARGE,
    FILE_TOO_MANY_ERRORS,
    FILE_TOO_MANY_ROWS,
    MAX_INVALID_SHARE,
    MAX_LABELS,
    MAX_MANIFEST_BYTES,
    MAX_MANIFEST_LINES,
)
from rcl_flow.emulator.data.manifests import (
    CheckedLine,
    check_line,
    parse_document,
    parse_source_ref,
    split_lines,
    without_service_keys,
)


@dataclass(frozen=True, slots=True)
class ImportedManifest:
    """The entries of a manifest, or the text of the error that refuses it as a whole."""

    entries: tuple[CheckedLine, ...] = ()
    error: str | None = None


def read_manifest_lines(
    key: str, body: bytes, *, max_lines: int = MAX_MANIFEST_LINES
) -> list[str] | str:
    """Return the lines of a manifest file, or the text of the error that refuses the file."""
    if not PurePosixPath(key).suffix:
        return FILE_INVALID
    if len(body) > MAX_MANIFEST_BYTES:
        return FILE_TOO_LARGE
    if not body.removeprefix(BOM_UTF8).strip():
        return FILE_EMPTY
    try:
        lines = split_lines(body)
    except UnicodeDecodeError:
        return FILE_INVALID
    return FILE_TOO_MANY_ROWS if len(lines) > max_lines else lines


def import_manifest(
    key: str, body: bytes, *, max_lines: int = MAX_MANIFEST_LINES
) -> ImportedManifest:
    """Return what a dataset takes from a manifest.

    Source: https://docs.aws.amazon.com/rekognition/latest/customlabels-dg/tm-debugging-json-line-errors.html
    and the guide's list of content errors that remove a line without a report.
    """
    lines = read_manifest_lines(key, body, max_lines=max_lines)
    if isinstance(lines, str):
        return ImportedManifest(error=lines)
    entries = tuple(_kept_entries(lines))
    dropped = len(lines) - len(entries)
    if not entries:
        return ImportedManifest(error=FILE_INVALID)
    if dropped > MAX_INVALID_SHARE * len(lines):
        return ImportedManifest(error=FILE_TOO_MANY_ERRORS)
    if has_too_many_labels(entries):
        return ImportedManifest(error=CONTENT_ERRORS["ERROR_MANIFEST_TOO_MANY_LABELS"])
    return ImportedManifest(entries)


def has_too_many_labels(entries: Iterable[CheckedLine]) -> bool:
    """Say whether entries name more labels than a dataset may have."""
    return len({label for entry in entries for label in entry.declared}) > MAX_LABELS


def check_manifest(texts: Iterable[str]) -> tuple[CheckedLine, ...]:
    """Return the judged lines of a manifest that is trained with as it is."""
    seen: set[str] = set()
    lines = []
    for text in texts:
        line = check_line(parse_document(text))
        repeated = line.source_ref != "" and line.source_ref in seen
        seen.add(line.source_ref)
        lines.append(replace(line, repeated=True) if repeated else line)
    return tuple(lines)


def _kept_entries(lines: list[str]) -> Iterator[CheckedLine]:
    seen: set[str] = set()
    for text in lines:
        document = parse_document(text)
        if document is None or parse_source_ref(document.get("source-ref")) is None:
            continue
        if document["source-ref"] not in seen:
            seen.add(document["source-ref"])
            yield check_line(without_service_keys(document))
