"""Tests of deciding whether a challenger becomes the champion."""

import pytest

from rcl_flow.core.promotion.decision import Keep, Promote, Reason
from rcl_flow.core.promotion.promotion import PairedFigures, decide_promotion, promotion_rules
from rcl_flow.core.promotion.rules import PromotionRules
from rcl_flow.core.scoring.evaluation_rules import EvaluationRules
from rcl_flow.core.scoring.verdict import judge_gap

RULES = PromotionRules(max_loss=0.02)
FIGURES = PairedFigures(
    images=400,
    champion_f1=0.9,
    challenger_f1=0.91,
    f1=0.01,
    interval=(-0.01, 0.03),
    confidence_level=0.95,
    max_loss=0.02,
)


def figures(**changes: object) -> PairedFigures:
    """Return the figures of a challenger that may well be a little better, with changes."""
    return FIGURES.model_copy(update=changes)


def test_first_model_that_passes_its_gates_is_the_champion() -> None:
    """There is nobody to beat."""
    decided = decide_promotion(Promote(), None, RULES)
    assert decided.action == "promote"
    assert decided.reasons[0].message == "The project has no other champion."


def test_gates_that_are_not_passed_keep_the_champion() -> None:
    """However good the comparison is; the gates' own reasons are told."""
    reason = Reason(gate="min_holdout_f1", message="too low")
    decided = decide_promotion(Keep(reasons=(reason,)), figures(), RULES)
    assert decided.action == "keep"
    assert decided.reasons == (reason,)


def test_challenger_that_loses_no_more_than_the_margin_is_promoted() -> None:
    """It need not be better: what is new in its data may not be in the holdout yet."""
    decided = decide_promotion(Promote(), figures(), RULES)
    assert decided.action == "promote"
    assert decided.reasons[0].message == (
        "Against the champion, on the same 400 images, the F1 changes by +0.010 "
        "[-0.010, +0.030], which excludes a loss of more than 0.020."
    )


@pytest.mark.parametrize(
    ("interval", "action"),
    [((-0.0199, 0.1), "promote"), ((-0.02, 0.1), "keep"), ((-0.3, -0.2), "keep")],
)
def test_interval_has_to_lie_above_minus_the_margin(
    interval: tuple[float, float], action: str
) -> None:
    """A loss that the interval does not exclude is a loss that may be."""
    assert decide_promotion(Promote(), figures(interval=interval), RULES).action == action


@pytest.mark.parametrize("field", ["regressed_labels", "lost_labels"])
def test_label_that_is_worse_or_lost_keeps_the_champion_unless_that_is_allowed(field: str) -> None:
    """A mean can hide it; the reason names the label."""
    worse = figures(**{field: ("scratch",)})
    kept = decide_promotion(Promote(), worse, RULES)
    assert kept.action == "keep"
    assert "scratch" in kept.reasons[0].message
    allowed = RULES.model_copy(update={"allow_regressed_labels": True})
    assert decide_promotion(Promote(), worse, allowed).action == "promote"


def test_every_reason_against_it_is_told() -> None:
    """Gates, objections, interval and labels."""
    gate, objection = Reason(gate="a", message="a"), Reason(gate="b", message="b")
    worse = figures(interval=(-0.1, 0.0), regressed_labels=("x",), lost_labels=("y",))
    decided = decide_promotion(Keep(reasons=(gate,)), worse, RULES, (objection,))
    assert [reason.gate for reason in decided.reasons] == [
        *("a", "b", "max_loss"),
        *("allow_regressed_labels", "allow_regressed_labels"),
    ]


def test_margin_of_the_promotion_judges_the_labels_too() -> None:
    """One margin for everything: a fall that `gap_margin` would excuse is a regression."""
    evaluation = EvaluationRules(gap_margin=0.05)
    fall = (-0.04, -0.01)
    assert judge_gap(fall, evaluation) == "generalises"
    assert judge_gap(fall, promotion_rules(evaluation, RULES)) == "drops"
