"""Labelled images as values: an image, a dataset of one split, and the three splits."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from rcl_flow.core.datasets.boxes import DroppedBox, PixelBox
from rcl_flow.core.naming import digest_of

Split = Literal["train", "test", "holdout"]
Task = Literal["classification", "detection"]
"""What a model is asked: which labels an image shows, or where which objects are."""


@dataclass(frozen=True, slots=True)
class DatasetImage:
    """One labelled image that can be used."""

    uri: str
    """Where its bytes are: a local path or an s3:// URI."""
    sha256: str
    """The digest of its bytes, 64 hexadecimal digits: the image's identity everywhere."""
    size_bytes: int
    image_format: str
    """`JPEG` or `PNG`."""
    labels: tuple[str, ...]
    """The labels of the image, or of the objects in it; sorted, without repeats."""
    boxes: tuple[PixelBox, ...] = ()
    """The objects in it, when it is labelled by boxes."""
    width_pixels: int = 0
    height_pixels: int = 0
    dropped_boxes: tuple[DroppedBox, ...] = ()
    """Annotated objects that the service would leave out, and that are not used here either."""


@dataclass(frozen=True, slots=True)
class UnusableImage:
    """An image or a manifest line that cannot be used, and why."""

    uri: str
    reason: str

    @property
    def told(self) -> str:
        """Place and reason, for the end of a sentence."""
        return f"{self.uri}: {self.reason.rstrip('.')}"


@dataclass(frozen=True)
class Dataset:
    """The images of one split, in the order of their source."""

    split: Split
    images: tuple[DatasetImage, ...]
    unusable: tuple[UnusableImage, ...] = ()

    def distinct(self) -> tuple[DatasetImage, ...]:
        """Return one image for each content, ordered by digest: what is uploaded and judged."""
        return self._distinct

    @cached_property
    def _distinct(self) -> tuple[DatasetImage, ...]:
        first: dict[str, DatasetImage] = {}
        for image in self.images:
            first.setdefault(image.sha256, image)
        return tuple(first[sha256] for sha256 in sorted(first))

    @property
    def copies(self) -> int:
        """How many images have the content of another one before them."""
        return len(self.images) - len(self.distinct())

    @cached_property
    def labels(self) -> tuple[str, ...]:
        """The labels that occur, sorted."""
        return tuple(sorted({label for image in self.images for label in image.labels}))

    @cached_property
    def task(self) -> Task:
        """Detection as soon as one image has a box."""
        return "detection" if any(image.boxes for image in self.images) else "classification"

    @cached_property
    def digest(self) -> str:
        """The digest of contents and labels, whatever their order, paths and times."""
        return digest_of([identity_of(image) for image in self.distinct()])


@dataclass(frozen=True, slots=True)
class Datasets:
    """The three splits; without `train` and `test` only an existing model can be judged."""

    holdout: Dataset
    train: Dataset | None = None
    test: Dataset | None = None

    @property
    def task(self) -> Task:
        """Detection as soon as one split has boxes: then the service trains a detector."""
        return "detection" if any(split.task == "detection" for split in self) else "classification"

    def __iter__(self) -> Iterator[Dataset]:
        """Yield the splits that are there: train, test, holdout."""
        return (split for split in (self.train, self.test, self.holdout) if split is not None)


def identity_of(image: DatasetImage) -> list[object]:
    """Return what an image is to a model: the digest of its bytes, its labels and its boxes."""
    boxes = sorted([box.label, box.left, box.top, box.width, box.height] for box in image.boxes)
    return [image.sha256, list(image.labels), *([boxes] if boxes else [])]
