"""Tests of which finished runs can be compared at all."""

from pathlib import Path

import pytest

from rcl_flow.core.datasets.dataset import Task
from rcl_flow.core.scoring.evaluation_rules import EvaluationRules
from rcl_flow.errors import HoldoutsDifferError
from rcl_flow.pipeline.judging.comparing import FinishedRun, compare_runs
from tests.builders import comparison, score
from tests.unit.pipeline.history.test_selecting import run_of


def test_runs_of_two_tasks_are_refused_for_that_reason(tmp_path: Path) -> None:
    """Whatever their holdouts are: labels of images and objects are counted differently."""
    first = left(tmp_path / "20260101-ab", "classification")
    second = left(tmp_path / "20260102-cd", "detection")
    with pytest.raises(
        HoldoutsDifferError,
        match="20260101-ab classifies images and 20260102-cd detects objects",
    ):
        compare_runs(first, second, EvaluationRules())


def left(folder: Path, task: Task) -> FinishedRun:
    """Return a run that has left nothing but its comparison."""
    folder.mkdir()
    made = comparison(score(0.9), label_f1={"cat": 0.9}).model_copy(update={"task": task})
    (folder / "comparison.json").write_text(made.model_dump_json())
    return FinishedRun(run_of(folder.name), folder)
