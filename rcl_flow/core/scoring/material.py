"""What an analysis of a model looks at: its answers, and all that is known of the images."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from rcl_flow.core.datasets.dataset import DatasetImage, Task
from rcl_flow.core.measures import ImageMeasures
from rcl_flow.core.scoring.answers import Flags, LabelAnswers, ObjectAnswers
from rcl_flow.core.scoring.judged import Judged
from rcl_flow.core.scoring.mistakes import Answered
from rcl_flow.core.training.evaluation import Evaluation


@dataclass(frozen=True)
class Material:
    """A judged model and everything that may explain how it was judged.

    What is empty is not known, and what needs it says nothing.
    """

    evaluation: Evaluation
    """The service's own, over the test dataset."""
    judged: Judged
    """The holdout images that count, with the model's answers."""
    thresholds: Mapping[str, float]
    """At which the holdout is judged, 0 to 1, by label: every label of the model has one."""
    measures: Mapping[str, ImageMeasures] = field(default_factory=dict)
    """Of test and holdout images, by digest."""
    test_images: Mapping[str, DatasetImage] = field(default_factory=dict)
    """The images of the test dataset, by the `source_ref` of their outcome."""
    training_images: Mapping[str, int] = field(default_factory=dict)
    """How many distinct training images have each label."""

    @property
    def task(self) -> Task:
        """What the model does."""
        return self.evaluation.task

    @property
    def labels(self) -> tuple[str, ...]:
        """The model's labels, in the order of every array."""
        return tuple(entry.label for entry in self.evaluation.labels)

    @cached_property
    def has_unknown_label(self) -> Flags:
        """Which holdout images are annotated with a label that the model does not know."""
        known = frozenset(self.labels)
        rows = (not known.issuperset(image.labels) for image in self.judged.images)
        return np.fromiter(rows, np.bool_, len(self.judged.images))

    @property
    def labels_answered(self) -> LabelAnswers:
        """The image-level answers; of objects, the highest confidence of each label an image."""
        return self.judged.labels_answered(self.labels)

    @cached_property
    def answered(self) -> Answered:
        """The answers, ready to be ranked and to be judged at any thresholds."""
        return Answered(self.task, self.judged, self.labels)

    @property
    def objects_answered(self) -> ObjectAnswers:
        """The boxes, true and found; empty unless the model detects objects."""
        return self.answered.objects
