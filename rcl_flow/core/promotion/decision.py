"""Whether a model is accepted: gates from the config against the comparison."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Literal

from rcl_flow.core.promotion.rules import Gates
from rcl_flow.core.values import Frozen

if TYPE_CHECKING:  # numpy stays out where a decision is only told
    from rcl_flow.core.scoring.comparison import Comparison


class Reason(Frozen):
    """One gate that was not passed."""

    gate: str
    message: str


class Promote(Frozen):
    """Every gate was passed."""

    action: Literal["promote"] = "promote"
    reasons: tuple[Reason, ...] = ()


class Keep(Frozen):
    """At least one gate was not passed: keep what is in production."""

    action: Literal["keep"] = "keep"
    reasons: tuple[Reason, ...]


Decision = Promote | Keep


def decide(comparison: "Comparison", gates: Gates) -> Decision:
    """Return Promote, or Keep with every gate that was not passed."""
    reasons = tuple(_failed_gates(comparison, gates))
    return Keep(reasons=reasons) if reasons else Promote()


def _failed_gates(comparison: "Comparison", gates: Gates) -> Iterator[Reason]:
    images = comparison.holdout.images
    if images < gates.min_holdout_images:
        yield Reason(
            gate="min_holdout_images",
            message=f"{images} holdout images were judged, {gates.min_holdout_images} are needed.",
        )
    low = comparison.holdout.f1_interval[0]
    if low < gates.min_holdout_f1:
        yield Reason(
            gate="min_holdout_f1",
            message=f"The holdout F1 may be as low as {low:.3f}, {gates.min_holdout_f1:.3f} is "
            "needed.",
        )
    for entry in comparison.labels:
        if entry.holdout is not None and entry.holdout.f1 < gates.min_label_f1:
            yield Reason(
                gate="min_label_f1",
                message=f"Label {entry.label!r} has a holdout F1 of {entry.holdout.f1:.3f}, "
                f"{gates.min_label_f1:.3f} is needed.",
            )
    gap = comparison.gap
    if gap.verdict not in gates.accept_verdicts:
        changes = f"From test to holdout the F1 changes by {gap.f1:+.3f}"
        if gap.hindrance == "no common label":
            changes = "Test and holdout have no label in common, so no gap can be measured"
        yield Reason(
            gate="accept_verdicts", message=f"{changes}, and the verdict is {gap.verdict!r}."
        )
