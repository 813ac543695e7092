"""One training: judge the data, train a classifier on it and evaluate it. Touches nothing else."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field

from rcl_flow.emulator.data.catalogue import CONTENT_ERRORS
from rcl_flow.emulator.data.manifests import CheckedLine
from rcl_flow.emulator.data.sides import Side, Sides, check_sides
from rcl_flow.emulator.learning.evaluation import EvaluatedImage, Evaluation, evaluate_classifier
from rcl_flow.emulator.learning.learner import Classifier, Example, train_classifier


@dataclass(frozen=True)
class TrainingMaterial:
    """All that a training works with, copied when it was asked for.

    `file_error` is the text of an error that ends it before its lines are looked at. `testing` is
    None if the service shall split it off the training lines.
    """

    seed: str
    training: tuple[CheckedLine, ...] = ()
    testing: tuple[CheckedLine, ...] | None = None
    images: Mapping[str, bytes | None] = field(default_factory=dict, repr=False)
    file_error: str | None = None


@dataclass(frozen=True)
class TrainingOutcome:
    """What became of a training; without `evaluation` it failed, for the reason in `failure`.

    `sides` is None after an error of a manifest file.
    """

    failure: str | None = None
    sides: Sides | None = None
    classifier: Classifier | None = None
    evaluation: Evaluation | None = None
    images: tuple[EvaluatedImage, ...] = ()


def run_training(material: TrainingMaterial) -> TrainingOutcome:
    """Judge, train and evaluate."""
    if material.file_error is not None:
        return TrainingOutcome(failure=material.file_error)
    testing = None if material.testing is None else Side(material.testing)
    sides = check_sides(Sides(Side(material.training), testing, material.seed, material.images))
    if errors := sides.terminal_errors():
        return TrainingOutcome(failure=CONTENT_ERRORS[errors[0]], sides=sides)
    examples = [
        Example(_image(material, line), frozenset(line.labels)) for line in sides.training.usable()
    ]
    classifier = train_classifier(examples, seed=_seed_number(material.seed))
    images = tuple(
        EvaluatedImage(
            line.source_ref, frozenset(line.labels), classifier.scores(_image(material, line))
        )
        for line in (sides.testing or Side(())).usable()
    )
    evaluation = evaluate_classifier(images, classifier.labels)
    return TrainingOutcome(None, sides, classifier, evaluation, images)


def _image(material: TrainingMaterial, line: CheckedLine) -> bytes:
    return material.images[line.source_ref] or b""


def _seed_number(seed: str) -> int:
    return int.from_bytes(hashlib.sha256(seed.encode()).digest()[:4], "big")
