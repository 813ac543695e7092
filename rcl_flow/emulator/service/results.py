"""What a training that succeeded has made: a model, its evaluation, and the snapshots' lines."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from rcl_flow.emulator.data.images import read_size
from rcl_flow.emulator.data.manifests import CheckedLine
from rcl_flow.emulator.data.sides import Side, Sides
from rcl_flow.emulator.learning.detection_evaluation import (
    DetectionEvaluation,
    EvaluatedScene,
    evaluate_detector,
)
from rcl_flow.emulator.learning.detection_snapshots import scene_lines, training_scene_lines
from rcl_flow.emulator.learning.detector import Detector
from rcl_flow.emulator.learning.detector_training import BoxExample, train_detector
from rcl_flow.emulator.learning.evaluation import (
    AnyEvaluation,
    EvaluatedImage,
    Evaluation,
    evaluate_classifier,
)
from rcl_flow.emulator.learning.learner import Classifier, Example, train_classifier
from rcl_flow.emulator.learning.luck import Luck
from rcl_flow.emulator.learning.snapshots import snapshot_lines, training_snapshot_lines

Lines = Iterator[dict[str, object]]


class TrainedResult(Protocol):
    """A model with its evaluation."""

    @property
    def model(self) -> Classifier | Detector:
        """What answers DetectCustomLabels."""

    @property
    def evaluation(self) -> AnyEvaluation:
        """How it did on the test images."""

    @property
    def training_images(self) -> int:
        """How many images it was trained on."""

    def training_lines(self, created_at: datetime) -> Lines:
        """Yield the snapshot of the training images."""

    def testing_lines(self, created_at: datetime) -> Lines:
        """Yield the snapshot of the test images."""


@dataclass(frozen=True)
class ClassifierResult:
    """A model of image-level labels."""

    model: Classifier
    evaluation: Evaluation
    trained_on: tuple[CheckedLine, ...]
    images: tuple[EvaluatedImage, ...]

    @property
    def training_images(self) -> int:
        """How many images it was trained on."""
        return len(self.trained_on)

    def training_lines(self, created_at: datetime) -> Lines:
        """Yield the snapshot of the training images."""
        entries = [(line.source_ref, frozenset(line.labels)) for line in self.trained_on]
        return training_snapshot_lines(entries, created_at=created_at)

    def testing_lines(self, created_at: datetime) -> Lines:
        """Yield the snapshot of the test images."""
        return snapshot_lines(self.images, self.evaluation, created_at=created_at)


@dataclass(frozen=True)
class DetectorResult:
    """A model that finds objects."""

    model: Detector
    evaluation: DetectionEvaluation
    trained_on: tuple[EvaluatedScene, ...]
    scenes: tuple[EvaluatedScene, ...]

    @property
    def training_images(self) -> int:
        """How many images it was trained on."""
        return len(self.trained_on)

    def training_lines(self, created_at: datetime) -> Lines:
        """Yield the snapshot of the training images."""
        return training_scene_lines(self.trained_on, created_at=created_at)

    def testing_lines(self, created_at: datetime) -> Lines:
        """Yield the snapshot of the test images."""
        return scene_lines(self.scenes, self.evaluation, created_at=created_at)


def train_on_labels(sides: Sides, luck: Luck) -> ClassifierResult:
    """Train a classifier and evaluate it."""
    trained_on = tuple(sides.training.usable())
    used = luck.drawn([line.labels for line in trained_on])
    examples = [
        Example(sides.image(line), frozenset(line.labels))
        for line in (trained_on[place] for place in used)
    ]
    classifier = train_classifier(examples, seed=_seed_number(sides.seed))
    images = tuple(
        EvaluatedImage(
            line.source_ref, frozenset(line.labels), classifier.scores(sides.image(line))
        )
        for line in _testing(sides)
    )
    evaluation = evaluate_classifier(images, classifier.labels)
    return ClassifierResult(classifier, evaluation, trained_on, images)


def train_on_boxes(sides: Sides, luck: Luck) -> DetectorResult:
    """Train a detector and evaluate it."""
    trained_on = sides.training.usable()
    used = luck.drawn([{box.label for box in line.boxes} for line in trained_on])
    examples = [
        BoxExample(sides.image(line), line.boxes) for line in (trained_on[place] for place in used)
    ]
    detector = train_detector(examples, seed=_seed_number(sides.seed))
    scenes = tuple(_scene(line, sides, detector) for line in _testing(sides))
    evaluation = evaluate_detector(scenes, detector.labels)
    return DetectorResult(
        detector, evaluation, tuple(_scene(line, sides) for line in trained_on), scenes
    )


def _scene(line: CheckedLine, sides: Sides, detector: Detector | None = None) -> EvaluatedScene:
    body = sides.image(line)
    size = line.image_size or read_size(body)
    return EvaluatedScene(
        source_ref=line.source_ref,
        width_pixels=size.width if size else 1,
        height_pixels=size.height if size else 1,
        truth=line.boxes,
        detections=detector.detect(body) if detector else (),
    )


def _testing(sides: Sides) -> list[CheckedLine]:
    return (sides.testing or Side(())).usable()


def _seed_number(seed: str) -> int:
    return int.from_bytes(hashlib.sha256(seed.encode()).digest()[:4], "big")
