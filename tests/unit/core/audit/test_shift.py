"""Tests of how far the splits' image factors may differ."""

from dataclasses import replace

import numpy as np
import pytest

from rcl_flow.core.audit.findings import Finding
from rcl_flow.core.audit.rules import AuditRules, FactorRules
from rcl_flow.core.audit.shift import check, strata_of
from rcl_flow.core.audit.subject import Subject
from rcl_flow.core.datasets.boxes import PixelBox
from rcl_flow.core.datasets.dataset import Split
from tests.builders import image
from tests.unit.core.audit.measured import (
    RULES,
    Shooting,
    Shot,
    one,
    remeasured,
    rules_found,
    subject,
)

Shots = dict[Split, list[Shot]]


def alike(seed: int, *, images: int = 60) -> Shots:
    """Return three splits of two labels that were photographed alike."""
    shooting = Shooting(np.random.default_rng(seed))
    return {
        "train": shooting.shots(2 * images, "a") + shooting.shots(2 * images, "b"),
        "test": shooting.shots(images, "a") + shooting.shots(images, "b"),
        "holdout": shooting.shots(images, "a") + shooting.shots(images, "b"),
    }


def findings(splits: Shots, rules: AuditRules = RULES) -> list[Finding]:
    """Return what is found in these splits."""
    return list(check(subject(splits, rules=rules)))


def between(splits: Shots, pair: str) -> Finding:
    """Return the only finding about two splits."""
    (finding,) = (finding for finding in findings(splits) if finding.split == pair)
    return finding


def test_shift_of_alike_splits_is_fine() -> None:
    """Splits that were photographed alike give no finding."""
    assert findings(alike(0)) == []


def test_shift_is_silent_without_measures_and_of_one_split() -> None:
    """Nothing is said of images that were not looked at, or that there is nothing to compare to."""
    splits = alike(0)
    assert list(check(Subject(subject(splits).datasets))) == []
    assert findings({"holdout": splits["holdout"]}) == []


def test_shift_says_which_split_is_darker_and_by_how_much() -> None:
    """A dark holdout is named with both medians, and against both other splits."""
    splits, rng = alike(1), np.random.default_rng(1)
    splits["holdout"] = [
        remeasured(shot, brightness=float(rng.beta(4, 9))) for shot in splits["holdout"]
    ]
    assert [f.split for f in findings(splits)] == ["train+holdout", "test+holdout"]
    finding = between(splits, "train+holdout")
    assert (finding.rule, finding.severity, finding.practice) == ("factor-shift", "warning", "J2")
    low, high = finding.figures["holdout brightness"], finding.figures["train brightness"]
    assert low < 0.4 < high
    assert finding.message.startswith(
        f"holdout is darker than train: median brightness {low:.2f} against {high:.2f}, KS "
        f"distance {finding.figures['distance']:.2f}, most of all in "
    )
    assert "D5" in finding.hint
    assert len(finding.places) == 6
    assert all(place.split == "holdout" for place in finding.places)


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({"brightness": 0.9}, "is brighter than train: median brightness 0.90"),
        ({"contrast": 0.1}, "has less contrast than train"),
        ({"saturation": 0.9}, "is more colourful than train"),
        ({"saturation": 0.0}, "is paler than train"),
        ({"background_busyness": 0.9}, "has busier backgrounds than train"),
        ({"background_vividness": 0.0}, "has duller backgrounds than train"),
        ({"sharpness": 5.0}, "is less sharp than train: median sharpness 5.00"),
        ({"hue_degrees": 355.0}, "has other colours than train: half of it has hue 355° to 355°"),
        ({"edge_angle_degrees": 179.0}, "is seen from other angles than train"),
    ],
)
def test_shift_is_told_in_the_factors_own_words(values: dict[str, float], told: str) -> None:
    """Every factor has its own words for both directions, and only it is named."""
    splits = alike(2)
    splits["holdout"] = [remeasured(shot, **values) for shot in splits["holdout"]]
    assert f"holdout {told}" in between(splits, "train+holdout").message


def test_shift_of_hue_does_not_depend_on_where_the_circle_is_cut() -> None:
    """Reds around 0 degrees are one colour: splits of such reds are alike."""
    splits = alike(3)
    for n, (split, shots) in enumerate(splits.items()):
        rng = np.random.default_rng(n)
        splits[split] = [
            remeasured(shot, hue_degrees=float(rng.normal(0, 8) % 360)) for shot in shots
        ]
    assert findings(splits) == []


def test_shift_tells_a_wider_spread_from_a_move() -> None:
    """A holdout that is both darker and brighter varies more, and is not said to be darker."""
    splits, rng = alike(4), np.random.default_rng(4)
    for split in ("train", "test"):
        splits[split] = [
            remeasured(shot, brightness=float(rng.normal(0.5, 0.03))) for shot in splits[split]
        ]
    message = between(splits, "train+holdout").message
    assert "holdout varies more in brightness than train: half of it has brightness 0." in message


def test_shift_without_a_move_of_the_median_is_given_no_direction() -> None:
    """A split whose dark images are darker, with the same median, is not said to be darker."""
    splits, rng = alike(11, images=100), np.random.default_rng(11)
    for split, shots in splits.items():
        darkest = 0.2 if split == "holdout" else 0.4
        splits[split] = [
            remeasured(shot, brightness=rng.uniform(0.1, darkest) if n % 5 < 2 else 0.5)
            for n, shot in enumerate(shots)
        ]
    finding = between(splits, "train+holdout")
    assert finding.figures["holdout brightness"] == finding.figures["train brightness"] == 0.5
    assert "holdout varies more in brightness than train: half of it has brightness 0.1" in (
        finding.message
    )


def test_shift_of_the_label_mix_alone_is_none() -> None:
    """Night shots are darker; that the holdout has more of them is no shift of the light."""
    shooting = Shooting(np.random.default_rng(5))

    def mixed(day: int, night: int) -> list[Shot]:
        rng = shooting.rng
        return [shooting.shot("day", brightness=float(rng.beta(9, 4))) for _ in range(day)] + [
            shooting.shot("night", brightness=float(rng.beta(4, 9))) for _ in range(night)
        ]

    assert findings({"train": mixed(180, 30), "holdout": mixed(30, 180)}) == []


def test_shift_within_one_label_is_found_there() -> None:
    """One label of five that is darker in the holdout is found, though the splits hardly move."""
    shooting = Shooting(np.random.default_rng(6))
    labels = [f"label{n}" for n in range(5)]
    splits: Shots = {
        split: [shot for label in labels for shot in shooting.shots(60, label)]
        for split in ("train", "holdout")
    }
    splits["holdout"] = [
        (i, replace(seen, brightness=seen.brightness * 0.4) if "label3" in i.labels else seen)
        for i, seen in splits["holdout"]
    ]
    finding = one(findings(splits), "factor-shift")
    assert finding.label == "label3"
    assert finding.message.startswith("label3: holdout is darker than train")


@pytest.mark.parametrize(("images", "found"), [(19, False), (20, True)])
def test_shift_is_judged_from_the_least_number_of_images(images: int, found: bool) -> None:
    """Of a split with fewer images nothing is said."""
    splits = alike(7)
    dark = Shooting(np.random.default_rng(70)).shots(images, "a", brightness=0.01)
    assert bool(findings({"train": splits["train"], "holdout": dark})) is found


@pytest.mark.parametrize(("nudge", "found"), [(-0.001, True), (0.001, False)])
def test_shift_matters_from_the_configured_distance_on(nudge: float, found: bool) -> None:
    """A certain difference that is too small to matter is not told."""
    splits, rng = alike(8, images=200), np.random.default_rng(8)
    del splits["test"]
    splits["holdout"] = [
        remeasured(shot, brightness=float(rng.beta(4, 6))) for shot in splits["holdout"]
    ]
    whole = [f for f in findings(splits) if not f.label]
    distance = whole[0].figures["distance"]
    given = AuditRules(factors=FactorRules(min_shift=distance + nudge))
    assert any(not f.label for f in findings(splits, given)) is found


def test_shift_of_the_objects_size_is_found() -> None:
    """Objects that are farther away in production are found by their boxes."""
    rng, splits = np.random.default_rng(9), alike(9)
    for split, shots in splits.items():
        low, high = (30, 90) if split == "holdout" else (100, 300)
        splits[split] = [
            (replace(i, boxes=(PixelBox("a", 1, 1, side, side),)), seen)
            for i, seen in shots
            for side in [float(rng.uniform(low, high))]
        ]
    assert "holdout has smaller objects than train" in between(splits, "train+holdout").message


def test_strata_are_sets_of_labels_where_most_are_shared() -> None:
    """Images that show the same things are compared with one another."""
    here = [image("1", "a"), image("2", "a", "b"), image("3", "b")]
    there = [image("4", "b"), image("5", "a", "b"), image("6", "a")]
    first, second = strata_of(here, there)
    assert first.tolist() == second.tolist()[::-1]
    assert len(set(first.tolist())) == 3


def test_strata_are_the_rarest_labels_where_few_sets_are_shared() -> None:
    """Where nearly every image shows something else, its rarest label stands for it."""
    here = [image("1", "a", "x"), image("2", "a", "y"), image("3", "a")]
    there = [image("4", "a", "x", "z"), image("5", "a", "y", "z"), image("6", "z")]
    first, second = strata_of(here, there)
    assert first.tolist()[:2] == second.tolist()[:2]
    assert first[2] not in second


def test_shift_of_several_labels_an_image_is_matched_too() -> None:
    """Where images show many sets of labels, a dark label that is more frequent is no shift."""
    rng = np.random.default_rng(10)
    shooting = Shooting(rng)

    def scenes(night: float) -> list[Shot]:
        shots = []
        for _ in range(300):
            dark = rng.random() < night
            labels = ["night"] * dark + [f"object{n}" for n in range(4) if rng.random() < 0.5]
            light = float(rng.beta(4, 9) if dark else rng.beta(9, 4))
            shots.append(shooting.shot(*labels, brightness=light))
        return shots

    assert findings({"train": scenes(0.2), "holdout": scenes(0.8)}) == []


def test_shift_raises_no_alarm_on_families_of_alike_splits() -> None:
    """Of 30 families of alike splits none is called different."""
    assert [seed for seed in range(30) if rules_found(findings(alike(100 + seed, images=40)))] == []
