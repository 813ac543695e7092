"""The holdout images that a model was asked about, with its answers."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from rcl_flow.core.datasets.dataset import DatasetImage
from rcl_flow.core.scoring.answers import Indices, LabelAnswers, label_answers
from rcl_flow.core.scoring.predictions import Prediction, RefusedImage


@dataclass(frozen=True)
class Judged:
    """The holdout images that were predicted, with what was predicted of them."""

    images: tuple[DatasetImage, ...]
    predictions: Mapping[str, Prediction]
    """By the image's digest; every image has one, and other images may have one, too."""
    refused: tuple[RefusedImage, ...] = ()
    _known: dict[tuple[str, ...], LabelAnswers] = field(
        init=False, repr=False, compare=False, default_factory=dict
    )

    def labels_answered(self, labels: tuple[str, ...]) -> LabelAnswers:
        """Return the image-level answers as arrays, made once for the same labels.

        Args:
            labels: the columns; answers for others are left out.
        """
        if labels not in self._known:
            self._known[labels] = label_answers(self.images, self.predictions, labels)
        return self._known[labels]

    def some(self, rows: Indices, refused: tuple[RefusedImage, ...] = ()) -> "Judged":
        """Return the images in these rows, and the refused ones that are given."""
        images = tuple(map(self.images.__getitem__, rows.tolist()))
        chosen = Judged(images, self.predictions, refused)
        chosen._known.update({labels: known.rows(rows) for labels, known in self._known.items()})
        return chosen
