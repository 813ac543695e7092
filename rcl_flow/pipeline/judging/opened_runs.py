"""A finished run as data: its outcome, answers and scores, read from what it left in its folder."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Final

from rcl_flow.clock import SystemClock
from rcl_flow.config import FlowConfig
from rcl_flow.core.history.past_runs import RunState
from rcl_flow.core.scoring.comparison import Comparison
from rcl_flow.errors import UnknownRunError
from rcl_flow.pipeline.history.selecting import state_of
from rcl_flow.pipeline.judging.reevaluating import Changes, config_of_run, evaluate_again
from rcl_flow.pipeline.judging.report_files import artifacts_in, outcome_of, read_page
from rcl_flow.pipeline.judging.rows import Rows
from rcl_flow.pipeline.judging.run_columns import (
    JudgedImage,
    image_columns,
    judged_image,
    label_columns,
)
from rcl_flow.pipeline.judging.stored_answers import (
    read_comparison,
    read_judged_answers,
    read_thresholds,
    require_all_answers,
)
from rcl_flow.pipeline.runs.outcome import LabelOutcome, RunOutcome
from rcl_flow.pipeline.state.records import RunRecord
from rcl_flow.pipeline.state.store import StateStore
from rcl_flow.report.page import ReportPage

_STATES: Final[Mapping[RunState, str]] = {
    "running": "still at work",
    "interrupted": "interrupted",
    "paused": "paused",
    "failed": "failed",
}


def require_completed(record: RunRecord, store: StateStore) -> None:
    """Refuse a run that has no results yet.

    Raises:
        UnknownRunError: it has not finished.
    """
    state = state_of(record, store)
    if state != "completed":
        raise UnknownRunError(
            f"The run {record.run_id} has left no results: it is {_STATES[state]}.",
            hint="Finish it by running its config again, or name another run; `rcl-flow runs` "
            "lists them.",
        )


@dataclass(frozen=True, repr=False)
class OpenedRun:
    """A finished run as data; `open_run` returns it. Each part is read when it is first asked for.

    Example:
        >>> from rcl_flow import open_run
        >>> run = open_run()
        >>> run.outcome.model_status
        'STOPPED'
        >>> len(run.predictions) == run.outcome.holdout.images
        True
        >>> wrong = [image for image in run.predictions if image.predicted != image.truth]
        >>> list(run.labels.columns())[:3]
        ['label', 'threshold', 'assumed_threshold']
    """

    record: RunRecord
    """What the state store holds of it; not part of the public API."""
    workspace: Path
    folder: Path
    """Where its files are."""

    def __repr__(self) -> str:
        """Say which run it is."""
        return f"<run {self.run_id} of {self.project}>"

    @property
    def run_id(self) -> str:
        """Its id, which begins with the second of its start."""
        return self.record.run_id

    @property
    def project(self) -> str:
        """The project's name."""
        return self.record.project

    @property
    def started_at(self) -> datetime:
        """When it began, in UTC."""
        return self.record.started_at

    @cached_property
    def outcome(self) -> RunOutcome:
        """The scores, the decision with its reasons, the cost, and the paths of its files."""
        return outcome_of(self._page, artifacts_in(self.folder))

    @cached_property
    def config(self) -> FlowConfig:
        """The config that it was made with."""
        return config_of_run(self._page.provenance.config_text)

    @cached_property
    def comparison(self) -> Comparison:
        """Test and holdout side by side, with confusion and the worst mistakes."""
        return read_comparison(self.folder)

    @cached_property
    def thresholds(self) -> Mapping[str, float]:
        """The thresholds in use, 0 to 1 by label, as `apply_thresholds` takes them."""
        return read_thresholds(self.folder)

    @cached_property
    def predictions(self) -> Rows[JudgedImage]:
        """The holdout images that count in the score, with truth and answers.

        Images on which thresholds were tuned are left out, since they flatter.
        """
        judged, thresholds = read_judged_answers(self.folder).judged, self.thresholds
        require_all_answers(len(judged.images), self.comparison.holdout.images, self.folder)
        return Rows(
            tuple(
                judged_image(image, judged.predictions[image.sha256], thresholds)
                for image in judged.images
            ),
            image_columns,
        )

    @cached_property
    def labels(self) -> Rows[LabelOutcome]:
        """Each label on both sides: threshold, scores with intervals, gap."""
        return Rows(self.outcome.labels, label_columns)

    @property
    def report(self) -> Path:
        """The path of the HTML report."""
        return Path(self.outcome.artifacts.report_html)

    def evaluate_again(
        self,
        *,
        thresholds: Mapping[str, float] | None = None,
        overrides: Sequence[str] = (),
        out: str | Path | None = None,
    ) -> RunOutcome:
        """Judge the answers again, without AWS and for free; the run stays as it is.

        Report, scores and thresholds go into a folder of their own; `outcome.artifacts` names them.

        Args:
            thresholds: 0 to 1 by label; other labels keep theirs.
            overrides: `section.field=value`, of `evaluation` and `gates` only.
            out: the folder of the files; None for one in the run's.

        Raises:
            ConfigError: a change is wrong, or not one of how scores are compared.
            UnknownRunError: what the run left is gone.
            LocalFilesError: a file cannot be written.

        Example:
            >>> from rcl_flow import open_run
            >>> stricter = open_run().evaluate_again(
            ...     thresholds={"seven": 0.9}, overrides=["gates.min_holdout_f1=0.99"]
            ... )
            >>> stricter.decision.action
            'keep'
        """
        typed = tuple(f"{label}={ratio}" for label, ratio in (thresholds or {}).items())
        given = (overrides,) if isinstance(overrides, str) else tuple(overrides)
        changes = Changes(given, typed)
        target = None if out is None else Path(out)
        return evaluate_again(self.folder, changes, self.workspace, SystemClock(), target)

    @cached_property
    def _page(self) -> ReportPage:
        return read_page(self.folder)
