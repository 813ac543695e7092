"""Tests of the advice on which training images to collect."""

from collections.abc import Mapping
from dataclasses import replace

import pytest

from rcl_flow.core.scoring.advice import Advice
from rcl_flow.core.scoring.collecting import collect
from rcl_flow.core.scoring.error_types import SharedFactor
from rcl_flow.core.scoring.gap_reasons import GapReasons
from tests.unit.core.scoring.holdouts import material
from tests.unit.core.scoring.known_models import LABELS, Row, dark_slice, known, rows

EVEN = {"ant": 60, "bee": 64, "cow": 60, "doe": 56}
MISSED = rows(ant={"bee": 10, "": 15}, bee={"": 2}, cow={"": 3}, doe={"": 2})


def collected(
    holdout: list[Row], training: Mapping[str, int], reasons: GapReasons | None = None
) -> list[Advice]:
    """Return the advice on what to collect."""
    return list(
        collect(known(material(holdout, LABELS, training_images=training), reasons=reasons))
    )


def test_starved_label_is_to_be_collected() -> None:
    """Few training images and a low F1, with certainty: how many, why, and what it may bring."""
    (advice,) = collected(MISSED, EVEN | {"ant": 12})
    assert (advice.action, advice.labels, advice.images_wanted) == ("collect", ("ant",), 50)
    assert advice.told == "Collect about 50 more training images of ant."
    assert advice.evidence == (
        "ant has 12 training images; the median of the other labels is 60.",
        "On the holdout 40 of 65 images of ant are found, with 0 false alarms: F1 0.76. The "
        "median of the other labels is 0.96.",
    )
    assert advice.practice == "D1"
    f1_of_ant, f1_of_cow = 80 / 105, 80 / 83
    assert advice.expected_gain == pytest.approx((f1_of_cow - f1_of_ant) / 4)
    assert {image.truth for image in advice.images} == {("ant",)}
    assert len(advice.images) == 25


def test_imbalance_asks_for_twice_as_many_at_most() -> None:
    """200 against 1,000 is no small number, but few beside the others."""
    many = dict.fromkeys(LABELS, 1000)
    (advice,) = collected(MISSED, many | {"ant": 200})
    assert (advice.images_wanted, advice.practice) == (200, "D2")
    assert advice.evidence[-1] == (
        "As many as the others have would be 800 more. Judge again after the first ones: they may "
        "suffice."
    )


@pytest.mark.parametrize(
    ("has", "others", "wanted"), [(5, 100_000, 100), (40_000, 100_000, 300), (137, 300, 140)]
)
def test_nobody_is_asked_for_thousands_of_images(has: int, others: int, wanted: int) -> None:
    """What a person can collect before judging again, in round numbers."""
    (advice,) = collected(MISSED, dict.fromkeys(LABELS, others) | {"ant": has})
    assert advice.images_wanted == wanted
    assert f"about {wanted} more training images of ant" in advice.told


def test_slice_of_a_huge_training_set_asks_for_hundreds() -> None:
    """A quarter of 50,000 images a label is out of reach."""
    holdout = material(rows(ant={"": 20}), LABELS, training_images=dict.fromkeys(LABELS, 50_000))
    huge = holdout.evaluation.model_copy(update={"training_images": 200_000})
    told = known(replace(holdout, evaluation=huge), reasons=GapReasons(slices=(dark_slice(),)))
    (advice,) = collect(told)
    assert advice.images_wanted == 300


def test_image_of_several_labels_is_counted_once() -> None:
    """The service trained on 400 images, of which each has all four labels."""
    holdout = material(rows(ant={"": 20}), LABELS, training_images=dict.fromkeys(LABELS, 400))
    trained = holdout.evaluation.model_copy(update={"training_images": 400})
    told = known(replace(holdout, evaluation=trained), reasons=GapReasons(slices=(dark_slice(),)))
    (advice,) = collect(told)
    assert advice.images_wanted == 90  # 40 of the 180 holdout images, of 400


@pytest.mark.parametrize(
    ("holdout", "training"),
    [
        (MISSED, EVEN),  # as many images as the others
        (MISSED, {}),  # nobody knows how many
        (rows(ant={"": 2}, bee={"": 2}, cow={"": 3}), EVEN | {"ant": 12}),  # as good as others
        (rows(right=3, ant={"": 1}), EVEN | {"ant": 12}),  # may be chance
    ],
)
def test_nothing_is_to_be_collected_without_both_reasons(
    holdout: list[Row], training: Mapping[str, int]
) -> None:
    """Few images alone, or a low score alone, is no reason."""
    assert collected(holdout, training) == []


def test_starved_label_is_to_be_collected_where_it_fails() -> None:
    """A slice of the label says where the images should come from."""
    reasons = GapReasons(slices=(dark_slice("ant"),))
    (advice,) = collected(MISSED, EVEN | {"ant": 12}, reasons)
    assert advice.condition == "like the darkest quarter of the holdout"
    assert advice.told.endswith("of ant like the darkest quarter of the holdout.")
    assert advice.evidence[-1] == (
        "In the darkest quarter of the holdout (40 images): recall of ant 0.60, against 0.90 "
        "elsewhere."
    )


def test_slice_of_a_label_with_enough_images_is_to_be_collected() -> None:
    """About as many as training may have of them, and the practice of the factor."""
    holdout = rows(right=60, ant={"": 20})
    (advice,) = collected(holdout, EVEN, GapReasons(slices=(dark_slice("ant"),)))
    assert (advice.labels, advice.images_wanted, advice.practice) == (("ant",), 30, "D5")
    # 12 of the 20 misses would go: F1 of ant from 120/140 to 1, times 12/20
    assert advice.expected_gain == pytest.approx((1 - 120 / 140) / 4 * 12 / 20)
    assert "upper bound" in advice.gain_told


def test_camera_that_fails_is_to_be_collected() -> None:
    """Metadata are told as they are, and ask for variety."""
    camera = dark_slice(dimension="camera", told="camera ACME X1")
    (advice,) = collected(rows(ant={"": 20}), EVEN, GapReasons(slices=(camera,)))
    assert (advice.condition, advice.practice) == ("(camera ACME X1)", "D3")


def test_factor_that_all_mistakes_share_is_to_be_collected() -> None:
    """Without a slice, the surest shared factor says where images should come from."""
    shared = SharedFactor(
        kind="",
        label="",
        factor="sharpness",
        told="What is judged wrongly is less sharp: median sharpness 80, against 200",
        p_value=0.001,
        is_lower=True,
    )
    holdout = known(material(rows(ant={"": 20}), LABELS, training_images=EVEN))
    errors = holdout.errors.model_copy(update={"shared": (shared,)})
    (advice,) = collect(
        type(holdout)(holdout.material, holdout.comparison, holdout.tuning, holdout.reasons, errors)
    )
    assert advice.told == (
        "Collect training images that are less sharp, at least 20 of each label."
    )
    assert advice.evidence == (f"{shared.told}.",)
    assert (advice.practice, advice.expected_gain) == ("D7", None)
    assert (advice.images_wanted, advice.is_per_label) == (20, True)
