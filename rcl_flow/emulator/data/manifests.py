"""Manifest lines: reading them, judging them by the service's catalogue, and annotating them."""

import copy
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum

from rcl_flow.emulator.data.attributes import SERVICE_KEYS, judge_attributes, label_attributes
from rcl_flow.emulator.data.catalogue import (
    MAX_LINE_CHARACTERS,
    STOPPING_ERRORS,
    LineIssue,
    line_issue,
)
from rcl_flow.emulator.data.images import ImageSize
from rcl_flow.emulator.data.objects import ObjectRef
from rcl_flow.emulator.learning.boxes import LabelledBox
from rcl_flow.emulator.shapes import JsonObject

SOURCE_REF = re.compile(r"s3://([0-9A-Za-z.\-_]{3,255})/(.+)", re.DOTALL)
DATASET_KEYS = frozenset({"cl-metadata", "cl-errors"})
VALIDATION_KEYS = frozenset({"errors", "warnings"})


class Verdict(StrEnum):
    """How a line counts in the manifest summary."""

    VALID = "valid"
    INVALID = "invalid"
    IGNORED = "ignored"


@dataclass(frozen=True, slots=True)
class CheckedLine:
    """One manifest line and what was found on it.

    `document` is None for a line that is no JSON object.
    """

    document: JsonObject | None
    labels: tuple[str, ...] = ()
    """Image-level labels; none if checking ended early."""
    boxes: tuple[LabelledBox, ...] = ()
    """The boxes that can be used, as ratios of `image_size`."""
    declared: tuple[str, ...] = ()
    """All labels that the line names, also those that no usable box has."""
    image_size: ImageSize | None = None
    """The image's size as the line states it; None if it has no boxes."""
    errors: tuple[LineIssue, ...] = ()
    warnings: tuple[LineIssue, ...] = ()
    usable: bool = False
    """Whether labels or boxes are left and no error concerns the line as a whole."""
    repeated: bool = False
    """Whether an earlier line of the same manifest has the same source-ref."""

    @property
    def source_ref(self) -> str:
        """The image's S3 URI as written, or an empty text."""
        value = (self.document or {}).get("source-ref")
        return value if isinstance(value, str) else ""

    @property
    def verdict(self) -> Verdict:
        """How the line counts."""
        if self.usable:
            return Verdict.IGNORED if self.repeated else Verdict.VALID
        return Verdict.IGNORED if self.warnings and not self.errors else Verdict.INVALID

    @property
    def box_labels(self) -> frozenset[str]:
        """The labels on the line's boxes."""
        return frozenset(each.label for each in self.boxes)

    @property
    def used_labels(self) -> frozenset[str]:
        """The labels of the image and of its boxes."""
        return self.box_labels.union(self.labels)

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
    """Return the JSON object on a line, or None if there is none or the line is too long."""
    if len(text) > MAX_LINE_CHARACTERS:
        return None
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


def without_service_keys(document: JsonObject) -> JsonObject:
    """Return a copy without what the dataset API adds: `cl-metadata`, `cl-errors` at any depth."""
    return _without(document, DATASET_KEYS)


def without_validation(document: JsonObject) -> JsonObject:
    """Return a copy without what an earlier training noted: `errors`, `warnings` at any depth."""
    return _without(document, VALIDATION_KEYS)


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


def _without(document: JsonObject, keys: frozenset[str]) -> JsonObject:
    def cleaned(value: object) -> object:
        if isinstance(value, dict):
            return _without(value, keys)
        return [cleaned(item) for item in value] if isinstance(value, list) else value

    return {name: cleaned(value) for name, value in document.items() if name not in keys}


def _check_attributes(document: JsonObject, names: tuple[str, ...]) -> CheckedLine:
    content = judge_attributes(document, names)
    checked = CheckedLine(
        document,
        labels=content.labels,
        boxes=content.boxes,
        declared=content.declared,
        image_size=content.image_size,
        errors=content.errors,
        warnings=content.warnings,
    )
    if any(not issue.place or issue.code in STOPPING_ERRORS for issue in content.errors):
        return checked
    if content.labels or content.boxes:
        return replace(checked, usable=True)
    if content.errors:
        return checked.with_error(line_issue("ERROR_NO_VALID_LABEL_ATTRIBUTES"))
    ignored = line_issue("WARNING_NO_ANNOTATIONS")
    return replace(checked, warnings=(*content.warnings, ignored))
