"""Judge a detector on the test images by its boxes. Pure.

The service publishes neither how it matches boxes nor how it averages; the choices here are the
field's usual ones and are listed in the documentation: a prediction is right when it overlaps a
true box of its label by half, the surest first, each true box once; the average precision is the
area under the interpolated curve of precision over recall.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean

from rcl_flow.emulator.learning.boxes import Box, Detection, LabelledBox
from rcl_flow.emulator.learning.evaluation import LabelEvaluation, judge_label

MIN_OVERLAP = 0.5


@dataclass(frozen=True, slots=True)
class EvaluatedScene:
    """A test image with the objects that it shows and those that the detector finds."""

    source_ref: str
    width_pixels: int
    height_pixels: int
    truth: tuple[LabelledBox, ...]
    detections: tuple[Detection, ...]


@dataclass(frozen=True, slots=True)
class DetectionEvaluation:
    """How well a detector does on the test images; all numbers but counts are ratios 0 to 1."""

    labels: tuple[LabelEvaluation, ...]
    """In the order in which the labels were given."""
    precision: float
    """Unweighted mean over the labels, as are the next four."""
    recall: float
    f1: float
    average_precision: float
    average_recall: float
    """Of each label the recall of all predictions, however unsure."""
    testing_images: int
    min_overlap: float = MIN_OVERLAP
    """The overlap that made a prediction right."""

    @property
    def own_results(self) -> dict[str, object]:
        """What the summary's aggregates have besides precision, recall and F1."""
        return {
            "AveragePrecision": self.average_precision,
            "AverageRecall": self.average_recall,
        }


def evaluate_detector(
    scenes: Sequence[EvaluatedScene], labels: Sequence[str], *, min_overlap: float = MIN_OVERLAP
) -> DetectionEvaluation:
    """Evaluate every label at the threshold that gives it the best F1 on these images.

    A label that no image shows gets the threshold 0.5 and zeros, which take part in the means.

    Args:
        scenes: The test images.
        labels: At least one.
        min_overlap: Intersection over union that makes a prediction right, 0 to 1.
    """
    matches = [match_boxes(scene, min_overlap=min_overlap) for scene in scenes]
    figures = [_evaluate_label(scenes, matches, label) for label in labels]
    return DetectionEvaluation(
        labels=tuple(label for label, _, _ in figures),
        precision=fmean(label.precision for label, _, _ in figures),
        recall=fmean(label.recall for label, _, _ in figures),
        f1=fmean(label.f1 for label, _, _ in figures),
        average_precision=fmean(precision for _, precision, _ in figures),
        average_recall=fmean(recall for _, _, recall in figures),
        testing_images=len(scenes),
        min_overlap=min_overlap,
    )


def match_boxes(scene: EvaluatedScene, *, min_overlap: float = MIN_OVERLAP) -> dict[int, int]:
    """Return the number of the true box for the number of each prediction that is right.

    Neither order plays a part: equal confidences and overlaps are told apart by the places.
    """
    matches: dict[int, int] = {}
    free = dict(enumerate(scene.truth))
    ranked = sorted(
        enumerate(scene.detections), key=lambda pair: (-pair[1].confidence, _place(pair[1].box))
    )
    for number, detection in ranked:
        candidates = [
            (detection.box.overlap(true.box), _place(true.box), index)
            for index, true in free.items()
            if true.label == detection.label
        ]
        shared, _, index = max(candidates, default=(0.0, (), -1))
        if shared >= min_overlap and index in free:
            matches[number] = index
            del free[index]
    return matches


def _place(box: Box) -> tuple[float, ...]:
    return box.left, box.top, box.width, box.height


def _evaluate_label(
    scenes: Sequence[EvaluatedScene], matches: Sequence[dict[int, int]], label: str
) -> tuple[LabelEvaluation, float, float]:
    """Return a label's figures, its average precision and its highest recall."""
    ranked = sorted(
        (
            (detection.confidence, number in matched)
            for scene, matched in zip(scenes, matches, strict=True)
            for number, detection in enumerate(scene.detections)
            if detection.label == label
        ),
        reverse=True,
    )
    shown = [sum(each.label == label for each in scene.truth) for scene in scenes]
    figures = judge_label(label, ranked, sum(shown), testing_images=sum(map(bool, shown)))
    hits = sum(hit for _, hit in ranked)
    recall = hits / sum(shown) if hits else 0.0
    return figures, _average_precision(ranked, sum(shown)), recall


def _average_precision(ranked: Sequence[tuple[float, bool]], shown: int) -> float:
    """Return the area under the curve, each recall with the best precision at it or beyond.

    Predictions of one confidence are one point: no threshold tells them apart.
    """
    area, best, hits = 0.0, 0.0, sum(hit for _, hit in ranked)
    for position in range(len(ranked), 0, -1):
        score, hit = ranked[position - 1]
        if position == len(ranked) or ranked[position][0] != score:
            best = max(best, hits / position)
        area += best * hit
        hits -= hit
    return area / shown if area else 0.0
