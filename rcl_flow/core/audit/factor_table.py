"""The measured images of a split as a table: a column a factor, and the rows of each label."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from rcl_flow.core.audit.factors import FACTORS, Factor
from rcl_flow.core.datasets.dataset import Dataset, DatasetImage, Split
from rcl_flow.core.measures import ImageMeasures
from rcl_flow.core.statistics import Indices, Numbers


@dataclass(frozen=True, slots=True)
class FactorTable:
    """One row a different image that was measured, ordered by digest."""

    split: Split
    images: tuple[DatasetImage, ...]
    measures: tuple[ImageMeasures, ...]
    columns: Mapping[str, Numbers]
    """By the factor's name; NaN where an image does not have the factor."""
    rows: Mapping[str, Indices]
    """By label, sorted by name: the images that have it."""


def table_of(
    split: Dataset,
    measures: Mapping[str, ImageMeasures],
    *,
    factors: Sequence[Factor] = FACTORS,
) -> FactorTable:
    """Return the table of a split's measured images; the others are left out.

    Args:
        split: the images.
        measures: by digest.
        factors: the columns that are wanted.
    """
    images = tuple(image for image in split.distinct() if image.sha256 in measures)
    measured = tuple(measures[image.sha256] for image in images)
    columns = {
        factor.name: np.fromiter(map(factor.value, images, measured), np.float64, len(images))
        for factor in factors
    }
    return FactorTable(split.split, images, measured, columns, rows_by_label(images))


def rows_by_label(images: Iterable[DatasetImage]) -> dict[str, Indices]:
    """Return where in `images` each label occurs, sorted by label."""
    rows: dict[str, list[int]] = {}
    for row, image in enumerate(images):
        for label in image.labels:
            rows.setdefault(label, []).append(row)
    return {label: np.array(rows[label], dtype=np.intp) for label in sorted(rows)}
