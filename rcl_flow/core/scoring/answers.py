"""What is true of the holdout's images and what the model answered, as arrays.

Everything that is not about one threshold is computed from these: a label that was answered at
or above a threshold counts as predicted, as the service's MinConfidence works.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from operator import itemgetter
from typing import Final

import numpy as np
from numpy.typing import NDArray

from rcl_flow.core.datasets.dataset import DatasetImage
from rcl_flow.core.percentages import percent_of
from rcl_flow.core.scoring.metrics import Outcomes, outcomes_of_flags
from rcl_flow.core.scoring.predictions import Prediction

Flags = NDArray[np.bool_]
Numbers = NDArray[np.float64]
Indices = NDArray[np.intp]

NOT_ANSWERED: Final = -1.0
"""Stands for the confidence of a label that was not answered: below every threshold."""


@dataclass(frozen=True, slots=True)
class LabelAnswers:
    """Image-level labels: one row an image, one column a label."""

    labels: tuple[str, ...]
    truth: Flags
    confidences_percent: Numbers
    """0 to 100; `NOT_ANSWERED` where the service did not return the label."""

    @property
    def images(self) -> int:
        """The number of images."""
        return len(self.truth)

    def at(self, thresholds: Mapping[str, float]) -> Outcomes:
        """Return what is right and wrong at the labels' thresholds, 0 to 1."""
        least = np.array([percent_of(thresholds[label]) for label in self.labels])
        return outcomes_of_flags(self.labels, self.truth, self.confidences_percent >= least)

    def rows(self, chosen: Indices | Flags) -> "LabelAnswers":
        """Return the answers of some of the images."""
        return LabelAnswers(self.labels, self.truth[chosen], self.confidences_percent[chosen])


@dataclass(frozen=True, slots=True)
class ObjectAnswers:
    """Objects: one entry a true box, and one a found box, each with its image and label.

    Boxes are rows of left, top, right and bottom, as ratios of the image's width and height.
    """

    labels: tuple[str, ...]
    images: int
    true_images: Indices
    """The row of the image that each true box is in."""
    true_labels: Indices
    """The column of each true box's label."""
    true_boxes: Numbers
    found_images: Indices
    found_labels: Indices
    found_boxes: Numbers
    confidences_percent: Numbers
    """Of each found box, 0 to 100."""


def label_answers(
    images: Sequence[DatasetImage], predictions: Mapping[str, Prediction], labels: Sequence[str]
) -> LabelAnswers:
    """Return the image-level answers of `images`; labels that are not in `labels` are left out.

    Args:
        images: each has a prediction.
        predictions: by the image's digest.
        labels: the columns.
    """
    column = {label: index for index, label in enumerate(labels)}
    shape = len(images), len(column)
    cells = [
        row * len(column) + column[label]
        for row, image in enumerate(images)
        for label in image.labels
        if label in column
    ]
    truth = np.zeros(shape, dtype=np.bool_)
    truth.ravel()[cells] = True
    answers = [predictions[image.sha256].confidences_percent for image in images]
    return LabelAnswers(tuple(labels), truth, _confidences(answers, labels).reshape(shape))


def object_answers(
    images: Sequence[DatasetImage], predictions: Mapping[str, Prediction], labels: Sequence[str]
) -> ObjectAnswers:
    """Return the boxes of `images`, true and found; labels that are not in `labels` are left out.

    Args:
        images: each has a prediction; their boxes are in pixels.
        predictions: by the image's digest.
        labels: the columns.
    """
    column = {label: index for index, label in enumerate(labels)}
    true = [
        (row, column[box.label], box.within(image.width_pixels, image.height_pixels).corners)
        for row, image in enumerate(images)
        for box in image.boxes
        if box.label in column
    ]
    found = [
        (row, column[box.label], box.box.corners, box.confidence_percent)
        for row, image in enumerate(images)
        for box in predictions[image.sha256].boxes
        if box.label in column
    ]
    return ObjectAnswers(
        labels=tuple(labels),
        images=len(images),
        true_images=np.array([row for row, _, _ in true], dtype=np.intp),
        true_labels=np.array([label for _, label, _ in true], dtype=np.intp),
        true_boxes=np.array([box for _, _, box in true], dtype=np.float64).reshape(-1, 4),
        found_images=np.array([row for row, _, _, _ in found], dtype=np.intp),
        found_labels=np.array([label for _, label, _, _ in found], dtype=np.intp),
        found_boxes=np.array([box for _, _, box, _ in found], dtype=np.float64).reshape(-1, 4),
        confidences_percent=np.array([sure for _, _, _, sure in found], dtype=np.float64),
    )


def _confidences(answers: Sequence[Mapping[str, float]], labels: Sequence[str]) -> Numbers:
    """Return the confidence of each label in each answer, one after the other."""
    wanted = len(answers) * len(labels)
    if len(labels) > 1:
        try:  # at MinConfidence 0 every label is there, and all can be taken at once
            rows = map(itemgetter(*labels), answers)
            return np.fromiter(chain.from_iterable(rows), np.float64, wanted)
        except KeyError:
            pass
    every = (answer.get(label, NOT_ANSWERED) for answer in answers for label in labels)
    return np.fromiter(every, np.float64, wanted)
