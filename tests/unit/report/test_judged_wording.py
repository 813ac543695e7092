"""Tests of the sentences on how a score was judged."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from rcl_flow.core.scoring.comparison import Comparison, Gap
from rcl_flow.core.scoring.evaluation_rules import EvaluationRules
from rcl_flow.report.html import render_html
from rcl_flow.report.judged_wording import (
    allowance_sentence,
    allowed_fall,
    cautions,
    evaluation_sentence,
    gap_place,
    gap_rule,
    holdout_place,
    measured_from,
)
from rcl_flow.report.markdown import render_markdown
from rcl_flow.report.page import EvaluationOf, ReportPage
from tests.unit.report.documents import Document
from tests.unit.report.full_pages import full_page
from tests.unit.report.pages import build_page

RULES = EvaluationRules(gap_margin=0.05)
GAP = Gap(f1=-0.08, interval=(-0.12, -0.02), verdict="inconclusive")
MOMENT = datetime(2026, 11, 30, 9, 30, tzinfo=UTC)


def with_fixed(page: ReportPage, fixed: int) -> ReportPage:
    """Return the page as if the first so many thresholds had been set by hand."""
    assert page.analysis is not None
    tuning = page.analysis.thresholds
    labels = [
        choice.model_copy(update={"objective": "fixed"} if index < fixed else {})
        for index, choice in enumerate(tuning.labels)
    ]
    tuning = tuning.model_copy(update={"labels": tuple(labels)})
    return replace(page, analysis=page.analysis.model_copy(update={"thresholds": tuning}))


def with_label_gaps(comparison: Comparison, **changes: object) -> Comparison:
    """Return the comparison with every label's gap changed."""
    labels = [
        entry.model_copy(update={"gap": entry.gap and entry.gap.model_copy(update=changes)})
        for entry in comparison.labels
    ]
    return comparison.model_copy(update={"labels": tuple(labels)})


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ((), "Evaluation of run r, nothing changed; the run itself: F1 0.970, promote."),
        (
            ("a=1", "threshold b=0.5"),
            "Evaluation of run r, changed: a=1, threshold b=0.5; the run ",
        ),
    ],
)
def test_evaluation_names_run_changes_and_what_the_run_found(
    changes: tuple[str, ...], told: str
) -> None:
    """One sentence, whether something was changed or not."""
    evaluation = EvaluationOf(changes=changes, run_f1=0.97, run_action="promote", judged_at=MOMENT)
    assert evaluation_sentence(evaluation, "r").startswith(told)


@pytest.mark.parametrize(
    ("fixed", "told"),
    [
        (0, ()),
        (1, ("1 threshold was set by hand; if it was chosen by looking at these images, ",)),
        (3, ("3 thresholds were set by hand; if they were chosen by looking at these images, ",)),
    ],
)
def test_hand_set_thresholds_are_counted(fixed: int, told: tuple[str, ...]) -> None:
    """Tuned ones are not among them; a page without analysis knows of none."""
    page = with_fixed(full_page(), fixed)
    assert cautions(page) == tuple(f"{each}the score is flattered." for each in told)
    assert cautions(build_page()) == ()


def test_places_are_only_told_where_there_are_two() -> None:
    """At the assumed thresholds throughout, nothing needs to be said."""
    comparison = build_page().comparison
    both = comparison.model_copy(update={"holdout_at_assumed": comparison.holdout})
    assert (holdout_place(comparison), gap_place(comparison)) == ("", "")
    assert holdout_place(both) == "at the chosen thresholds"
    assert gap_place(both) == "at the assumed thresholds"


@pytest.mark.parametrize(("optimism", "allowed"), [(0.0, 0.05), (0.03, 0.08), (0.2, 0.1)])
def test_no_more_flattery_than_the_margin_is_excused(optimism: float, allowed: float) -> None:
    """As the verdict does it; the sentence has the same figures."""
    gap = GAP.model_copy(update={"optimism": optimism})
    assert allowed_fall(gap, RULES) == pytest.approx(allowed)
    assert f"or a fall of up to {allowed:.3f}, which is the margin" in gap_rule(gap, RULES)


def test_rule_tells_how_much_flattery_is_not_excused() -> None:
    """Else 0.063 in the headline and 0.050 here would contradict each other."""
    much, little = (GAP.model_copy(update={"optimism": each}) for each in (0.063, 0.03))
    assert "explains, 0.050 of 0.063 (no more than the margin is excused)." in gap_rule(much, RULES)
    assert "explains, 0.030." in gap_rule(little, RULES)


def test_rule_names_the_interval_that_decides() -> None:
    """The displayed one, or what is left of it when the flattery of the test is taken out."""
    left = GAP.model_copy(update={"optimism": 0.03, "harm_interval": (-0.09, 0.01)})
    assert "The verdict is on the interval: " in gap_rule(GAP, RULES)
    told = gap_rule(left, RULES)
    assert "taken out, [-0.090, +0.010]: the model generalises when all of that" in told
    assert "at or above -0.050, and drops when all of it is below zero." in told


def test_label_allowance_is_told_once_with_its_range() -> None:
    """On the page and in the summary; not where the margin alone tells the verdict."""
    page = build_page()
    plain = with_label_gaps(page.comparison, optimism=0.0, harm_interval=None)
    assert allowance_sentence(plain, RULES) == ""
    flattered = with_label_gaps(page.comparison, optimism=0.021, harm_interval=(-0.04, 0.09))
    told = allowance_sentence(flattered, RULES)
    assert "so a fall of 0.021 is to be expected without any harm" in told
    assert "The margin of 0.050 alone does not tell" in told
    first, *others = flattered.labels
    assert first.gap is not None
    less = first.gap.model_copy(update={"optimism": 0.004})
    mixed = flattered.model_copy(
        update={"labels": (first.model_copy(update={"gap": less}), *others)}
    )
    assert "0.004 to 0.021, by label," in allowance_sentence(mixed, RULES)
    page = replace(page, comparison=flattered)
    assert render_markdown(page).count("alone does not tell the verdict") == 1
    document = Document(render_html(page))
    assert document.text_of("main").count("alone does not tell the verdict") == 1
    cells = [cell.text for cell in document.all("td") if "on [-0.040, +0.090]" in cell.text]
    assert len(cells) == len(page.comparison.labels)


def test_gap_measured_from_another_test_score_says_so() -> None:
    """Where the shown figures would not subtract."""
    comparison = build_page().comparison
    shown = comparison.test.f1
    for measured, told in ((None, ""), (shown, ""), (0.703, "a test F1 of 0.703")):
        gap = comparison.gap.model_copy(update={"test_f1": measured})
        found = measured_from(comparison.model_copy(update={"gap": gap}))
        assert bool(found) == bool(told)
        assert told in found
