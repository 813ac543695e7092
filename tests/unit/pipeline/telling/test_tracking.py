"""Tests of what is logged to MLflow of a finished run, and of a store that fails."""

from collections.abc import Callable
from typing import Any

import pytest

from rcl_flow.integrations.mlflow_tracking import Tracker, TrackingFailedError
from rcl_flow.pipeline.data.certificates import keep_certificate
from rcl_flow.pipeline.runs.run import Run
from rcl_flow.pipeline.telling.tracking import track_outcome, tracked_run
from tests.unit.integrations.test_mlflow_tracking import MemoryTracker
from tests.unit.pipeline.bench import Bench
from tests.unit.pipeline.finished import HOLDOUT_DIGEST, certificate
from tests.unit.pipeline.runs.test_outcome_schema import OUTCOME

URI = "http://127.0.0.1:5000"


def finished(bench: Bench, **sections: dict[str, object]) -> Run:
    """Return a run that has left its certificate and two files."""
    given: dict[str, Any] = {"tracking": {"mlflow_uri": URI}, **sections}
    run = bench.run(**given)
    keep_certificate(certificate(), run.folder)
    for name in ("run.json", "report.html"):
        (run.folder / name).write_text("{}")
    return run


def reaching(tracker: MemoryTracker, asked: list[str]) -> Callable[[str], Tracker]:
    """Return what connects to the tracker and notes where it was asked to."""

    def reach(uri: str) -> Tracker:
        asked.append(uri)
        return tracker

    return reach


def test_params_are_the_config_without_who_is_told(bench: Bench) -> None:
    """A parameter has the name that `--set` takes; where secrets are found is not logged."""
    run = finished(
        bench,
        notifications={"slack": "env:THE_HOOK"},
        gates={"min_holdout_f1": 0.8},
        tags={"team/a": "vision"},
    )
    params = tracked_run(OUTCOME, run).params
    assert params["project"] == "shades"
    assert params["gates.min_holdout_f1"] == "0.8"
    assert params["data.train.folder"] == "train"
    assert params["tags.team_a"] == "vision"
    assert not any(name.startswith(("notifications", "tracking")) for name in params)
    assert "THE_HOOK" not in "".join(params.values())
    assert "None" not in params.values()


def test_metrics_have_scores_with_intervals_gap_labels_and_cost(bench: Bench) -> None:
    """What a person compares between runs."""
    metrics = tracked_run(OUTCOME, finished(bench)).metrics
    low, high = OUTCOME.holdout.f1_interval
    assert metrics["holdout_f1"] == OUTCOME.holdout.f1
    assert (metrics["holdout_f1_low"], metrics["holdout_f1_high"]) == (low, high)
    assert metrics["test_f1"] == OUTCOME.test.f1
    assert (metrics["gap_f1"], metrics["gap_f1_low"]) == (
        OUTCOME.gap.f1,
        OUTCOME.gap.interval[0],
    )
    assert metrics["estimated_usd"] == 0.1
    for entry in OUTCOME.labels:
        assert metrics[f"test_f1.{entry.label}"] == entry.test.f1


def test_tags_and_artifacts_say_what_was_judged_on_what(bench: Bench) -> None:
    """Version, digests and certificate; the report and run.json as files."""
    tracked = tracked_run(OUTCOME, finished(bench))
    assert tracked.tags["rcl_flow.project_version_arn"] == OUTCOME.project_version_arn
    assert tracked.tags["rcl_flow.digest.holdout"] == HOLDOUT_DIGEST
    assert tracked.tags["rcl_flow.holdout_is_disjoint"] == "false"
    assert tracked.tags["rcl_flow.certificate"] == certificate().summary
    assert [path.name for path in tracked.artifacts] == [
        "report.html",
        "run.json",
        "certificate.json",
    ]


def test_run_is_logged_where_the_config_says_and_not_again(bench: Bench) -> None:
    """The second time not even MLflow is loaded."""
    run, tracker, asked = finished(bench), MemoryTracker(), list[str]()
    for _ in range(2):
        track_outcome(OUTCOME, run, reach=reaching(tracker, asked))
    assert asked == [URI]
    assert list(tracker.runs) == [f"experiment rcl-flow/{OUTCOME.run_id}"]


def test_config_without_a_store_logs_nothing(bench: Bench) -> None:
    """The default."""
    asked: list[str] = []
    track_outcome(OUTCOME, bench.run(), reach=reaching(MemoryTracker(), asked))
    assert asked == []


@pytest.mark.parametrize("where", ["connection", "logging", "certificate"])
def test_store_that_fails_is_a_notice_and_is_tried_again(bench: Bench, where: str) -> None:
    """The run is done: its result stands, whatever becomes of the log of it."""
    run, tracker = finished(bench), MemoryTracker(breaks=where == "logging")

    def refuse(_uri: str) -> Tracker:
        raise TrackingFailedError("MlflowException: no answer")

    if where == "certificate":
        (run.folder / "certificate.json").unlink()
    reach = refuse if where == "connection" else reaching(tracker, [])
    track_outcome(OUTCOME, run, reach=reach)
    (notice,) = bench.notices
    assert notice.startswith("The run was not logged to MLflow: ")
    tracker.breaks = False
    (run.folder / "certificate.json").write_text(certificate().model_dump_json())
    track_outcome(OUTCOME, run, reach=reaching(tracker, []))
    assert tracker.logged == ["m0"]
