"""The sentences about two compared models that the page and the terminal share."""

from dataclasses import dataclass
from typing import Final

from rcl_flow.core.label_text import some
from rcl_flow.core.scoring.mcnemar import Mcnemar
from rcl_flow.core.scoring.paired import LabelDifference, PairedComparison
from rcl_flow.report.figures import (
    format_change,
    format_change_interval,
    format_count,
    format_ratio,
    format_threshold,
)
from rcl_flow.report.paired_page import Kinship

_SMALLEST_P = 0.0001


@dataclass(frozen=True, slots=True)
class _Subjects:
    """What is compared, as sentences begin."""

    second: str
    both: str
    no_difference: str


_SUBJECTS: Final = {
    "two models": _Subjects("The second model is", "The models are", "No difference"),
    "same model": _Subjects(
        "The same model at the second run's thresholds is",
        "The same model at other thresholds: both are",
        "The same model at other thresholds: no difference",
    ),
}


def paired_sentence(comparison: PairedComparison, kinship: Kinship = "two models") -> str:
    """Say which of two models, or thresholds, is better, if that can be said."""
    if kinship == "same run":
        return "This is the same run twice: there is nothing to compare."
    if kinship == "same model and thresholds":
        return "Both runs judged the same model at the same thresholds: nothing differs but chance."
    told = _SUBJECTS[kinship]
    change = f"{format_change(comparison.f1)} {format_change_interval(comparison.interval)}"
    on = f"on the same {format_count(comparison.images, 'image')}"
    margin = format_ratio(comparison.margin)
    match comparison.verdict:
        case "better" | "worse" as verdict:
            little = f", but by less than the margin of {margin}"
            by = little if comparison.is_within_margin else ""
            return f"{told.second} {verdict}{by}: its F1 changes by {change} {on}."
        case "equivalent":
            return (
                f"{told.both} equivalent: the F1 changes by {change} {on}, which is within "
                f"the margin of {margin} either way."
            )
        case _:
            return (
                f"{told.no_difference} is shown: the F1 changes by {change} {on}, which may be "
                "chance. That does not show that they are alike."
            )


def label_verdict(entry: LabelDifference, margin: float) -> str:
    """Say in a word or two what became of a label."""
    low, high = entry.corrected_interval
    if entry.regressed:
        return "regressed"
    if low <= 0 <= high:
        return "none shown"
    verdict = "better" if low > 0 else "worse"
    return f"{verdict}, within the margin" if low >= -margin and high <= margin else verdict


def thresholds_text(ends: tuple[float, float]) -> str:
    """Name the thresholds of a run: `threshold 0.500` or `thresholds 0.350 to 0.612`."""
    low, high = map(format_threshold, ends)
    return f"threshold {low}" if low == high else f"thresholds {low} to {high}"


def regression_sentence(comparison: PairedComparison) -> str:
    """Say which labels have become worse with certainty."""
    labels = comparison.regressed_labels
    if not labels:
        return "No label has become worse with certainty."
    named = some(f"'{label}'" for label in labels)
    has = "has" if len(labels) == 1 else "have"
    return f"{format_count(len(labels), 'label')} {has} become worse with certainty: {named}."


def mcnemar_sentence(test: Mcnemar) -> str:
    """Say on how many images each model alone is right, and whether that is chance."""
    if not test.only_first + test.only_second:
        return "The models are right on exactly the same images."
    told = (
        f"The second model is right on {format_count(test.only_second, 'image')} on which the "
        f"first is wrong, and wrong on {test.only_first:,} on which the first is right"
    )
    verdict = "more uneven than chance explains" if test.certain else "no more uneven than chance"
    return f"{told}: {verdict} ({p_text(test.p_value)}, McNemar's exact test)."


def left_out_sentence(comparison: PairedComparison) -> str:
    """Say what is not compared; empty when everything is."""
    told = []
    for which, labels in (
        ("first", comparison.only_first_labels),
        ("second", comparison.only_second_labels),
    ):
        if labels:
            named = some(f"'{label}'" for label in labels)
            told.append(f"Only the {which} model knows {named}.")
    if comparison.tuned_on:
        told.append(
            f"{format_count(comparison.tuned_on, 'image')}, which a run has used to tune its "
            "thresholds."
        )
    if comparison.left_out:
        told.append(f"Only one model judged {format_count(comparison.left_out, 'image')}.")
    return f"Left out: {' '.join(told)}" if told else ""


def p_text(p_value: float) -> str:
    """Write a p-value: `p = 0.013`, or `p < 0.0001`."""
    return f"p < {_SMALLEST_P:.4f}" if p_value < _SMALLEST_P else f"p = {p_value:.4f}"
