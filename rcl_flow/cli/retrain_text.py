"""A retraining, or what it would be, in a few lines of text."""

from collections.abc import Iterator

from rcl_flow.cli.outcome_text import outcome_text
from rcl_flow.cli.planning import plan_text
from rcl_flow.cli.promoting import promotion_lines
from rcl_flow.cli.table import labelled
from rcl_flow.core.retraining.arrivals import ArrivalCounts
from rcl_flow.core.retraining.drift import Drift
from rcl_flow.core.retraining.retraining import Retraining
from rcl_flow.pipeline.retraining.outcome import RetrainOutcome, RetrainPlan
from rcl_flow.report.figures import format_usd

_LABEL = 10


def outcome_lines(project: str, outcome: RetrainOutcome, *, paid: bool) -> Iterator[str]:
    """Yield what a person reads of a retraining: the policy, each run, the champion.

    Args:
        project: whose it is.
        outcome: of the retraining.
        paid: whether somebody pays what it has cost; on the emulator nobody does.
    """
    yield f"{'retrain':<{_LABEL}}{project}  {outcome.status}"
    yield from _policy_lines(outcome.verdict, outcome.arrivals, outcome.drift)
    for run in outcome.runs:
        yield ""
        yield outcome_text(run, paid=paid)
    if outcome.promotion is not None:
        yield ""
        yield from promotion_lines(outcome.promotion)


def plan_lines(project: str, plan: RetrainPlan) -> Iterator[str]:
    """Yield what a person reads of a retraining that was not begun."""
    yield f"{'retrain':<{_LABEL}}{project}  {plan.status.replace('-', ' ')}"
    yield from _policy_lines(plan.verdict, plan.arrivals, plan.drift)
    counts = ", ".join(f"{split} {count}" for split, count in plan.images.items())
    yield from _row("images", f"{counts} different ones")
    if plan.trainings > 1:
        yield from _row("trainings", f"{plan.trainings}{_together(plan)}")
    for error in plan.errors:
        yield from _row("refused", error)
    if plan.plan is not None:
        yield ""
        yield plan_text(plan.plan)


def _together(plan: RetrainPlan) -> str:
    if plan.plan is None or plan.plan.status == "refused":
        return ""
    if not plan.free:
        told = "each at the cost below"
    elif plan.free == plan.trainings:
        told = "none of which costs anything any more"
    else:
        told = f"{plan.free} of which cost nothing any more; each other at the cost below"
    together = format_usd(plan.usd.expected)
    on_aws = " on AWS" if plan.plan.backend == "emulator" else ""
    return f", {told}: together {together}{on_aws}; a budget holds for each"


def _policy_lines(
    verdict: Retraining, arrivals: ArrivalCounts, drift: Drift | None
) -> Iterator[str]:
    for place, reason in enumerate(verdict.reasons):
        yield from _row("" if place else "policy", reason.message)
    changes = verdict.changes
    yield from _row(
        "changes",
        f"{changes.new} new, {changes.relabelled} relabelled, {changes.removed} removed "
        f"since {verdict.base_version_arn or 'ever: nothing was trained before'}",
    )
    yield from _row("arrivals", _told(arrivals))
    if drift is not None:
        yield from _drift_lines(drift)


def _told(arrivals: ArrivalCounts) -> str:
    counts = {
        "joined train": arrivals.joined,
        "relabelled": arrivals.relabelled,
        "from the holdout": arrivals.left_holdout,
        "test images left out": arrivals.in_test,
        "without a label left out": arrivals.unlabelled,
    }
    return ", ".join(f"{count} {name}" for name, count in counts.items() if count) or "none"


def _drift_lines(drift: Drift) -> Iterator[str]:
    if not drift.compared:
        yield from _row(
            "drift",
            f"not judged: {drift.production_images} images of production against "
            f"{drift.train_images} of train are too few",
        )
    elif not drift.found:
        yield from _row("drift", f"none, on {drift.production_images} images of production")
    for place, factor in enumerate(drift.factors):
        yield from _row("" if place else "drift", factor.told)


def _row(name: str, text: str) -> list[str]:
    return labelled(name, text).split("\n")
