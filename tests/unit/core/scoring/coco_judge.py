"""COCO's own evaluation of found boxes, as pycocotools makes it."""

from typing import Any

import numpy as np
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

from rcl_flow.core.scoring.answers import Numbers, ObjectAnswers
from rcl_flow.core.scoring.matching import OVERLAPS


def judged_by_coco(answers: ObjectAnswers) -> Any:  # noqa: ANN401  # pycocotools has no types
    """Return what COCO's evaluation accumulates: precision and recall by overlap and label."""
    truth = COCO()
    truth.dataset = {
        "info": {},
        "images": [{"id": number} for number in range(answers.images)],
        "categories": [{"id": n, "name": label} for n, label in enumerate(answers.labels)],
        "annotations": [
            {
                "id": index,
                "image_id": int(answers.true_images[index - 1]),
                "category_id": int(answers.true_labels[index - 1]),
                "bbox": box,
                "area": box[2] * box[3],
                "iscrowd": 0,
            }
            for index, box in enumerate(coco_boxes(answers.true_boxes), start=1)
        ],
    }
    truth.createIndex()
    judge = COCOeval(truth, found_by_coco(answers, truth), "bbox")
    assert tuple(judge.params.iouThrs) == OVERLAPS
    judge.evaluate()
    judge.accumulate()
    return judge.eval


def found_by_coco(answers: ObjectAnswers, truth: COCO) -> COCO:
    """Return the found boxes as COCO reads them; it cannot read none."""
    results = [
        {
            "image_id": int(answers.found_images[index]),
            "category_id": int(answers.found_labels[index]),
            "bbox": box,
            "score": float(answers.confidences_percent[index]),
        }
        for index, box in enumerate(coco_boxes(answers.found_boxes))
    ]
    if results:
        return truth.loadRes(results)
    nothing = COCO()
    nothing.dataset = {**truth.dataset, "annotations": []}
    nothing.createIndex()
    return nothing


def coco_boxes(boxes: Numbers) -> list[list[float]]:
    """Return boxes as left, top, width and height."""
    return np.hstack([boxes[:, :2], boxes[:, 2:] - boxes[:, :2]]).tolist()  # type: ignore[no-any-return]
