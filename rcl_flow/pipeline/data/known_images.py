"""What a run knows of its images beside the model's answers, and how it keeps that."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
from pydantic import TypeAdapter, ValidationError

from rcl_flow.core.datasets.dataset import Dataset, DatasetImage
from rcl_flow.core.measures import ImageMeasures
from rcl_flow.core.scoring.scored import KnownImages
from rcl_flow.core.similarity import clusters, near_pairs
from rcl_flow.core.training.evaluation import Evaluation
from rcl_flow.errors import UnknownRunError
from rcl_flow.files import write_bytes
from rcl_flow.pipeline.images.measure_lines import recall_measures

if TYPE_CHECKING:  # a run that is judged again reads no datasets
    from rcl_flow.pipeline.data.auditing import AuditedData

MATERIAL_NAME: Final = "material.json"
MOST_RECALLED: Final = 20_000
_DIGEST = re.compile(r"(?<![0-9a-f])[0-9a-f]{64}(?![0-9a-f])")


@dataclass(frozen=True, slots=True)
class StoredMaterial:
    """What a finished run keeps so that its answers can be judged again without AWS."""

    evaluation: Evaluation
    test_images: Mapping[str, DatasetImage]
    """By the `source_ref` of their outcome."""
    training_images: Mapping[str, int]
    """How many distinct training images have each label."""
    groups: Mapping[str, str] = field(default_factory=dict)
    """Of the holdout images that have near duplicates: the name of their group, by digest."""
    format_version: int = 1


_MATERIAL = TypeAdapter(StoredMaterial)


def known_images(audited: "AuditedData", evaluation: Evaluation) -> KnownImages:
    """Return what is known of the images of a run that has read them all."""
    datasets = audited.datasets
    return KnownImages(
        measures=audited.measures,
        test_images=_named(evaluation, datasets.test),
        training_images=_per_label(datasets.train),
        groups=holdout_groups(audited),
    )


def holdout_groups(audited: "AuditedData") -> dict[str, str]:
    """Return the groups of the holdout's images that have near duplicates, by digest."""
    holdout, bits = audited.datasets.holdout, audited.certificate.near_duplicate_bits
    return _groups(holdout, audited.measures, bits)


def write_material(folder: Path, evaluation: Evaluation, known: KnownImages) -> None:
    """Keep in a run's folder what the judging needs beside the answers.

    Raises:
        LocalFilesError: the file cannot be written.
    """
    stored = StoredMaterial(evaluation, known.test_images, known.training_images, known.groups)
    write_bytes(folder / MATERIAL_NAME, _MATERIAL.dump_json(stored))


def read_material(folder: Path) -> StoredMaterial:
    """Return what a finished run has kept.

    Raises:
        UnknownRunError: it has not finished, or was made by a version that kept less.
    """
    try:
        return _MATERIAL.validate_json((folder / MATERIAL_NAME).read_bytes())
    except (OSError, ValidationError) as error:
        raise UnknownRunError(
            f"The run {folder.name} has left nothing that can be judged again.",
            hint="Run its config again: that finishes it. If it has finished, change a rule with "
            "it, such as `--set evaluation.resamples=2001`; the cached predictions are used.",
        ) from error


def recall_images(
    stored: StoredMaterial,
    digests: Iterable[str],
    workspace: Path,
    *,
    most: int = MOST_RECALLED,
) -> KnownImages:
    """Return what is known of the images of a finished run, with what the workspace measured.

    Of more than `most` images a side only those with the smallest digests are recalled, which is
    as good as drawing them: no factor that matters hides from so many.

    Args:
        stored: by the run.
        digests: of the holdout's images.
        workspace: whose cache may know them.
        most: images of the holdout, and of the test, whose measures are recalled.
    """
    tested = (image.sha256 for image in stored.test_images.values())
    wanted = [*sorted(digests)[:most], *sorted(tested)[:most]]
    return KnownImages(
        measures=recall_measures(workspace, wanted),
        test_images=stored.test_images,
        training_images=stored.training_images,
        groups=stored.groups,
    )


def _named(evaluation: Evaluation, test: Dataset | None) -> dict[str, DatasetImage]:
    """Find the test images of the outcomes: by the digest in their key, else by their address."""
    if test is None:
        return {}
    by_digest = {image.sha256: image for image in test.distinct()}
    by_uri = {image.uri: image for image in test.images}
    found: dict[str, DatasetImage] = {}
    for outcome in evaluation.outcomes:
        digest = _DIGEST.search(outcome.source_ref)
        image = by_digest.get(digest[0]) if digest else None
        image = image or by_uri.get(outcome.source_ref)
        if image is not None:
            found[outcome.source_ref] = image
    return found


def _groups(holdout: Dataset, measures: Mapping[str, ImageMeasures], bits: int) -> dict[str, str]:
    """Name the group of each image with a near duplicate by the first digest in it."""
    hashes = {
        image.sha256: measures[image.sha256].hashes[0]
        for image in holdout.distinct()
        if image.sha256 in measures and measures[image.sha256].hashes
    }
    digests = list(hashes)
    table = np.array(list(hashes.values()), dtype=np.uint64)
    first = clusters(near_pairs(table, max_bits=bits), len(digests))
    sizes = np.bincount(first, minlength=len(digests))
    return {digests[row]: digests[first[row]] for row in np.flatnonzero(sizes[first] > 1).tolist()}


def _per_label(train: Dataset | None) -> dict[str, int]:
    images = train.distinct() if train else ()
    return dict(Counter(label for image in images for label in image.labels))
