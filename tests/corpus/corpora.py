"""A labelled set of pictures in three splits: clean, ready for faults, and written to a folder."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Final, get_args

from rcl_flow.config import DataConfig, ImageSource
from rcl_flow.core.datasets.boxes import PixelBox
from rcl_flow.core.datasets.dataset import Split, Task
from rcl_flow.core.datasets.manifest import ManifestLine, format_manifest
from rcl_flow.formats.csv import format_csv
from tests.corpus.pictures import ANY, THINGS, Look, Shown, Studio

NOTHING: Final = "nothing"
LABELS: Final = ("bolt", "plate", "wedge", NOTHING)
"""Of a classification corpus; those of a detection corpus are the things."""
SPLITS: Final[tuple[Split, ...]] = get_args(Split)
CLASSIFIED: Final[dict[Split, int]] = {"train": 40, "test": 20, "holdout": 40}
"""Images of each label."""
DETECTED: Final[dict[Split, int]] = {"train": 80, "test": 60, "holdout": 80}
"""Images of one to three things."""


@dataclass(frozen=True, slots=True)
class Sample:
    """One file of a corpus, with what is said of it."""

    split: Split
    name: str
    """Its path below the split's folder; in a classification corpus it begins with a label."""
    content: bytes
    labels: tuple[str, ...]
    boxes: tuple[PixelBox, ...] = ()
    size_pixels: tuple[int, int] = (0, 0)
    """As its annotation tells it, for boxes."""

    @property
    def path(self) -> str:
        """Its path below the corpus's folder."""
        return f"{self.split}/{self.name}"


@dataclass(frozen=True, slots=True)
class Expected:
    """A finding that an audit of a corpus must have."""

    rule: str
    split: str
    """The split, or several, joined by `+`, as the finding tells them."""
    files: frozenset[str] = frozenset()
    """Exactly what its places name, below the corpus's folder; empty where they are examples."""
    label: str = ""
    told: tuple[str, ...] = ()
    """What its message must name where it has no places, such as a label."""
    certain: bool = True
    """False for a true consequence of the fault that may be too weak to be found."""


class Corpus:
    """The samples of three splits, to which faults can be added."""

    def __init__(self, samples: Sequence[Sample], task: Task, studio: Studio) -> None:
        """Begin with samples; the studio takes what is added."""
        self.clean = tuple(samples)
        self.samples = list(samples)
        self.task = task
        self.studio = studio
        self.raw_lines: dict[Split, list[bytes]] = {split: [] for split in SPLITS}
        """What stands in a detection corpus's manifests after the lines of the samples."""

    def of(self, split: Split, label: str = "") -> list[Sample]:
        """Return the samples of a split, in order, of one label or all."""
        return [
            each
            for each in self.samples
            if each.split == split and (not label or label in each.labels)
        ]

    def take(self, split: Split, name: str, labels: Sequence[str], look: Look = ANY) -> Sample:
        """Return a new sample that shows its labels, as far as they are things."""
        things = [label for label in labels if label in THINGS]
        return sampled(split, name, tuple(labels), self.studio.take(things, look))

    def add(self, *samples: Sample) -> None:
        """Add samples."""
        self.samples += samples

    def change(self, old: Sample, **values: object) -> Sample:
        """Put another version in the place of a sample, and return it."""
        new = replace(old, **values)  # type: ignore[arg-type]  # the names are the fields'
        self.samples[self.samples.index(old)] = new
        return new

    def write(self, folder: Path) -> DataConfig:
        """Write every file, and return where the splits are."""
        for sample in self.samples:
            path = folder / sample.path
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(sample.content)
        written = self._write_manifest if self.task == "detection" else self._write_sidecar
        return DataConfig(**{split: written(split, folder) for split in SPLITS})

    def _write_sidecar(self, split: Split, folder: Path) -> ImageSource:
        odd = [each for each in self.of(split) if each.labels != (each.name.split("/")[0],)]
        if odd:
            rows = [(each.name, *each.labels) for each in odd]
            (folder / split / "labels.csv").write_bytes(format_csv(rows))
        return ImageSource(folder=str(folder / split))

    def _write_manifest(self, split: Split, folder: Path) -> ImageSource:
        lines = [
            ManifestLine(each.path, each.labels, each.boxes, *each.size_pixels)
            for each in self.of(split)
        ]
        manifest = folder / f"{split}.manifest"
        added = b"".join(line + b"\n" for line in self.raw_lines[split])
        manifest.write_bytes(format_manifest(lines) + added)
        return ImageSource(manifest=str(manifest))


def clean_corpus(seed: int, task: Task = "classification") -> Corpus:
    """Return a corpus without any fault."""
    samples = _classified(seed) if task == "classification" else _detected(seed)
    return Corpus(samples, task, Studio(seed + 500_000))


def sampled(split: Split, name: str, labels: tuple[str, ...], shown: Shown) -> Sample:
    """Return a picture as a sample whose boxes are where its things are."""
    return Sample(split, name, shown.content, labels, shown.boxes, shown.picture.size)


@lru_cache(maxsize=2)
def _classified(seed: int) -> tuple[Sample, ...]:
    return tuple(classified(Studio(seed), CLASSIFIED))


def classified(studio: Studio, images_per_label: dict[Split, int]) -> Iterator[Sample]:
    """Yield images of every label, each of one thing or of nothing."""
    for split, count in images_per_label.items():
        for label in LABELS:
            for number in range(count):
                shown = studio.take([label] if label in THINGS else [])
                sample = sampled(split, f"{label}/{number:03}.jpg", (label,), shown)
                yield replace(sample, boxes=())


@lru_cache(maxsize=2)
def _detected(seed: int) -> tuple[Sample, ...]:
    studio = Studio(seed)
    return tuple(
        detected(studio, split, f"{number:03}.jpg")
        for split, count in DETECTED.items()
        for number in range(count)
    )


def detected(studio: Studio, split: Split, name: str, look: Look = ANY) -> Sample:
    """Return an image of one to three things, each of another kind."""
    count = int(studio.rng.integers(1, 4))
    things = [THINGS[kind] for kind in studio.rng.permutation(len(THINGS))[:count].tolist()]
    return sampled(split, name, tuple(sorted(things)), studio.take(things, look))
