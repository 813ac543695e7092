"""Tests of what counts as a hit, a miss and a false alarm."""

from hypothesis import given
from hypothesis import strategies as st

from rcl_flow.core.datasets.boxes import DetectedBox, PixelBox
from rcl_flow.core.datasets.dataset import DatasetImage
from rcl_flow.core.scoring.judging import NOTHING, Judgement, judge_boxes
from rcl_flow.core.scoring.predictions import Prediction
from tests.builders import sha256_of

SIDE = 100
HALF = {"bolt": 0.5, "nut": 0.5}
Place = tuple[float, float, float, float]
LEFT: Place = (0, 0, 40, 40)
RIGHT: Place = (60, 0, 40, 40)


def scene(*objects: tuple[str, Place]) -> DatasetImage:
    """Return an image of 100 x 100 pixels with objects at places in pixels."""
    return DatasetImage(
        uri="scene.png",
        sha256=sha256_of("scene"),
        size_bytes=1,
        image_format="PNG",
        labels=tuple(sorted({label for label, _ in objects})),
        boxes=tuple(PixelBox(label, *place) for label, place in objects),
        width_pixels=SIDE,
        height_pixels=SIDE,
    )


def said(*found: tuple[str, float, Place]) -> Prediction:
    """Return what a model found: label, confidence in percent, place in pixels."""
    return Prediction(
        sha256=sha256_of("scene"),
        confidences_percent={},
        boxes=tuple(
            DetectedBox(
                label=label,
                confidence_percent=percent,
                box=PixelBox(label, *place).within(SIDE, SIDE),
            )
            for label, percent, place in found
        ),
    )


def counts(judgement: Judgement) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the hits and the false alarms."""
    return judgement.hits, judgement.false_alarms


def test_box_in_its_place_is_a_hit() -> None:
    """The right label, overlapping by more than half."""
    judgement = judge_boxes(scene(("bolt", LEFT)), said(("bolt", 90, (5, 0, 40, 40))), HALF)
    assert counts(judgement) == (("bolt",), ())
    assert judgement.is_right
    assert judgement.confusions == (("bolt", "bolt"),)


def test_box_beside_its_place_is_a_miss_and_a_false_alarm() -> None:
    """An overlap of a third is not enough."""
    judgement = judge_boxes(scene(("bolt", LEFT)), said(("bolt", 90, (20, 0, 40, 40))), HALF)
    assert counts(judgement) == ((), ("bolt",))
    assert judgement.confusions == (("bolt", NOTHING), (NOTHING, "bolt"))
    assert judgement.severity_percent == 90


def test_box_below_its_threshold_is_not_predicted() -> None:
    """The miss is as grave as the confidence that was lacking."""
    judgement = judge_boxes(scene(("bolt", LEFT)), said(("bolt", 49, LEFT)), HALF)
    assert counts(judgement) == ((), ())
    assert judgement.severity_percent == 51
    assert [(box.label, box.mark) for box in judgement.boxes] == [("bolt", "miss")]


def test_second_box_on_one_object_is_a_false_alarm() -> None:
    """Each object is found once, by the surest box, whatever the order of the answer."""
    judgement = judge_boxes(
        scene(("bolt", LEFT)), said(("bolt", 60, LEFT), ("bolt", 90, LEFT)), HALF
    )
    assert counts(judgement) == (("bolt",), ("bolt",))
    assert judgement.confusions == (("bolt", "bolt"), (NOTHING, "bolt"))
    assert judgement.severity_percent == 60


def test_wrong_label_in_the_place_of_an_object_is_a_confusion() -> None:
    """The place tells what was taken for what."""
    judgement = judge_boxes(scene(("bolt", LEFT), ("nut", RIGHT)), said(("nut", 80, LEFT)), HALF)
    assert counts(judgement) == ((), ("nut",))
    assert sorted(judgement.confusions) == [("bolt", "nut"), ("nut", NOTHING)]


def test_label_without_a_threshold_is_never_predicted() -> None:
    """A label that the evaluation does not know has no place in the score."""
    assert counts(judge_boxes(scene(), said(("yeti", 99, LEFT)), HALF)) == ((), ())


def test_image_without_objects_is_right_when_nothing_is_found() -> None:
    """And wrong when something is."""
    assert judge_boxes(scene(), said(), HALF).is_right
    assert not judge_boxes(scene(), said(("nut", 80, LEFT)), HALF).is_right


names = st.sampled_from(["bolt", "nut"])
sides = st.integers(5, 60)
places = st.tuples(st.integers(0, 40), st.integers(0, 40), sides, sides)


@given(st.lists(st.tuples(names, places), max_size=6), st.data())
def test_every_box_is_counted_once(objects: list[tuple[str, Place]], data: st.DataObject) -> None:
    """Hits are true and predicted, and the confusions hold every true and predicted box once."""
    found = data.draw(st.lists(st.tuples(names, st.floats(50, 100), places), max_size=6))
    judgement = judge_boxes(scene(*objects), said(*found), HALF)
    assert len(judgement.truth) == len(objects)
    assert len(judgement.hits) + len(judgement.false_alarms) == len(found)
    rows = [truth for truth, _ in judgement.confusions if truth != NOTHING]
    columns = [predicted for _, predicted in judgement.confusions if predicted != NOTHING]
    assert sorted(rows) == sorted(judgement.truth)
    assert sorted(columns) == sorted(judgement.hits + judgement.false_alarms)
    for label in HALF:
        assert judgement.hits.count(label) <= judgement.truth.count(label)
