"""One run of a project's history: what it has reached, and on what its score was taken."""

from collections.abc import Mapping
from datetime import datetime
from typing import Literal, NamedTuple

from rcl_flow.core.scoring.verdict import Verdict
from rcl_flow.core.values import Frozen

Interval = tuple[float, float]
BackendKind = Literal["aws", "emulator"]
RunState = Literal["running", "interrupted", "paused", "failed", "completed"]
"""As the run is recorded; `interrupted` is at work by its record, and nobody holds it."""
ThresholdKind = Literal["assumed", "fixed", "tuned"]
"""At which a score is taken: the service's own, those of the config, or those that were tuned on
a part of the holdout that is then not judged."""


class Basis(NamedTuple):
    """On what of a holdout a score was taken; scores of one basis can be put beside each other."""

    images: int | None
    """How many images were judged; None where it is not known."""
    thresholds: ThresholdKind
    fixed: tuple[tuple[str, float], ...] = ()
    """The config's thresholds by label, where it fixes some."""


class RunScore(Frozen):
    """What a finished run has measured and decided; F1 from 0 to 1."""

    decision: Literal["promote", "keep"]
    reasons: tuple[str, ...] = ()
    """Why it was kept, one sentence for each gate that was not passed."""
    verdict: Verdict
    test_f1: float
    test_interval: Interval
    holdout_f1: float
    holdout_interval: Interval
    judged_labels: tuple[str, ...] = ()
    """The labels that the holdout's F1 is the mean over."""
    judged_images: int | None = None
    """How many images of the holdout the score is over; None where it is not known."""
    thresholds: ThresholdKind = "assumed"
    fixed_thresholds: Mapping[str, float] = {}
    """By label, 0 to 1; empty unless the config fixes some."""
    assumed_f1: float | None = None
    """The holdout's F1 at the assumed thresholds, where it was judged at others."""
    assumed_interval: Interval | None = None

    @property
    def basis(self) -> Basis:
        """On what of the holdout it was taken."""
        fixed = tuple(sorted(self.fixed_thresholds.items()))
        return Basis(self.judged_images, self.thresholds, fixed)

    @property
    def at_assumed(self) -> tuple[float, Interval] | None:
        """The holdout's F1 and interval at the assumed thresholds; None where not known."""
        if self.thresholds == "assumed":
            return self.holdout_f1, self.holdout_interval
        if self.assumed_f1 is None or self.assumed_interval is None:
            return None
        return self.assumed_f1, self.assumed_interval


class PastRun(Frozen):
    """One run of a project's history."""

    run_id: str
    project: str
    backend: BackendKind
    state: RunState
    started_at: datetime
    updated_at: datetime
    """When it ended, or was last heard of."""
    holdout_digest: str = ""
    """SHA-256 of the holdout's contents and labels, 64 hexadecimal digits; empty if unknown."""
    holdout_images: int | None = None
    """Different contents."""
    test_digest: str = ""
    training_images: int | None = None
    """Different contents of data.train; None when there was none, or it is not known."""
    spent_usd: float = 0.0
    """By the ledger, which counts a training once; on the emulator, what it would have cost."""
    score: RunScore | None = None
    """None until the run has finished, or when what it left cannot be read."""
    error: str = ""
    """What ended the run, when it failed."""
    project_version_arn: str = ""
    """The model; empty where the run has not come to one."""
    report: str = ""
    """The path of its report, where there is one."""
    unreadable: tuple[str, ...] = ()
    """What of the run cannot be read, one sentence each."""
