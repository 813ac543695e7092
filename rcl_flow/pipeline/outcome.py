"""What a run prints with `--json` and leaves as run.json."""

from typing import Literal

from rcl_flow.core.cost import Cost
from rcl_flow.core.dataset import Task
from rcl_flow.core.decision import Decision
from rcl_flow.core.scoring.comparison import Comparison, Gap, Score
from rcl_flow.core.values import Frozen

FORMAT_VERSION = 1

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


class Artifacts(Frozen):
    """The files that the run left."""

    report_html: str
    report_markdown: str
    predictions: str
    comparison: str
    audit: str
    audit_html: str = ""
    audit_sarif: str = ""
    certificate: str = ""
    thresholds: str


class RunOutcome(Frozen):
    """A finished run."""

    format_version: int = FORMAT_VERSION
    run_id: str
    status: OutcomeStatus
    decision: Decision
    project_version_arn: str
    model_status: str
    test: TestScore
    holdout: Score
    gap: Gap
    task: Task = "classification"
    labels: tuple[LabelOutcome, ...]
    cost: Cost
    warnings: tuple[str, ...]
    artifacts: Artifacts


def label_outcomes(comparison: Comparison) -> tuple[LabelOutcome, ...]:
    """Return the comparison's labels in the form of the outcome."""
    return tuple(
        LabelOutcome(
            label=entry.label,
            test=entry.test,
            holdout=entry.holdout,
            gap=entry.gap,
            assumed_threshold=entry.assumed_threshold,
        )
        for entry in comparison.labels
    )
