"""Judged holdouts of a few images, written as what is true and what was said of each."""

from collections.abc import Mapping, Sequence

import numpy as np

from rcl_flow.core.datasets.boxes import DetectedBox, PixelBox
from rcl_flow.core.datasets.dataset import DatasetImage, Task
from rcl_flow.core.measures import ImageMeasures
from rcl_flow.core.scoring.judged import Judged
from rcl_flow.core.scoring.material import Material
from rcl_flow.core.scoring.predictions import Prediction
from tests.builders import evaluation, image, prediction, sha256_of

SIDE_PIXELS = 100
Place = tuple[float, float, float, float]
Objects = Sequence[tuple[str, Place]]
Found = Sequence[tuple[str, float, Place]]


def material(
    rows: Sequence[tuple[Sequence[str], Mapping[str, float]]],
    labels: Sequence[str],
    *,
    measures: Mapping[int, ImageMeasures] | None = None,
    training_images: Mapping[str, int] | None = None,
) -> Material:
    """Return a holdout: what is true of each image, and the confidences in percent.

    Every threshold is 0.5; `measures` are by the number of the image.
    """
    images = [image(f"holdout-{number}", *truth) for number, (truth, _) in enumerate(rows)]
    said = [prediction(f"holdout-{number}", **sure) for number, (_, sure) in enumerate(rows)]
    return _material(images, said, labels, measures or {}, training_images or {})


def scenes(rows: Sequence[tuple[Objects, Found]], labels: Sequence[str]) -> Material:
    """Return a holdout of objects: places in pixels of images of 100 x 100; confidences."""
    images, said = [], []
    for number, (objects, found) in enumerate(rows):
        sha256 = sha256_of(f"scene-{number}")
        images.append(
            DatasetImage(
                uri=f"s3://acme/scene-{number}.png",
                sha256=sha256,
                size_bytes=1,
                image_format="PNG",
                labels=tuple(sorted({label for label, _ in objects})),
                boxes=tuple(PixelBox(label, *place) for label, place in objects),
                width_pixels=SIDE_PIXELS,
                height_pixels=SIDE_PIXELS,
            )
        )
        boxes = tuple(
            DetectedBox(
                label=label,
                confidence_percent=percent,
                box=PixelBox(label, *place).within(SIDE_PIXELS, SIDE_PIXELS),
            )
            for label, percent, place in found
        )
        said.append(Prediction(sha256=sha256, confidences_percent={}, boxes=boxes))
    return _material(images, said, labels, {}, {}, task="detection")


def random_rows(
    rng: np.random.Generator, labels: Sequence[str], images: int
) -> list[tuple[list[str], dict[str, float]]]:
    """Return images of none, one or several labels, answered at random."""
    return [
        (
            [label for label in labels if rng.random() < 0.4],
            {label: float(rng.integers(0, 101)) for label in labels if rng.random() < 0.8},
        )
        for _ in range(images)
    ]


def _material(
    images: Sequence[DatasetImage],
    said: Sequence[Prediction],
    labels: Sequence[str],
    measures: Mapping[int, ImageMeasures],
    training_images: Mapping[str, int],
    task: Task = "classification",
) -> Material:
    test = evaluation(
        [([label], [label]) for label in labels], {label: (1.0, 1.0, 1.0) for label in labels}
    )
    return Material(
        evaluation=test.model_copy(update={"task": task}),
        judged=Judged(tuple(images), {answer.sha256: answer for answer in said}),
        thresholds=dict.fromkeys(labels, 0.5),
        measures={images[number].sha256: measured for number, measured in measures.items()},
        training_images=training_images,
    )
