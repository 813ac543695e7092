"""Tests of runs as columns: every row has a value in each, and none is mixed up."""

from datetime import UTC, datetime

from rcl_flow.core.datasets.boxes import Box, DetectedBox
from rcl_flow.core.history.past_runs import PastRun, RunScore
from rcl_flow.pipeline.judging.run_columns import (
    JudgedImage,
    history_columns,
    image_columns,
    judged_image,
    label_columns,
)
from rcl_flow.pipeline.runs.outcome import LabelOutcome
from tests.builders import image, prediction, score
from tests.unit.core.scoring.holdouts import scenes
from tests.unit.pipeline.finished import ordered

AT = datetime(2026, 1, 1, tzinfo=UTC)


def test_image_is_judged_at_the_thresholds() -> None:
    """A confidence at its threshold counts, one below does not, and truth stays beside it."""
    answer = prediction("a", cat=80.0, dog=40.0)
    judged = judged_image(image("a", "cat"), answer, {"cat": 0.8, "dog": 0.5})
    assert (judged.truth, judged.predicted) == (("cat",), ("cat",))
    assert judged.confidences_percent == {"cat": 80.0, "dog": 40.0}


def test_images_have_a_column_of_each_label_answered() -> None:
    """A label that was not answered for an image holds None there, and boxes are not invented."""
    images = [
        judged_image(image("a", "cat"), prediction("a", cat=80.0), {"cat": 0.5}),
        judged_image(image("b"), prediction("b", uri=10.0), {"uri": 0.5}),
    ]
    columns = image_columns(images)
    assert list(columns) == ["uri", "sha256", "truth", "predicted", "percent_cat", "percent_uri"]
    assert columns["percent_cat"] == [80.0, None]
    assert columns["percent_uri"] == [None, 10.0]
    assert columns["truth"] == [("cat",), ()]
    assert columns["predicted"] == [("cat",), ()]


def test_boxes_are_ratios_of_the_image() -> None:
    """True and answered objects have places in one unit, so that they can be held together."""
    place = (10.0, 20.0, 30.0, 40.0)
    material = scenes([([("nut", place)], [("nut", 70.0, place)])], ("nut",))
    (found,) = ordered(material.judged).images
    judged = judged_image(found, material.judged.predictions[found.sha256], {"nut": 0.5})
    ((label, box),) = judged.true_boxes
    (answered,) = judged.predicted_boxes
    assert label == "nut"
    assert box == answered.box
    assert box.width == 30.0 / found.width_pixels
    columns = image_columns([judged])
    assert columns["true_boxes"] == [judged.true_boxes]
    assert columns["predicted_boxes"] == [judged.predicted_boxes]


def test_image_without_a_true_object_keeps_its_row_among_boxes() -> None:
    """A false alarm on an empty image is in the table."""
    box = DetectedBox(
        label="nut", confidence_percent=60.0, box=Box(left=0.1, top=0.1, width=0.2, height=0.2)
    )
    empty = JudgedImage("a.png", "0" * 64, (), ("nut",), {"nut": 60.0}, (), (box,))
    assert image_columns([empty])["true_boxes"] == [()]


def test_labels_have_both_sides_and_the_threshold_in_use() -> None:
    """A chosen threshold is in use before the assumed one; a side without images holds None."""
    both = LabelOutcome(
        label="cat",
        test=score(0.9),
        holdout=score(0.7, images=12),
        gap=None,
        assumed_threshold=0.5,
        chosen_threshold=0.0,
    )
    one = both.model_copy(update={"label": "dog", "holdout": None, "chosen_threshold": None})
    columns = label_columns([both, one])
    assert columns["threshold"] == [0.0, 0.5]
    assert columns["assumed_threshold"] == [0.5, 0.5]
    assert columns["test_f1"] == [0.9, 0.9]
    assert columns["holdout_f1"] == [0.7, None]
    assert columns["holdout_images"] == [12, None]
    assert columns["holdout_f1_low"] == [both.holdout and both.holdout.f1_interval[0], None]
    assert columns["gap_f1"] == [None, None]
    assert {len(values) for values in columns.values()} == {2}


def test_history_keeps_runs_without_a_score() -> None:
    """A run that failed has its row, with None for what it never measured."""
    failed = PastRun(
        run_id="1", project="parts", backend="aws", state="failed", started_at=AT, updated_at=AT
    )
    judged = RunScore(
        decision="keep",
        verdict="drops",
        test_f1=0.9,
        test_interval=(0.85, 0.95),
        holdout_f1=0.6,
        holdout_interval=(0.55, 0.65),
    )
    done = failed.model_copy(update={"run_id": "2", "state": "completed", "score": judged})
    columns = history_columns([failed, done])
    assert columns["run_id"] == ["1", "2"]
    assert columns["decision"] == [None, "keep"]
    assert columns["holdout_f1"] == [None, 0.6]
    assert columns["holdout_f1_low"] == [None, 0.55]
    assert columns["holdout_f1_high"] == [None, 0.65]
    assert {len(values) for values in columns.values()} == {2}
