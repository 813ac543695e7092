"""COCO's average precision at an overlap of 0.5, by a library that is named; a program of its own.

It runs in the environment of the peers, which has nothing of this project: `detection_metrics`
gives it a file of boxes, and reads the CPU seconds and the values of each label as JSON.
"""

import importlib
import json
import sys
import time
from typing import Any

import numpy as np

LIBRARIES = {
    "pycocotools": ("pycocotools.coco", "pycocotools.cocoeval", "COCOeval"),
    "faster-coco-eval": ("faster_coco_eval", "faster_coco_eval", "COCOeval_faster"),
}
"""By its name, where the library has its index of boxes and its evaluation."""
OVERLAP = 0.5
MOST_BOXES = 100
ANY_AREA = [[0, 1e10]]


def judge(library: str, boxes: dict[str, Any], rounds: int) -> dict[str, Any]:
    """Return the CPU seconds of each round, and the average precision of each label.

    Only evaluating and accumulating is timed, at the one overlap: not what makes the library's
    own form of the boxes.

    Args:
        library: one of `LIBRARIES`.
        boxes: arrays: `true_images`, `true_labels`, `true_boxes`, `found_images`, `found_labels`,
            `found_boxes` and `percents`, boxes as left, top, width and height; numbers: `images`
            and `labels`.
        rounds: how often it is timed.
    """
    index, place, name = LIBRARIES[library]
    coco = importlib.import_module(index).COCO
    evaluation = getattr(importlib.import_module(place), name)
    truth = coco()
    truth.dataset = {
        "info": {},
        "images": [{"id": number} for number in range(int(boxes["images"]))],
        "categories": [{"id": n, "name": str(n)} for n in range(int(boxes["labels"]))],
        "annotations": list(annotations(boxes)),
    }
    truth.createIndex()
    found = truth.loadRes(results(boxes))
    seconds = []
    for _ in range(rounds):
        judged = evaluation(truth, found, "bbox")
        judged.params.iouThrs = np.array([OVERLAP])
        judged.params.maxDets = [1, 10, MOST_BOXES]
        judged.params.areaRng, judged.params.areaRngLbl = ANY_AREA, ["all"]
        started = time.process_time()
        judged.evaluate()
        judged.accumulate()
        seconds.append(time.process_time() - started)
    precision = np.asarray(judged.eval["precision"])[0, :, :, 0, -1]
    return {"seconds": seconds, "values": precision.mean(axis=0).tolist()}


def annotations(boxes: dict[str, Any]) -> Any:  # noqa: ANN401  # the library's own form
    """Yield the true boxes."""
    rows = zip(
        boxes["true_images"].tolist(),
        boxes["true_labels"].tolist(),
        boxes["true_boxes"].tolist(),
        strict=True,
    )
    for number, (image, label, box) in enumerate(rows, start=1):
        yield {
            "id": number,
            "image_id": image,
            "category_id": label,
            "bbox": box,
            "area": box[2] * box[3],
            "iscrowd": 0,
        }


def results(boxes: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the found boxes."""
    rows = zip(
        boxes["found_images"].tolist(),
        boxes["found_labels"].tolist(),
        boxes["found_boxes"].tolist(),
        boxes["percents"].tolist(),
        strict=True,
    )
    return [
        {"image_id": image, "category_id": label, "bbox": box, "score": score}
        for image, label, box, score in rows
    ]


if __name__ == "__main__":
    found_in = dict(np.load(sys.argv[2]))
    answer = judge(sys.argv[1], found_in, int(sys.argv[3]))
    print("\n" + json.dumps(answer))  # the libraries print lines of their own before
