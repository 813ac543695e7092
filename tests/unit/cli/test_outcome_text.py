"""Tests of a judged model as text for the terminal."""

from datetime import UTC, datetime

import pytest

from rcl_flow.cli.outcome_text import outcome_text
from rcl_flow.core.promotion.decision import Keep, Reason
from rcl_flow.core.scoring.advice import Action
from rcl_flow.pipeline.runs.outcome import AdviceOutcome, RunOutcome
from rcl_flow.report.figures import format_usd
from rcl_flow.report.page import EvaluationOf
from tests.builders import score
from tests.unit.pipeline.runs.test_outcome_schema import OUTCOME

CHANGES = ("evaluation.thresholds.objective=best_f1", "gates.min_label_f1=0.25")
EVALUATION = EvaluationOf(
    changes=CHANGES,
    run_f1=0.97,
    run_action="promote",
    judged_at=datetime(2026, 11, 30, 9, 30, tzinfo=UTC),
)


def lines_of(**changes: object) -> list[str]:
    """Return the lines of an outcome with some fields changed."""
    outcome: RunOutcome = OUTCOME.model_copy(update=changes)
    return outcome_text(outcome, paid=True).splitlines()


def test_run_and_evaluation_are_told_apart_by_the_first_line() -> None:
    """A run says how it ended, an evaluation of what it is one."""
    assert lines_of()[0] == f"run       {OUTCOME.run_id}  completed"
    lines = lines_of(evaluation=EVALUATION)
    assert lines[0].startswith(f"evaluation of run {OUTCOME.run_id}, changed:")
    end = next(number for number, line in enumerate(lines) if line.startswith("test "))
    assert " ".join(line.strip() for line in lines[:end]) == (
        f"evaluation of run {OUTCOME.run_id}, changed: {CHANGES[0]}, {CHANGES[1]}; the run "
        "itself: F1 0.970, promote"
    )
    assert not any(line.startswith("run ") for line in lines)


def test_holdout_is_told_at_both_kinds_of_thresholds() -> None:
    """So that the gap can be read off: holdout at the assumed thresholds minus test."""
    lines = lines_of(holdout_at_assumed=score(0.85))
    (at,) = [number for number, line in enumerate(lines) if line.startswith("holdout")]
    assert lines[at].endswith("unseen images, at the chosen thresholds")
    assert lines[at + 1].startswith("          F1 0.850 [")
    assert lines[at + 1].endswith("]  at the assumed thresholds")
    assert lines[at + 2].startswith("gap ")
    assert lines[at + 2].endswith(", at the assumed thresholds")
    assert "thresholds" not in "".join(lines_of())


@pytest.mark.parametrize("name", ["decision", "cautions"])
def test_sentences_wrap_below_themselves(name: str) -> None:
    """No reason and no caution is wider than 80 columns; their next lines are indented."""
    sentence = "Of the label 'north-west' the holdout F1 is 0.123, and 0.900 is needed of it. " * 2
    lines = (
        lines_of(decision=Keep(reasons=(Reason(gate="g", message=sentence),)))
        if name == "decision"
        else lines_of(cautions=(sentence,))
    )
    begin = "          - Of" if name == "decision" else "caution   Of"
    (at,) = [number for number, line in enumerate(lines) if line.startswith(begin)]
    told = [lines[at], *(line for line in lines[at + 1 : at + 3] if line.startswith(" " * 10))]
    assert max(map(len, told)) <= 80
    assert len(told) >= 2
    assert told[1].startswith(" " * (12 if name == "decision" else 10))


@pytest.mark.parametrize(("action", "shown"), [("relabel", True), ("holdout", False)])
def test_images_that_are_to_be_looked_at_are_in_a_file(action: Action, shown: bool) -> None:
    """Advice that says `these images` says which."""
    advice = AdviceOutcome(rank=1, action=action, labels=("a",), told="Look at these 3 images.")
    artifacts = OUTCOME.artifacts.model_copy(update={"advice_csv": "runs/1/advice.csv"})
    lines = lines_of(advice=(advice,), artifacts=artifacts)
    assert ("images    runs/1/advice.csv" in lines) == shown
    assert not any(line.startswith("images") for line in lines_of(artifacts=artifacts))


def test_cost_of_the_emulator_is_not_told_as_paid() -> None:
    """The figure is what the same seconds cost on AWS."""
    usd = format_usd(OUTCOME.cost.estimated_usd)
    assert f"cost      nothing was paid; on AWS {usd} (60 s" in outcome_text(OUTCOME, paid=False)
    assert f"cost      {usd} (60 s" in outcome_text(OUTCOME, paid=True)


def test_path_in_a_sentence_is_not_broken() -> None:
    """It is copied from there; what is longer than a line has one of its own."""
    path = f"runs/{'very-long-' * 9}/page.html"
    assert f"          {path}" in lines_of(cautions=(f"See {path} for all of it.",))


def test_cost_says_that_a_training_may_be_an_earlier_runs() -> None:
    """The seconds are the model's; a run that reuses it is not billed for them again."""
    text = " ".join(" ".join(lines_of()).split())
    assert "60 s billed for the model's training, by this run or an earlier one; 5" in text
