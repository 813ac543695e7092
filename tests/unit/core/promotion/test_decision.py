"""Tests of the gates."""

import pytest
from pydantic import ValidationError

from rcl_flow.core.promotion.decision import Decision, Promote, decide
from rcl_flow.core.promotion.rules import Gates
from rcl_flow.core.scoring.verdict import Verdict
from tests.builders import comparison, score

GATES = Gates(min_holdout_images=200, min_holdout_f1=0.8, min_label_f1=0.7)


def gates_of(decision: Decision) -> list[str]:
    """Return the names of the gates that were not passed."""
    return [reason.gate for reason in decision.reasons]


def test_decision_promotes_when_every_gate_is_just_reached() -> None:
    """A gate's own figure is enough."""
    just = comparison(score(0.9, low=0.8, images=200), label_f1={"a": 0.7})
    assert decide(just, GATES) == Promote()


def test_decision_keeps_when_too_few_images_were_judged() -> None:
    """A perfect score on few images does not carry a decision."""
    decision = decide(comparison(score(1.0, images=199), label_f1={}), GATES)
    assert (decision.action, gates_of(decision)) == ("keep", ["min_holdout_images"])
    assert decision.reasons[0].message == "199 holdout images were judged, 200 are needed."


def test_decision_judges_the_lower_end_of_the_interval() -> None:
    """A good point with an interval that reaches below the gate is not enough."""
    decision = decide(comparison(score(0.95, low=0.79), label_f1={}), GATES)
    assert gates_of(decision) == ["min_holdout_f1"]
    assert "0.790" in decision.reasons[0].message


def test_decision_names_every_label_below_its_gate() -> None:
    """Each weak label is a reason of its own."""
    weak = comparison(score(0.9), label_f1={"a": 0.9, "b": 0.69, "c": 0.0})
    decision = decide(weak, GATES)
    assert gates_of(decision) == ["min_label_f1", "min_label_f1"]
    assert "'b'" in decision.reasons[0].message
    assert "'c'" in decision.reasons[1].message


def test_decision_passes_over_labels_without_holdout_image() -> None:
    """What was not judged cannot fail."""
    assert decide(comparison(score(0.9), label_f1={"a": None}), GATES).action == "promote"


@pytest.mark.parametrize(
    ("verdict", "action"),
    [("generalises", "promote"), ("inconclusive", "promote"), ("drops", "keep")],
)
def test_decision_keeps_when_the_score_drops(verdict: Verdict, action: str) -> None:
    """By default only a proven drop from test to holdout is refused."""
    assert decide(comparison(score(0.9), verdict=verdict, label_f1={}), GATES).action == action


def test_decision_follows_the_accepted_verdicts() -> None:
    """A strict config refuses what is not proven to generalise."""
    strict = Gates(min_holdout_f1=0.8, accept_verdicts=("generalises",))
    decision = decide(comparison(score(0.9), verdict="inconclusive", label_f1={}), strict)
    assert gates_of(decision) == ["accept_verdicts"]
    assert "-0.010" in decision.reasons[0].message


def test_decision_gives_every_reason() -> None:
    """All gates that were not passed are named at once."""
    bad = comparison(score(0.1, images=1), verdict="drops", label_f1={"a": 0.1})
    assert gates_of(decide(bad, GATES)) == [
        "min_holdout_images",
        "min_holdout_f1",
        "min_label_f1",
        "accept_verdicts",
    ]


@pytest.mark.parametrize("f1", [-0.1, 1.1, float("nan")])
def test_gates_refuse_what_is_no_f1(f1: float) -> None:
    """A gate outside 0 to 1 is a mistake in the config."""
    with pytest.raises(ValidationError):
        Gates(min_holdout_f1=f1)
