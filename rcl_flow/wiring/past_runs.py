"""Past runs for a notebook: list them, open one as data, compare two."""

import warnings
from pathlib import Path
from typing import Final

from rcl_flow.core.history.history import oldest_first
from rcl_flow.core.history.past_runs import PastRun
from rcl_flow.core.scoring.evaluation_rules import EvaluationRules
from rcl_flow.core.scoring.paired import PairedComparison
from rcl_flow.errors import ConfigError
from rcl_flow.pipeline.history.history import read_history
from rcl_flow.pipeline.history.selecting import select_runs
from rcl_flow.pipeline.judging.opened_runs import OpenedRun, require_completed
from rcl_flow.pipeline.judging.rows import Rows
from rcl_flow.pipeline.judging.run_columns import history_columns
from rcl_flow.pipeline.runs.shared_folders import bring_files
from rcl_flow.pipeline.state.records import list_runs as list_records
from rcl_flow.wiring.arguments import require_type
from rcl_flow.wiring.stores import open_store

WORKSPACE: Final = ".rcl-flow"
"""The workspace of a config that names none."""
_MARGIN: Final[float] = EvaluationRules.model_fields["gap_margin"].default


def open_run(run: str = "latest", workspace: str | Path = WORKSPACE) -> OpenedRun:
    """Open a finished run as data.

    Args:
        run: its id, the beginning of it, or `latest`.
        workspace: the folder of state and runs.

    Raises:
        UnknownRunError: there is no such run, or it has not finished.
        StoreError: the workspace's state cannot be read.

    Example:
        >>> from rcl_flow import open_run
        >>> run = open_run("latest")
        >>> run.outcome.decision.action
        'promote'
        >>> run.predictions[0].truth
        ('one',)
    """
    folder = Path(workspace)
    store = open_store(folder)
    record = select_runs(list_records(store), run)[0]
    require_completed(record, store)
    return OpenedRun(record, folder, bring_files(record.run_id, store, folder))


def list_runs(workspace: str | Path = WORKSPACE, *, project: str | None = None) -> Rows[PastRun]:
    """List the runs of a workspace, oldest first; finished or not.

    What cannot be read is left out with a `UserWarning` that names it.

    Args:
        workspace: the folder of state and runs.
        project: the only project wanted; None for all.

    Raises:
        UnknownRunError: no run was ever made there.
        StoreError: the workspace's state cannot be read.

    Example:
        >>> from rcl_flow import list_runs
        >>> {(run.project, run.state) for run in list_runs(project="digits")}
        {('digits', 'completed')}
    """
    folder = Path(workspace)
    history = read_history(open_store(folder), folder, project)
    for told in history.unreadable:
        warnings.warn(told, UserWarning, stacklevel=2)
    runs = oldest_first(run for each in history.projects for run in each.runs)
    return Rows(runs, history_columns)


def compare_runs(
    first: OpenedRun, second: OpenedRun, *, margin: float = _MARGIN
) -> PairedComparison:
    """Compare two finished runs on the holdout images that both have judged.

    Args:
        first: the run that is there.
        second: the run that is compared with it.
        margin: a difference of F1 that does not matter, at least 0 and below 1.

    Raises:
        HoldoutsDifferError: they were judged on different images, or do not do the same.
        UnknownRunError: what a run left is gone.
        ConfigError: the margin is none.
        TypeError: a run is not an opened one.

    Example:
        >>> from rcl_flow import compare_runs, open_run
        >>> compare_runs(open_run(), open_run("latest")).f1
        0.0
    """
    from rcl_flow.pipeline.judging import comparing

    for name, given in (("first", first), ("second", second)):
        require_type(name, given, OpenedRun, source="open_run(run)")
    if not 0 <= margin < 1:
        raise ConfigError(
            f"The margin {margin!r} is no difference of F1.", hint="Give one from 0 to below 1."
        )
    runs = [comparing.FinishedRun(run.record, run.folder) for run in (first, second)]
    return comparing.compare_runs(runs[0], runs[1], EvaluationRules(gap_margin=margin)).comparison
