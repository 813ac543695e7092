"""What is right and wrong about the predictions of one image: labels by name, boxes by place.

A predicted box is a hit when it has the label of a true box and overlaps it by half (intersection
over union); the surest box is matched first, and each true box once. AWS publishes no such rule
for its own figures; 0.5 is the field's usual one.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal

from rcl_flow.core.datasets.boxes import Box, DetectedBox, overlap
from rcl_flow.core.datasets.dataset import DatasetImage
from rcl_flow.core.percentages import reaches
from rcl_flow.core.scoring.predictions import Prediction, predicted_labels
from rcl_flow.core.values import Frozen

NOTHING: Final = ""
"""Stands in a confusion for "no label": nothing true, or nothing predicted."""
MIN_OVERLAP: Final = 0.5

Mark = Literal["hit", "miss", "false alarm"]


class MarkedBox(Frozen):
    """A true or predicted box and what became of it.

    A hit has the place that was predicted; a miss has no confidence.
    """

    label: str
    mark: Mark
    confidence_percent: float | None
    box: Box


@dataclass(frozen=True, slots=True)
class Judgement:
    """One image: each label once, or once for each object that has it."""

    truth: tuple[str, ...]
    hits: tuple[str, ...]
    false_alarms: tuple[str, ...]
    confusions: tuple[tuple[str, str], ...]
    """Pairs of truth and prediction; `NOTHING` stands for none."""
    severity_percent: float = 0.0
    """The highest confidence in a false alarm, else the confidence that a missed label lacked."""
    boxes: tuple[MarkedBox, ...] = field(default=())

    @property
    def is_right(self) -> bool:
        """Whether everything was found and nothing else."""
        return not self.false_alarms and len(self.hits) == len(self.truth)


def judge_labels(
    image: DatasetImage, prediction: Prediction, assumed_thresholds: Mapping[str, float]
) -> Judgement:
    """Judge the image-level labels of one image at the thresholds, 0 to 1."""
    truth = image.labels
    predicted = predicted_labels(prediction, assumed_thresholds)
    hits = tuple(label for label in truth if label in predicted)
    missed = [label for label in truth if label not in predicted]
    wrong = tuple(label for label in predicted if label not in truth)
    confusions = [(label, label) for label in hits]
    confusions += [(label, other) for label in missed for other in wrong or [NOTHING]]
    if not missed:
        confusions += [(NOTHING, label) for label in wrong]
    confidences = prediction.confidences_percent
    return Judgement(
        truth=truth,
        hits=hits,
        false_alarms=wrong,
        confusions=tuple(confusions),
        severity_percent=_severity(
            [confidences[label] for label in wrong],
            [100 - confidences.get(label, 0.0) for label in missed],
        ),
    )


def judge_boxes(
    image: DatasetImage, prediction: Prediction, assumed_thresholds: Mapping[str, float]
) -> Judgement:
    """Judge the boxes of one image at the thresholds, 0 to 1.

    A missed object is confused with the surest false alarm in its place, else with nothing.
    """
    truth = [
        (box.label, box.within(image.width_pixels, image.height_pixels)) for box in image.boxes
    ]
    detected = _sure_enough(prediction.boxes, assumed_thresholds)
    matches = _match(truth, detected)
    missed = [number for number in range(len(truth)) if number not in matches.values()]
    wrong = [number for number in range(len(detected)) if number not in matches]
    confusions = [(truth[n][0], truth[n][0]) for n in matches.values()]
    confusions += _confused([truth[n] for n in missed], [detected[n] for n in wrong])
    marked = [
        _marked(detected[n], "hit" if n in matches else "false alarm") for n in range(len(detected))
    ]
    marked += [
        MarkedBox(label=truth[n][0], mark="miss", confidence_percent=None, box=truth[n][1])
        for n in missed
    ]
    return Judgement(
        truth=tuple(label for label, _ in truth),
        hits=tuple(detected[n].label for n in matches),
        false_alarms=tuple(detected[n].label for n in wrong),
        confusions=tuple(confusions),
        severity_percent=_severity(
            [detected[n].confidence_percent for n in wrong],
            [100 - _surest(truth[n], prediction.boxes) for n in missed],
        ),
        boxes=tuple(marked),
    )


def _sure_enough(
    boxes: Iterable[DetectedBox], thresholds: Mapping[str, float]
) -> list[DetectedBox]:
    kept = [
        box
        for box in boxes
        if box.label in thresholds and reaches(box.confidence_percent, thresholds[box.label])
    ]
    return sorted(kept, key=lambda box: -box.confidence_percent)


def _match(truth: Sequence[tuple[str, Box]], detected: Sequence[DetectedBox]) -> dict[int, int]:
    """Return the number of the true box for each number of a detected box that hits one."""
    matches: dict[int, int] = {}
    for number, found in enumerate(detected):
        free = [
            (overlap(found.box, box), index)
            for index, (label, box) in enumerate(truth)
            if label == found.label and index not in matches.values()
        ]
        best, index = max(free, default=(0.0, -1), key=lambda pair: pair[0])
        if best >= MIN_OVERLAP:
            matches[number] = index
    return matches


def _confused(
    missed: Sequence[tuple[str, Box]], wrong: Sequence[DetectedBox]
) -> list[tuple[str, str]]:
    left = list(wrong)
    pairs = []
    for label, box in missed:
        taken = next((found for found in left if overlap(found.box, box) >= MIN_OVERLAP), None)
        if taken is not None:
            left.remove(taken)
        pairs.append((label, taken.label if taken else NOTHING))
    return pairs + [(NOTHING, found.label) for found in left]


def _surest(true_box: tuple[str, Box], boxes: Iterable[DetectedBox]) -> float:
    label, place = true_box
    return max(
        (
            found.confidence_percent
            for found in boxes
            if found.label == label and overlap(found.box, place) >= MIN_OVERLAP
        ),
        default=0.0,
    )


def _marked(found: DetectedBox, mark: Mark) -> MarkedBox:
    return MarkedBox(
        label=found.label, mark=mark, confidence_percent=found.confidence_percent, box=found.box
    )


def _severity(wrong: Sequence[float], missed: Sequence[float]) -> float:
    return max(wrong or missed, default=0.0)
