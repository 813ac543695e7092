"""Crowds of true and found boxes, drawn at random for the tests of the figures over objects."""

from dataclasses import dataclass

import numpy as np

from rcl_flow.core.scoring.answers import Numbers, ObjectAnswers

LABELS = ("bolt", "nut", "pin", "rare")


@dataclass(frozen=True)
class Crowd:
    """What a crowd is like; every image has up to the given numbers of boxes, some have none."""

    images: int = 60
    most_true: int = 8
    most_found_each: int = 4
    """Of a true box."""
    false_alarms: int = 2
    """At most, an image."""
    labels: tuple[str, ...] = LABELS
    true_labels: int = 3
    """Only the first so many labels occur in truth."""
    confidences: int = 0
    """How many different confidences there are; 0 for as many as boxes."""
    blur: float = 0.02
    """How far the sides of a found box are off, at most."""


def crowd(seed: int, like: Crowd = Crowd()) -> ObjectAnswers:
    """Return boxes that overlap each other and are found several times, shifted, or not at all."""
    rng = np.random.default_rng(seed)
    true: list[tuple[int, int, Numbers]] = []
    found: list[tuple[int, int, Numbers]] = []
    for image in range(like.images):
        for _ in range(int(rng.integers(0, like.most_true + 1))):
            label, box = int(rng.integers(like.true_labels)), _any_box(rng)
            true.append((image, label, box))
            for _ in range(int(rng.integers(0, like.most_found_each + 1))):
                said = label if rng.random() < 0.8 else int(rng.integers(len(like.labels)))
                found.append((image, said, box + rng.uniform(-like.blur, like.blur, 4)))
        for _ in range(int(rng.integers(0, like.false_alarms + 1))):
            found.append((image, int(rng.integers(len(like.labels))), _any_box(rng)))
    return ObjectAnswers(
        labels=like.labels,
        images=like.images,
        true_images=np.array([image for image, _, _ in true], dtype=np.intp),
        true_labels=np.array([label for _, label, _ in true], dtype=np.intp),
        true_boxes=np.array([box for _, _, box in true]).reshape(-1, 4),
        found_images=np.array([image for image, _, _ in found], dtype=np.intp),
        found_labels=np.array([label for _, label, _ in found], dtype=np.intp),
        found_boxes=np.array([box for _, _, box in found]).reshape(-1, 4),
        confidences_percent=_confidences(rng, len(found), like.confidences),
    )


def _any_box(rng: np.random.Generator) -> Numbers:
    corner = rng.uniform(0.05, 0.35, 2)
    return np.concatenate([corner, corner + rng.uniform(0.15, 0.5, 2)])


def _confidences(rng: np.random.Generator, count: int, different: int) -> Numbers:
    if different:
        return np.asarray(rng.integers(1, different + 1, count) * 100 / different)
    return np.asarray(rng.uniform(1, 100, count))
