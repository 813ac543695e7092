"""Tests of two models on the same images, on cases worked out by hand and simulated ones."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import pytest

from rcl_flow.core.datasets.boxes import Box, DetectedBox, PixelBox
from rcl_flow.core.datasets.dataset import DatasetImage
from rcl_flow.core.scoring.changed_images import Contender
from rcl_flow.core.scoring.evaluation_rules import EvaluationRules
from rcl_flow.core.scoring.judged import Judged
from rcl_flow.core.scoring.paired import (
    PairedComparison,
    compare_paired,
    judge_difference,
)
from rcl_flow.core.scoring.predictions import Prediction
from rcl_flow.errors import HoldoutsDifferError
from tests.builders import image, prediction, sha256_of

RULES = EvaluationRules(resamples=400)
HALF = {"cat": 0.5, "dog": 0.5}
IMAGES = (image("h1", "cat"), image("h2", "cat"), image("h3", "dog"), image("h4", "dog"))


def contender(
    said: Mapping[str, str],
    thresholds: Mapping[str, float] = HALF,
    images: Sequence[DatasetImage] = IMAGES,
) -> Contender:
    """Return a model that says one label of each image, or none where it is empty, at 80 %."""
    answers = [prediction(name, **({label: 80.0} if label else {})) for name, label in said.items()]
    return Contender(Judged(tuple(images), {one.sha256: one for one in answers}), thresholds)


def paired(first: Contender, second: Contender) -> PairedComparison:
    """Compare with a seed."""
    return compare_paired(first, second, RULES, np.random.default_rng(0))


FIRST = contender({"h1": "cat", "h2": "dog", "h3": "dog", "h4": ""})
SECOND = contender({"h1": "dog", "h2": "cat", "h3": "dog", "h4": "dog"})


def many(rights: Sequence[bool], *, labels: int = 2, seed: int = 0) -> Contender:
    """Return a model that is right, or says the next label, on so many images of labels in turn."""
    names = [f"l{number}" for number in range(labels)]
    shown = [image(str(row), names[row % labels]) for row in range(len(rights))]
    said = {str(row): names[(row + (not right)) % labels] for row, right in enumerate(rights)}
    return contender(said, dict.fromkeys(names, 0.5), shown)


def test_both_models_have_the_scores_of_their_own_answers() -> None:
    """Worked out by hand: cat 2/3 and 1/2 ... as in the module that scores one model."""
    result = paired(FIRST, SECOND)
    assert result.images == 4
    assert result.first.f1 == pytest.approx((1 / 1 * 2 / 3 + 2 / 4) / 2)
    assert result.second.f1 == pytest.approx((2 / 3 + 4 / 5) / 2)
    assert result.f1 == pytest.approx(result.second.f1 - result.first.f1)
    assert result.interval[0] < result.f1 < result.interval[1]


def test_changed_images_are_listed_with_both_answers() -> None:
    """Fixed are those that only the second judges rightly, broken those that only the first."""
    result = paired(FIRST, SECOND)
    assert [each.sha256 for each in result.broken] == [sha256_of("h1")]
    assert [each.sha256 for each in result.fixed] == [sha256_of("h2"), sha256_of("h4")]
    nothing = result.fixed[1]
    assert (nothing.truth, nothing.first.predicted, nothing.second.predicted) == (
        ("dog",),
        (),
        ("dog",),
    )
    assert nothing.second.confidences_percent == {"dog": 80.0}
    counts = result.mcnemar
    assert (counts.both_right, counts.only_first, counts.only_second) == (1, 1, 2)


def test_each_model_is_judged_at_its_own_thresholds() -> None:
    """The same answers at another threshold are another model."""
    strict = Contender(SECOND.judged, {"cat": 0.5, "dog": 0.9})
    result = paired(SECOND, strict)
    assert {each.sha256 for each in result.broken} == {sha256_of("h3"), sha256_of("h4")}
    assert result.second.recall == pytest.approx(1 / 4)


def test_same_model_twice_is_equivalent() -> None:
    """No image changes, and the chance of that is 1."""
    model = many([True, True, True, False] * 100)
    result = paired(model, model)
    assert (result.f1, result.fixed, result.broken) == (0.0, (), ())
    assert result.mcnemar.p_value == 1.0
    assert result.verdict == "equivalent"
    assert result.regressed_labels == ()
    assert result.first == result.second  # to the last digit of their intervals
    assert all(entry.first == entry.second for entry in result.labels)


def test_paired_interval_is_narrower_than_the_scores_are_sure() -> None:
    """Images that are hard for both models do not blur their difference."""
    hard = np.random.default_rng(0).random(600) < 0.3
    first, second = hard.copy(), hard.copy()
    second[:12] = False
    result = paired(many(list(~first)), many(list(~second)))
    alone = result.first.f1_interval[1] - result.first.f1_interval[0]
    assert result.interval[1] - result.interval[0] < alone / 2


def test_better_model_is_called_better_and_the_other_way_round_worse() -> None:
    """Thirty images fixed and two broken are no chance."""
    before = [row >= 60 for row in range(400)]
    after = [row >= 30 and row < 398 for row in range(400)]
    assert paired(many(before), many(after)).verdict == "better"
    back = paired(many(after), many(before))
    assert back.verdict == "worse"
    assert back.mcnemar.certain
    assert (len(back.fixed), len(back.broken)) == (2, 30)


def test_label_that_falls_has_regressed_though_the_whole_is_no_worse() -> None:
    """A gain elsewhere does not hide a certain loss of one label."""
    before = [row % 4 != 3 for row in range(400)]
    after = [row % 4 != 2 for row in range(400)]
    result = paired(many(before, labels=4), many(after, labels=4))
    assert result.regressed_labels == ("l2",)
    fallen = result.labels[0]
    assert fallen.label == "l2"
    assert fallen.corrected_interval[1] < 0
    assert fallen.mcnemar.certain
    assert result.verdict != "worse"


def test_labels_of_one_model_alone_are_left_out_and_named() -> None:
    """What only one model knows counts for neither."""
    wider = Contender(SECOND.judged, {**HALF, "yak": 0.5})
    narrow = contender({"h1": "cat", "h2": "", "h3": "", "h4": ""}, {"cat": 0.5, "emu": 0.5})
    result = paired(wider, narrow)
    assert [entry.label for entry in result.labels] == ["cat"]
    assert (result.only_first_labels, result.only_second_labels) == (("dog", "yak"), ("emu",))
    assert result.mcnemar.both_right == 2


def test_images_of_one_model_alone_are_counted_and_left_out() -> None:
    """An image that the service refused to one model is no evidence."""
    result = paired(FIRST, contender({"h1": "cat", "h3": "dog"}, images=(IMAGES[0], IMAGES[2])))
    assert (result.images, result.left_out) == (2, 2)
    assert result.broken == ()


def test_images_that_thresholds_were_tuned_on_are_left_out_and_counted_apart() -> None:
    """They are not images that a model could not judge."""
    tuned = Contender(SECOND.judged, HALF, tuned_on=frozenset({sha256_of("h1"), sha256_of("z")}))
    result = paired(FIRST, tuned)
    assert (result.images, result.left_out, result.tuned_on) == (3, 0, 2)
    assert result.broken == ()


def test_broken_images_of_regressed_labels_come_first() -> None:
    """They are what has to be looked at before the model is replaced."""
    before = [True] * 400
    after = [row % 4 != 2 and row > 3 for row in range(400)]
    result = paired(many(before, labels=4), many(after, labels=4))
    assert set(result.regressed_labels) == {"l2", "l3"}
    truths = [each.truth for each in result.broken]
    assert truths == [("l2",)] * 100 + [("l3",), ("l0",), ("l1",)]


def test_nothing_in_common_is_refused() -> None:
    """Other images, other labels of the same images, or another task cannot be compared."""
    elsewhere = contender({"x": "cat"}, images=(image("x", "cat"),))
    with pytest.raises(HoldoutsDifferError, match="no judged image in common"):
        paired(FIRST, elsewhere)
    relabelled = contender({"h1": "dog"}, images=(image("h1", "dog"),))
    with pytest.raises(HoldoutsDifferError, match="labelled differently"):
        paired(FIRST, relabelled)
    with pytest.raises(HoldoutsDifferError, match="detects objects"):
        paired(FIRST, Contender(SECOND.judged, HALF, "detection"))
    with pytest.raises(HoldoutsDifferError, match="a label that both models know"):
        paired(FIRST, Contender(SECOND.judged, {"Cat": 0.5}))


def test_objects_make_an_image_right_when_all_are_found_and_nothing_else() -> None:
    """Two screws of which the second model finds both, the first one and another beside it."""
    shown = DatasetImage(
        uri="a.png",
        sha256=sha256_of("a"),
        size_bytes=1,
        image_format="PNG",
        labels=("screw",),
        boxes=(PixelBox("screw", 0, 0, 20, 20), PixelBox("screw", 60, 60, 20, 20)),
        width_pixels=100,
        height_pixels=100,
    )

    def model(*corners: float) -> Contender:
        found = tuple(
            DetectedBox(
                label="screw",
                confidence_percent=90.0,
                box=Box(left=at, top=at, width=0.2, height=0.2),
            )
            for at in corners
        )
        answer = Prediction(sha256=shown.sha256, confidences_percent={"screw": 90.0}, boxes=found)
        judged = Judged((shown,), {shown.sha256: answer})
        return Contender(judged, {"screw": 0.5}, "detection")

    result = paired(model(0.0, 0.3), model(0.0, 0.6))
    assert (result.first.f1, result.second.f1) == (0.5, 1.0)
    (fixed,) = result.fixed
    assert fixed.first.predicted == fixed.second.predicted == ("screw", "screw")
    marks = [box.mark for box in fixed.first.boxes]
    assert sorted(marks) == ["false alarm", "hit", "miss"]
    assert (fixed.width_pixels, fixed.height_pixels) == (100, 100)


def test_boxes_that_were_moved_are_refused() -> None:
    """Objects are judged by their places; an unknown size of the image is no other place."""

    def model(left: float, size: int) -> Contender:
        box = PixelBox("screw", left * size, 0.2 * size, 0.2 * size, 0.2 * size)
        shown = replace(image("a", "screw"), boxes=(box,), width_pixels=size, height_pixels=size)
        answer = Prediction(sha256=shown.sha256, confidences_percent={"screw": 90.0})
        return Contender(Judged((shown,), {shown.sha256: answer}), {"screw": 0.5}, "detection")

    assert paired(model(0.1, 640), model(0.1, 1)).images == 1
    with pytest.raises(HoldoutsDifferError, match="boxes in different places"):
        paired(model(0.1, 640), model(0.3, 640))


@pytest.mark.parametrize(
    ("interval", "verdict"),
    [
        ((0.001, 0.2), "better"),
        ((-0.2, -0.001), "worse"),
        ((-0.05, 0.05), "equivalent"),
        ((0.0, 0.01), "equivalent"),
        ((-0.051, 0.01), "no difference shown"),
        ((-0.01, 0.051), "no difference shown"),
    ],
)
def test_difference_is_judged_by_both_ends(interval: tuple[float, float], verdict: str) -> None:
    """Beyond zero it is a difference, within the margin there is none, else nobody knows."""
    assert judge_difference(interval, 0.05) == verdict


def test_comparison_survives_its_file_and_repeats_with_its_seed() -> None:
    """What was written is what is read, and the same seed gives the same figures."""
    result = paired(FIRST, SECOND)
    assert PairedComparison.model_validate_json(result.model_dump_json()) == result
    assert paired(FIRST, SECOND) == result
