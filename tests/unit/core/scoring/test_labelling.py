"""Tests of the advice on labels: annotations to look at, pairs to separate or merge."""

import pytest

from rcl_flow.core.scoring.labelling import f1_if_merged, relabel, separate
from tests.unit.core.scoring.holdouts import Found, Objects, Place, material, scenes
from tests.unit.core.scoring.known_models import LABELS, Row, known, rows

LEFT: Place = (0, 0, 40, 40)
MIXED_UP = rows(ant={"bee": 12}, bee={"ant": 9})


def test_symmetric_pair_is_one_label_or_has_wrong_labels() -> None:
    """Both are said, the check first; the gain is the F1 of one label, recomputed."""
    (advice,) = separate(known(material(MIXED_UP, LABELS)))
    assert (advice.action, advice.labels, advice.practice) == ("merge", ("ant", "bee"), "J5")
    assert advice.told == (
        "Either ant and bee are not distinct, or training images of them carry the other's label: "
        "check the labels of those first, then redefine or merge ant and bee."
    )
    assert advice.evidence[0] == (
        "On the holdout 12 images of ant were taken for bee, and 9 of bee for ant: 21% of both "
        "labels' images."
    )
    f1_of_ant, f1_of_bee = 80 / (80 + 21), 80 / (80 + 21)
    assert advice.expected_gain == pytest.approx(1 - (f1_of_ant + f1_of_bee + 1 + 1) / 4)
    assert "stands for both" in advice.gain_told


def test_merger_of_the_best_labels_is_no_loss() -> None:
    """The others stay as bad as they are: the mean is over the same labels before and after."""
    missed = {"": 160}
    holdout = rows(ant={"bee": 7}, bee={"ant": 7}, cow=missed, doe=missed)
    (advice,) = separate(known(material(holdout, LABELS)))
    assert "merge ant and bee" in advice.told
    f1 = 80 / (80 + 14)
    assert advice.expected_gain == pytest.approx((1 - f1) * 2 / 4)


def test_merger_that_costs_more_than_it_mends_has_no_gain() -> None:
    """A rare good label merged with a frequent bad one: what it brings is not said."""
    good: list[Row] = [([label], {label: 90.0}) for label in ("ant", "cow") for _ in range(70)]
    mixed_up = [*[(["ant"], {"bee": 60.0})] * 30, *[(["bee"], {"ant": 60.0})] * 80]
    bad: list[Row] = [*[(["bee"], {})] * 820, *[([], {"bee": 60.0})] * 500]
    (advice,) = separate(known(material([*good, *mixed_up, *bad], LABELS)))
    assert "merge ant and bee" in advice.told
    assert advice.expected_gain is None
    assert advice.gain_told == "None shown: ant and bee as one label would have no higher F1."


def test_one_sided_pair_is_to_be_told_apart() -> None:
    """Merging is no advice where only one is taken for the other."""
    (advice,) = separate(known(material(rows(ant={"bee": 20}), LABELS)))
    assert "add images of both" in advice.told
    assert "merge" not in advice.told
    assert advice.expected_gain == pytest.approx(1 - (80 / 100 + 80 / 100 + 1 + 1) / 4)


def test_pair_that_is_seldom_mixed_up_is_to_be_told_apart() -> None:
    """Below a tenth of the images the labels are distinct enough to stay two."""
    (advice,) = separate(known(material(rows(right=200, ant={"bee": 9}, bee={"ant": 9}), LABELS)))
    assert "add images of both" in advice.told


def test_images_of_a_pair_are_those_mixed_up() -> None:
    """With what is annotated and what the model says instead."""
    (advice,) = separate(known(material(MIXED_UP, LABELS)))
    assert len(advice.images) == 21
    assert {(image.truth, image.suggested) for image in advice.images} == {
        (("ant",), ("bee",)),
        (("bee",), ("ant",)),
    }
    assert {image.split for image in advice.images} == {"holdout"}


def test_merged_labels_count_an_image_once() -> None:
    """An image that has both, or that both were said of, is one image of the merged label."""
    holdout: list[Row] = [
        *MIXED_UP,
        (["ant", "bee"], {"ant": 90.0}),
        (["ant"], {"ant": 90.0, "bee": 80.0}),
        (["cow"], {"ant": 70.0, "bee": 70.0}),
    ]
    told = known(material(holdout, LABELS))
    (pair,) = told.errors.pairs
    merged, cow = 2 * 103 / (2 * 103 + 1), 80 / 81
    assert f1_if_merged(told, pair) == pytest.approx((2 * merged + cow + 1) / 4)


def test_merged_objects_count_a_swapped_box_as_found() -> None:
    """A box of the other label in its place is the one label's; a second box is still wrong."""
    shown: list[tuple[Objects, Found]] = [
        ([(label, LEFT)], [(label, 90, LEFT)]) for label in LABELS for _ in range(20)
    ]
    shown += [([("ant", LEFT)], [("bee", 60, LEFT)])] * 8
    shown += [([("bee", LEFT)], [("ant", 60, LEFT)])] * 8
    shown += [([("ant", LEFT)], [("ant", 90, LEFT), ("bee", 60, LEFT)])]
    told = known(scenes(shown, LABELS))
    (advice,) = separate(told)
    assert "9 objects of ant were taken for bee" in advice.evidence[0]
    assert f1_if_merged(told, told.errors.pairs[0]) == pytest.approx((2 * 114 / 115 + 1 + 1) / 4)
    assert advice.images[0].boxes[0].label in {"ant", "bee"}


def test_suspects_are_to_be_looked_at() -> None:
    """The images are listed, and the gain is told for what it is: a measurement put right."""
    wrong: list[Row] = [(["ant"], {"ant": 0.5, "bee": 95.0 + n / 10}) for n in range(3)]
    (advice,) = relabel(known(material([*rows(), *wrong], LABELS)))
    assert (advice.action, advice.practice) == ("relabel", "D8")
    assert advice.told == "Look at these 3 images and relabel what is annotated wrongly."
    assert advice.evidence[1] == "3 annotated as ant look like bee to the model."
    assert [image.confidence_percent for image in advice.images] == [95.2, 95.1, 95.0]
    assert advice.expected_gain == pytest.approx(1 - (80 / 83 + 80 / 83 + 1 + 1) / 4)
    assert "the model stays the same" in advice.gain_told


def test_few_labels_are_a_reason_to_look_first() -> None:
    """With four labels little is known of how mistakes spread; with ten that is not said."""
    (few,) = separate(known(material(MIXED_UP, LABELS)))
    assert few.evidence[-1].startswith("With only 4 labels")
    names = [f"l{number}" for number in range(8)]
    right: list[Row] = [([name], {name: 90.0}) for name in names for _ in range(20)]
    (many,) = separate(known(material([*MIXED_UP, *right], (*LABELS, *names))))
    assert many.evidence[-1].endswith("corrected for all pairs).")


def test_images_of_labels_that_the_model_does_not_know_are_told_apart() -> None:
    """They are annotated, so that nothing was forgotten: the unknown label is what to look at."""
    unknown: list[Row] = [(["zzz"], {"ant": 99.0})] * 60
    (advice,) = relabel(known(material([*rows(), *unknown], LABELS)))
    assert advice.told == (
        "60 holdout images have labels that the model does not know: zzz (60). Correct them where "
        "they are misspelt; else train a model that has these labels, or leave the images out."
    )
    assert (advice.labels, advice.expected_gain) == ((), None)
    assert {image.truth for image in advice.images} == {("zzz",)}
    assert len(advice.images) == 60


def test_nothing_is_said_of_labels_without_a_reason() -> None:
    """Scattered mistakes make no pair and no suspect."""
    told = known(material(rows(ant={"bee": 1, "": 2}, cow={"doe": 1}), LABELS))
    assert (list(separate(told)), list(relabel(told))) == ([], [])
