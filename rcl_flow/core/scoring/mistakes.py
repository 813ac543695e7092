"""What was judged wrongly, image by image, and what each label was taken for."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from rcl_flow.core.datasets.dataset import DatasetImage, Task
from rcl_flow.core.scoring.answers import (
    Indices,
    LabelAnswers,
    ObjectAnswers,
    object_answers,
)
from rcl_flow.core.scoring.judged import Judged
from rcl_flow.core.scoring.judging import Judgement, judge_boxes, judge_labels
from rcl_flow.core.scoring.matching import match_objects, object_outcomes
from rcl_flow.core.scoring.metrics import Outcomes, outcomes_of
from rcl_flow.core.scoring.predictions import Prediction
from rcl_flow.core.scoring.ranking import RankedAnswers, ranked_labels, ranked_objects


@dataclass(frozen=True, slots=True)
class JudgedImages:
    """What is right and wrong about images at one threshold a label."""

    outcomes: Outcomes
    """One row an image, one column a label of the model."""
    confusion: Mapping[tuple[str, str], int]
    """How often a pair of truth and prediction occurs; `NOTHING` stands for none."""
    wrong: tuple[tuple[int, Judgement], ...]
    """The rows of the images that are not right, ascending, with what is wrong about them."""


@dataclass(frozen=True)
class Answered:
    """Images with what a model said of them, ready to be judged at any thresholds."""

    task: Task
    judged: Judged
    labels: tuple[str, ...]
    """Those that count; one column each."""

    @property
    def images(self) -> tuple[DatasetImage, ...]:
        """The images, in the order of every row."""
        return self.judged.images

    @property
    def _label_answers(self) -> LabelAnswers:
        return self.judged.labels_answered(self.labels)

    @cached_property
    def objects(self) -> ObjectAnswers:
        """The boxes, true and found; empty unless the model detects objects."""
        return object_answers(self.images, self.judged.predictions, self.labels)

    @cached_property
    def matches(self) -> Indices:
        """The true box that each found one hits."""
        return match_objects(self.objects)

    @cached_property
    def ranked(self) -> tuple[RankedAnswers, ...]:
        """Each label's answers, the surest first."""
        if self.task == "classification":
            return ranked_labels(self._label_answers)
        return ranked_objects(self.objects, self.matches)

    def outcomes(self, thresholds: Mapping[str, float]) -> Outcomes:
        """Return what is right and wrong, without what was taken for what.

        Args:
            thresholds: 0 to 1, of each label.
        """
        if self.task == "detection":
            return object_outcomes(self.objects, self.matches, thresholds)
        return self._label_answers.at(thresholds)

    def judge(self, thresholds: Mapping[str, float]) -> JudgedImages:
        """Judge every image; only what is wrong is looked at one by one.

        Args:
            thresholds: 0 to 1, of each label.
        """
        if self.task == "detection":
            return self._judge_objects(thresholds)
        outcomes = self._label_answers.at(thresholds)
        shown = np.array([len(image.labels) for image in self.images])
        # a label without a column makes its image wrong: the model cannot find it
        is_right = (shown == outcomes.hits.sum(axis=1)) & ~outcomes.false_alarms.any(axis=1)
        wrong = tuple(
            (row, judge_labels(self.images[row], self._said(row), thresholds))
            for row in np.flatnonzero(~is_right).tolist()
        )
        confusion = _confusion(judgement for _, judgement in wrong)
        counts = outcomes.hits[is_right].sum(axis=0).tolist()
        found = dict(zip(outcomes.labels, counts, strict=True))
        confusion.update({(label, label): count for label, count in found.items() if count})
        return JudgedImages(outcomes, confusion, wrong)

    def _judge_objects(self, thresholds: Mapping[str, float]) -> JudgedImages:
        judgements = [
            judge_boxes(image, self._said(row), thresholds) for row, image in enumerate(self.images)
        ]
        return JudgedImages(
            outcomes_of(((j.truth, j.hits, j.false_alarms) for j in judgements), self.labels),
            _confusion(judgements),
            tuple((row, one) for row, one in enumerate(judgements) if not one.is_right),
        )

    def _said(self, row: int) -> Prediction:
        return self.judged.predictions[self.images[row].sha256]


def _confusion(judgements: Iterable[Judgement]) -> Counter[tuple[str, str]]:
    return Counter(pair for judgement in judgements for pair in judgement.confusions)
