"""What a conversion could not carry over: counted by kind, with the first examples."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

LossKind = Literal[
    "polygons",
    "shapes",
    "rotation",
    "keypoints",
    "crowds",
    "attributes",
    "confidence",
    "predictions",
    "annotators",
    "splits",
    "absent-splits",
    "texts-alone",
    "unused-labels",
    "image-labels",
    "boxes",
    "unlabelled",
    "label-names",
    "unwritable",
    "name-clashes",
    "repeated-images",
    "refused-boxes",
    "refused-images",
]
MEANINGS: Final[Mapping[LossKind, str]] = {
    "polygons": "outlines became the upright boxes around them",
    "shapes": "shapes that no box can stand for were left out",
    "rotation": "turned boxes became the upright boxes around them",
    "keypoints": "key points were left out",
    "crowds": "marks of crowds were left out; their boxes count as single objects",
    "attributes": "attributes of annotations were left out",
    "confidence": "confidences were left out; every annotation counts as certain",
    "predictions": "predictions of a model were left out",
    "annotators": "annotations of all but the first annotator were left out",
    "splits": "images of several splits became one set",
    "absent-splits": "splits were left out that data.yaml names, and whose images are not there",
    "texts-alone": "text files of boxes were left out, beside which there is no image",
    "unused-labels": "labels that no image has were left out",
    "image-labels": "labels of whole images were left out, since boxes alone can be written",
    "boxes": "boxes were left out; their labels are kept as labels of the image",
    "unlabelled": "images without a label are kept, but the service does not train on them",
    "label-names": "labels that no folder can be named by stand in labels.csv only",
    "unwritable": "images were left out whose name or label the format cannot hold",
    "name-clashes": "images were left out whose name another image has already",
    "repeated-images": "images that occur again were left out; the first of each is kept",
    "refused-boxes": "boxes that the service would drop were left out",
    "refused-images": "images whose manifest line the service would refuse were left out",
}
_EXAMPLES: Final = 3


@dataclass(frozen=True, slots=True)
class Loss:
    """One kind of loss, how often it happened, and where first."""

    kind: LossKind
    count: int
    examples: tuple[str, ...]

    @property
    def meaning(self) -> str:
        """What was done, in words."""
        return MEANINGS[self.kind]


@dataclass(frozen=True, slots=True)
class LossReport:
    """Everything that was lost, in the order of `MEANINGS`; empty when nothing was."""

    losses: tuple[Loss, ...] = ()

    def count(self, kind: LossKind) -> int:
        """Return how often a kind of loss happened."""
        return sum(loss.count for loss in self.losses if loss.kind == kind)


@dataclass(slots=True)
class LossLog:
    """Collects losses while files are read and written."""

    _counts: dict[LossKind, int] = field(default_factory=dict)
    _examples: dict[LossKind, list[str]] = field(default_factory=dict)

    def note(self, kind: LossKind, place: str, *, count: int = 1) -> None:
        """Count what was lost at `place`; nothing when `count` is 0."""
        if not count:
            return
        self._counts[kind] = self._counts.get(kind, 0) + count
        examples = self._examples.setdefault(kind, [])
        if len(examples) < _EXAMPLES and place not in examples:
            examples.append(place)

    def report(self) -> LossReport:
        """Return what was collected so far."""
        return LossReport(
            tuple(
                Loss(kind, self._counts[kind], tuple(self._examples[kind]))
                for kind in MEANINGS
                if kind in self._counts
            )
        )
