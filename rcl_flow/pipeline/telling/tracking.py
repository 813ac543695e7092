"""Log a finished run to the MLflow store that the config names; never at the run's expense."""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Final

from rcl_flow.core.naming import digest_of
from rcl_flow.core.scoring.gaps import Score
from rcl_flow.errors import RclFlowError
from rcl_flow.integrations.mlflow_tracking import (
    TrackedRun,
    Tracker,
    TrackingFailedError,
    connect,
    log_run,
)
from rcl_flow.pipeline.data.certificates import CERTIFICATE_NAME, read_certificate
from rcl_flow.pipeline.runs.outcome import OUTCOME_NAME, RunOutcome
from rcl_flow.pipeline.runs.run import Run

_LOGGED_FILES: Final = ("report.html", OUTCOME_NAME, CERTIFICATE_NAME)
_NO_PARAMS: Final = {"notifications", "tracking", "metrics", "workspace"}
"""Sections that say who is told and where files are, not what was trained."""
_NOT_IN_NAMES: Final = re.compile(r"[^\w\-. ]")


def track_outcome(
    outcome: RunOutcome, run: Run, *, reach: Callable[[str], Tracker] = connect
) -> None:
    """Log the run to MLflow where the config says so, once; a store that fails is only told of.

    Args:
        outcome: what the run has come to; its files are in the run's folder.
        run: whose config names store and experiment.
        reach: connects to the store at a tracking URI.
    """
    uri, experiment = run.config.tracking.mlflow_uri, run.config.tracking.mlflow_experiment
    if uri is None:
        return
    key = f"tracked/{run.run_id}/{digest_of([uri, experiment])[:16]}"
    try:
        if run.services.store.get(key) is not None:
            return
        identifier = log_run(tracked_run(outcome, run), reach(uri), experiment)
        run.services.store.put(key, identifier.encode())
    except TrackingFailedError as error:
        run.log.notice(f"The run was not logged to MLflow: {error}. The same command tries again.")
    except RclFlowError as error:
        run.log.notice(f"The run was not logged to MLflow: {error.message}")


def tracked_run(outcome: RunOutcome, run: Run) -> TrackedRun:
    """Return what is logged of a finished run.

    Raises:
        StoreError: the run's certificate cannot be read.
    """
    given = run.config.model_dump(mode="json", exclude=_NO_PARAMS)
    paths = (run.folder / name for name in _LOGGED_FILES)
    return TrackedRun(
        run_id=outcome.run_id,
        params=dict(_flat(given)),
        metrics=_metrics(outcome),
        tags=_tags(outcome, run),
        artifacts=tuple(path for path in paths if path.is_file()),
        started_at=run.record.started_at,
        finished_at=run.services.clock.now(),
    )


def _flat(given: Mapping[str, object], prefix: str = "") -> Iterator[tuple[str, str]]:
    """Yield the fields that are set, by their names in the config: `gates.min_holdout_f1`."""
    for name, value in given.items():
        path = f"{prefix}{_NOT_IN_NAMES.sub('_', name)}"
        if isinstance(value, Mapping):
            yield from _flat(value, f"{path}.")
        elif value is not None and value != []:
            yield path, str(value)


def _metrics(outcome: RunOutcome) -> dict[str, float]:
    low, high = outcome.gap.interval
    metrics = {
        **_score("test", outcome.test),
        **_score("holdout", outcome.holdout),
        "gap_f1": outcome.gap.f1,
        "gap_f1_low": low,
        "gap_f1_high": high,
        "training_seconds_billed": outcome.cost.training_seconds_billed,
        "inference_unit_seconds": outcome.cost.inference_unit_seconds,
        "estimated_usd": outcome.cost.estimated_usd,
    }
    for entry in outcome.labels:
        label = _NOT_IN_NAMES.sub("_", entry.label)
        metrics[f"test_f1.{label}"] = entry.test.f1
        if entry.holdout is not None:
            metrics[f"holdout_f1.{label}"] = entry.holdout.f1
    return metrics


def _score(side: str, score: Score) -> dict[str, float]:
    low, high = score.f1_interval
    return {
        f"{side}_images": score.images,
        f"{side}_precision": score.precision,
        f"{side}_recall": score.recall,
        f"{side}_f1": score.f1,
        f"{side}_f1_low": low,
        f"{side}_f1_high": high,
    }


def _tags(outcome: RunOutcome, run: Run) -> dict[str, str]:
    certificate = read_certificate(run.folder / CERTIFICATE_NAME)
    digests = {
        f"rcl_flow.digest.{name}": split.digest for name, split in certificate.splits.items()
    }
    return {
        "rcl_flow.project": run.config.project,
        "rcl_flow.backend": run.config.backend,
        "rcl_flow.project_version_arn": outcome.project_version_arn,
        "rcl_flow.decision": outcome.decision.action,
        "rcl_flow.verdict": outcome.gap.verdict,
        "rcl_flow.holdout_is_disjoint": str(certificate.disjoint).lower(),
        "rcl_flow.certificate": certificate.summary,
        **digests,
    }
