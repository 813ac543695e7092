"""Where augmented images come from, and why none of them may judge a model."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Final, Literal

from pydantic import StringConstraints

from rcl_flow.core.datasets.dataset import DatasetImage, Datasets, Split
from rcl_flow.core.measures import ImageMeasures
from rcl_flow.core.values import Frozen

Digest = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
_MARK: Final = "rcl-flow:parent="
_MARKED: Final = re.compile(rf"{_MARK}([0-9a-f]{{64}})")


class Descent(Frozen):
    """How one augmented image was made."""

    child_sha256: Digest
    parent_sha256: Digest
    operation: str
    parameters: Mapping[str, float]


class Lineage(Frozen):
    """Every augmented image of a dataset: what lineage.json holds."""

    format_version: Literal[1] = 1
    images: tuple[Descent, ...] = ()

    @property
    def parents(self) -> dict[str, str]:
        """Each augmented image's digest with that of the image it was made of."""
        return {descent.child_sha256: descent.parent_sha256 for descent in self.images}


LineageProblemKind = Literal["augmented", "parent"]
"""An augmented image judges a model, or the parent of one that was trained on does."""


@dataclass(frozen=True, slots=True)
class LineageProblem:
    """An image of test or holdout that must not judge a model."""

    kind: LineageProblemKind
    split: Split
    image: DatasetImage
    relative_sha256: str
    """Its parent when it is augmented; else the training image that was made of it."""

    @property
    def message(self) -> str:
        """What is wrong with it, in one sentence."""
        if self.kind == "augmented":
            return f"{self.split}: {self.image.uri} is augmented, of {self.relative_sha256[:12]}…"
        return (
            f"{self.split}: {self.image.uri} was trained on: {self.relative_sha256[:12]}… in "
            "train was made of it"
        )


def format_mark(parent_sha256: str) -> str:
    """Return the text that an augmented file carries in itself."""
    return f"{_MARK}{parent_sha256}"


def parse_mark(text: str) -> str:
    """Return the parent's digest that a file's text names, or an empty text."""
    found = _MARKED.search(text)
    return found[1] if found else ""


def marked_parents(measures: Mapping[str, ImageMeasures]) -> dict[str, str]:
    """Return the parent's digest of each image whose file has a mark, by the image's digest."""
    return {
        sha256: parent for sha256, known in measures.items() if (parent := parse_mark(known.origin))
    }


def check_lineage(parents: Mapping[str, str], datasets: Datasets) -> tuple[LineageProblem, ...]:
    """Find augmented images in test and holdout, and parents there of what was trained on.

    Args:
        parents: each augmented image's digest with its parent's, from lineage.json and from the
            marks in files; augmented images of augmented ones are followed to the first.
        datasets: the splits.
    """
    trained: dict[str, str] = {}
    for image in datasets.train.distinct() if datasets.train else ():
        for ancestor in ancestors_of(image.sha256, parents):
            trained.setdefault(ancestor, image.sha256)
    return tuple(
        problem
        for split in datasets
        if split.split != "train"
        for image in split.images
        if (problem := _problem(image, split.split, parents, trained)) is not None
    )


def ancestors_of(sha256: str, parents: Mapping[str, str]) -> Iterator[str]:
    """Yield the parent of an image, the parent's parent, and so on; a circle is left."""
    seen = {sha256}
    while (sha256 := parents.get(sha256, sha256)) not in seen:
        seen.add(sha256)
        yield sha256


def _problem(
    image: DatasetImage, split: Split, parents: Mapping[str, str], trained: Mapping[str, str]
) -> LineageProblem | None:
    if image.sha256 in parents:
        return LineageProblem("augmented", split, image, parents[image.sha256])
    if image.sha256 in trained:
        return LineageProblem("parent", split, image, trained[image.sha256])
    return None
