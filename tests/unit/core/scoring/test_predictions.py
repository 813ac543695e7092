"""Tests of predictions and of the thresholds that turn them into labels."""

from rcl_flow.core.scoring.predictions import Prediction, predicted_labels
from tests.builders import prediction


def test_predicted_labels_reach_their_own_threshold() -> None:
    """Each label is judged by its own threshold: percent against ratio."""
    answer = prediction("x", cat=60.0, dog=60.0)
    assert predicted_labels(answer, {"cat": 0.59, "dog": 0.61}) == ("cat",)


def test_predicted_labels_include_one_at_its_threshold() -> None:
    """At the threshold is above it, as with the service's MinConfidence."""
    assert predicted_labels(prediction("x", cat=50.0), {"cat": 0.5}) == ("cat",)


def test_predicted_labels_leave_out_what_has_no_threshold() -> None:
    """A label that the evaluation does not know is never predicted."""
    assert predicted_labels(prediction("x", cat=100.0, yeti=100.0), {"cat": 0.5}) == ("cat",)


def test_predicted_labels_are_sorted() -> None:
    """The order does not depend on the order of the answer."""
    answer = prediction("x", dog=90.0, ant=80.0, cat=99.0)
    assert predicted_labels(answer, dict.fromkeys(["cat", "dog", "ant"], 0.5)) == (
        "ant",
        "cat",
        "dog",
    )


def test_predicted_labels_are_none_when_the_answer_is_empty() -> None:
    """A model that says nothing predicts nothing."""
    assert predicted_labels(prediction("x"), {"cat": 0.0}) == ()


def test_prediction_survives_a_file() -> None:
    """What is written to a file and read back is the same prediction."""
    answer = prediction("x", cat=67.56399536132812)
    assert Prediction.model_validate_json(answer.model_dump_json()) == answer
