"""A judged model in a few lines of text."""

from collections.abc import Iterator, Sequence
from textwrap import fill

from rcl_flow.cli.cost_text import cost_text
from rcl_flow.cli.table import hanging, labelled, terminal_columns
from rcl_flow.core.costs.cost import Cost
from rcl_flow.core.scoring.comparison import Score
from rcl_flow.core.scoring.gaps import Gap
from rcl_flow.pipeline.runs.outcome import RunOutcome
from rcl_flow.report.figures import (
    format_change_interval,
    format_interval,
    format_ratio,
)
from rcl_flow.report.judged_wording import ASSUMED, CHOSEN, evaluation_sentence

_SHOWN_ADVICE = 3
_WITH_IMAGES = ("relabel", "merge")
"""Advice that asks to look at certain images."""
_INDENT = " " * 10


def outcome_text(outcome: RunOutcome, *, paid: bool) -> str:
    """Return an outcome in a few aligned lines; of an evaluation the first says of what.

    Args:
        outcome: of a run or an evaluation.
        paid: whether somebody pays what it has cost; on the emulator nobody does.
    """
    test, gap = outcome.test, outcome.gap
    lines = [
        *_subject(outcome),
        f"test      {_score(test)}  on {test.images} images, by the service",
        *_holdout(outcome),
        f"gap       {_change(gap)}  {gap.verdict}"
        f"{f', {ASSUMED}' if outcome.holdout_at_assumed else ''}",
        f"decision  {outcome.decision.action}",
        *(hanging(f"{_INDENT}- ", reason.message) for reason in outcome.decision.reasons),
        *_listed("caution", outcome.cautions),
        *_listed("why", outcome.reasons),
        *_listed("next", [f"{each.rank}. {each.told}" for each in outcome.advice[:_SHOWN_ADVICE]]),
        *_images(outcome),
        f"model     {outcome.model_status}  {outcome.project_version_arn}",
        labelled("cost", _cost(outcome.cost, paid=paid)),
        f"report    {outcome.artifacts.report_html}",
    ]
    return "\n".join(lines)


def _subject(outcome: RunOutcome) -> Iterator[str]:
    if outcome.evaluation is None:
        yield f"run       {outcome.run_id}  {outcome.status}"
    else:
        sentence = evaluation_sentence(outcome.evaluation, outcome.run_id)
        yield fill(
            sentence[0].lower() + sentence[1:].removesuffix("."),
            width=terminal_columns(),
            subsequent_indent=_INDENT,
            break_on_hyphens=False,
            break_long_words=False,
        )


def _holdout(outcome: RunOutcome) -> Iterator[str]:
    holdout, assumed = outcome.holdout, outcome.holdout_at_assumed
    line = f"holdout   {_score(holdout)}  on {holdout.images} unseen images"
    yield f"{line}, {CHOSEN}" if assumed else line
    if assumed:
        yield f"{_INDENT}{_score(assumed)}  {ASSUMED}"


def _images(outcome: RunOutcome) -> Iterator[str]:
    """Say where the images stand that the advice is about."""
    shown = outcome.advice[:_SHOWN_ADVICE]
    if outcome.artifacts.advice_csv and any(each.action in _WITH_IMAGES for each in shown):
        yield f"images    {outcome.artifacts.advice_csv}"


def _score(score: Score) -> str:
    return f"F1 {format_ratio(score.f1)} {format_interval(score.f1_interval)}"


def _cost(cost: Cost, *, paid: bool) -> str:
    return (
        f"{cost_text(cost.estimated_usd, paid=paid)} "
        f"({cost.training_seconds_billed:.0f} s billed for the model's training, by this run or "
        f"an earlier one; {cost.inference_unit_seconds:.0f} inference-unit seconds)"
    )


def _listed(name: str, sentences: Sequence[str]) -> Iterator[str]:
    """Yield sentences below one another, wrapped, beside their name."""
    for number, sentence in enumerate(sentences):
        yield labelled("" if number else name, sentence)


def _change(gap: Gap) -> str:
    if gap.hindrance == "no common label":
        return "not measured: test and holdout have no label in common"
    return f"{gap.f1:+.3f} {format_change_interval(gap.interval)}"
