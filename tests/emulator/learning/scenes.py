"""Judged images for the tests of the detector's evaluation: by hand, drawn, and crowded."""

from collections.abc import Sequence

import numpy as np
from hypothesis import strategies as st

from rcl_flow.emulator.learning.boxes import Box, Detection, LabelledBox
from rcl_flow.emulator.learning.detection_evaluation import EvaluatedScene

LABELS = ("a", "b")
LEFT, RIGHT = Box(0.0, 0.0, 0.4, 0.4), Box(0.5, 0.5, 0.4, 0.4)
WIDTH_PIXELS, HEIGHT_PIXELS = 100, 50


def scene(
    truth: Sequence[tuple[str, Box]], found: Sequence[tuple[str, float, Box]], name: str = "a"
) -> EvaluatedScene:
    """Return an image with true boxes and with what was found, in the order given."""
    return EvaluatedScene(
        f"s3://b/{name}.jpg",
        WIDTH_PIXELS,
        HEIGHT_PIXELS,
        tuple(LabelledBox(*each) for each in truth),
        tuple(Detection(*each) for each in found),
    )


_labels = st.sampled_from(LABELS)
_places = st.integers(0, 9)
_sides = st.integers(1, 5)
# few places and few confidences, so that equal ones and half overlaps are frequent
boxes = st.builds(
    lambda left, top, width, height: Box(
        left / 10, top / 10, min(width, 10 - left) / 10, min(height, 10 - top) / 10
    ),
    *(_places, _places, _sides, _sides),
)
confidences = st.integers(1, 8).map(lambda step: step / 8)
scenes = st.builds(
    scene,
    st.lists(st.tuples(_labels, boxes), max_size=4),
    st.lists(st.tuples(_labels, confidences, boxes), max_size=6),
)
several_scenes = st.lists(scenes, min_size=1, max_size=5)
overlaps = st.sampled_from([0.3, 0.5, 0.75])


def crowded_scene(rng: np.random.Generator, name: str) -> EvaluatedScene:
    """Return a scene whose objects overlap each other and are found twice, shifted, or not."""
    truth: list[tuple[str, Box]] = []
    found: list[tuple[str, float, Box]] = []
    for _ in range(int(rng.integers(0, 9))):
        box = Box(*rng.uniform(0.05, 0.35, 2).tolist(), *rng.uniform(0.1, 0.5, 2).tolist())
        truth.append((_any_label(rng), box))
        for _ in range(int(rng.integers(0, 4))):
            label = truth[-1][0] if rng.random() < 0.8 else _any_label(rng)
            found.append((label, float(rng.random()), _shifted(box, rng)))
    return scene(truth, found, name)


def _any_label(rng: np.random.Generator) -> str:
    return LABELS[int(rng.integers(len(LABELS)))]


def _shifted(box: Box, rng: np.random.Generator) -> Box:
    left, top, across, down = rng.uniform(-0.05, 0.05, 4).tolist()
    return Box(
        box.left + left,
        box.top + top,
        max(box.width + across, 0.02),
        max(box.height + down, 0.02),
    )
