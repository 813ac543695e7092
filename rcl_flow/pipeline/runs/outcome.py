"""What a run prints with `--json` and leaves as run.json."""

from collections.abc import Iterable
from typing import Final, Literal

from rcl_flow.core.costs.cost import Cost
from rcl_flow.core.datasets.dataset import Task
from rcl_flow.core.promotion.decision import Decision
from rcl_flow.core.scoring.advice import Action, Advice
from rcl_flow.core.scoring.comparison import Comparison, Gap, LabelComparison, Score
from rcl_flow.core.values import Frozen
from rcl_flow.report.page import EvaluationOf

FORMAT_VERSION = 1
OUTCOME_NAME: Final = "run.json"

OutcomeStatus = Literal["completed", "unchanged", "paused", "failed"]


class TestScore(Score):
    """The score on the service's own test dataset."""

    __test__ = False  # a name that pytest would take for tests
    source: Literal["service"] = "service"
    average_precision: float | None = None
    """The mean over labels; only for detection, as is the next."""
    average_recall: float | None = None


class LabelOutcome(Frozen):
    """One label on both sides."""

    label: str
    test: Score
    holdout: Score | None
    gap: Gap | None
    assumed_threshold: float
    chosen_threshold: float | None = None
    """At which the holdout's score is taken, where it is not the assumed one."""


class AdviceOutcome(Frozen):
    """One thing to do next; advice.json has the evidence and the images."""

    rank: int
    action: Action
    labels: tuple[str, ...]
    told: str
    expected_gain: float | None = None
    """About how much the holdout F1 may rise, 0 to 1; None where unknown."""


class Artifacts(Frozen):
    """The files that the run left."""

    report_html: str
    report_markdown: str
    predictions: str
    comparison: str
    audit: str = ""
    audit_html: str = ""
    audit_sarif: str = ""
    certificate: str = ""
    thresholds: str
    junit: str = ""
    analysis: str = ""
    advice: str = ""
    advice_csv: str = ""
    label_studio_tasks: str = ""
    label_studio_config: str = ""
    advice_manifest: str = ""
    """Empty where no image that advice is about lies in S3."""


class RunOutcome(Frozen):
    """A finished run, or an evaluation of one."""

    format_version: int = FORMAT_VERSION
    run_id: str
    status: OutcomeStatus
    decision: Decision
    project_version_arn: str
    model_status: str
    test: TestScore
    holdout: Score
    holdout_at_assumed: Score | None = None
    """The holdout at the assumed thresholds, where it was judged at others."""
    gap: Gap
    reasons: tuple[str, ...] = ()
    """Why the score changes from test to holdout, as far as the data say."""
    task: Task = "classification"
    labels: tuple[LabelOutcome, ...]
    advice: tuple[AdviceOutcome, ...] = ()
    """What to do next, the most gain first."""
    cost: Cost
    warnings: tuple[str, ...]
    artifacts: Artifacts
    evaluation: EvaluationOf | None = None
    """Set where a finished run was judged again; what it was changed to, and the run's own."""
    cautions: tuple[str, ...] = ()
    """What to know before the score is believed, such as thresholds that were set by hand."""


def label_outcomes(comparison: Comparison) -> tuple[LabelOutcome, ...]:
    """Return the comparison's labels in the form of the outcome."""
    return tuple(
        LabelOutcome(
            label=entry.label,
            test=entry.test,
            holdout=entry.holdout,
            gap=entry.gap,
            assumed_threshold=entry.assumed_threshold,
            chosen_threshold=entry.chosen_threshold,
        )
        for entry in comparison.labels
    )


def advised(advice: Iterable[Advice]) -> tuple[AdviceOutcome, ...]:
    """Return advice in the form of the outcome."""
    return tuple(
        AdviceOutcome(
            rank=each.rank,
            action=each.action,
            labels=each.labels,
            told=each.told,
            expected_gain=each.expected_gain,
        )
        for each in advice
    )


def chosen_thresholds(labels: Iterable[LabelOutcome | LabelComparison]) -> dict[str, float]:
    """Return the thresholds, 0 to 1 by label, that are not the assumed ones."""
    return {
        entry.label: entry.chosen_threshold
        for entry in labels
        if entry.chosen_threshold is not None
    }
