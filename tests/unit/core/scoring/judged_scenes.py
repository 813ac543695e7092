"""Holdouts that are made up and judged with known truth: where a model is worse is planted.

Dark images have less contrast, are paler and less sharp, and are taken at night rather than by
day; cameras, sizes and folders differ.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rcl_flow.core.datasets.dataset import DatasetImage
from rcl_flow.core.measures import ImageMeasures
from rcl_flow.core.scoring.evaluation_rules import EvaluationRules
from rcl_flow.core.scoring.judged import Judged
from rcl_flow.core.scoring.material import Material
from rcl_flow.core.scoring.predictions import Prediction
from rcl_flow.core.training.evaluation import EvaluatedLabel, Evaluation, ImageOutcome
from tests.builders import image
from tests.unit.core.audit.measured import SIZES, measures

HOLDOUT, TEST, LABELS = 800, 300, 8
USUAL, BAD, HARD = 0.04, 0.2, 0.35
RULES = EvaluationRules()
HARD_LABELS = (0, 1)
NIGHT_BELOW = 0.35

Numbers = NDArray[np.float64]


@dataclass(frozen=True)
class Scene:
    """How a simulated holdout is made and judged."""

    images: int = HOLDOUT
    labels: int = LABELS
    bad_share: float = 0.25
    """The darkest share of images, or of the bad label's, that is judged worse."""
    bad: float = USUAL
    """Their error rate."""
    bad_label: int | None = None
    hard_labels_are_dark: bool = False
    """Two labels are wrong in 35 % of their images, and much darker than the others."""
    several_labels: bool = False
    """Two labels an image."""
    test_brightness: tuple[float, float] | None = None
    """The beta distribution of the test images' brightness; None for no test images."""
    name: str = ""


def brightness_of(truth: NDArray[np.intp], scene: Scene, rng: np.random.Generator) -> Numbers:
    """Return the brightness of images by their first label."""
    dark = np.isin(truth, HARD_LABELS) & scene.hard_labels_are_dark
    return np.where(dark, rng.beta(3, 10, len(truth)), rng.beta(4, 4, len(truth)))


def photographs(light: Numbers, rng: np.random.Generator) -> list[ImageMeasures]:
    """Return the measures of images of that brightness."""
    count = len(light)
    night = rng.random(count) < np.where(light < NIGHT_BELOW, 0.6, 0.15)
    hours = np.where(night, rng.integers(18, 24, count), rng.integers(6, 18, count))
    columns = {
        "brightness": light,
        "contrast": np.clip(0.25 + 0.6 * light + rng.normal(0, 0.1, count), 0, 1),
        "saturation": np.clip(0.1 + 0.5 * light + rng.normal(0, 0.12, count), 0, 1),
        "sharpness": np.exp(5.5 + light + rng.normal(0, 0.7, count)),
        "hue_degrees": np.where(rng.random(count) < 0.9, rng.uniform(0, 360, count), -1),
        "background_busyness": rng.beta(2, 12, count),
        "background_vividness": rng.beta(3, 6, count),
        "edge_angle_degrees": np.where(rng.random(count) < 0.7, rng.uniform(0, 180, count), -1),
        "exif_orientation": rng.choice([1, 1, 1, 6], count),
    }
    rows = zip(*(values.tolist() for values in columns.values()), strict=True)
    sizes, cameras = rng.integers(len(SIZES), size=count), rng.integers(3, size=count)
    return [
        measures(
            **dict(zip(columns, row, strict=True)),
            width_pixels=SIZES[size][0],
            height_pixels=SIZES[size][1],
            camera=f"ACME {'XYZ'[camera]}",
            captured_at=f"2026:03:01 {hour:02}:30:00",
        )
        for row, size, camera, hour in zip(rows, sizes, cameras, hours, strict=True)
    ]


def wrong_rates(truth: NDArray[np.intp], light: Numbers, scene: Scene) -> Numbers:
    """Return the chance of each image to be judged wrongly."""
    rates = np.full(len(truth), USUAL)
    if scene.hard_labels_are_dark:
        rates[np.isin(truth, HARD_LABELS)] = HARD
    concerned = np.ones(len(truth), bool) if scene.bad_label is None else truth == scene.bad_label
    bad = concerned & (light <= np.quantile(light[concerned], scene.bad_share))
    rates[bad] = np.maximum(rates[bad], scene.bad)
    return rates


def simulate(scene: Scene, seed: int) -> Material:
    """Return a judged holdout, and a test set where the scene has one."""
    rng = np.random.default_rng(seed)
    truth = rng.integers(0, scene.labels, scene.images)
    light = brightness_of(truth, scene, rng)
    wrong = rng.random(scene.images) < wrong_rates(truth, light, scene)
    images: list[DatasetImage] = []
    predictions = {}
    for row in range(scene.images):
        names = [f"label {truth[row]}"]
        others = (truth[row] + 1 + rng.permutation(scene.labels - 1)) % scene.labels
        if scene.several_labels:
            names.append(f"label {others[0]}")
        shown = image(f"{seed} {row}", *names, uri=f"folder {row % 4}/{row}.jpg")
        said = [*names[1:], f"label {others[1]}" if wrong[row] else names[0]]
        images.append(shown)
        predictions[shown.sha256] = Prediction(
            sha256=shown.sha256,
            confidences_percent={name: float(rng.uniform(55, 99)) for name in said},
        )
    pictures = photographs(light, rng)
    measured = {each.sha256: seen for each, seen in zip(images, pictures, strict=True)}
    tested = tested_images(scene, seed, rng, measured)
    return Material(
        evaluation=evaluation(scene.labels),
        judged=Judged(tuple(images), predictions),
        thresholds={f"label {n}": 0.5 for n in range(scene.labels)},
        measures=measured,
        test_images=tested,
    )


def tested_images(
    scene: Scene, seed: int, rng: np.random.Generator, measured: dict[str, ImageMeasures]
) -> dict[str, DatasetImage]:
    """Return the test images by source, and add their measures."""
    if scene.test_brightness is None:
        return {}
    light = rng.beta(*scene.test_brightness, TEST)
    shown = [image(f"test {seed} {n}", f"label {rng.integers(scene.labels)}") for n in range(TEST)]
    for each, seen in zip(shown, photographs(light, rng), strict=True):
        measured[each.sha256] = seen
    return {f"s3://b/{n}": each for n, each in enumerate(shown)}


def evaluation(labels: int) -> Evaluation:
    """Return an evaluation that has the labels; its figures are not looked at."""
    return Evaluation(
        precision=0.9,
        recall=0.9,
        f1=0.9,
        images=1,
        training_images=1,
        labels=tuple(
            EvaluatedLabel(
                label=f"label {n}",
                images=1,
                precision=0.9,
                recall=0.9,
                f1=0.9,
                assumed_threshold=0.5,
            )
            for n in range(labels)
        ),
        outcomes=(ImageOutcome(source_ref="s3://b/0", truth=(), hits=(), false_alarms=()),),
    )


DARK = Scene(bad=BAD, name="darkest quarter wrong in 20 %, else 4 %")
DARK_LABEL = Scene(
    bad_label=2, bad_share=0.5, bad=0.5, name="darker half of one label wrong in 50 %"
)
NONE = Scene(name="no slice")
CONFOUNDED = Scene(hard_labels_are_dark=True, name="no slice, hard labels are darker")
SEVERAL = Scene(several_labels=True, name="no slice, two labels an image")
SHIFTED = Scene(
    bad=BAD, test_brightness=(7, 4), name="darkest quarter wrong in 20 %, brighter test set"
)
UNSHIFTED = Scene(
    bad=BAD, test_brightness=(4, 4), name="darkest quarter wrong in 20 %, test set alike"
)
