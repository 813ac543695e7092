"""Tests of what wrongly judged images have in common."""

import numpy as np

from rcl_flow.core.measures import ImageMeasures
from rcl_flow.core.scoring.error_types import SharedFactor
from rcl_flow.core.scoring.typing_errors import type_errors
from tests.unit.core.audit.measured import varied
from tests.unit.core.scoring.holdouts import material

LABELS = ("ant", "bee", "cow")


def shared(
    seed: int,
    *,
    dark_wrong: bool,
    dark_label: str = "",
    wrong_of_dark: float = 0.15,
    images: int = 600,
) -> tuple[SharedFactor, ...]:
    """Return what mistakes share, where wrong images, or those of one label, are darker."""
    rng = np.random.default_rng(seed)
    rows, measures = [], dict[int, ImageMeasures]()
    for number in range(images):
        label = LABELS[rng.integers(3)]
        is_wrong = rng.random() < (wrong_of_dark if label == dark_label else 0.15)
        is_dark = (dark_wrong and is_wrong) or label == dark_label
        said = LABELS[(LABELS.index(label) + 1) % 3] if is_wrong else label
        rows.append(([label], {said: float(rng.uniform(60, 99))}))
        seen = varied(rng)
        brightness = seen.brightness * 0.5 if is_dark else seen.brightness
        measures[number] = varied(rng, brightness=brightness)
    return type_errors(material(rows, LABELS, measures=measures)).shared


def test_darkness_of_the_mistakes_is_found() -> None:
    """All mistakes together are darker, in words and figures."""
    first = next(each for each in shared(1, dark_wrong=True) if not each.kind and not each.label)
    assert first.factor == "brightness"
    assert first.is_lower
    assert first.p_value < 0.001
    assert first.told.startswith("What is judged wrongly is darker: median brightness 0.2")


def test_dark_label_that_is_hard_is_no_shared_darkness() -> None:
    """Wrong and right images of a label are compared with one another."""
    assert shared(2, dark_wrong=False, dark_label="ant", wrong_of_dark=0.5) == ()


def test_nothing_is_shared_by_chance_in_most_holdouts() -> None:
    """Of 20 holdouts whose mistakes share nothing, at most 3 show anything."""
    found = sum(bool(shared(seed, dark_wrong=False, images=300)) for seed in range(20))
    assert found <= 3


def test_without_measures_nothing_is_said() -> None:
    """What is not known explains nothing."""
    rows = [(["ant"], {"bee": 90.0})] * 30
    assert type_errors(material(rows, LABELS)).shared == ()


def test_images_of_unknown_labels_share_nothing_with_mistakes() -> None:
    """60 dark images of a label that the model does not have are no dark mistakes."""
    for label, expected in (("zzz", False), ("ant", True)):
        rng = np.random.default_rng(3)
        rows, measures = [], dict[int, ImageMeasures]()
        for number in range(400):
            is_dark = number < 60
            truth = label if is_dark else LABELS[rng.integers(3)]
            is_wrong = is_dark or rng.random() < 0.15
            said = LABELS[(LABELS.index(truth) + 1) % 3] if truth in LABELS else "bee"
            rows.append(([truth], {said if is_wrong else truth: float(rng.uniform(60, 99))}))
            seen = varied(rng)
            brightness = seen.brightness * 0.5 if is_dark else seen.brightness
            measures[number] = varied(rng, brightness=brightness)
        found = type_errors(material(rows, LABELS, measures=measures)).shared
        assert any(each.factor == "brightness" for each in found) is expected


def test_holdout_of_unknown_labels_only_shares_nothing() -> None:
    """Nothing is left to compare."""
    measures = {number: varied(np.random.default_rng(number)) for number in range(30)}
    rows = [(["zzz"], {"bee": 90.0})] * 30
    summary = type_errors(material(rows, LABELS, measures=measures))
    assert (summary.shared, summary.unknown_images) == ((), 30)
