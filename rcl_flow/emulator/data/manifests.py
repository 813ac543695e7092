"""Manifest lines: reading them, judging them by the service's catalogue, and annotating them."""

import copy
import json
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from rcl_flow.emulator.data.catalogue import (
    MAX_LABEL_CHARACTERS,
    STOPPING_ERRORS,
    LineIssue,
    line_issue,
)
from rcl_flow.emulator.data.objects import ObjectRef
from rcl_flow.emulator.shapes import JsonObject

SOURCE_REF = re.compile(r"s3://([0-9A-Za-z.\-_]{3,255})/(.+)", re.DOTALL)
SERVICE_KEYS = frozenset({"source-ref", "errors", "warnings", "cl-errors", "cl-metadata"})
ADDED_KEYS = frozenset({"cl-metadata", "cl-errors"})
METADATA_SUFFIX = "-metadata"
IMAGE_LEVEL_TYPE = "groundtruth/image-classification"


class Verdict(StrEnum):
    """How a line counts in the manifest summary."""

    VALID = "valid"
    INVALID = "invalid"
    IGNORED = "ignored"


@dataclass(frozen=True, slots=True)
class CheckedLine:
    """One manifest line and what was found on it.

    `document` is None for a line that is no JSON object. `labels` are the image-level labels found
    before checking ended. `usable` is false if an error concerns the line as a whole; an error in
    one of several label attributes only costs that attribute.
    """

    document: JsonObject | None
    labels: tuple[str, ...] = ()
    errors: tuple[LineIssue, ...] = ()
    warnings: tuple[LineIssue, ...] = ()
    usable: bool = False

    @property
    def source_ref(self) -> str:
        """The image's S3 URI as written, or an empty text."""
        value = (self.document or {}).get("source-ref")
        return value if isinstance(value, str) else ""

    @property
    def verdict(self) -> Verdict:
        """How the line counts."""
        if self.warnings:
            return Verdict.IGNORED
        return Verdict.VALID if self.usable else Verdict.INVALID

    @property
    def is_labeled(self) -> bool:
        """Whether the line has a label attribute, valid or not."""
        return bool(self.document) and any(True for _ in label_attributes(self.document or {}))

    def with_error(self, issue: LineIssue) -> "CheckedLine":
        """Return the same line made unusable by one more error."""
        return replace(self, errors=(*self.errors, issue), usable=False)


def split_lines(body: bytes) -> list[str]:
    """Return a manifest's lines; a final line break ends the last line and starts none.

    Raises:
        UnicodeDecodeError: It is not UTF-8 text.
    """
    lines = body.decode("utf-8-sig").split("\n")
    if lines[-1] == "":
        lines.pop()
    return [line.removesuffix("\r") for line in lines]


def parse_document(text: str) -> JsonObject | None:
    """Return the JSON object on a line, or None if there is none."""
    try:
        document = json.loads(text, parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        return None
    return document if isinstance(document, dict) else None


def parse_source_ref(value: object) -> ObjectRef | None:
    """Return the object that a `source-ref` names, or None if it is malformed."""
    match = SOURCE_REF.fullmatch(value) if isinstance(value, str) else None
    return ObjectRef(match[1], match[2]) if match else None


def check_line(document: JsonObject | None) -> CheckedLine:
    """Judge one line without looking at its image."""
    if document is None:
        return CheckedLine(None, errors=(line_issue("ERROR_INVALID_JSON_LINE"),))
    if parse_source_ref(document.get("source-ref")) is None:
        missing = "source-ref" not in document
        code = "ERROR_MISSING_SOURCE_REF" if missing else "ERROR_INVALID_SOURCE_REF_FORMAT"
        return CheckedLine(document, errors=(line_issue(code),))
    attributes = tuple(label_attributes(document))
    if attributes:
        return _check_attributes(document, attributes)
    if SERVICE_KEYS.issuperset(document):
        return CheckedLine(document, warnings=(line_issue("WARNING_UNANNOTATED_RECORD"),))
    return CheckedLine(document, errors=(line_issue("ERROR_NO_LABEL_ATTRIBUTES"),))


def label_attributes(document: JsonObject) -> Iterator[str]:
    """Yield the names of the keys that have a `-metadata` partner."""
    for name in document:
        if name not in SERVICE_KEYS and name + METADATA_SUFFIX in document:
            yield name


def without_service_keys(document: JsonObject) -> JsonObject:
    """Return a copy without what the dataset API adds: `cl-metadata`, `cl-errors` at any depth."""

    def cleaned(value: object) -> object:
        if isinstance(value, dict):
            return {k: cleaned(v) for k, v in value.items() if k not in ADDED_KEYS}
        return [cleaned(item) for item in value] if isinstance(value, list) else value

    return {k: cleaned(v) for k, v in document.items() if k not in ADDED_KEYS}


def annotated(document: JsonObject | None, issues: Iterable[LineIssue], *, key: str) -> JsonObject:
    """Return a copy of the line with `issues` written under `key`, each at its own place.

    A place that cannot hold a list of issues, such as the number of an image-level label, hands it
    to what surrounds it.
    """
    line = copy.deepcopy(document) if document is not None else {}
    for issue in issues:
        _container(line, issue.place).setdefault(key, []).append(issue.as_json())
    return line


def dump_line(document: JsonObject) -> str:
    """Return the text of one manifest line."""
    return json.dumps(document, separators=(",", ":"), ensure_ascii=False)


def _container(line: JsonObject, place: tuple[str | int, ...]) -> JsonObject:
    found: JsonObject = line
    value: object = line
    for part in place:
        value = value[part] if isinstance(value, dict | list) else None  # type: ignore[index]  # JSON
        if isinstance(value, dict):
            found = value
    return found


def _refuse_constant(name: str) -> object:
    raise ValueError(f"{name} is not JSON")


def _check_attributes(document: JsonObject, attributes: tuple[str, ...]) -> CheckedLine:
    labels: dict[str, None] = {}
    errors: list[LineIssue] = []
    for name in attributes:
        found = _check_attribute(document, name)
        if isinstance(found, str):
            labels[found] = None
            continue
        errors.append(found)
        if found.code in STOPPING_ERRORS:
            return CheckedLine(document, tuple(labels), tuple(errors))
    if labels:
        return CheckedLine(document, tuple(labels), tuple(errors), usable=True)
    errors.append(line_issue("ERROR_NO_VALID_LABEL_ATTRIBUTES"))
    return CheckedLine(document, (), tuple(errors))


def _check_attribute(document: JsonObject, name: str) -> str | LineIssue:
    metadata = document[name + METADATA_SUFFIX]
    place = name + METADATA_SUFFIX
    if not isinstance(metadata, dict) or not isinstance(metadata.get("type"), str):
        return line_issue("ERROR_INVALID_LABEL_ATTRIBUTE_METADATA_FORMAT", place)
    check = ATTRIBUTE_CHECKS.get(metadata["type"])
    if check is None:
        return line_issue("ERROR_UNSUPPORTED_USE_CASE_TYPE", place, attribute=name)
    return check(document, name)


def _check_image_level(document: JsonObject, name: str) -> str | LineIssue:
    value, metadata = document[name], document[name + METADATA_SUFFIX]
    place = name + METADATA_SUFFIX
    if not isinstance(value, int) or isinstance(value, bool):
        return line_issue("ERROR_INVALID_LABEL_ATTRIBUTE_FORMAT", name, attribute=name)
    if not all(holds(metadata.get(field)) for field, holds in IMAGE_LEVEL_FIELDS.items()):
        return line_issue("ERROR_INVALID_LABEL_ATTRIBUTE_METADATA_FORMAT", place)
    label = str(metadata["class-name"])
    if len(label) > MAX_LABEL_CHARACTERS:
        return line_issue("ERROR_INVALID_LABEL_NAME_LENGTH", place)
    return label


def _is_ratio(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= 1


def _is_creation_date(value: object) -> bool:
    if not isinstance(value, str) or "T" not in value.replace(" ", "T"):
        return False
    try:
        datetime.fromisoformat(value)
    except ValueError:
        return False
    return True


def _is_name(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _is_yes_or_no(value: object) -> bool:
    return value in ("yes", "no")


IMAGE_LEVEL_FIELDS: dict[str, Callable[[object], bool]] = {
    "class-name": _is_name,
    "confidence": _is_ratio,
    "human-annotated": _is_yes_or_no,
    "creation-date": _is_creation_date,
}

ATTRIBUTE_CHECKS: dict[str, Callable[[JsonObject, str], str | LineIssue]] = {
    IMAGE_LEVEL_TYPE: _check_image_level,
}
"""How each kind of label attribute is judged: a label's name, or what is wrong with it."""
