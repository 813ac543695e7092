"""Correct one label attribute of a manifest line: forms, confidences, boxes, multi-label types.

Source: developer guide, "Image-level labels in manifest files", "Object localization in manifest
files" and "Transforming a multi-label SageMaker Ground Truth manifest" (archived text, read
2026-11-23).
"""

from typing import Any, Final

from rcl_flow.core.lint.codes import IMAGE_CLASSIFICATION, OBJECT_DETECTION
from rcl_flow.core.lint.fixing_boxes import fix_boxes
from rcl_flow.core.lint.fixing_dates import fix_date
from rcl_flow.core.lint.forms import is_name

Document = dict[str, Any]

MULTI_LABEL: Final = f"{IMAGE_CLASSIFICATION}-multilabel"
"""What SageMaker Ground Truth writes for several labels, and Custom Labels does not take."""

_YES_OR_NO: Final = {True: "yes", False: "no", "Yes": "yes", "No": "no", "YES": "yes", "NO": "no"}


def fix_attribute(document: Document, name: str, changes: list[str]) -> Document:
    """Return a line with the attribute `name` corrected; what was done is added to `changes`."""
    metadata = document[f"{name}-metadata"]
    if not isinstance(metadata, dict):
        return document
    kind = metadata.get("type")
    if kind == MULTI_LABEL:
        return _split_labels(document, name, changes)
    if kind not in (IMAGE_CLASSIFICATION, OBJECT_DETECTION):
        return document
    value, metadata = document[name], _fix_common(metadata, name, changes)
    if kind == OBJECT_DETECTION:
        value, metadata = fix_boxes(value, metadata, name, changes)
    else:
        value = _fix_value(value, name, changes)
        metadata = _fix_confidence(metadata, name, changes)
    return document | {name: value, f"{name}-metadata": metadata}


def _fix_common(metadata: Document, name: str, changes: list[str]) -> Document:
    date, told = fix_date(metadata.get("creation-date"))
    if told:
        changes.append(f"{name}: {told}")
        metadata = metadata | {"creation-date": date}
    answer = metadata.get("human-annotated")
    if isinstance(answer, bool | str) and answer in _YES_OR_NO:
        changes.append(f"{name}: wrote human-annotated {answer!r} as {_YES_OR_NO[answer]!r}")
        metadata = metadata | {"human-annotated": _YES_OR_NO[answer]}
    return metadata


def _fix_value(value: object, name: str, changes: list[str]) -> object:
    """Return the identifier of an image-level label as an integer; the service ignores it."""
    is_number = isinstance(value, bool | float) or (isinstance(value, str) and value.isdecimal())
    if not is_number:
        return value
    changes.append(f"{name}: wrote {value!r} as 1")
    return 1


def _fix_confidence(metadata: Document, name: str, changes: list[str]) -> Document:
    if metadata.get("confidence") is not None:
        return metadata
    changes.append(f"{name}: filled in confidence 1")
    return metadata | {"confidence": 1}


def _split_labels(document: Document, name: str, changes: list[str]) -> Document:
    """Return the line with one attribute for each label of a multi-label one."""
    metadata = document[f"{name}-metadata"]
    labels = _chosen_labels(document[name], metadata)
    pairs = [f"{name}{number}" for number in range(len(labels))]
    taken = {key for pair in pairs for key in (pair, f"{pair}-metadata")} & document.keys()
    if not labels or taken:
        return document
    common = _fix_common(
        {
            key: value
            for key, value in metadata.items()
            if key not in ("class-map", "confidence-map", "type")
        },
        name,
        changes,
    )
    fixed = {key: value for key, value in document.items() if key not in (name, f"{name}-metadata")}
    for pair, (label, confidence) in zip(pairs, labels, strict=True):
        fixed[pair] = 1
        fixed[f"{pair}-metadata"] = common | {
            "class-name": label,
            "confidence": confidence,
            "type": IMAGE_CLASSIFICATION,
        }
    changes.append(f"{name}: wrote its {len(labels)} labels as attributes of their own")
    return fixed


def _chosen_labels(value: object, metadata: Document) -> list[tuple[str, float]]:
    """Return the labels of a multi-label attribute with their confidences; none if malformed."""
    names, confidences = metadata.get("class-map"), metadata.get("confidence-map", {})
    if not isinstance(value, list) or not isinstance(names, dict):
        return []
    if not isinstance(confidences, dict):
        confidences = {}
    chosen = [(names.get(str(number)), confidences.get(str(number), 1)) for number in value]
    whole = all(
        is_name(label) and isinstance(confidence, int | float) and 0 <= confidence <= 1
        for label, confidence in chosen
    )
    return [(str(label), confidence) for label, confidence in chosen] if whole else []
