"""The sentences about two compared models that the page and the terminal share."""

from rcl_flow.core.scoring.mcnemar import Mcnemar
from rcl_flow.core.scoring.paired import PairedComparison
from rcl_flow.report.figures import (
    format_change,
    format_change_interval,
    format_count,
    format_ratio,
)

_NAMED = 5
_SMALLEST_P = 0.0001


def paired_sentence(comparison: PairedComparison) -> str:
    """Say which of two models is better, if that can be said."""
    change = f"{format_change(comparison.f1)} {format_change_interval(comparison.interval)}"
    on = f"on the same {format_count(comparison.images, 'image')}"
    match comparison.verdict:
        case "better":
            return f"The second model is better: its F1 changes by {change} {on}."
        case "worse":
            return f"The second model is worse: its F1 changes by {change} {on}."
        case "equivalent":
            margin = format_ratio(comparison.margin)
            return (
                f"The models are equivalent: the F1 changes by {change} {on}, which is within "
                f"the margin of {margin} either way."
            )
        case _:
            return (
                f"No difference is shown: the F1 changes by {change} {on}, which may be chance. "
                "That does not show that they are alike."
            )


def regression_sentence(comparison: PairedComparison) -> str:
    """Say which labels have become worse with certainty."""
    labels = comparison.regressed_labels
    if not labels:
        return "No label has become worse with certainty."
    named = ", ".join(f"'{label}'" for label in labels[:_NAMED])
    more = f" and {len(labels) - _NAMED} more" if len(labels) > _NAMED else ""
    has = "has" if len(labels) == 1 else "have"
    return f"{format_count(len(labels), 'label')} {has} become worse with certainty: {named}{more}."


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
            named = ", ".join(f"'{label}'" for label in labels[:_NAMED])
            more = f" and {len(labels) - _NAMED} more" if len(labels) > _NAMED else ""
            told.append(f"Only the {which} model knows {named}{more}.")
    if comparison.left_out:
        told.append(f"Only one model judged {format_count(comparison.left_out, 'image')}.")
    return f"Left out: {' '.join(told)}" if told else ""


def p_text(p_value: float) -> str:
    """Write a p-value: `p = 0.013`, or `p < 0.0001`."""
    return f"p < {_SMALLEST_P:.4f}" if p_value < _SMALLEST_P else f"p = {p_value:.4f}"
