"""Tests of logging a run to MLflow: once, and whole. tests/e2e/test_mlflow.py has a real store."""

import sys
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest

from rcl_flow.integrations.mlflow_tracking import (
    TrackedRun,
    TrackingFailedError,
    connect,
    log_run,
)

RUN = TrackedRun(
    run_id="r1",
    params={"project": "shades"},
    metrics={"holdout_f1": 0.9},
    tags={"rcl_flow.decision": "keep"},
    artifacts=(),
    started_at=datetime(2026, 11, 24, 3, tzinfo=UTC),
    finished_at=datetime(2026, 11, 24, 4, tzinfo=UTC),
)


@dataclass
class MemoryTracker:
    """A store in memory that can break while a run is logged."""

    breaks: bool = False
    runs: dict[str, tuple[str, bool]] = field(default_factory=dict)
    logged: list[str] = field(default_factory=list)

    def experiment(self, name: str) -> str:
        """Return an id for the name."""
        return f"experiment {name}"

    def find(self, experiment: str, run_id: str) -> tuple[str, bool] | None:
        """Return what is known of the run."""
        return self.runs.get(f"{experiment}/{run_id}")

    def begin(self, experiment: str, run: TrackedRun) -> str:
        """Make a run."""
        identifier = f"m{len(self.runs)}"
        self.runs[f"{experiment}/{run.run_id}"] = (identifier, False)
        return identifier

    def log(self, identifier: str, run: TrackedRun) -> None:
        """Take what is logged, or break."""
        if self.breaks:
            raise TrackingFailedError("gone")
        self.logged.append(identifier)

    def end(self, identifier: str, run: TrackedRun) -> None:
        """Note that it is whole."""
        (key,) = [key for key, (known, _) in self.runs.items() if known == identifier]
        self.runs[key] = (identifier, True)


def test_run_is_logged_once() -> None:
    """The same command again makes no second run and logs nothing."""
    tracker = MemoryTracker()
    assert log_run(RUN, tracker, "x") == log_run(RUN, tracker, "x") == "m0"
    assert tracker.logged == ["m0"]
    assert len(tracker.runs) == 1


def test_run_whose_logging_broke_off_is_gone_on_with() -> None:
    """The half of a run is filled up, and no second one is made."""
    tracker = MemoryTracker(breaks=True)
    with pytest.raises(TrackingFailedError):
        log_run(RUN, tracker, "x")
    tracker.breaks = False
    assert log_run(RUN, tracker, "x") == "m0"
    assert tracker.runs == {"experiment x/r1": ("m0", True)}


def test_other_experiment_has_a_run_of_its_own() -> None:
    """A run is looked for where it is to be."""
    tracker = MemoryTracker()
    assert [log_run(RUN, tracker, name) for name in ("x", "y")] == ["m0", "m1"]


@pytest.mark.skipif("mlflow" in sys.modules, reason="MLflow is there")
def test_store_without_mlflow_is_an_error_of_ours() -> None:
    """Whatever breaks at the store, a run is told one kind of error."""
    with pytest.raises(TrackingFailedError, match="ModuleNotFoundError: No module named 'mlflow'"):
        connect("http://127.0.0.1:9")
