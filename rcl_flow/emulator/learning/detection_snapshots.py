"""The evaluation snapshots of a detector: boxes in whole pixels, with flags for each object.

Listed are predictions at or above the assumed threshold, those below it that are right, and true
boxes that nothing was found for, as misses with a confidence of 0; the guide documents no choice.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from rcl_flow.emulator.learning.boxes import Box, LabelledBox
from rcl_flow.emulator.learning.detection_evaluation import (
    DetectionEvaluation,
    EvaluatedScene,
    match_boxes,
)
from rcl_flow.emulator.learning.evaluation import timestamp
from rcl_flow.emulator.learning.snapshots import (
    EVALUATION_ATTRIBUTE,
    TRAINING_ATTRIBUTE,
    evaluation_details,
)

_DEPTH = 3


@dataclass(frozen=True, slots=True)
class _Listed:
    label: str
    box: Box
    confidence: float
    positive: bool
    present: bool


def scene_lines(
    scenes: Iterable[EvaluatedScene], evaluation: DetectionEvaluation, *, created_at: datetime
) -> Iterator[dict[str, object]]:
    """Yield the lines of `TestingGroundTruth-….json`, one per image.

    Args:
        scenes: The test images.
        evaluation: Made of the same images.
        created_at: Aware; written as UTC without a zone.
    """
    thresholds = {each.label: each.threshold for each in evaluation.labels}
    for number, whole in enumerate(scenes, start=1):
        # labels without figures in the summary have none here
        known = tuple(each for each in whole.truth if each.label in thresholds)
        scene = replace(whole, truth=known)
        listed = _listed(scene, thresholds, evaluation.min_overlap)
        value, metadata = _attribute(
            [LabelledBox(each.label, each.box) for each in listed],
            (scene.width_pixels, scene.height_pixels),
        )
        objects = [
            {
                "confidence": each.confidence,
                f"{EVALUATION_ATTRIBUTE}-details": evaluation_details(
                    positive=each.positive, present=each.present
                ),
            }
            for each in listed
        ]
        yield {
            **_truth_line(scene, timestamp(created_at)),
            EVALUATION_ATTRIBUTE: value,
            f"{EVALUATION_ATTRIBUTE}-metadata": {
                "confidence": max((each.confidence for each in listed), default=0.0),
                **metadata,
                "objects": objects,
                **_made(f"{EVALUATION_ATTRIBUTE}-job", "no", timestamp(created_at)),
            },
            **_numbers(number),
        }


def training_scene_lines(
    scenes: Iterable[EvaluatedScene], *, created_at: datetime
) -> Iterator[dict[str, object]]:
    """Yield the lines of `TrainingGroundTruth-….json`, one per image.

    Args:
        scenes: The training images; what was found in them plays no part.
        created_at: Aware; written as UTC without a zone.
    """
    for number, scene in enumerate(scenes, start=1):
        yield {**_truth_line(scene, timestamp(created_at)), **_numbers(number)}


def _truth_line(scene: EvaluatedScene, created: str) -> dict[str, object]:
    value, metadata = _attribute(scene.truth, (scene.width_pixels, scene.height_pixels))
    name = f"{TRAINING_ATTRIBUTE}-0"
    return {
        "source-ref": scene.source_ref,
        name: value,
        f"{name}-metadata": {
            **metadata,
            "objects": [{"confidence": 1.0} for _ in scene.truth],
            **_made(f"{TRAINING_ATTRIBUTE}-job", "yes", created),
        },
    }


def _numbers(number: int) -> dict[str, object]:
    return {"rekognition-custom-labels-object-id": number, "line-idx": number}


def _listed(
    scene: EvaluatedScene, thresholds: Mapping[str, float], min_overlap: float
) -> list[_Listed]:
    matches = match_boxes(scene, min_overlap=min_overlap)
    ranked = sorted(enumerate(scene.detections), key=lambda pair: -pair[1].confidence)
    listed = [
        _Listed(each.label, each.box, each.confidence, each.confidence >= floor, number in matches)
        for number, each in ranked
        if (floor := thresholds.get(each.label)) is not None
        and (each.confidence >= floor or number in matches)
    ]
    missed = set(range(len(scene.truth))) - set(matches.values())
    return listed + [
        _Listed(scene.truth[n].label, scene.truth[n].box, 0.0, positive=False, present=True)
        for n in sorted(missed)
    ]


def _attribute(
    objects: Iterable[LabelledBox], size: tuple[int, int]
) -> tuple[dict[str, object], dict[str, object]]:
    """Return an attribute's value and the class map of its metadata."""
    width, height = size
    numbers: dict[str, int] = {}
    annotations = []
    for each in objects:
        left, right = _span(each.box.left, each.box.width, width)
        top, bottom = _span(each.box.top, each.box.height, height)
        annotations.append(
            {
                "class_id": numbers.setdefault(each.label, len(numbers)),
                "left": left,
                "top": top,
                "width": right - left,
                "height": bottom - top,
            }
        )
    value: dict[str, object] = {
        "annotations": annotations,
        "image_size": [{"width": width, "height": height, "depth": _DEPTH}],
    }
    return value, {"class-map": {str(number): label for label, number in numbers.items()}}


def _span(start: float, length: float, pixels: int) -> tuple[int, int]:
    """Return the first pixel and the one after the last; at least one, all in the image."""
    first = min(max(round(start * pixels), 0), pixels - 1)
    return first, min(max(round((start + length) * pixels), first + 1), pixels)


def _made(job: str, by_human: str, created: str) -> dict[str, object]:
    return {
        "job-name": job,
        "human-annotated": by_human,
        "creation-date": created,
        "type": "groundtruth/object-detection",
    }
