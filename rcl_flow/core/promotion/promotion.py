"""Whether a new model takes the champion's place: the rules, and the decision."""

from typing import TYPE_CHECKING, Literal

from rcl_flow.core.promotion.decision import Decision, Reason
from rcl_flow.core.promotion.rules import PromotionRules
from rcl_flow.core.scoring.evaluation_rules import EvaluationRules
from rcl_flow.core.values import Frozen

if TYPE_CHECKING:  # numpy stays out where a decision is only told
    from collections.abc import Iterator

    from rcl_flow.core.scoring.paired import PairedComparison


class PairedFigures(Frozen):
    """What a decision rests on, of a paired comparison of champion and challenger."""

    images: int
    """Those that both have judged."""
    champion_f1: float
    """A mean over the common labels, 0 to 1, as is the next."""
    challenger_f1: float
    f1: float
    """The challenger's minus the champion's, as is the interval."""
    interval: tuple[float, float]
    confidence_level: float
    max_loss: float
    """The margin, 0 to 1: of the whole, and of each label's regression."""
    regressed_labels: tuple[str, ...] = ()
    lost_labels: tuple[str, ...] = ()
    """Labels that only the champion knows."""

    @property
    def excludes_loss(self) -> bool:
        """Whether no loss beyond the margin is in the interval."""
        return self.interval[0] > -self.max_loss


class Promotion(Frozen):
    """What becomes of a challenger."""

    action: Literal["promote", "keep"]
    reasons: tuple[Reason, ...]
    """Of a promotion what allows it; else everything that stands against it."""


def promotion_rules(evaluation: EvaluationRules, rules: PromotionRules) -> EvaluationRules:
    """Return the rules by which champion and challenger are compared.

    They are those of a run with one margin for everything: `max_loss`, which is meant for two
    models on the same images, takes the place of `gap_margin`, which is meant for the way from
    test to holdout. So a label has regressed when its corrected interval lies below zero and
    reaches beyond `max_loss`.
    """
    return evaluation.model_copy(update={"gap_margin": rules.max_loss})


def paired_figures(paired: "PairedComparison") -> PairedFigures:
    """Return what a decision rests on, of a comparison by `promotion_rules`, champion first."""
    return PairedFigures(
        images=paired.images,
        champion_f1=paired.first.f1,
        challenger_f1=paired.second.f1,
        f1=paired.f1,
        interval=paired.interval,
        confidence_level=paired.confidence_level,
        max_loss=paired.margin,
        regressed_labels=paired.regressed_labels,
        lost_labels=paired.only_first_labels,
    )


def decide_promotion(
    gates: Decision,
    paired: PairedFigures | None,
    rules: PromotionRules,
    objections: tuple[Reason, ...] = (),
) -> Promotion:
    """Decide whether the challenger becomes the champion.

    It does when it has passed its own run's gates and, where there is a champion, the paired
    interval on the same certificate excludes a loss beyond the margin, and no label has regressed
    or is no longer known, unless the rules allow that.

    Args:
        gates: what the challenger's own run has decided.
        paired: champion and challenger on the same images; None without a champion, or when an
            objection says why they cannot be compared.
        rules: of the promotion.
        objections: what else stands against it.
    """
    against = (*gates.reasons, *objections, *(_objections(paired, rules) if paired else ()))
    if against:
        return Promotion(action="keep", reasons=against)
    return Promotion(action="promote", reasons=(_why(paired),))


def _objections(paired: PairedFigures, rules: PromotionRules) -> "Iterator[Reason]":
    if not paired.excludes_loss:
        yield Reason(
            gate="max_loss",
            message=f"{_change(paired)}, so it may lose more than {paired.max_loss:.3f}.",
        )
    if rules.allow_regressed_labels:
        return
    if paired.regressed_labels:
        named = ", ".join(paired.regressed_labels)
        yield Reason(
            gate="allow_regressed_labels", message=f"It has certainly become worse at: {named}."
        )
    if paired.lost_labels:
        named = ", ".join(paired.lost_labels)
        yield Reason(
            gate="allow_regressed_labels",
            message=f"It does not know labels of the champion: {named}.",
        )


def _why(paired: PairedFigures | None) -> Reason:
    if paired is None:
        return Reason(gate="champion", message="The project has no other champion.")
    return Reason(
        gate="max_loss",
        message=f"{_change(paired)}, which excludes a loss of more than {paired.max_loss:.3f}.",
    )


def _change(paired: PairedFigures) -> str:
    low, high = paired.interval
    return (
        f"Against the champion, on the same {paired.images} images, the F1 changes by "
        f"{paired.f1:+.3f} [{low:+.3f}, {high:+.3f}]"
    )
