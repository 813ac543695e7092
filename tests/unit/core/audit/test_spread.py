"""Tests of how varied each label's training images have to be."""

from dataclasses import replace

import numpy as np
import pytest

from rcl_flow.core.audit.findings import Finding
from rcl_flow.core.audit.rules import AuditRules, FactorRules
from rcl_flow.core.audit.spread import check
from rcl_flow.core.audit.subject import Subject
from rcl_flow.core.datasets.boxes import PixelBox
from tests.unit.core.audit.measured import RULES, Shooting, Shot, one, rules_found, subject

RNG = np.random.default_rng


def findings(shots: list[Shot], rules: AuditRules = RULES) -> list[Finding]:
    """Return what is found in these training images."""
    return list(check(subject({"train": shots}, rules=rules)))


def clean(shooting: Shooting, *, labels: int = 4, images: int = 40) -> list[Shot]:
    """Return varied images of several labels."""
    return [shot for n in range(labels) for shot in shooting.shots(images, f"label{n}")]


def narrow(values: list[dict[str, object]], seed: int = 1) -> list[Finding]:
    """Return what is found when a fifth label has these values, among four clean ones."""
    shooting = Shooting(RNG(seed))
    planted = [shooting.shot("planted", **each) for each in values]
    return findings([*clean(shooting), *planted])


def test_spread_of_varied_labels_is_fine() -> None:
    """Labels whose images vary alike give no finding."""
    assert findings(clean(Shooting(RNG(0)))) == []


def test_spread_is_silent_without_measures_and_without_training() -> None:
    """Nothing is said of images that were not looked at, or that train nothing."""
    shots = clean(Shooting(RNG(0)))
    measured = subject({"holdout": shots})
    assert list(check(measured)) == []
    assert list(check(Subject(subject({"train": shots}).datasets))) == []


@pytest.mark.parametrize(
    ("rule", "values", "told"),
    [
        ("narrow-light", [{"brightness": 0.5 + n / 4000} for n in range(40)], "brightness 0.5"),
        ("narrow-light", [{"contrast": 0.6 + n / 4000} for n in range(40)], "contrast 0.6"),
        ("narrow-light", [{"saturation": 0.3 + n / 4000} for n in range(40)], "saturation 0.3"),
        (
            "narrow-light",
            [{"hue_degrees": (350.0 + n / 2) % 360} for n in range(40)],
            "hue 350° to ",
        ),
        (
            "narrow-background",
            [{"background_busyness": 0.1 + n / 40000} for n in range(40)],
            "background busyness 0.1",
        ),
        (
            "narrow-background",
            [{"background_vividness": 0.3 + n / 4000} for n in range(40)],
            "background vividness 0.3",
        ),
        (
            "narrow-angle",
            [{"edge_angle_degrees": (175.0 + n / 4) % 180} for n in range(40)],
            "edge angle 175° to 3°",
        ),
        (
            "narrow-shape",
            [{"width_pixels": 2000 + n, "height_pixels": 3000} for n in range(40)],
            "resolution 6.0",
        ),
    ],
)
def test_spread_finds_a_label_that_is_narrow_in_one_factor(
    rule: str, values: list[dict[str, object]], told: str
) -> None:
    """Each factor that does not vary within a label is found there, and only there."""
    finding = one(narrow(values), rule)
    assert finding.label == "planted"
    assert finding.split == "train"
    assert told in finding.message
    assert finding.figures["images"] == 40
    assert 1 <= len(finding.places) <= 6
    assert all("shot" in place.uri and place.note for place in finding.places)


@pytest.mark.parametrize("others", [1, 2, 3])
def test_spread_finds_a_narrow_label_that_is_a_large_part_of_the_images(others: int) -> None:
    """It is found among few others too, even where it is one half of all images."""
    shooting = Shooting(RNG(1))
    planted = shooting.shots(40, "planted", brightness=0.5)
    found = one(findings([*clean(shooting, labels=others), *planted]), "narrow-light")
    assert found.label == "planted"


def test_spread_tells_the_factors_of_one_rule_together() -> None:
    """A label in one light is one finding with all that does not vary in it."""
    found = narrow([{"brightness": 0.5 + n / 4000, "contrast": 0.6} for n in range(40)])
    finding = one(found, "narrow-light")
    assert "brightness" in finding.message
    assert "contrast" in finding.message
    assert {"brightness, low", "contrast, share of the others"} <= set(finding.figures)


@pytest.mark.parametrize(("images", "rules"), [(19, []), (20, ["narrow-light"])])
def test_spread_is_judged_from_the_least_number_of_images(images: int, rules: list[str]) -> None:
    """Of a label with fewer images nothing is said, since a few are alike by chance."""
    assert rules_found(narrow([{"brightness": 0.5} for _ in range(images)])) == rules


def test_spread_is_narrow_from_the_configured_share_on() -> None:
    """A range that a tenth of the others share is narrow by default, and not below it."""
    values: list[dict[str, object]] = [{"brightness": 0.44 + n / 800} for n in range(40)]
    share = one(narrow(values), "narrow-light").figures["brightness, share of the others"]
    shooting = Shooting(RNG(1))
    shots = [shooting.shot("planted", **each) for each in values]
    shots += clean(shooting)
    for least, rules in ((share / 0.8 * 1.01, ["narrow-light"]), (share / 0.8 * 0.99, [])):
        given = AuditRules(factors=FactorRules(min_spread=least))
        assert rules_found(findings(shots, given)) == rules


def test_spread_takes_a_label_without_a_rare_value() -> None:
    """A label whose images are all of the usual size is no fault when a few others are not."""
    shooting = Shooting(RNG(3))
    usual = {"width_pixels": 640, "height_pixels": 480}
    odd = {"width_pixels": 480, "height_pixels": 800}
    shots = [shot for n in range(4) for shot in shooting.shots(36, f"label{n}", **usual)]
    shots += [shot for n in range(4) for shot in shooting.shots(14, f"label{n}", **odd)]
    assert findings([*shots, *shooting.shots(40, "planted", **usual)]) == []


def test_spread_tells_what_never_varies_once_for_the_set() -> None:
    """A gray set of one camera is two notes, and not two for each label."""
    shooting = Shooting(RNG(4))
    plain = {"saturation": 0.0, "hue_degrees": -1.0, "width_pixels": 64, "height_pixels": 64}
    shots = [shot for n in range(4) for shot in shooting.shots(40, f"label{n}", **plain)]
    found = findings(shots)
    assert [(f.rule, f.severity, f.label) for f in found] == [
        ("narrow-light", "note", ""),
        ("narrow-shape", "note", ""),
    ]
    assert "saturation (0.00)" in found[0].message
    assert "resolution (0.004 megapixels) and aspect ratio (1.00)" in found[1].message


def test_spread_finds_objects_of_one_shape() -> None:
    """A label whose objects all have one shape was photographed from one side."""
    rng, shooting = RNG(5), Shooting(RNG(5))

    def boxed(label: str, wide: float) -> Shot:
        picture, seen = shooting.shot(label)
        return replace(picture, boxes=(PixelBox(label, 1, 1, wide, 40),)), seen

    shots = [boxed(f"label{n}", rng.uniform(20, 120)) for n in range(4) for _ in range(40)]
    finding = one(findings([*shots, *(boxed("planted", 60) for _ in range(40))]), "narrow-angle")
    assert finding.label == "planted"
    assert "object shape 1.50" in finding.message


def test_spread_finds_a_factor_that_gives_a_label_away() -> None:
    """A label that is always darker than all others is told from them by that alone."""
    shooting = Shooting(RNG(6))
    shots = [s for n in range(3) for s in clean_at(shooting, f"label{n}", low=0.3, high=0.9)]
    shots += clean_at(shooting, "night", low=0.02, high=0.28)
    finding = one(findings(shots), "factor-gives-label")
    assert finding.label == "night"
    assert "brightness alone tells night from the others" in finding.message
    assert finding.figures["area_under_curve"] == 1.0
    assert finding.figures["median"] < 0.28
    assert finding.figures["median_of_others"] > 0.3


def clean_at(shooting: Shooting, label: str, *, low: float, high: float) -> list[Shot]:
    """Return 40 images whose brightness is even between two values."""
    return [shooting.shot(label, brightness=float(b)) for b in np.linspace(low, high, 40)]


def test_spread_tells_of_two_labels_only_once_that_they_are_told_apart() -> None:
    """Of two labels that exclude each other, what gives one away gives the other away."""
    shooting = Shooting(RNG(7))
    shots = clean_at(shooting, "day", low=0.5, high=0.9)
    shots += clean_at(shooting, "night", low=0.1, high=0.45)
    assert one(findings(shots), "factor-gives-label").label == "day"


@pytest.mark.parametrize(("limit", "found"), [(0.99, False), (0.90, True)])
def test_spread_gives_away_from_the_configured_area_on(limit: float, found: bool) -> None:
    """Labels that overlap somewhat are fine until the config says otherwise."""
    shooting = Shooting(RNG(8))
    shots = [s for n in range(3) for s in clean_at(shooting, f"label{n}", low=0.3, high=0.9)]
    shots += clean_at(shooting, "night", low=0.1, high=0.4)
    given = AuditRules(factors=FactorRules(max_separation=limit))
    assert ("factor-gives-label" in rules_found(findings(shots, given))) is found


def test_spread_raises_no_alarm_on_families_of_clean_sets() -> None:
    """Of 40 clean training sets of six labels none is called narrow."""
    alarms = [seed for seed in range(40) if findings(clean(Shooting(RNG(seed)), labels=6))]
    assert alarms == []
