"""How a label's threshold is chosen; light, since a config is validated with it."""

from collections.abc import Collection, Sequence
from typing import Final, Literal, Self

from pydantic import Field, model_validator

from rcl_flow.core.values import Section
from rcl_flow.errors import ConfigError

Objective = Literal["assumed", "fixed", "best_f1", "precision", "recall", "cost"]

NOT_TUNED: Final[frozenset[Objective]] = frozenset({"assumed", "fixed"})
"""Objectives that need no calibration part."""
_SHOWN_LABELS: Final = 5


class LabelThresholdRule(Section):
    """What a threshold has to achieve."""

    objective: Objective = Field(
        "assumed",
        description="`assumed`: the service's own; `fixed`: the given one; `best_f1`; `precision` "
        "or `recall`: at least the given; `cost`: the cheapest mix of false alarms and misses.",
    )
    fixed: float | None = Field(None, ge=0, le=1, description="For `fixed`: the threshold.")
    min_precision: float | None = Field(None, gt=0, le=1, description="For `precision`.")
    min_recall: float | None = Field(None, gt=0, le=1, description="For `recall`.")
    false_alarm_cost: float = Field(1.0, ge=0, le=1e9, description="For `cost`: of one of them.")
    miss_cost: float = Field(1.0, ge=0, le=1e9, description="For `cost`: of one of them.")

    @model_validator(mode="after")
    def _complete(self) -> Self:
        needed = {"fixed": "fixed", "precision": "min_precision", "recall": "min_recall"}
        name = needed.get(self.objective)
        if name is not None and getattr(self, name) is None:
            raise ValueError(f"'objective: {self.objective}' needs '{name}'")
        if self.objective == "cost" and not self.false_alarm_cost + self.miss_cost:
            raise ValueError("'objective: cost' needs a cost above 0")
        return self


class ThresholdRules(LabelThresholdRule):
    """How the thresholds are chosen at which the holdout is judged and the model accepted."""

    calibration_share: float = Field(
        0.3,
        gt=0,
        lt=1,
        description="The share of the holdout on which thresholds are tuned; where they are, the "
        "score is over the rest.",
    )
    labels: dict[str, LabelThresholdRule] = Field(
        default_factory=dict, description="Another rule for single labels."
    )

    def rule_of(self, label: str) -> LabelThresholdRule:
        """Return the rule of one label."""
        return self.labels.get(label, self)

    @property
    def tunes(self) -> bool:
        """Whether some threshold is chosen on a calibration part of the holdout."""
        return any(rule.objective not in NOT_TUNED for rule in (self, *self.labels.values()))

    def unknown_labels(self, labels: Collection[str]) -> tuple[str, ...]:
        """Return the labels with a rule of their own that are not among `labels`, sorted."""
        return tuple(sorted(self.labels.keys() - set(labels)))


def require_known_labels(
    rules: ThresholdRules, labels: Sequence[str], knower: str = "the model"
) -> None:
    """Refuse rules for labels that there are not, such as misspelt ones.

    Args:
        rules: of the config.
        labels: that there are.
        knower: who knows no others, as the error names it.

    Raises:
        ConfigError: a rule is for another label.
    """
    unknown = rules.unknown_labels(labels)
    if unknown:
        shown = ", ".join(repr(label) for label in labels[:_SHOWN_LABELS])
        more = ", …" if len(labels) > _SHOWN_LABELS else ""
        raise ConfigError(
            f"evaluation.thresholds.labels names {unknown[0]!r}, which {knower} does not know.",
            hint=f"Correct the name, or leave it out; the labels are {shown}{more}.",
        )
