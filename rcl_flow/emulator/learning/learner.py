"""Train a classifier on labelled images, and score images with it.

A logistic regression on standardised image features, solved in the space of the examples (the
eigenvectors of their Gram matrix) and folded back into one weight matrix. Its strength of
regularisation and its temperature are those with the best log loss on held-out folds.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from threadpoolctl import threadpool_limits

from rcl_flow.emulator.learning.calibration import calibrate
from rcl_flow.emulator.learning.confidence import served_ratios
from rcl_flow.emulator.learning.decoding import UnreadableImageError
from rcl_flow.emulator.learning.features import Floats, image_features
from rcl_flow.emulator.learning.regression import Targets, fit, probabilities, project

__all__ = ["Classifier", "Example", "UnreadableImageError", "train_classifier"]

# Features that hardly vary in training must not dominate a picture in which they do.
_SMALLEST_DEVIATION = 0.01


@dataclass(frozen=True, slots=True)
class Example:
    """One labelled training image."""

    image: bytes
    """The encoded file."""
    labels: frozenset[str]
    """What the image shows; an example without labels is left out of training."""


@dataclass(frozen=True, slots=True, eq=False)
class Classifier:
    """A trained model: one linear function of the image features per label."""

    labels: tuple[str, ...]
    """Sorted."""
    exclusive: bool
    """True when every training image had one label: the scores of an image then add up to 1."""
    weights: Floats
    """One row per label, one column per feature."""
    offsets: Floats
    """One number per label."""

    def scores(self, image: bytes) -> dict[str, float]:
        """Score an image: a ratio 0 to 1 per label, already rounded as it is served.

        Raises:
            UnreadableImageError: The bytes are no PNG or JPEG image, or a damaged one.
        """
        # einsum, unlike a BLAS product, starts no threads for a product this small
        logits = np.einsum("lf,f->l", self.weights, image_features(image)) + self.offsets
        ratios = served_ratios(probabilities(logits[None, :], exclusive=self.exclusive)[0])
        return dict(zip(self.labels, ratios.tolist(), strict=True))


def train_classifier(examples: Sequence[Example], *, seed: int) -> Classifier:
    """Train on all labelled examples; the same examples and seed give the same classifier.

    When every labelled example has exactly one label the labels exclude each other (softmax),
    otherwise each label is decided for itself (one-vs-rest sigmoids).

    Args:
        examples: At least one with a label; one image per label is enough.
        seed: Decides the folds of the cross validation.

    Raises:
        UnreadableImageError: An image cannot be decoded.
        ValueError: No example has a label.
    """
    labelled = [example for example in examples if example.labels]
    if not labelled:
        raise ValueError("no example has a label")
    labels = tuple(sorted(frozenset[str]().union(*(example.labels for example in labelled))))
    targets = Targets(
        truth=np.array([[label in e.labels for label in labels] for e in labelled]),
        exclusive=all(len(example.labels) == 1 for example in labelled),
    )
    features = np.stack([image_features(example.image) for example in labelled])
    mean = features.mean(axis=0, dtype=np.float64)
    deviation = np.maximum(features.std(axis=0, dtype=np.float64), _SMALLEST_DEVIATION)
    with threadpool_limits(1):
        space = project((features - mean) / deviation)
        tuning = calibrate(space, targets, rng=np.random.default_rng(seed))
        line = fit(space, targets, strength=tuning.strength)
        weights = space.unfold(line.weights).T / deviation / tuning.temperature
        offsets = line.offsets / tuning.temperature - weights @ mean
    return Classifier(
        labels=labels,
        exclusive=targets.exclusive,
        weights=np.ascontiguousarray(weights, dtype=np.float32),
        offsets=offsets.astype(np.float32),
    )
