"""All that is known of a judged model when advice is given."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np

from rcl_flow.core.datasets.dataset import DatasetImage
from rcl_flow.core.percentages import reaches
from rcl_flow.core.scoring.advice import AdvisedImage
from rcl_flow.core.scoring.comparison import Comparison
from rcl_flow.core.scoring.error_types import ErrorSummary, TypedError
from rcl_flow.core.scoring.gap_reasons import GapReasons
from rcl_flow.core.scoring.material import Material
from rcl_flow.core.scoring.metrics import ratios_of
from rcl_flow.core.scoring.mistake_table import MistakeTable, Tally, tally_of
from rcl_flow.core.scoring.predictions import predicted_labels
from rcl_flow.core.scoring.thresholds import ThresholdTuning
from rcl_flow.core.scoring.typing_errors import mistakes_of, positives_of

MOST_IMAGES: Final = 500
"""So many images are listed with a piece of advice; more are counted."""


@dataclass(frozen=True)
class Known:
    """A judged model, and what was found out about it."""

    material: Material
    comparison: Comparison
    tuning: ThresholdTuning
    reasons: GapReasons
    errors: ErrorSummary

    @cached_property
    def table(self) -> MistakeTable:
        """Every mistake on the holdout."""
        return mistakes_of(self.material)

    @cached_property
    def tally(self) -> Tally:
        """The counts that the holdout's scores are made of."""
        return tally_of(self.table, positives_of(self.material))

    @cached_property
    def f1_by_label(self) -> dict[str, float]:
        """The F1 of each label that the holdout has, 0 to 1."""
        tally = self.tally
        f1 = ratios_of(tally.hits, tally.false_alarms, tally.misses).f1
        return {
            self.material.labels[column]: float(f1[column])
            for column in np.flatnonzero(tally.positives > 0).tolist()
        }

    @property
    def unit(self) -> str:
        """What is counted: images or objects."""
        return "objects" if self.material.task == "detection" else "images"

    @property
    def holdout_images(self) -> int:
        """The size of the whole holdout, however many of its images are judged."""
        return whole_holdout(self.comparison, self.tuning)

    def column(self, label: str) -> int:
        """Return the place of a label in every array."""
        return self.material.labels.index(label)

    def images_of(self, errors: Sequence[TypedError]) -> tuple[AdvisedImage, ...]:
        """Return the images of some mistakes, each once, in their order; at most `MOST_IMAGES`."""
        sure: dict[str, float] = {}
        for error in errors:
            sure.setdefault(error.sha256, error.confidence_percent)
        return self.images(list(sure)[:MOST_IMAGES], sure)

    def images(
        self, sha256s: Iterable[str], confidences_percent: dict[str, float] | None = None
    ) -> tuple[AdvisedImage, ...]:
        """Return holdout images with what the model says of them.

        Images with labels that the model does not know are left out.
        """
        known = self._images
        return tuple(
            self._advised(known[sha256], (confidences_percent or {}).get(sha256))
            for sha256 in sha256s
            if sha256 in known
        )

    @property
    def unknown_images(self) -> tuple[AdvisedImage, ...]:
        """Those that are annotated with a label the model does not have; at most `MOST_IMAGES`."""
        images = [
            image for image in self.material.judged.images if image.sha256 not in self._images
        ]
        return tuple(self._advised(image, None) for image in images[:MOST_IMAGES])

    @cached_property
    def _images(self) -> dict[str, DatasetImage]:
        """The holdout images that advice rests on: all of their labels are the model's."""
        flags = self.material.has_unknown_label.tolist()
        pairs = zip(self.material.judged.images, flags, strict=True)
        return {image.sha256: image for image, unknown in pairs if not unknown}

    def _advised(self, image: DatasetImage, confidence_percent: float | None) -> AdvisedImage:
        prediction = self.material.judged.predictions[image.sha256]
        suggested = predicted_labels(prediction, self.material.thresholds)
        if self.material.task == "detection":
            boxes = tuple(
                box
                for box in prediction.boxes
                if box.label in self.material.thresholds
                and reaches(box.confidence_percent, self.material.thresholds[box.label])
            )
            suggested = tuple(sorted({box.label for box in boxes}))
        else:
            boxes = ()
        if confidence_percent is None:
            answered = prediction.confidences_percent
            confidence_percent = max((answered.get(label, 0.0) for label in suggested), default=0.0)
        return AdvisedImage(
            sha256=image.sha256,
            uri=image.uri,
            split="holdout",
            truth=image.labels,
            suggested=suggested,
            confidence_percent=confidence_percent,
            boxes=boxes,
            width_pixels=image.width_pixels,
            height_pixels=image.height_pixels,
        )


def whole_holdout(comparison: Comparison, tuning: ThresholdTuning) -> int:
    """Return the holdout's images: judged ones, those tuned on, and those the service refused."""
    tuned_on = tuning.calibration_images if tuning.used else 0
    return comparison.holdout.images + tuned_on + len(comparison.refused)
