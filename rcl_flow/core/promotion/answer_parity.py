"""Whether two models gave the same answers on the same images: what a copy has to do."""

from collections.abc import Mapping, Sequence
from typing import Final

from rcl_flow.core.datasets.boxes import DetectedBox
from rcl_flow.core.scoring.predictions import Prediction
from rcl_flow.core.values import Frozen

TOLERANCE: Final = 1e-6
"""So far may two confidences, in percent, or two corners, as ratios, be apart and be the same."""
_WHOLE_PERCENT: Final = 100.0
_SHOWN: Final = 20


class AnswerParity(Frozen):
    """Two models' answers, image by image."""

    images: int
    """Those that both have answered."""
    differing_images: int
    """Images of which an answer is not the same."""
    largest_difference_percent: float
    """Of two confidences, 0 to 100; an answer that only one model gave counts in full."""
    largest_shift: float
    """Of two corners of boxes, as a ratio of the image's side."""
    unanswered: int
    """Images that only one of the models has answered."""
    differing: tuple[str, ...] = ()
    """Digests of the images that differ most, at most 20."""

    @property
    def identical(self) -> bool:
        """Whether every answer is the same."""
        return self.images > 0 and not self.differing_images and not self.unanswered


def measure_parity(
    first: Mapping[str, Prediction], second: Mapping[str, Prediction]
) -> AnswerParity:
    """Compare the answers of two models, each by the image's digest."""
    common = sorted(first.keys() & second.keys())
    measured = {
        sha256: _differences(first[sha256], second[sha256])
        for sha256 in common
        if first[sha256] != second[sha256]
    }
    differing = {sha256: far for sha256, far in measured.items() if max(far) > TOLERANCE}
    worst = sorted(differing, key=lambda sha256: (-max(differing[sha256]), sha256))
    return AnswerParity(
        images=len(common),
        differing_images=len(differing),
        largest_difference_percent=max((far[0] for far in measured.values()), default=0.0),
        largest_shift=max((far[1] for far in measured.values()), default=0.0),
        unanswered=len(first.keys() ^ second.keys()),
        differing=tuple(worst[:_SHOWN]),
    )


def _differences(first: Prediction, second: Prediction) -> tuple[float, float]:
    """Return how far confidences (percent) and corners (ratio) of one image are apart at most."""
    given, then = first.confidences_percent, second.confidences_percent
    apart = [
        _WHOLE_PERCENT if (label in given) != (label in then) else abs(given[label] - then[label])
        for label in given.keys() | then.keys()
    ]
    boxes, shift = _box_differences(first.boxes, second.boxes)
    return max([*apart, boxes]), shift


def _box_differences(
    first: Sequence[DetectedBox], second: Sequence[DetectedBox]
) -> tuple[float, float]:
    if len(first) != len(second):
        return _WHOLE_PERCENT, 0.0
    apart = shift = 0.0
    for one, other in zip(sorted(first, key=_order), sorted(second, key=_order), strict=True):
        if one.label != other.label:
            return _WHOLE_PERCENT, shift
        apart = max(apart, abs(one.confidence_percent - other.confidence_percent))
        pairs = zip(one.box.corners, other.box.corners, strict=True)
        shift = max(shift, *(abs(side - then) for side, then in pairs))
    return apart, shift


def _order(found: DetectedBox) -> tuple[str, tuple[float, ...]]:
    """Return what boxes are paired by: label and place, to as many digits as count."""
    return found.label, tuple(round(side, 4) for side in found.box.corners)
