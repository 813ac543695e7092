"""Correct what needs no decision in a manifest, line by line, and say what was done.

What a line means is never changed: no label is added, renamed or chosen. A box is clipped to its
image or, where nothing is left of it, removed, as the service would; a repeated line goes, since
the service never looks at it.
"""

import json
import math
from codecs import BOM_UTF8
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from rcl_flow.core.lint.fixing_attributes import fix_attribute
from rcl_flow.core.lint.lines import bucket_of, label_attributes, parse_line
from rcl_flow.core.lint.seen import SeenImages

Document = dict[str, Any]

_SERVICE_NOTES: Final = frozenset({"errors", "warnings", "cl-errors", "cl-metadata"})
_NOTE_MARKS: Final = (b'"errors"', b'"warnings"', b'"cl-', b"\\u")


@dataclass(frozen=True, slots=True)
class FixedLine:
    """A line of the corrected manifest, and what was done to it."""

    line_number: int
    """1-based, in the manifest that was read."""
    content: bytes | None
    """With its line break; None for a line that is left out."""
    changes: tuple[str, ...] = ()


def fix_lines(lines: Iterable[bytes]) -> Iterator[FixedLine]:
    """Yield each line corrected; one in which nothing is to be done stays as it is, byte by byte.

    Args:
        lines: of a manifest, each with or without its line break.
    """
    seen = SeenImages()
    for number, raw in enumerate(lines, start=1):
        text, mark = _text(raw, number)
        document = parse_line(text)[0] if text is not None else None
        ref = document.get("source-ref") if document else None
        source_ref = ref if isinstance(ref, str) and bucket_of(ref) else ""
        first = seen.first_line(source_ref)
        if text is not None and not text.strip():
            yield FixedLine(number, None, ("removed a blank line",))
        elif first != number:
            yield FixedLine(number, None, (f"removed the line: line {first} has its image",))
        elif document is None or not source_ref:
            yield FixedLine(number, raw)
        else:
            yield _fixed(number, raw, document, mark)


def _text(raw: bytes, number: int) -> tuple[str | None, bytes]:
    """Return a line's text, if it is one, and the mark at its start."""
    mark = BOM_UTF8 if number == 1 and raw.startswith(BOM_UTF8) else b""
    try:
        return raw.removeprefix(mark).decode().removesuffix("\n").removesuffix("\r"), mark
    except UnicodeDecodeError:
        return None, mark


def _fixed(number: int, raw: bytes, document: Document, mark: bytes) -> FixedLine:
    changes: list[str] = []
    fixed: Any = document
    if any(each in raw for each in _NOTE_MARKS):
        fixed = _without_notes(document, changes)
    for name in label_attributes(tuple(fixed)):
        fixed = fix_attribute(fixed, name, changes)
    content = _dump(fixed) if changes else None
    if content is None:
        return FixedLine(number, raw)
    return FixedLine(number, mark + content, tuple(changes))


def _without_notes(document: Document, changes: list[str]) -> Document:
    """Return the line without what the service noted on it, at the places where it does."""
    removed: set[str] = set()

    def bare(value: Any) -> Any:  # noqa: ANN401  # JSON
        if not isinstance(value, dict):
            return value
        removed.update(_SERVICE_NOTES & value.keys())
        return {key: each for key, each in value.items() if key not in _SERVICE_NOTES}

    fixed: Document = bare(document)
    for name in label_attributes(tuple(fixed)):
        for key in (name, f"{name}-metadata"):
            fixed[key] = bare(fixed[key])
        boxes = fixed[name].get("annotations") if isinstance(fixed[name], dict) else None
        if isinstance(boxes, list):
            fixed[name]["annotations"] = [bare(box) for box in boxes]
    if removed:
        changes.append(f"removed the service's {', '.join(sorted(removed))}")
    return fixed


def _dump(document: Document) -> bytes | None:
    """Return a document as a line, or None if JSON cannot hold one of its numbers."""
    if not _is_finite(document):
        return None
    text = json.dumps(document, separators=(",", ":"), ensure_ascii=False)
    try:
        return text.encode() + b"\n"
    except UnicodeEncodeError:  # half of a pair of surrogates, which JSON can only escape
        return json.dumps(document, separators=(",", ":")).encode() + b"\n"


def _is_finite(value: object) -> bool:
    if isinstance(value, dict):
        return all(map(_is_finite, value.values()))
    if isinstance(value, list):
        return all(map(_is_finite, value))
    return not isinstance(value, float) or math.isfinite(value)
