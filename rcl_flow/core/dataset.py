"""Labelled images as values: an image, a dataset of one split, and the three splits."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from rcl_flow.core.naming import digest_of

Split = Literal["train", "test", "holdout"]


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
    """Its image-level labels, sorted, without repeats; empty when none applies."""


@dataclass(frozen=True, slots=True)
class UnusableImage:
    """An image or a manifest line that cannot be used, and why."""

    uri: str
    reason: str


@dataclass(frozen=True, slots=True)
class Dataset:
    """The images of one split, in the order of their source."""

    split: Split
    images: tuple[DatasetImage, ...]
    unusable: tuple[UnusableImage, ...] = ()

    def distinct(self) -> tuple[DatasetImage, ...]:
        """Return one image for each content, ordered by digest: what is uploaded and judged."""
        first: dict[str, DatasetImage] = {}
        for image in self.images:
            first.setdefault(image.sha256, image)
        return tuple(first[sha256] for sha256 in sorted(first))

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels that occur, sorted."""
        return tuple(sorted({label for image in self.images for label in image.labels}))

    @property
    def digest(self) -> str:
        """The digest of contents and labels, whatever their order, paths and times."""
        return digest_of([[image.sha256, list(image.labels)] for image in self.distinct()])


@dataclass(frozen=True, slots=True)
class Datasets:
    """The three splits; without `train` and `test` only an existing model can be judged."""

    holdout: Dataset
    train: Dataset | None = None
    test: Dataset | None = None

    def __iter__(self) -> Iterator[Dataset]:
        """Yield the splits that are there: train, test, holdout."""
        return (split for split in (self.train, self.test, self.holdout) if split is not None)
