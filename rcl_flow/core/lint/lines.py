"""One manifest line, read and judged in full: what is wrong, where, and what is left to use.

The rules are the service's; where it documents nothing they are those of docs/04-emulator.md.
"""

import json
import re
from dataclasses import dataclass, replace
from typing import Any, Final, Literal

from rcl_flow.core.lint.attributes import Contents, judge_attributes
from rcl_flow.core.lint.codes import MAX_LINE_CHARACTERS, STOPPING
from rcl_flow.core.lint.issues import LineIssue

Document = dict[str, Any]
Verdict = Literal["valid", "invalid", "ignored"]

SERVICE_KEYS: Final = frozenset({"source-ref", "errors", "warnings", "cl-errors", "cl-metadata"})
"""Top-level keys that are no label attributes."""

_SOURCE_REF: Final = re.compile(r"s3://([0-9A-Za-z.\-_]{3,255})/.+", re.DOTALL)


@dataclass(frozen=True, slots=True)
class LintedLine:
    """What a line holds and what is wrong with it; its image and other lines are not looked at."""

    source_ref: str = ""
    """As written, or an empty text where it is none."""
    bucket: str = ""
    """Empty if the source-ref is malformed."""
    labels: tuple[str, ...] = ()
    """Image-level labels, each once."""
    box_labels: tuple[str, ...] = ()
    """One for each usable box."""
    declared: tuple[str, ...] = ()
    """Every label that the line names, on boxes or not."""
    errors: tuple[LineIssue, ...] = ()
    warnings: tuple[LineIssue, ...] = ()
    usable: bool = False
    """Whether something is left to train on, and nothing is wrong with the line as a whole."""

    @property
    def dropped(self) -> bool:
        """Whether a dataset leaves the line out without a word."""
        return not self.bucket

    @property
    def verdict(self) -> Verdict:
        """How a training counts the line if no earlier one is of the same image."""
        if self.usable:
            return "valid"
        return "ignored" if self.warnings and not self.errors else "invalid"

    def with_error(self, code: str) -> "LintedLine":
        """Return the line with one more error that makes it useless as a whole."""
        return replace(self, errors=(*self.errors, LineIssue(code)), usable=False)


def lint_line(text: str) -> LintedLine:
    """Judge one line of a manifest."""
    document, detail = parse_line(text)
    if document is None:
        return LintedLine(errors=(LineIssue("ERROR_INVALID_JSON_LINE", (), detail),))
    ref = document.get("source-ref")
    source_ref = ref if isinstance(ref, str) else ""
    bucket = bucket_of(source_ref)
    if not bucket:
        missing = "source-ref" not in document
        code = "ERROR_MISSING_SOURCE_REF" if missing else "ERROR_INVALID_SOURCE_REF_FORMAT"
        return LintedLine(source_ref, errors=(LineIssue(code),))
    names = label_attributes(tuple(document))
    if names:
        return _with_contents(
            LintedLine(source_ref, bucket), judge_attributes(document, tuple(names))
        )
    if SERVICE_KEYS.issuperset(document):
        unannotated = LineIssue("WARNING_UNANNOTATED_RECORD")
        return LintedLine(source_ref, bucket, warnings=(unannotated,))
    return LintedLine(source_ref, bucket, errors=(LineIssue("ERROR_NO_LABEL_ATTRIBUTES"),))


def parse_line(text: str) -> tuple[Document | None, str]:
    """Return the JSON object on a line, or None and why there is none."""
    if len(text) > MAX_LINE_CHARACTERS:
        return None, f"{len(text):,} characters"
    try:
        document = json.loads(text, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        return None, str(error) if text.strip() else "a blank line"
    if not isinstance(document, dict):
        return None, "no JSON object"
    return document, ""


def bucket_of(source_ref: str) -> str:
    """Return the bucket of an S3 URI, or an empty text if it is malformed."""
    match = _SOURCE_REF.fullmatch(source_ref)
    return match[1] if match else ""


def label_attributes(keys: tuple[str, ...]) -> list[str]:
    """Return those of a line's keys that have a `-metadata` partner, in order."""
    present = set(keys)
    return [key for key in keys if key not in SERVICE_KEYS and f"{key}-metadata" in present]


def _with_contents(line: LintedLine, contents: Contents) -> LintedLine:
    judged = replace(
        line,
        labels=contents.labels,
        box_labels=contents.box_labels,
        declared=contents.declared,
        errors=contents.errors,
        warnings=contents.warnings,
    )
    if any(not issue.place or issue.code in STOPPING for issue in contents.errors):
        return judged
    if contents.labels or contents.box_labels:
        return replace(judged, usable=True)
    if contents.errors:
        return judged.with_error("ERROR_NO_VALID_LABEL_ATTRIBUTES")
    nothing = LineIssue("WARNING_NO_ANNOTATIONS")
    return replace(judged, warnings=(*contents.warnings, nothing))


def _refuse_constant(name: str) -> object:
    raise ValueError(f"{name} is not JSON")
