"""A judged model in a few lines of text."""

from collections.abc import Iterator, Sequence
from textwrap import fill

from rcl_flow.pipeline.outcome import RunOutcome
from rcl_flow.report.figures import (
    format_change_interval,
    format_interval,
    format_ratio,
    format_usd,
)

_SHOWN_ADVICE = 3
_WIDTH = 80


def outcome_text(outcome: RunOutcome) -> str:
    """Return an outcome in a few aligned lines."""
    test, holdout, gap = outcome.test, outcome.holdout, outcome.gap
    cost = outcome.cost
    lines = [
        f"run       {outcome.run_id}  {outcome.status}",
        f"test      F1 {format_ratio(test.f1)} {format_interval(test.f1_interval)}"
        f"  on {test.images} images, by the service",
        f"holdout   F1 {format_ratio(holdout.f1)} {format_interval(holdout.f1_interval)}"
        f"  on {holdout.images} unseen images",
        f"gap       {gap.f1:+.3f} {format_change_interval(gap.interval)}  {gap.verdict}"
        f"{', at the assumed thresholds' if outcome.holdout_at_assumed else ''}",
        f"decision  {outcome.decision.action}",
        *(f"          - {reason.message}" for reason in outcome.decision.reasons),
        *_listed("why", outcome.reasons),
        *_listed("next", [f"{each.rank}. {each.told}" for each in outcome.advice[:_SHOWN_ADVICE]]),
        f"model     {outcome.model_status}  {outcome.project_version_arn}",
        f"cost      {format_usd(cost.estimated_usd)}  ({cost.training_seconds_billed:.0f} s of "
        f"training billed, {cost.inference_unit_seconds:.0f} inference-unit seconds)",
        f"report    {outcome.artifacts.report_html}",
    ]
    return "\n".join(lines)


def _listed(name: str, sentences: Sequence[str]) -> Iterator[str]:
    """Yield sentences below one another, wrapped, beside their name."""
    for number, sentence in enumerate(sentences):
        yield fill(
            sentence,
            width=_WIDTH,
            initial_indent=f"{'' if number else name:10}",
            subsequent_indent=" " * 10,
        )
