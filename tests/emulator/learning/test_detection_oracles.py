"""The detector's figures against independent implementations of them."""

from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval
from sklearn.metrics import precision_recall_curve

from rcl_flow.emulator.learning.boxes import Box
from rcl_flow.emulator.learning.detection_evaluation import (
    EvaluatedScene,
    evaluate_detector,
    match_boxes,
)
from tests.emulator.learning.scenes import LABELS, crowded_scene, several_scenes

RECALLS = np.linspace(0, 1, 101)
"""Where COCO reads the precision."""


def ranked_hits(
    scenes: list[EvaluatedScene], label: str, min_overlap: float
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.bool_], int]:
    """Return the confidences, the surest first, which are hits, and how many objects there are."""
    pairs = []
    for one in scenes:
        matches = match_boxes(one, min_overlap=min_overlap)
        pairs += [
            (each.confidence, number in matches)
            for number, each in enumerate(one.detections)
            if each.label == label
        ]
    pairs.sort(reverse=True)
    shown = sum(each.label == label for one in scenes for each in one.truth)
    confidences, hits = zip(*pairs, strict=True) if pairs else ((), ())
    return np.array(confidences, np.float64), np.array(hits, np.bool_), shown


@given(several_scenes)
def test_average_precision_is_the_area_under_scikit_learns_curve(
    scenes: list[EvaluatedScene],
) -> None:
    """With equal confidences too: the best precision at or beyond each recall, step by step."""
    areas = []
    for label in LABELS:
        confidences, hits, shown = ranked_hits(scenes, label, 0.5)
        if not hits.any():
            areas.append(0.0)
            continue
        precision, recall, _ = precision_recall_curve(hits, confidences)
        # the last point is added by scikit-learn; recall falls, so the best so far is "beyond"
        best = np.maximum.accumulate(precision[:-1])
        areas.append(float(best @ -np.diff(recall)) * hits.sum() / shown)
    evaluation = evaluate_detector(scenes, LABELS)
    assert evaluation.average_precision == pytest.approx(np.mean(areas), rel=0, abs=1e-12)


def sampled_precisions(
    scenes: list[EvaluatedScene], label: str, min_overlap: float
) -> npt.NDArray[np.float64]:
    """Return the interpolated precision at COCO's 101 recalls, made from our own matches."""
    _, hits, shown = ranked_hits(scenes, label, min_overlap)
    found = np.cumsum(hits)
    best = np.maximum.accumulate((found / np.arange(1, len(hits) + 1))[::-1])[::-1]
    places = np.searchsorted(found / shown, RECALLS)
    return np.append(best, 0.0)[places]


@pytest.mark.parametrize("min_overlap", [0.5, 0.75])
@pytest.mark.parametrize("seed", range(4))
def test_matches_and_recall_are_those_of_pycocotools(seed: int, min_overlap: float) -> None:
    """Matching in crowded scenes gives COCO's whole curve of each label, and its recall."""
    scenes = crowd(seed)
    judged = judged_by_coco(scenes, min_overlap)
    for number, label in enumerate(LABELS):
        theirs = judged["precision"][0, :, number, 0, -1]
        ours = sampled_precisions(scenes, label, min_overlap)
        np.testing.assert_allclose(ours, theirs, rtol=0, atol=1e-9)
    evaluation = evaluate_detector(scenes, LABELS, min_overlap=min_overlap)
    recall = judged["recall"][0, :, 0, -1].mean()
    assert evaluation.average_recall == pytest.approx(recall, rel=0, abs=1e-9)


@pytest.mark.parametrize("seed", range(4))
def test_average_precision_is_near_that_of_pycocotools(seed: int) -> None:
    """The whole area and COCO's mean of 101 samples differ by less than one sample each."""
    scenes = crowd(seed)
    theirs = judged_by_coco(scenes, 0.5)["precision"][0, :, :, 0, -1].mean()
    ours = evaluate_detector(scenes, LABELS).average_precision
    assert 0.2 < ours < 0.9
    assert ours == pytest.approx(theirs, rel=0, abs=1 / 101)


def crowd(seed: int) -> list[EvaluatedScene]:
    """Return sixty crowded scenes."""
    rng = np.random.default_rng(seed)
    return [crowded_scene(rng, str(number)) for number in range(60)]


def judged_by_coco(scenes: list[EvaluatedScene], min_overlap: float) -> Any:  # noqa: ANN401  # no types
    """Return what COCO's evaluation accumulates: precision and recall by label."""
    truth = COCO()
    truth.dataset = coco_dataset(scenes)
    truth.createIndex()
    judge = COCOeval(truth, truth.loadRes(coco_results(scenes)), "bbox")
    judge.params.iouThrs = np.array([min_overlap])
    judge.params.areaRng = judge.params.areaRng[:1]
    judge.params.areaRngLbl = judge.params.areaRngLbl[:1]
    judge.evaluate()
    judge.accumulate()
    return judge.eval


def coco_box(box: Box) -> list[float]:
    """Return a box as COCO has it, on an image of 1000 x 1000 pixels."""
    return [1000 * side for side in (box.left, box.top, box.width, box.height)]


def coco_dataset(scenes: list[EvaluatedScene]) -> dict[str, Any]:
    """Return the truth in COCO's form."""
    pairs = [(number, each) for number, one in enumerate(scenes) for each in one.truth]
    return {
        "info": {},
        "images": [{"id": number} for number in range(len(scenes))],
        "categories": [{"id": number, "name": label} for number, label in enumerate(LABELS)],
        "annotations": [
            {
                "id": index,
                "image_id": number,
                "category_id": LABELS.index(each.label),
                "bbox": coco_box(each.box),
                "area": 1e6 * each.box.area,
                "iscrowd": 0,
            }
            for index, (number, each) in enumerate(pairs, start=1)
        ],
    }


def coco_results(scenes: list[EvaluatedScene]) -> list[dict[str, Any]]:
    """Return the predictions in COCO's form."""
    return [
        {
            "image_id": number,
            "category_id": LABELS.index(each.label),
            "bbox": coco_box(each.box),
            "score": each.confidence,
        }
        for number, one in enumerate(scenes)
        for each in one.detections
    ]
