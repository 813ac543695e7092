"""Images with made-up measures, to plant faults in data that are clean otherwise."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from rcl_flow.core.audit.findings import Finding
from rcl_flow.core.audit.rules import AuditRules
from rcl_flow.core.audit.subject import Evidence, Subject
from rcl_flow.core.datasets.dataset import DatasetImage, Datasets, Split
from rcl_flow.core.measures import ImageMeasures
from tests.builders import dataset, image

Shot = tuple[DatasetImage, ImageMeasures]
"""An image and what its pixels measure."""
Check = Callable[[Subject], object]

_PLAIN = ImageMeasures(
    image_format="JPEG",
    width_pixels=640,
    height_pixels=480,
    exif_orientation=1,
    colour_mode="RGB",
    frames=1,
    damaged=False,
    captured_at="",
    camera="",
    origin="",
    brightness=0.5,
    dark_share=0.02,
    bright_share=0.02,
    contrast=0.6,
    sharpness=300.0,
    saturation=0.4,
    hue_degrees=90.0,
    background_busyness=0.1,
    background_vividness=0.4,
    edge_angle_degrees=45.0,
    entropy_bits=7.0,
    hashes=(),
    colours=(128,) * 48,
)
RULES = AuditRules()
SIZES = ((640, 480), (480, 640), (1024, 768), (1280, 720), (800, 800))


def measures(**values: object) -> ImageMeasures:
    """Return the measures of an ordinary photograph, but for `values`."""
    return replace(_PLAIN, **values)  # type: ignore[arg-type]  # the names are the fields'


def remeasured(shot: Shot, **values: object) -> Shot:
    """Return the same image with other measures."""
    return shot[0], replace(shot[1], **values)  # type: ignore[arg-type]  # the names are the fields'


def varied(rng: np.random.Generator, **values: object) -> ImageMeasures:
    """Return the measures of one of many photographs, each drawn from what is usual."""
    width, height = SIZES[rng.integers(len(SIZES))]
    return replace(
        measures(
            width_pixels=width,
            height_pixels=height,
            brightness=float(rng.beta(4, 4)),
            contrast=float(rng.beta(6, 3)),
            sharpness=float(rng.lognormal(6, 0.8)),
            saturation=float(rng.beta(3, 5)),
            hue_degrees=float(rng.uniform(0, 360)) if rng.random() < 0.9 else -1.0,
            background_busyness=float(rng.beta(2, 12)),
            background_vividness=float(rng.beta(3, 6)),
            edge_angle_degrees=float(rng.uniform(0, 180)) if rng.random() < 0.7 else -1.0,
            hashes=tuple(rng.integers(0, 2**64, 8, dtype=np.uint64).tolist()),
            colours=tuple(rng.integers(0, 256, 48).tolist()),
        ),
        **values,  # type: ignore[arg-type]  # the names are the fields'
    )


@dataclass
class Shooting:
    """Takes photographs: numbered, so that every one is another picture."""

    rng: np.random.Generator
    taken: int = 0

    def shots(self, count: int, *labels: str, **values: object) -> list[Shot]:
        """Return `count` varied photographs of these labels, all with `values`."""
        return [self.shot(*labels, **values) for _ in range(count)]

    def shot(self, *labels: str, **values: object) -> Shot:
        """Return one varied photograph."""
        self.taken += 1
        return image(f"shot{self.taken:07}", *labels), varied(self.rng, **values)


def subject(splits: Mapping[Split, Sequence[Shot]], *, rules: AuditRules = RULES) -> Subject:
    """Return these splits, their images all measured; a holdout is added where there is none."""
    made = {split: dataset(split, [each for each, _ in shots]) for split, shots in splits.items()}
    every = {each.sha256: seen for shots in splits.values() for each, seen in shots}
    datasets = Datasets(
        holdout=made.get("holdout", dataset("holdout", [])),
        train=made.get("train"),
        test=made.get("test"),
    )
    return Subject(datasets, rules, Evidence(measures=every))


def rules_found(findings: Sequence[Finding]) -> list[str]:
    """Return the rules of the findings, each once, sorted."""
    return sorted({finding.rule for finding in findings})


def one(findings: Sequence[Finding], rule: str) -> Finding:
    """Return the only finding of a rule."""
    (finding,) = (finding for finding in findings if finding.rule == rule)
    return finding
