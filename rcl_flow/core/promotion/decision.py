"""Whether a model is accepted: gates from the config against the comparison."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Literal

from pydantic import Field

from rcl_flow.core.values import Frozen

if TYPE_CHECKING:  # numpy stays out of a config that is only validated
    from rcl_flow.core.scoring.comparison import Comparison


class Gates(Frozen):
    """What a model must reach to be promoted."""

    min_holdout_images: int = Field(
        200, ge=1, le=1_000_000, description="Fewer judged holdout images cannot carry a decision."
    )
    min_holdout_f1: float = Field(
        0.8, ge=0, le=1, description="The lower end of the holdout F1's interval must reach this."
    )
    min_label_f1: float = Field(
        0.0, ge=0, le=1, description="Every label's F1 on the holdout must reach this."
    )
    accept_verdicts: tuple[Literal["generalises", "drops", "inconclusive"], ...] = Field(
        ("generalises", "inconclusive"),
        description="Verdicts on the gap between test and holdout that may pass.",
    )


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
