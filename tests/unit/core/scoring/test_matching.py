"""Tests of which found box is which true one."""

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rcl_flow.core.datasets.boxes import DetectedBox, PixelBox, overlap
from rcl_flow.core.datasets.dataset import DatasetImage
from rcl_flow.core.scoring.answers import ObjectAnswers, object_answers
from rcl_flow.core.scoring.judging import judge_boxes
from rcl_flow.core.scoring.matching import (
    NO_MATCH,
    OVERLAPS,
    match_at_overlaps,
    match_objects,
    object_outcomes,
    overlaps_of,
    places_in_groups,
)
from rcl_flow.core.scoring.metrics import outcomes_of
from rcl_flow.core.scoring.predictions import Prediction
from tests.builders import sha256_of
from tests.unit.core.scoring.crowds import Crowd, crowd

SIDE = 100
"""A power of two, so that places in pixels are exact as ratios, and so are half overlaps."""
LABELS = ("bolt", "nut")
Place = tuple[int, int, int, int]
Truth = Sequence[tuple[str, Place]]
Found = Sequence[tuple[str, float, Place]]
LEFT: Place = (0, 0, 40, 40)
RIGHT: Place = (60, 0, 40, 40)


def pictures(scenes: Sequence[tuple[Truth, Found]]) -> tuple[list[DatasetImage], list[Prediction]]:
    """Return images with objects at places in pixels, and what a model found in each."""
    images, said = [], []
    for number, (truth, found) in enumerate(scenes):
        sha256 = sha256_of(str(number))
        boxes = tuple(PixelBox(label, *place) for label, place in truth)
        labels = tuple(sorted({label for label, _ in truth}))
        images.append(DatasetImage("a.png", sha256, 1, "PNG", labels, boxes, SIDE, SIDE))
        detected = tuple(
            DetectedBox(
                label=label,
                confidence_percent=percent,
                box=PixelBox(label, *place).within(SIDE, SIDE),
            )
            for label, percent, place in found
        )
        said.append(Prediction(sha256=sha256, confidences_percent={}, boxes=detected))
    return images, said


def answers_of(*scenes: tuple[Truth, Found]) -> ObjectAnswers:
    """Return the boxes of the scenes as arrays."""
    images, said = pictures(scenes)
    return object_answers(images, {each.sha256: each for each in said}, LABELS)


def matched(truth: Truth, found: Found, min_overlap: float = 0.5) -> list[int]:
    """Return the matches in one image."""
    matches: list[int] = match_objects(answers_of((truth, found)), min_overlap).tolist()
    return matches


def test_surest_box_takes_the_object_whatever_the_order() -> None:
    """The second box on an object hits nothing."""
    found = [("bolt", 60.0, LEFT), ("bolt", 90.0, LEFT)]
    assert matched([("bolt", LEFT)], found) == [NO_MATCH, 0]


def test_first_of_equally_sure_boxes_takes_the_object() -> None:
    """Even if the second overlaps it more."""
    found = [("bolt", 90.0, (4, 0, 40, 40)), ("bolt", 90.0, LEFT)]
    assert matched([("bolt", LEFT)], found) == [0, NO_MATCH]


def test_box_takes_the_object_that_it_overlaps_most() -> None:
    """And the next one the other, though it overlaps it less."""
    truth = [("bolt", LEFT), ("bolt", (8, 0, 40, 40))]
    found = [("bolt", 90.0, (7, 0, 40, 40)), ("bolt", 80.0, (9, 0, 40, 40))]
    assert matched(truth, found) == [1, 0]


def test_box_beside_its_object_or_of_another_label_or_image_hits_nothing() -> None:
    """Label, image and place have all to be right."""
    elsewhere: Found = [("nut", 90.0, LEFT), ("bolt", 90.0, RIGHT)]
    answers = answers_of(([("bolt", LEFT)], elsewhere), ([], [("bolt", 90.0, LEFT)]))
    assert match_objects(answers).tolist() == [NO_MATCH] * 3


def test_overlap_of_exactly_the_least_is_a_hit() -> None:
    """Half of the object, and nothing else, is an overlap of a half."""
    half: Found = [("bolt", 90.0, (0, 0, 20, 40))]
    assert matched([("bolt", LEFT)], half) == [0]
    assert matched([("bolt", LEFT)], half, 0.51) == [NO_MATCH]


def test_without_boxes_there_is_no_match() -> None:
    """Neither nothing found nor nothing true is a problem."""
    assert matched([], []) == []
    assert matched([("bolt", LEFT)], []) == []
    assert matched([], [("bolt", 90.0, LEFT)]) == [NO_MATCH]
    assert match_at_overlaps(answers_of()).shape == (len(OVERLAPS), 0)


@pytest.mark.parametrize("seed", range(3))
def test_matches_at_several_overlaps_are_those_at_each(seed: int) -> None:
    """A row an overlap; the more is asked, the fewer are hits."""
    answers = crowd(seed)
    rows = match_at_overlaps(answers)
    for least, row in zip(OVERLAPS, rows, strict=True):
        assert row.tolist() == match_objects(answers, least).tolist()
    hits = (rows != NO_MATCH).sum(axis=1)
    assert (np.diff(hits) <= 0).all()
    assert hits[0] > hits[-1] > 0


def test_overlaps_are_compared_in_blocks_with_the_same_result() -> None:
    """More pairs of boxes than are compared at a time, against image by image."""
    many = crowd(0, Crowd(images=8, most_true=600))
    matches = match_objects(many)
    for image in range(many.images):
        found, true = many.found_images == image, many.true_images == image
        alone = ObjectAnswers(
            many.labels,
            1,
            np.zeros(true.sum(), dtype=np.intp),
            many.true_labels[true],
            many.true_boxes[true],
            np.zeros(found.sum(), dtype=np.intp),
            many.found_labels[found],
            many.found_boxes[found],
            many.confidences_percent[found],
        )
        here = match_objects(alone)
        first = np.flatnonzero(true)[0]
        assert (
            matches[found].tolist() == np.where(here == NO_MATCH, NO_MATCH, here + first).tolist()
        )


def test_places_count_the_surer_boxes_of_the_same_image_and_label() -> None:
    """Equally sure boxes are in the order of the answers."""
    first: Found = [("bolt", 50.0, LEFT), ("nut", 10.0, LEFT), ("bolt", 90.0, LEFT)]
    second: Found = [("bolt", 20.0, LEFT), ("bolt", 20.0, LEFT)]
    assert places_in_groups(answers_of(([], first), ([], second))).tolist() == [1, 0, 0, 0, 1]


names = st.sampled_from(LABELS)
sides = st.integers(8, 64)
places = st.tuples(st.integers(0, 5).map(lambda step: step * 8), st.integers(0, 40), sides, sides)
truths = st.lists(st.tuples(names, places), max_size=5)
# few confidences, so that equal ones and those at the threshold are frequent
sureness = st.integers(1, 8).map(lambda step: step * 12.5)
finds = st.lists(st.tuples(names, sureness, places), max_size=7)
thresholds = st.fixed_dictionaries(dict.fromkeys(LABELS, st.sampled_from([0.0, 0.25, 0.5, 0.875])))


@given(st.lists(st.tuples(truths, finds), max_size=4), thresholds)
def test_outcomes_are_those_of_judging_image_by_image(
    scenes: list[tuple[Truth, Found]], least: dict[str, float]
) -> None:
    """Matched once and cut at any threshold gives what is counted after the cut."""
    images, said = pictures(scenes)
    answers = object_answers(images, {each.sha256: each for each in said}, LABELS)
    ours = object_outcomes(answers, match_objects(answers), least)
    judged = [judge_boxes(*pair, least) for pair in zip(images, said, strict=True)]
    theirs = outcomes_of(((one.truth, one.hits, one.false_alarms) for one in judged), LABELS)
    assert ours.labels == theirs.labels
    assert ours.truth.tolist() == theirs.truth.tolist()
    assert ours.hits.tolist() == theirs.hits.tolist()
    assert ours.false_alarms.tolist() == theirs.false_alarms.tolist()


@given(st.lists(st.tuples(places, places), min_size=1, max_size=5))
def test_overlaps_of_rows_are_those_of_single_boxes(pairs: list[tuple[Place, Place]]) -> None:
    """Bit by bit, where places are exact."""
    boxes = [[PixelBox("", *place).within(SIDE, SIDE) for place in pair] for pair in pairs]
    corners = np.array(
        [[(b.left, b.top, b.left + b.width, b.top + b.height) for b in pair] for pair in boxes]
    )
    expected = [overlap(first, second) for first, second in boxes]
    assert overlaps_of(corners[:, 0], corners[:, 1]).tolist() == expected


def test_overlaps_of_one_box_with_many() -> None:
    """A single row is compared with each; boxes without area overlap nothing."""
    many = np.array([[0.0, 0.0, 0.5, 0.5], [0.5, 0.0, 1.0, 0.5], [0.2, 0.2, 0.2, 0.2]])
    assert overlaps_of(many, np.array([[0.0, 0.0, 0.5, 0.5]])).tolist() == [1.0, 0.0, 0.0]
