"""What the script of a report's page works with: labels, curves, thresholds, images, pictures."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from rcl_flow.core.scoring.advice import AdvisedImage
from rcl_flow.core.scoring.comparison import LabelComparison
from rcl_flow.core.scoring.error_types import TypedError
from rcl_flow.core.scoring.judging import MarkedBox
from rcl_flow.core.scoring.thresholds import ThresholdChoice
from rcl_flow.report.curves import embedded_curve, fitting_curves
from rcl_flow.report.numbering import Numbered, advised_images
from rcl_flow.report.page import ReportPage, ShownImage

_PLACES: Final = 4
Described = dict[str, object]


@dataclass(frozen=True, slots=True)
class Mark:
    """A threshold of a label that has a name."""

    name: str
    """Such as `assumed`."""
    threshold: float
    """0 to 1."""


def threshold_marks(entry: LabelComparison, choice: ThresholdChoice | None) -> tuple[Mark, ...]:
    """Return the thresholds of a label that have a name, the one in use first."""
    marks = []
    if entry.chosen_threshold is not None:
        marks.append(Mark("chosen", entry.chosen_threshold))
    marks.append(Mark("assumed", entry.assumed_threshold))
    if choice is not None and entry.chosen_threshold is None and choice.chosen != choice.assumed:
        marks.append(Mark("suggested", choice.chosen))
    return tuple(marks)


def page_data(page: ReportPage, numbered: Numbered) -> dict[str, object]:
    """Return everything but the pictures, as values that JSON has."""
    return {
        "labels": numbered.labels,
        "thing": "object" if page.comparison.task == "detection" else "image",
        "curves": list(_curves(page)),
        "images": list(_images(page, numbered)),
        "cells": [
            [numbered.label(cell.truth), numbered.label(cell.predicted), cell.count]
            for cell in page.comparison.confusion
        ],
    }


def pictures_by_number(
    thumbnails: Mapping[str, str], numbered: Numbered, without: Iterable[str]
) -> dict[str, str]:
    """Return the pictures by the number of their image, but those that stand in a card."""
    left = set(thumbnails) - set(without)
    return {
        str(number): thumbnails[digest]
        for number, digest in enumerate(numbered.digests)
        if digest in left
    }


def choices_by_label(page: ReportPage) -> dict[str, ThresholdChoice]:
    """Return what was chosen for each label; empty where nothing was tuned."""
    if page.analysis is None:
        return {}
    return {choice.label: choice for choice in page.analysis.thresholds.labels}


def _curves(page: ReportPage) -> Iterator[dict[str, object]]:
    entries = {entry.label: entry for entry in page.comparison.labels}
    curves = [curve for curve in page.curves if curve.label in entries]
    choices = choices_by_label(page)
    marks = [threshold_marks(entries[curve.label], choices.get(curve.label)) for curve in curves]
    exact_at = [[mark.threshold for mark in named] for named in marks]
    for curve, named in zip(fitting_curves(curves, exact_at), marks, strict=True):
        yield {
            **embedded_curve(curve),
            "marks": [[mark.name, mark.threshold] for mark in named],
        }


def _images(page: ReportPage, numbered: Numbered) -> Iterator[dict[str, object]]:
    errors: dict[str, list[TypedError]] = {}
    for error in page.analysis.errors.errors if page.analysis else ():
        errors.setdefault(error.sha256, []).append(error)
    shown = {image.sha256: image for image in page.images}
    advised = {image.sha256: image for image in advised_images(page)}
    for digest in numbered.digests:
        if digest in shown:
            yield _image(shown[digest], errors.get(digest, []), numbered)
        else:
            yield _advised_image(advised[digest], numbered)


def _image(image: ShownImage, errors: Iterable[TypedError], numbered: Numbered) -> Described:
    described: Described = {
        "uri": image.uri,
        "truth": [numbered.label(label) for label in image.truth],
        "said": [numbered.label(label) for label in image.predicted],
        "sure": {
            numbered.label(label): round(confidence, 1)
            for label, confidence in image.confidences_percent.items()
        },
        "cells": [[numbered.label(truth), numbered.label(said)] for truth, said in image.cells],
        "wrong": int(image.severity_percent > 0 or any(t != said for t, said in image.cells)),
    }
    kinds = list(dict.fromkeys(error.kind for error in errors))
    if kinds:
        described["kinds"] = kinds
    if image.boxes:
        described["size"] = [image.width_pixels, image.height_pixels]
        described["boxes"] = [_box(box, numbered) for box in image.boxes]
    return described


def _box(box: MarkedBox, numbered: Numbered) -> list[object]:
    place = (box.box.left, box.box.top, box.box.width, box.box.height)
    sure = box.confidence_percent
    return [
        numbered.label(box.label),
        box.mark,
        None if sure is None else round(sure, 1),
        *(round(side, _PLACES) for side in place),
    ]


def _advised_image(image: AdvisedImage, numbered: Numbered) -> dict[str, object]:
    said = [numbered.label(label) for label in image.suggested]
    return {
        "uri": image.uri,
        "split": image.split,
        "truth": [numbered.label(label) for label in image.truth],
        "said": said,
        "sure": {label: round(image.confidence_percent, 1) for label in said},
        "cells": [],
        "wrong": 0,
    }
