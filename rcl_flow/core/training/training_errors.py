"""The service's validation codes, each with its cause and cure, and the files that name them.

Source: developer guide, "Debugging a failed model training" (archived text, read 2026-11-23).
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import orjson

CAUSES: Final[Mapping[str, tuple[str, str]]] = {
    "ERROR_TOO_MANY_INVALID_ROWS_IN_MANIFEST": (
        "more than 20 % of the manifest's lines are invalid",
        "correct the lines that are named below",
    ),
    "ERROR_IMAGES_IN_MULTIPLE_S3_BUCKETS": (
        "the images lie in several buckets",
        "copy them into one bucket",
    ),
    "ERROR_INVALID_PERMISSIONS_IMAGES_S3_BUCKET": (
        "the bucket of the images cannot be read",
        "allow s3:GetObject, s3:GetBucketAcl and s3:GetBucketLocation on it",
    ),
    "ERROR_INVALID_IMAGES_S3_BUCKET_OWNER": (
        "the images' bucket belongs to another account than the manifest's",
        "use buckets of one account",
    ),
    "ERROR_INSUFFICIENT_IMAGES_PER_LABEL_FOR_AUTOSPLIT": (
        "a label has too few images to split off a test dataset",
        "add images or give a test dataset of your own",
    ),
    "ERROR_MANIFEST_TOO_FEW_LABELS": ("there are too few labels", "add a second label"),
    "ERROR_MANIFEST_TOO_MANY_LABELS": ("there are over 250 labels", "merge labels"),
    "ERROR_INSUFFICIENT_LABEL_OVERLAP": (
        "test and training share fewer than half of the labels",
        "add test images of the missing labels",
    ),
    "ERROR_MANIFEST_TOO_FEW_USABLE_LABELS": (
        "too few labels are left after unusable lines were dropped",
        "correct the lines that are named below",
    ),
    "ERROR_INSUFFICIENT_USABLE_LABEL_OVERLAP": (
        "test and training share fewer than half of the usable labels",
        "correct the lines that are named below",
    ),
    "ERROR_FAILED_IMAGES_S3_COPY": (
        "none of the images could be copied",
        "check permissions on the images and their KMS key",
    ),
    "ERROR_TOO_MANY_RECORDS_IN_ERROR": (
        "too many lines have terminal errors",
        "correct the lines that are named below",
    ),
    "ERROR_MISSING_SOURCE_REF": ("the line has no source-ref", "add it"),
    "ERROR_INVALID_SOURCE_REF_FORMAT": (
        "the source-ref is not an S3 URI",
        "write it as s3://bucket/key",
    ),
    "ERROR_NO_LABEL_ATTRIBUTES": (
        "the line has no label attribute with its -metadata",
        "add the pair of attribute and metadata",
    ),
    "ERROR_INVALID_LABEL_ATTRIBUTE_FORMAT": (
        "a label attribute has the wrong type",
        "use an integer for images, an object with annotations for boxes",
    ),
    "ERROR_INVALID_LABEL_ATTRIBUTE_METADATA_FORMAT": (
        "a label attribute's metadata is incomplete or of the wrong type",
        "give class-name, confidence, type, human-annotated and creation-date",
    ),
    "ERROR_NO_VALID_LABEL_ATTRIBUTES": (
        "no label attribute of the line can be used",
        "correct the attribute errors of the line",
    ),
    "ERROR_MISSING_BOUNDING_BOX_CONFIDENCE": (
        "a bounding box has no confidence",
        "give one entry of objects for each annotation",
    ),
    "ERROR_MISSING_CLASS_MAP_ID": (
        "a bounding box's class_id is not in the class-map",
        "add it to the line's class-map",
    ),
    "ERROR_INVALID_JSON_LINE": ("the line is not JSON", "write one JSON object a line"),
    "ERROR_INVALID_IMAGE": (
        "the image is missing or not usable",
        "check the S3 path; use PNG or JPEG, 64 to 4096 pixels a side, at most 15 MB",
    ),
    "ERROR_INVALID_IMAGE_DIMENSION": (
        "the image's sides are outside 64 to 4096 pixels",
        "resize the image and its boxes",
    ),
    "ERROR_INVALID_BOUNDING_BOX": ("a box lies outside the image", "clip it to the image"),
    "ERROR_BOUNDING_BOX_TOO_SMALL": (
        "a box is not larger than 1 x 1 pixel after scaling to 1280 pixels",
        "remove it or use a crop of the image",
    ),
    "ERROR_TOO_MANY_BOUNDING_BOXES": ("the image has over 50 boxes", "split the image"),
    "ERROR_NO_VALID_ANNOTATIONS": ("no box of the line can be used", "correct the boxes"),
    "ERROR_UNSUPPORTED_USE_CASE_TYPE": (
        "the metadata's type is not supported",
        "use groundtruth/image-classification or groundtruth/object-detection",
    ),
    "ERROR_INVALID_LABEL_NAME_LENGTH": (
        "a label's name is too long",
        "use at most 255 characters",
    ),
    "WARNING_UNANNOTATED_RECORD": ("the image has no label", "label it or leave it out"),
    "WARNING_NO_ANNOTATIONS": ("the line has no boxes", "label it or leave it out"),
    "WARNING_NO_ATTRIBUTE_ANNOTATIONS": ("the attribute has no boxes", "label it or leave it out"),
}
"""Code to (cause, cure)."""

VALIDATION_KEYS: Final = frozenset({"errors", "warnings"})
"""Under which a validation manifest holds what was found; a dataset's entries use another key."""
_SHOWN_LINES = 3


@dataclass(frozen=True, slots=True)
class ValidationProblem:
    """One code that the service reported, and where."""

    code: str
    message: str
    split: str
    """`train`, `test`, or `both` for what concerns their relation."""
    line_number: int = 0
    """1-based line of the manifest; 0 for the manifest as a whole."""
    source_ref: str = ""


def parse_summary_problems(summary: bytes) -> Iterator[ValidationProblem]:
    """Yield the errors of a manifest summary that concern whole manifests."""
    document = orjson.loads(summary)
    statistics = document.get("statistics", {})
    places = {"both": document, "train": statistics.get("training", {})}
    for split, place in {**places, "test": statistics.get("testing", {})}.items():
        for entry in _entries(place.get("errors")):
            yield ValidationProblem(str(entry["code"]), str(entry.get("message", "")), split)


def parse_line_problems(manifest: bytes, split: str) -> Iterator[ValidationProblem]:
    """Yield the errors and warnings of a validation manifest, line by line.

    A line that is not a JSON object can carry no codes, and is itself the problem.
    """
    for number, raw in enumerate(manifest.splitlines(), start=1):
        line = _parse_line(raw)
        if line is None:
            yield ValidationProblem("ERROR_INVALID_JSON_LINE", "", split, number)
            continue
        source_ref = str(line.get("source-ref", ""))
        for entry in reported(line, VALIDATION_KEYS):
            yield ValidationProblem(
                str(entry["code"]), str(entry.get("message", "")), split, number, source_ref
            )


def explain_problems(problems: Sequence[ValidationProblem]) -> tuple[str, ...]:
    """Return one sentence for each code and split: lines, cause and cure."""
    groups: dict[tuple[str, str], list[ValidationProblem]] = {}
    for problem in problems:
        groups.setdefault((problem.code, problem.split), []).append(problem)
    return tuple(_explain(code, split, group) for (code, split), group in groups.items())


def _explain(code: str, split: str, group: Sequence[ValidationProblem]) -> str:
    lines = [problem for problem in group if problem.line_number]
    text = f"{code} in {split}"
    if lines:
        shown = ", ".join(
            f"line {problem.line_number} ({problem.source_ref or 'no source-ref'})"
            for problem in lines[:_SHOWN_LINES]
        )
        more = len(lines) - _SHOWN_LINES
        text += f", {shown}" + (f" and {more} more" if more > 0 else "")
    return f"{text}: {cause_and_cure(code, group[0].message)}"


def cause_and_cure(code: str, message: str) -> str:
    """Return what a code means and what helps, in one sentence; of an unknown code its message."""
    cause, cure = CAUSES.get(code, (message.rstrip(".") or "unknown to rcl-flow", ""))
    return f"{cause}; {cure}." if cure else f"{cause}."


def _parse_line(raw: bytes) -> dict[str, object] | None:
    try:
        line = orjson.loads(raw)
    except orjson.JSONDecodeError:
        return None
    return line if isinstance(line, dict) else None


def _entries(value: object) -> Iterator[Mapping[str, object]]:
    if isinstance(value, list):
        yield from (entry for entry in value if isinstance(entry, dict) and "code" in entry)


def reported(value: object, keys: Collection[str]) -> Iterator[Mapping[str, object]]:
    """Yield the codes that the service has noted in a line, at any depth, under these keys."""
    if isinstance(value, dict):
        for key, below in value.items():
            if key in keys and isinstance(below, list):
                yield from _entries(below)
            else:
                yield from reported(below, keys)
    elif isinstance(value, list):
        for below in value:
            yield from reported(below, keys)
