"""Tests of a finished run as data: it says what its files say."""

import json
from pathlib import Path

import pytest

from rcl_flow.errors import ConfigError, UnknownRunError
from rcl_flow.pipeline.judging.opened_runs import OpenedRun, require_completed
from rcl_flow.pipeline.state.sqlite_store import SqliteStore
from tests.unit.clocks import FakeClock
from tests.unit.pipeline.finished import RUN_ID, Finished, bytes_below, objects
from tests.unit.pipeline.history.test_selecting import run_of

TUNED = {"thresholds": {"objective": "best_f1"}}


def opened(run: Finished) -> OpenedRun:
    """Return a run that has left its files."""
    run.leave()
    return OpenedRun(run_of(RUN_ID), run.workspace, run.folder)


@pytest.fixture(scope="module")
def photographs(tmp_path_factory: pytest.TempPathFactory) -> OpenedRun:
    """A run of a model of whole images; nothing in it is changed."""
    return opened(Finished(tmp_path_factory.mktemp("photographs")))


def test_rows_are_those_that_the_score_is_over(photographs: OpenedRun) -> None:
    """Counting the rows at hand gives the recall that the run has told."""
    rows = photographs.predictions
    assert len(rows) == photographs.outcome.holdout.images
    for label in photographs.outcome.labels:
        true = [row for row in rows if label.label in row.truth]
        found = [row for row in true if label.label in row.predicted]
        assert label.holdout is not None
        assert len(found) / len(true) == pytest.approx(label.holdout.recall)


def test_images_that_thresholds_were_tuned_on_are_left_out(tmp_path: Path) -> None:
    """Their rows would flatter; the thresholds are those in use."""
    run = opened(Finished(tmp_path, evaluation=TUNED))
    kept = (run.folder / "predictions.jsonl").read_text()
    lines = [json.loads(line) for line in kept.splitlines()]
    assert {row.sha256 for row in run.predictions} == {
        line["sha256"] for line in lines if "part" not in line
    }
    assert 0 < len(run.predictions) < len(lines)
    assert run.labels.columns()["threshold"] == [
        run.thresholds[entry.label] for entry in run.labels
    ]


def test_parts_agree_with_one_another(photographs: OpenedRun) -> None:
    """Outcome, comparison, labels, config and record tell of one run."""
    assert photographs.outcome.run_id == photographs.run_id == RUN_ID
    assert photographs.comparison.holdout == photographs.outcome.holdout
    assert tuple(photographs.labels) == photographs.outcome.labels
    assert photographs.config.project == photographs.project == "shades"
    assert photographs.started_at == run_of(RUN_ID).started_at
    assert photographs.report.is_file()
    assert repr(photographs) == f"<run {RUN_ID} of shades>"


def test_objects_keep_their_boxes(tmp_path: Path) -> None:
    """A run of a detector has true and answered places in every row."""
    rows = opened(Finished(tmp_path, material=objects())).predictions
    assert all(len(row.true_boxes) == len(row.predicted_boxes) > 0 for row in rows)
    assert all(0 <= box.left <= 1 for row in rows for _, box in row.true_boxes)


def test_judging_again_takes_thresholds_as_numbers(tmp_path: Path) -> None:
    """A label's threshold is a number by its name, however the label is written."""
    run = opened(Finished(tmp_path))
    before = bytes_below(run.folder)
    label = run.outcome.labels[0].label
    again = run.evaluate_again(thresholds={label: 0.125}, out=tmp_path / "again")
    (changed,) = (entry for entry in again.labels if entry.label == label)
    assert changed.chosen_threshold == 0.125
    assert Path(again.artifacts.report_html).parent == tmp_path / "again"
    assert bytes_below(run.folder) == before


def test_judging_again_takes_overrides_of_the_gates(photographs: OpenedRun) -> None:
    """A gate that cannot be reached keeps what is in production."""
    again = photographs.evaluate_again(overrides=["gates.min_holdout_f1=1.0"])
    assert [reason.gate for reason in again.decision.reasons] == ["min_holdout_f1"]
    as_text = photographs.evaluate_again(overrides="gates.min_holdout_f1=1.0")
    assert as_text.decision == again.decision


def test_wrong_threshold_is_one_clear_error(photographs: OpenedRun) -> None:
    """Percents in place of a ratio are refused by name."""
    with pytest.raises(ConfigError, match="label 0"):
        photographs.evaluate_again(thresholds={"label 0": 50})


def test_run_whose_files_are_gone_is_told(tmp_path: Path) -> None:
    """Opening reads nothing; what is asked for then says what is missing."""
    run = OpenedRun(run_of(RUN_ID), tmp_path, tmp_path / "runs" / RUN_ID)
    for part in ("outcome", "predictions", "comparison", "thresholds", "config", "labels"):
        with pytest.raises(UnknownRunError, match=RUN_ID):
            getattr(run, part)


@pytest.mark.parametrize(
    ("status", "told"), [("paused", "paused"), ("failed", "failed"), ("running", "interrupted")]
)
def test_unfinished_run_is_refused_by_its_state(tmp_path: Path, status: str, told: str) -> None:
    """What has no results says why; one at work by its record alone was interrupted."""
    store = SqliteStore(tmp_path / "state.sqlite", FakeClock())
    record = run_of(RUN_ID).model_copy(update={"status": status})
    with pytest.raises(UnknownRunError, match=f"no results: it is {told}"):
        require_completed(record, store)
    require_completed(run_of(RUN_ID), store)
