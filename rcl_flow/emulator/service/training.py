"""One training: judge the data, train a model on it and evaluate it. Touches nothing else."""

from dataclasses import dataclass, field, replace

from rcl_flow.emulator.data.catalogue import CONTENT_ERRORS
from rcl_flow.emulator.data.checks import check_sides
from rcl_flow.emulator.data.sides import OBJECT_LOCALIZATION, Sides
from rcl_flow.emulator.learning.luck import Luck
from rcl_flow.emulator.service.results import TrainedResult, train_on_boxes, train_on_labels


@dataclass(frozen=True)
class TrainingMaterial:
    """All that a training works with, copied when it was asked for.

    `file_error` is the text of an error that ends it before its lines are looked at; then there
    are no `sides`.
    """

    sides: Sides | None = None
    file_error: str | None = None
    luck: Luck = field(default_factory=Luck)

    def failing(self, reason: str) -> "TrainingMaterial":
        """Return material that fails for `reason`: a code of the catalogue, or a text."""
        if self.sides is None or reason not in CONTENT_ERRORS:
            return TrainingMaterial(file_error=reason)
        return replace(
            self, sides=replace(self.sides, training=self.sides.training.failing(reason))
        )


@dataclass(frozen=True)
class TrainingOutcome:
    """What became of a training; without a `result` it failed, for the reason in `failure`.

    `sides` is None after an error of a manifest file.
    """

    failure: str | None = None
    sides: Sides | None = None
    result: TrainedResult | None = None


def run_training(material: TrainingMaterial) -> TrainingOutcome:
    """Judge, train and evaluate."""
    if material.sides is None:
        return TrainingOutcome(failure=material.file_error)
    sides = check_sides(material.sides)
    if errors := sides.terminal_errors():
        return TrainingOutcome(failure=CONTENT_ERRORS[errors[0]], sides=sides)
    train = train_on_boxes if sides.use_case == OBJECT_LOCALIZATION else train_on_labels
    return TrainingOutcome(None, sides, train(sides, material.luck))
