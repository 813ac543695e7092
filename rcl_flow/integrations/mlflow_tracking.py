"""Log a finished run to MLflow, once: the same run again finds what it has logged.

MLflow is an optional package, loaded when it is needed. Names and lengths follow its rules.
Source: MLflow 3.17, `mlflow.utils.validation` (what a name may hold, and what a request).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final, Protocol, TypeVar

T = TypeVar("T")

RUN_TAG: Final = "rcl_flow.run_id"
COMPLETE_TAG: Final = "rcl_flow.logged"
COMPLETE: Final = "complete"
_MOST_PARAM_CHARACTERS: Final = 500
"""Servers before MLflow 2.8 take no more, later ones 6,000."""
_PARAMS_A_CALL: Final = 100
_METRICS_A_CALL: Final = 1_000
_MILLISECONDS: Final = 1_000
_MOST_REASON_CHARACTERS: Final = 300


class TrackingFailedError(Exception):
    """The tracking server did not take a run; says why."""


@dataclass(frozen=True, slots=True)
class TrackedRun:
    """What is logged of a run."""

    run_id: str
    """Ours; MLflow gives its own."""
    params: Mapping[str, str]
    metrics: Mapping[str, float]
    tags: Mapping[str, str]
    artifacts: Sequence[Path]
    started_at: datetime
    finished_at: datetime
    """Both with their zone."""


class Tracker(Protocol):
    """An MLflow store, as far as it is needed."""

    def experiment(self, name: str) -> str:
        """Return the id of the experiment, made where missing."""

    def find(self, experiment: str, run_id: str) -> tuple[str, bool] | None:
        """Return MLflow's id of our run, and whether all of it was logged; None where it is new."""

    def begin(self, experiment: str, run: TrackedRun) -> str:
        """Make MLflow's run and return its id."""

    def log(self, identifier: str, run: TrackedRun) -> None:
        """Log params, metrics and artifacts."""

    def end(self, identifier: str, run: TrackedRun) -> None:
        """Say that all of it was logged."""


def log_run(run: TrackedRun, tracker: Tracker, experiment: str) -> str:
    """Log a run unless it is logged, go on where an earlier try ended, return MLflow's id of it.

    Raises:
        TrackingFailedError: the store did not take it.
    """
    place = tracker.experiment(experiment)
    found = tracker.find(place, run.run_id)
    if found is not None and found[1]:
        return found[0]
    identifier = found[0] if found is not None else tracker.begin(place, run)
    tracker.log(identifier, run)
    tracker.end(identifier, run)
    return identifier


def connect(uri: str) -> Tracker:
    """Return the store at an MLflow tracking URI.

    Raises:
        TrackingFailedError: there is no MLflow, or it knows no such store.
    """
    return _asked(lambda: _MlflowTracker(uri))


class _MlflowTracker:
    """An MLflow store by MLflow's own client."""

    def __init__(self, uri: str) -> None:
        from mlflow import MlflowClient, entities

        self._client: Any = MlflowClient(tracking_uri=uri)
        self._entities: Any = entities

    def experiment(self, name: str) -> str:
        """Return the id of the experiment, made where missing."""

        def ask() -> str:
            found = self._client.get_experiment_by_name(name)
            return str(found.experiment_id if found else self._client.create_experiment(name))

        return _asked(ask)

    def find(self, experiment: str, run_id: str) -> tuple[str, bool] | None:
        """Return MLflow's id of our run, and whether all of it was logged; None where it is new."""

        def ask() -> tuple[str, bool] | None:
            found = self._client.search_runs([experiment], f"tags.`{RUN_TAG}` = '{run_id}'")
            if not found:
                return None
            tags = found[0].data.tags
            return str(found[0].info.run_id), tags.get(COMPLETE_TAG) == COMPLETE

        return _asked(ask)

    def begin(self, experiment: str, run: TrackedRun) -> str:
        """Make MLflow's run and return its id."""

        def ask() -> str:
            made = self._client.create_run(
                experiment,
                start_time=_milliseconds(run.started_at),
                tags={**run.tags, RUN_TAG: run.run_id},
                run_name=run.run_id,
            )
            return str(made.info.run_id)

        return _asked(ask)

    def log(self, identifier: str, run: TrackedRun) -> None:
        """Log params, metrics and artifacts."""
        at = _milliseconds(run.finished_at)
        params = [
            self._entities.Param(name, value[:_MOST_PARAM_CHARACTERS])
            for name, value in run.params.items()
        ]
        metrics = [self._entities.Metric(name, x, at, 0) for name, x in run.metrics.items()]

        def ask() -> None:
            for first in range(0, len(params), _PARAMS_A_CALL):
                self._client.log_batch(identifier, params=params[first : first + _PARAMS_A_CALL])
            for first in range(0, len(metrics), _METRICS_A_CALL):
                self._client.log_batch(identifier, metrics=metrics[first : first + _METRICS_A_CALL])
            for path in run.artifacts:
                self._client.log_artifact(identifier, str(path))

        _asked(ask)

    def end(self, identifier: str, run: TrackedRun) -> None:
        """Say that all of it was logged."""

        def ask() -> None:
            self._client.set_tag(identifier, COMPLETE_TAG, COMPLETE)
            self._client.set_terminated(identifier, end_time=_milliseconds(run.finished_at))

        _asked(ask)


def _asked(ask: Callable[[], T]) -> T:
    """Turn whatever MLflow raises, which comes from many libraries, into our one error."""
    try:
        return ask()
    except Exception as error:
        lines = str(error).splitlines() or [""]
        reason = f"{type(error).__name__}: {lines[0][:_MOST_REASON_CHARACTERS]}"
        raise TrackingFailedError(reason) from error


def _milliseconds(at: datetime) -> int:
    return int(at.timestamp() * _MILLISECONDS)
