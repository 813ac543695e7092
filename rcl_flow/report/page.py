"""Everything that a report shows, as one value."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from rcl_flow.core.audit.findings import AuditReport
from rcl_flow.core.costs.cost import Cost, Prices
from rcl_flow.core.datasets.dataset import Split
from rcl_flow.core.promotion.decision import Decision
from rcl_flow.core.promotion.rules import Gates
from rcl_flow.core.scoring.analysis import Analysis
from rcl_flow.core.scoring.comparison import Comparison
from rcl_flow.core.scoring.evaluation_rules import EvaluationRules
from rcl_flow.core.scoring.judging import MarkedBox
from rcl_flow.core.scoring.ranking import LabelCurve
from rcl_flow.core.values import Frozen


@dataclass(frozen=True, slots=True)
class StepTiming:
    """One step of the run."""

    name: str
    seconds: float
    reused: bool
    """Answered from the journal, without doing it again."""
    detail: str
    """What it made, in a few words."""


@dataclass(frozen=True, slots=True)
class SplitSummary:
    """One dataset in a line."""

    split: Split
    images: int
    """Distinct images."""
    labels: int
    digest: str
    """SHA-256 of contents and labels, 64 hexadecimal digits."""


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where the figures come from."""

    run_id: str
    project: str
    project_version_arn: str
    model_status: str
    """The last status that was read back, such as `STOPPED`."""
    backend: str
    """`aws` or `emulator`."""
    region: str
    started_at: datetime
    finished_at: datetime
    program_version: str
    config_text: str
    """The config as YAML, with every default filled in."""
    datasets: tuple[SplitSummary, ...]
    steps: tuple[StepTiming, ...]
    data_description: str = ""
    """What the config says of the images."""


@dataclass(frozen=True, slots=True)
class ShownImage:
    """A holdout image that the page can show, right or wrong."""

    sha256: str
    uri: str
    cells: tuple[tuple[str, str], ...]
    """The cells of the confusion that it counts in: pairs of truth and prediction, as there."""
    truth: tuple[str, ...]
    predicted: tuple[str, ...]
    confidences_percent: Mapping[str, float]
    """Of the labels that are true or were predicted."""
    severity_percent: float
    """0 where it was judged rightly; see `Mistake`."""
    boxes: tuple[MarkedBox, ...] = ()
    width_pixels: int = 0
    height_pixels: int = 0


class EvaluationOf(Frozen):
    """What a finished run was, whose answers were judged again."""

    changes: tuple[str, ...]
    """As they were typed: `gates.min_holdout_f1=0.9`, `threshold scratch=0.35`."""
    run_f1: float
    """The holdout F1 that the run itself found, 0 to 1."""
    run_action: Literal["promote", "keep"]
    """What the run itself had decided."""
    judged_at: datetime
    """Aware."""


@dataclass(frozen=True, slots=True)
class ReportPage:
    """A finished run, or an evaluation of one, ready to be rendered."""

    comparison: Comparison
    decision: Decision
    audit: AuditReport
    cost: Cost
    prices: Prices
    gates: Gates
    rules: EvaluationRules
    provenance: Provenance
    thumbnails: Mapping[str, str]
    """Image digest to a `data:image/jpeg;base64,…` URI, for the worst mistakes at least."""
    audit_page: str = ""
    """Where the audit's own page is, relative to the report; empty when there is none."""
    analysis: Analysis | None = None
    """Why the score is so, and what to do; None in a page of an earlier version."""
    curves: tuple[LabelCurve, ...] = ()
    """A label's counts at every threshold, on the holdout images that count."""
    images: tuple[ShownImage, ...] = ()
    """The holdout images whose pictures the page may show, the worst mistakes first."""
    certificate: str = ""
    """What is proven of the holdout, in a sentence."""
    previous_runs: tuple[tuple[str, float], ...] = ()
    """The project's runs before this one on the same holdout, oldest first: id and holdout F1."""
    evaluation: EvaluationOf | None = None
    """Set where the answers were judged again; None in the page of the run itself."""
