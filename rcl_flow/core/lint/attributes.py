"""The label attributes of a line: their form first, then what they hold."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from rcl_flow.core import limits
from rcl_flow.core.lint import box_attributes
from rcl_flow.core.lint.codes import (
    IMAGE_CLASSIFICATION,
    MAX_LABEL_NAME_CHARACTERS,
    OBJECT_DETECTION,
)
from rcl_flow.core.lint.forms import (
    COMMON_METADATA,
    Form,
    first_fault,
    is_integer,
    is_name,
    is_ratio,
)
from rcl_flow.core.lint.issues import LineIssue

_LABEL_METADATA: Final[Form] = {**COMMON_METADATA, "class-name": is_name, "confidence": is_ratio}


@dataclass(frozen=True, slots=True)
class Contents:
    """What the label attributes of a line hold together."""

    labels: tuple[str, ...] = ()
    box_labels: tuple[str, ...] = ()
    """One for each usable box."""
    declared: tuple[str, ...] = ()
    annotations: int = 0
    """Boxes that are given, usable or not."""
    errors: tuple[LineIssue, ...] = ()
    warnings: tuple[LineIssue, ...] = ()


def judge_attributes(document: Mapping[str, Any], names: tuple[str, ...]) -> Contents:
    """Judge the attributes `names`; the first fault of form is told alone."""
    for name in names:
        fault = _form_fault(document, name)
        if fault is not None:
            return Contents(errors=(fault,))
    joined = Contents()
    for name in names:
        joined = _joined(joined, _within_limit(_read(document, name), joined.annotations, name))
    return joined


def _form_fault(document: Mapping[str, Any], name: str) -> LineIssue | None:
    key = f"{name}-metadata"
    value, metadata = document[name], document[key]
    if not isinstance(metadata, dict) or not isinstance(metadata.get("type"), str):
        told = "it has no type" if isinstance(metadata, dict) else "it is no object"
        return LineIssue("ERROR_INVALID_LABEL_ATTRIBUTE_METADATA_FORMAT", (key,), told)
    fault = _FORM_FAULTS.get(metadata["type"])
    return fault(value, metadata, name) if fault else None


def _label_fault(value: object, metadata: Mapping[str, Any], name: str) -> LineIssue | None:
    if not is_integer(value):
        return LineIssue("ERROR_INVALID_LABEL_ATTRIBUTE_FORMAT", (name,), "it is no integer")
    told = first_fault(metadata, _LABEL_METADATA)
    if told:
        place = (f"{name}-metadata",)
        return LineIssue("ERROR_INVALID_LABEL_ATTRIBUTE_METADATA_FORMAT", place, told)
    return None


_FORM_FAULTS: Final[Mapping[str, Callable[[Any, Mapping[str, Any], str], LineIssue | None]]] = {
    IMAGE_CLASSIFICATION: _label_fault,
    OBJECT_DETECTION: box_attributes.form_fault,
}


def _read(document: Mapping[str, Any], name: str) -> Contents:
    metadata = document[f"{name}-metadata"]
    place = (f"{name}-metadata",)
    if metadata["type"] == IMAGE_CLASSIFICATION:
        names = (metadata["class-name"],)
    elif metadata["type"] == OBJECT_DETECTION:
        names = tuple(metadata["class-map"].values())
    else:
        told = f"its type is {metadata['type']!r}"
        return Contents(errors=(LineIssue("ERROR_UNSUPPORTED_USE_CASE_TYPE", place, told),))
    longest = max(map(len, names), default=0)
    if longest > MAX_LABEL_NAME_CHARACTERS:
        told = f"{longest} characters"
        return Contents(errors=(LineIssue("ERROR_INVALID_LABEL_NAME_LENGTH", place, told),))
    if metadata["type"] == IMAGE_CLASSIFICATION:
        return Contents(labels=names, declared=names)
    return _read_boxes(document[name], metadata["class-map"], name)


def _read_boxes(value: Mapping[str, Any], class_map: Mapping[str, str], name: str) -> Contents:
    annotations = value.get("annotations", [])
    declared = tuple(class_map.values())
    if not annotations:
        empty = LineIssue("WARNING_NO_ATTRIBUTE_ANNOTATIONS", (name,))
        return Contents(declared=declared, warnings=(empty,))
    stated = value["image_size"][0]
    judged = box_attributes.judge_boxes(annotations, (stated["width"], stated["height"]), name)
    return Contents(
        declared=declared,
        annotations=len(annotations),
        box_labels=tuple(class_map[str(annotations[n]["class_id"])] for n in judged.usable),
        errors=judged.errors,
    )


def _within_limit(contents: Contents, annotations_before: int, name: str) -> Contents:
    """Leave an attribute out as a whole when it brings too many boxes."""
    total = annotations_before + contents.annotations
    if not contents.annotations or total <= limits.MAX_BOXES_PER_IMAGE:
        return contents
    crowded = LineIssue("ERROR_TOO_MANY_BOUNDING_BOXES", (name,), f"{total} boxes")
    return replace(contents, box_labels=(), annotations=0, errors=(crowded,))


def _joined(first: Contents, second: Contents) -> Contents:
    return Contents(
        labels=tuple(_distinct((*first.labels, *second.labels))),
        box_labels=(*first.box_labels, *second.box_labels),
        declared=tuple(_distinct((*first.declared, *second.declared))),
        annotations=first.annotations + second.annotations,
        errors=tuple(_distinct_places((*first.errors, *second.errors))),
        warnings=(*first.warnings, *second.warnings),
    )


def _distinct(items: Iterable[str]) -> Iterable[str]:
    return dict.fromkeys(items)


def _distinct_places(issues: Iterable[LineIssue]) -> Iterator[LineIssue]:
    """Yield issues, each code at each place once."""
    return iter({(issue.code, issue.place): issue for issue in issues}.values())
