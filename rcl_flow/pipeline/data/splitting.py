"""Split a dataset's images into manifests of train, test and holdout, by a plan that is kept."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from pydantic import ValidationError

from rcl_flow.config import ImageSource
from rcl_flow.core.augmenting.lineage import marked_parents
from rcl_flow.core.datasets.dataset import Dataset, DatasetImage, Split
from rcl_flow.core.dividing.grouping import GroupEvidence
from rcl_flow.core.dividing.split import (
    SPLITS,
    SplitDraw,
    SplitPlan,
    SplitRules,
    split_images,
    weights_of,
)
from rcl_flow.core.measures import ImageMeasures
from rcl_flow.core.similarity import lookalike_clusters
from rcl_flow.errors import ConfigError
from rcl_flow.files import write_text
from rcl_flow.pipeline.data.local_manifests import write_local_manifest

PLAN_NAME = "split.json"


@dataclass(frozen=True, slots=True)
class SplitWanted:
    """What is to be split, by which rules, and where the manifests and the plan are kept."""

    source: ImageSource
    folder: Path
    rules: SplitRules
    redraw: bool = False
    """Forget the plan that is there."""


@dataclass(frozen=True, slots=True)
class SplitMade:
    """What a split has written."""

    draw: SplitDraw
    images: Mapping[Split, tuple[DatasetImage, ...]]
    """Every image of the source that is in a split, copies of one content among them."""
    moved: Counter[tuple[Split, Split]]
    """After a redraw: how many contents went from where to where."""
    plan_file: str
    manifests: Mapping[Split, str]

    @property
    def contents(self) -> dict[Split, int]:
        """How many different images each split has."""
        return {split: len({i.sha256 for i in found}) for split, found in self.images.items()}

    @property
    def labels(self) -> dict[str, dict[Split, int]]:
        """How many different images of each label each split has, or boxes where there are any."""
        counts = {split: weights_of(found) for split, found in self.images.items()}
        names = sorted({label for count in counts.values() for label in count if label})
        return {label: {split: counts[split][label] for split in counts} for label in names}

    @property
    def counts_boxes(self) -> bool:
        """Whether `labels` counts boxes."""
        return any(image.boxes for found in self.images.values() for image in found)


def make_split(
    wanted: SplitWanted, dataset: Dataset, measures: Mapping[str, ImageMeasures]
) -> SplitMade:
    """Draw what the kept plan does not know, and write plan and manifests.

    Args:
        wanted: the rules, and the folder of plan and manifests.
        dataset: the source's images.
        measures: by digest, for bursts, near duplicates and the marks of augmented images.

    Raises:
        ConfigError: the plan was drawn by other rules, cannot be read, or is missing beside its
            manifests.
        LocalFilesError: a file cannot be written.
    """
    kept = _read_plan(wanted.folder, forgiving=wanted.redraw)
    evidence = GroupEvidence(
        measures=measures,
        near_pairs=tuple(_near(dataset.images, measures, wanted.rules)),
        parents=marked_parents(measures),
        root=root_of(wanted.source),
    )
    existing = None if wanted.redraw else kept
    draw = split_images(dataset.images, wanted.rules, evidence, existing=existing)
    write_text(wanted.folder / PLAN_NAME, _plan_text(draw.plan))  # first: it is the authority
    images = {split: _images_of(split, dataset, draw.plan) for split in _made(wanted.rules)}
    for split in SPLITS:
        path = _manifest(wanted.folder, split)
        if split in images or path.exists():  # nothing may stay of a split that is not made now
            write_local_manifest(path, images.get(split, ()))
    return SplitMade(
        draw=draw,
        images=images,
        moved=_moved(kept, draw.plan),
        plan_file=str(wanted.folder / PLAN_NAME),
        manifests={split: str(_manifest(wanted.folder, split)) for split in images},
    )


def _read_plan(folder: Path, *, forgiving: bool) -> SplitPlan | None:
    path = folder / PLAN_NAME
    try:
        return SplitPlan.model_validate_json(path.read_bytes())
    except FileNotFoundError:
        present = [file for split in SPLITS if (file := _manifest(folder, split)).exists()]
        problem = f"There is {present[0]}, but not its plan {PLAN_NAME}" if present else ""
    except (OSError, ValidationError) as error:
        problem = f"Cannot read {path}: {str(error).splitlines()[0]}"
    if forgiving or not problem:
        return None
    raise ConfigError(
        f"{problem}.",
        hint=f"Restore {PLAN_NAME}, which says what must not be trained on; choose another "
        "folder; or draw a new split with --redraw.",
    )


def _plan_text(plan: SplitPlan) -> str:
    ordered = plan.model_copy(update={"splits": dict(sorted(plan.splits.items()))})
    return ordered.model_dump_json(indent=1) + "\n"


def _near(
    images: Iterable[DatasetImage], measures: Mapping[str, ImageMeasures], rules: SplitRules
) -> Iterator[tuple[str, str]]:
    """Yield enough pairs to join every group of near duplicates: each one with the first.

    Mirrored and turned ones belong to it: the audit refuses them in two splits, too.
    """
    bits = rules.groups.near_duplicate_bits
    known = {image.sha256: measures[image.sha256] for image in images if image.sha256 in measures}
    hashed = {sha256: found.hashes for sha256, found in sorted(known.items()) if found.hashes}
    if bits is None or not hashed:
        return
    table = np.array(list(hashed.values()), np.uint64)
    cluster_of = lookalike_clusters(table, max_bits=bits)
    first: dict[int, str] = {}
    for sha256, cluster in zip(hashed, cluster_of.tolist(), strict=True):
        if first.setdefault(cluster, sha256) != sha256:
            yield first[cluster], sha256


def root_of(source: ImageSource) -> str:
    """Return what the paths of a source's images start with, with its last slash."""
    if source.kind == "folder":
        local = not source.uri.startswith("s3://")
        return f"{Path(source.uri) if local else source.uri.rstrip('/')}/"
    return source.uri.rpartition("/")[0] + "/"


def _made(rules: SplitRules) -> tuple[Split, ...]:
    wanted = {"train": 1.0, "test": rules.test, "holdout": rules.holdout_images or rules.holdout}
    return tuple(split for split in SPLITS if wanted[split] > 0)


def _images_of(split: Split, dataset: Dataset, plan: SplitPlan) -> tuple[DatasetImage, ...]:
    return tuple(image for image in dataset.images if plan.splits.get(image.sha256) == split)


def _manifest(folder: Path, split: Split) -> Path:
    return folder / f"{split}.manifest"


def _moved(before: SplitPlan | None, after: SplitPlan) -> Counter[tuple[Split, Split]]:
    moved: Counter[tuple[Split, Split]] = Counter()
    for sha256, split in after.splits.items():
        if before and sha256 in before.splits and before.splits[sha256] != split:
            moved[before.splits[sha256], split] += 1
    return moved
