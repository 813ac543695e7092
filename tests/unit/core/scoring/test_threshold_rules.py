"""Tests of the rules by which thresholds are chosen, and of their examples in the documentation."""

import re
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from rcl_flow.config import parse_config
from rcl_flow.core.scoring.threshold_rules import LabelThresholdRule, ThresholdRules

ROOT = Path(__file__).parents[4]
PAGE = (ROOT / "docs" / "17-thresholds.md").read_text()
DATA = "project: parts\ndata: {train: {folder: a}, test: {folder: b}, holdout: {folder: c}}\n"
EXAMPLES = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"objective": "fixed"}, "fixed"),
        ({"objective": "precision", "min_recall": 0.9}, "min_precision"),
        ({"objective": "recall"}, "min_recall"),
    ],
)
def test_objective_needs_its_figure(given: dict[str, Any], field: str) -> None:
    """An objective without the figure that it is about is refused by the figure's name."""
    with pytest.raises(ValidationError, match=f"needs '{field}'"):
        LabelThresholdRule.model_validate(given)


def test_cost_of_nothing_is_refused() -> None:
    """When neither mistake costs anything, every threshold is the cheapest."""
    with pytest.raises(ValidationError, match="needs a cost above 0"):
        LabelThresholdRule(objective="cost", false_alarm_cost=0, miss_cost=0)
    assert LabelThresholdRule(objective="cost", false_alarm_cost=0).miss_cost == 1


@pytest.mark.parametrize("share", [0.0, 1.0, 30.0])
def test_calibration_share_leaves_something_on_both_sides(share: float) -> None:
    """All or nothing of the holdout is no part of it."""
    with pytest.raises(ValidationError):
        ThresholdRules(calibration_share=share)


def test_label_has_its_own_rule_or_the_common_one() -> None:
    """A rule under `labels` replaces the common one; it does not add to it."""
    own = LabelThresholdRule(objective="recall", min_recall=0.99)
    rules = ThresholdRules(objective="best_f1", labels={"scratch": own})
    assert rules.rule_of("scratch") == own
    assert rules.rule_of("dent").objective == "best_f1"


@pytest.mark.parametrize(
    ("rules", "tunes"),
    [
        (ThresholdRules(), False),
        (ThresholdRules(objective="fixed", fixed=0.4), False),
        (ThresholdRules(objective="best_f1"), True),
        (ThresholdRules(labels={"a": LabelThresholdRule(objective="cost")}), True),
        (ThresholdRules(labels={"a": LabelThresholdRule(objective="fixed", fixed=0.1)}), False),
    ],
)
def test_rules_tell_whether_a_calibration_part_is_needed(
    rules: ThresholdRules, tunes: bool
) -> None:
    """A single tuned label is enough."""
    assert rules.tunes == tunes


def test_rules_name_labels_that_there_are_not() -> None:
    """A misspelt label would else keep the common rule without a word."""
    rule = LabelThresholdRule(objective="best_f1")
    rules = ThresholdRules(labels={"scratch": rule, "sratch": rule, "Dent": rule})
    assert rules.unknown_labels(["scratch", "dent"]) == ("Dent", "sratch")


def test_documentation_shows_every_objective() -> None:
    """Each objective is in an example, and there are examples at all."""
    rules = [parse_config(DATA + text).evaluation.thresholds for text in EXAMPLES]
    shown = {rule.objective for one in rules for rule in (one, *one.labels.values())}
    assert shown == {"assumed", "fixed", "best_f1", "precision", "recall", "cost"}


@pytest.mark.parametrize("text", EXAMPLES)
def test_examples_of_the_documentation_are_valid(text: str) -> None:
    """Every YAML block can be pasted into a config, and says something of thresholds."""
    assert parse_config(DATA + text).evaluation.thresholds != ThresholdRules()
