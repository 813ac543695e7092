"""The images that one model judges rightly and another does not, with what both said of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from rcl_flow.core.datasets.dataset import DatasetImage, Task
from rcl_flow.core.scoring.answers import Flags
from rcl_flow.core.scoring.judged import Judged
from rcl_flow.core.scoring.judging import MarkedBox, judge_boxes
from rcl_flow.core.scoring.metrics import Outcomes
from rcl_flow.core.scoring.mistakes import Answered
from rcl_flow.core.scoring.predictions import predicted_labels
from rcl_flow.core.values import Frozen


class ModelAnswer(Frozen):
    """What one model said of an image."""

    predicted: tuple[str, ...]
    """The labels at or above their threshold; of objects, once for each that was found."""
    confidences_percent: dict[str, float]
    """Of the labels that are true or were predicted, where the model returned one."""
    boxes: tuple[MarkedBox, ...] = ()


class ChangedImage(Frozen):
    """An image that one model judges rightly and the other does not."""

    sha256: str
    uri: str
    truth: tuple[str, ...]
    first: ModelAnswer
    second: ModelAnswer
    width_pixels: int = 0
    height_pixels: int = 0


@dataclass(frozen=True, slots=True)
class Contender:
    """A model with its answers and the thresholds at which they count."""

    judged: Judged
    thresholds: Mapping[str, float]
    """0 to 1, by label: the labels that the model knows."""
    task: Task = "classification"
    tuned_on: frozenset[str] = frozenset()
    """Digests of the images that the thresholds were tuned on, which would flatter the model."""


@dataclass(frozen=True, slots=True)
class Pair:
    """Two models, and what both can be judged on: common images, common labels."""

    first: Contender
    second: Contender
    images: Sequence[DatasetImage]
    labels: tuple[str, ...]

    def _thresholds(self, model: Contender) -> dict[str, float]:
        return {label: model.thresholds[label] for label in self.labels}

    def outcomes(self, model: Contender) -> Outcomes:
        """Return what is right and wrong of one of the models."""
        judged = Judged(tuple(self.images), model.judged.predictions)
        answered = Answered(model.task, judged, self.labels)
        return answered.outcomes(self._thresholds(model))

    def images_where(self, flags: Flags) -> tuple[ChangedImage, ...]:
        """Return what both said of some of the images, by truth and name."""
        found = [self._changed(self.images[row]) for row in np.flatnonzero(flags).tolist()]
        return tuple(sorted(found, key=lambda image: (image.truth, image.uri, image.sha256)))

    def _changed(self, image: DatasetImage) -> ChangedImage:
        return ChangedImage(
            sha256=image.sha256,
            uri=image.uri,
            truth=image.labels,
            first=self._answer(image, self.first),
            second=self._answer(image, self.second),
            width_pixels=image.width_pixels,
            height_pixels=image.height_pixels,
        )

    def _answer(self, image: DatasetImage, model: Contender) -> ModelAnswer:
        prediction, thresholds = model.judged.predictions[image.sha256], self._thresholds(model)
        confidences = prediction.confidences_percent
        predicted = predicted_labels(prediction, thresholds)
        boxes: tuple[MarkedBox, ...] = ()
        if model.task == "detection":
            judgement = judge_boxes(image, prediction, thresholds)
            predicted, boxes = judgement.hits + judgement.false_alarms, judgement.boxes
        shown = {*image.labels, *predicted} & confidences.keys()
        return ModelAnswer(
            predicted=tuple(sorted(predicted)),
            confidences_percent={label: confidences[label] for label in sorted(shown)},
            boxes=boxes,
        )
