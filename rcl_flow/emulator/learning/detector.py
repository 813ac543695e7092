"""Find objects with a trained sliding-window detector. Demo-grade: HOG windows, one linear model.

Windows of a few shapes slide over a pyramid of cell grids; a softmax with a background class says
what each shows, a ridge regression moves the box to where the object is, and boxes that overlap a
surer one are dropped.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from threadpoolctl import threadpool_limits

from rcl_flow.emulator.learning.boxes import Box, Detection
from rcl_flow.emulator.learning.confidence import served_ratios
from rcl_flow.emulator.learning.features import Floats
from rcl_flow.emulator.learning.regression import probabilities
from rcl_flow.emulator.learning.windows import Corners, Level, Template, overlaps, pyramid

MOST_DETECTIONS = 100
SMALLEST_CONFIDENCE = 0.01
_MOST_CANDIDATES = 400
_OVERLAP_WITHIN_LABEL = 0.4
_OVERLAP_ACROSS_LABELS = 0.6


@dataclass(frozen=True, slots=True, eq=False)
class WindowModel:
    """What was learned for windows of one shape."""

    template: Template
    weights: Floats
    """One row per number that a window sees, one column per label, and the background last."""
    offsets: Floats
    moves: Floats
    """Columns: by how much of its width and height a window is off, and the logs of its scale."""
    move_offsets: Floats

    def confidences(self, level: Level) -> npt.NDArray[np.float64]:
        """Return a probability for each window and label; what is left to 1 is background."""
        logits = level.scores(self.template, self.weights) + self.offsets
        return probabilities(logits.astype(np.float64), exclusive=True)[:, :-1]

    def moved(self, vectors: Floats, corners: Corners) -> Corners:
        """Return where the objects in windows lie."""
        shift = vectors @ self.moves + self.move_offsets
        size = corners[:, 2:] - corners[:, :2]
        centre = (corners[:, 2:] + corners[:, :2]) / 2 + shift[:, :2] * size
        half = size * np.exp(np.clip(shift[:, 2:], -1, 1)) / 2
        return np.asarray(np.clip(np.hstack([centre - half, centre + half]), 0, 1))


@dataclass(frozen=True, slots=True, eq=False)
class _Candidates:
    corners: Corners
    labels: npt.NDArray[np.intp]
    confidences: npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Detector:
    """A trained detector."""

    labels: tuple[str, ...]
    """Sorted."""
    sizes: tuple[float, ...]
    """Sizes of objects in pixels of the working image, one for each level of the pyramid."""
    models: tuple[WindowModel, ...]

    def detect(self, image: bytes) -> tuple[Detection, ...]:
        """Return the objects in an image, the surest first; at most `MOST_DETECTIONS`.

        Raises:
            UnreadableImageError: The bytes are no PNG or JPEG image, or a damaged one.
        """
        with threadpool_limits(1):
            found = _joined(
                [
                    _candidates(model, level)
                    for level in pyramid(image, self.sizes)
                    for model in self.models
                ]
            )
        kept = _suppressed(found)
        served = served_ratios(found.confidences[kept])
        boxes = [Box(*corner) for corner in _as_boxes(found.corners[kept]).tolist()]
        return tuple(
            Detection(self.labels[label], confidence, box)
            for label, confidence, box in zip(
                found.labels[kept].tolist(), served.tolist(), boxes, strict=True
            )
        )


def _candidates(model: WindowModel, level: Level) -> _Candidates:
    confidences = model.confidences(level)
    if not confidences.size:
        return _Candidates(np.empty((0, 4)), np.empty(0, np.intp), np.empty(0))
    flat = confidences.ravel()
    most = min(_MOST_CANDIDATES, flat.size)
    best = np.argpartition(-flat, most - 1)[:most]
    best = best[flat[best] >= SMALLEST_CONFIDENCE]
    windows, labels = np.divmod(best, confidences.shape[1])
    corners = model.moved(
        level.vectors(model.template, windows), level.corners(model.template)[windows]
    )
    return _Candidates(corners, labels, flat[best])


def _joined(parts: Sequence[_Candidates]) -> _Candidates:
    corners = np.concatenate([part.corners for part in parts])
    labels = np.concatenate([part.labels for part in parts])
    confidences = np.concatenate([part.confidences for part in parts])
    order = np.argsort(-confidences, kind="stable")
    sides = corners[:, 2:] - corners[:, :2]
    order = order[sides.min(axis=1)[order] > 0]
    return _Candidates(corners[order], labels[order], confidences[order])


def _suppressed(found: _Candidates) -> list[int]:
    """Return the candidates that overlap no surer one by too much."""
    kept: list[int] = []
    free = np.ones(len(found.labels), dtype=bool)
    for number in range(len(free)):
        if not free[number]:
            continue
        kept.append(number)
        if len(kept) == MOST_DETECTIONS:
            break
        shared = overlaps(found.corners[number : number + 1], found.corners)[0]
        same = found.labels == found.labels[number]
        free &= shared <= np.where(same, _OVERLAP_WITHIN_LABEL, _OVERLAP_ACROSS_LABELS)
    return kept


def _as_boxes(corners: Corners) -> Corners:
    return np.hstack([corners[:, :2], corners[:, 2:] - corners[:, :2]])
