"""The sentences on how a score was judged: again, by hand-set thresholds, with which allowance."""

from rcl_flow.core.scoring.comparison import Comparison, Gap
from rcl_flow.core.scoring.evaluation_rules import EvaluationRules
from rcl_flow.core.scoring.thresholds import ThresholdTuning
from rcl_flow.report.figures import (
    format_change,
    format_change_interval,
    format_count,
    format_ratio,
)
from rcl_flow.report.page import EvaluationOf, ReportPage

_NOTHING = "0.000"
CHOSEN = "at the chosen thresholds"
ASSUMED = "at the assumed thresholds"


def evaluation_sentence(evaluation: EvaluationOf, run_id: str) -> str:
    """Say which run was judged again, what was changed, and what the run itself had found."""
    changes = ", ".join(evaluation.changes)
    how = f", changed: {changes}" if changes else ", nothing changed"
    return (
        f"Evaluation of run {run_id}{how}; the run itself: F1 {format_ratio(evaluation.run_f1)}, "
        f"{evaluation.run_action}."
    )


def cautions(page: ReportPage) -> tuple[str, ...]:
    """Return what a reader has to know before the score is believed, a sentence each."""
    return _hand_set(page.analysis.thresholds) if page.analysis else ()


def holdout_place(comparison: Comparison) -> str:
    """Say at which thresholds the holdout's score is; empty where there is only one kind."""
    return CHOSEN if comparison.holdout_at_assumed else ""


def gap_place(comparison: Comparison) -> str:
    """Say at which thresholds the gap is; empty where there is only one kind."""
    return ASSUMED if comparison.holdout_at_assumed else ""


def allowance_sentence(comparison: Comparison, rules: EvaluationRules) -> str:
    """Say why a label's verdict may not fit the margin; empty where only the margin tells."""
    gaps = [entry.gap for entry in comparison.labels if entry.gap is not None]
    if not any(_is_corrected(gap) for gap in gaps):
        return ""
    falls = [gap.optimism for gap in gaps]
    least, most = format_ratio(min(falls)), format_ratio(max(falls))
    amount = most if least == most else f"{least} to {most}, by label,"
    return (
        "A label's verdict is on its interval with the flattery of the test taken out: the service "
        f"chose the threshold on its test images, so a fall of {amount} is to be expected without "
        f"any harm. The margin of {format_ratio(rules.gap_margin)} alone does not tell the verdict."
    )


def allowed_fall(gap: Gap, rules: EvaluationRules) -> float:
    """Return the fall, 0 to 1, that is no harm: of flattery no more than the margin is excused."""
    return rules.gap_margin + min(gap.optimism, rules.gap_margin)


def _excused(optimism: float, excused: float) -> str:
    """Return what is excused, and why it is less than what is to be expected."""
    told = format_ratio(excused)
    if format_ratio(optimism) == told:
        return told
    return f"{told} of {format_ratio(optimism)} (no more than the margin is excused)"


def gap_rule(gap: Gap, rules: EvaluationRules) -> str:
    """Say which falls do no harm, and which interval decides the verdict."""
    excused = allowed_fall(gap, rules) - rules.gap_margin
    flattered = (
        " and what the service's choice of thresholds on its test images explains, "
        f"{_excused(gap.optimism, excused)}"
        if format_ratio(excused) != _NOTHING
        else ""
    )
    left = (
        "what is left of the interval with the flattery of the test taken out, "
        f"{format_change_interval(gap.harm_interval)}"
        if gap.harm_interval is not None and _is_corrected(gap)
        else "the interval"
    )
    return (
        "In the shaded range a change does no harm: a gain, or a fall of up to "
        f"{format_ratio(allowed_fall(gap, rules))}, which is the margin{flattered}. The verdict is "
        f"on {left}: the model generalises when all of that is at or above "
        f"{format_change(-rules.gap_margin)}, and drops when all of it is below zero."
    )


def measured_from(comparison: Comparison) -> str:
    """Say from which test F1 the gap is measured, where it is not the one that is shown."""
    measured = comparison.gap.test_f1
    if measured is None or format_ratio(measured) == format_ratio(comparison.test.f1):
        return ""
    return (
        f"The gap is measured from a test F1 of {format_ratio(measured)}: recounted from the "
        "service's own answers, over the labels that test and holdout both have."
    )


def _is_corrected(gap: Gap) -> bool:
    """Whether the verdict is on another interval than the one that is shown."""
    shown = gap.corrected_interval or gap.interval
    left = gap.harm_interval or shown
    return format_ratio(gap.optimism) != _NOTHING or (
        format_change_interval(left) != format_change_interval(shown)
    )


def _hand_set(tuning: ThresholdTuning) -> tuple[str, ...]:
    """Warn of fixed thresholds that are not the service's: nobody knows how they were found."""
    fixed = sum(
        choice.objective == "fixed" and choice.chosen != choice.assumed for choice in tuning.labels
    )
    if not fixed:
        return ()
    were, they = ("was", "it was") if fixed == 1 else ("were", "they were")
    return (
        f"{format_count(fixed, 'threshold')} {were} set by hand; if {they} chosen by looking at "
        "these images, the score is flattered.",
    )
