"""Tests of which model is asked: a named one, the config's, the champion, or the newest run's."""

import json
from datetime import timedelta
from pathlib import Path

import pytest

from rcl_flow.core.promotion.champions import ChampionEvent
from rcl_flow.errors import ConfigError, DataNotFoundError, UnknownRunError
from rcl_flow.pipeline.history.champions import ChampionRecord, champion_key
from rcl_flow.pipeline.predicting.choosing_model import (
    ChosenModel,
    choose_model,
    choose_thresholds,
    run_of_version,
)
from rcl_flow.pipeline.runs.run import Run
from rcl_flow.pipeline.state.records import RunRecord, run_folder, run_key, write_record
from tests.unit.pipeline.bench import Bench

ARN = "arn:aws:rekognition:us-east-1:123456789012:project/shades/version/{}/1"
FIRST, SECOND, THIRD = (ARN.format(name) for name in ("first", "second", "third"))


def finished(run: Run, number: int, arn: str, **facts: object) -> RunRecord:
    """Keep the record of a run that has finished, the higher its number the later."""
    record = run.record.model_copy(
        update={
            "run_id": f"run-{number}",
            "status": "completed",
            "project_version_arn": arn,
            "started_at": run.record.started_at + timedelta(days=number),
            **facts,
        }
    )
    write_record(run.services.store, run_key(record.run_id), record)
    return record


def chosen(
    asking: Run, *, run: str | None = None, version_arn: str | None = None
) -> tuple[str, str]:
    """Return ARN and run of the model that is chosen."""
    model = choose_model(asking.config, asking.services, run=run, version_arn=version_arn)
    return model.version_arn, model.run_id


@pytest.fixture
def run(bench: Bench) -> Run:
    """Return a run of the project that has no model."""
    return bench.run()


def test_newest_finished_run_is_asked_when_nothing_is_named(run: Run) -> None:
    """Runs that failed, of other projects and of other backends do not count."""
    finished(run, 1, FIRST)
    finished(run, 2, SECOND)
    finished(run, 3, THIRD, status="failed")
    finished(run, 4, THIRD, project="others")
    other = run.services.backend.model_copy(update={"emulator_instance": "gone"})
    finished(run, 5, THIRD, backend=other)
    assert chosen(run) == (SECOND, "run-2")


def test_champion_comes_before_the_newest_run(run: Run) -> None:
    """A challenger that was not promoted is not asked."""
    finished(run, 1, FIRST)
    finished(run, 2, SECOND)
    event = ChampionEvent(
        number=1,
        kind="promoted",
        at=run.record.started_at,
        by="host",
        run_id="run-1",
        project_version_arn=FIRST,
    )
    record = ChampionRecord(
        project="shades",
        backend=run.services.backend,
        run_id="run-1",
        project_version_arn=FIRST,
        last=event,
    )
    key = champion_key(run.services.backend.identity, "shades")
    write_record(run.services.store, key, record)
    assert chosen(run) == (FIRST, "run-1")
    assert chosen(run, run="run-2") == (SECOND, "run-2")
    assert chosen(run, version_arn=SECOND) == (SECOND, "run-2")


def test_config_s_model_comes_before_the_champion(run: Run) -> None:
    """Who writes a model into the config means that model."""
    finished(run, 1, FIRST)
    model = run.config.model.model_copy(update={"project_version_arn": THIRD})
    run.config = run.config.model_copy(update={"model": model})
    assert chosen(run) == (THIRD, "")


def test_run_of_another_project_is_not_asked(run: Run) -> None:
    """Neither by its id nor as the latest of the workspace: its model knows other labels."""
    finished(run, 1, FIRST)
    finished(run, 2, SECOND, project="others")
    assert chosen(run, run="latest") == (FIRST, "run-1")
    with pytest.raises(UnknownRunError, match=r"run-2 is of the project others, the config of sh"):
        chosen(run, run="run-2")


def test_run_without_a_model_is_refused(run: Run) -> None:
    """There is nothing to ask yet."""
    with pytest.raises(UnknownRunError, match="has no project version yet"):
        chosen(run, run=run.run_id)


def test_run_of_version_is_the_newest_that_has_finished(run: Run) -> None:
    """A failed one is better than none."""
    store = run.services.store
    assert run_of_version(FIRST, store) is None
    finished(run, 3, FIRST, status="failed")
    found = run_of_version(FIRST, store)
    assert found is not None
    assert found.run_id == "run-3"
    finished(run, 1, FIRST)
    finished(run, 2, FIRST)
    found = run_of_version(FIRST, store)
    assert found is not None
    assert found.run_id == "run-2"


def test_thresholds_of_a_file_come_before_the_run_s(bench: Bench, run: Run, tmp_path: Path) -> None:
    """Both say where they are from; a file that is none is refused by name."""
    version = bench.trained(run)
    folder = run_folder(run.services.workspace, "run-1")
    folder.mkdir(parents=True)
    document = {"format_version": 2, "thresholds": {"red": 0.25}}
    (folder / "thresholds.json").write_text(json.dumps(document))
    model = ChosenModel(version.version_arn, "run-1", "--run")
    of_run = choose_thresholds(model, version, None, run)
    assert (of_run.by_label, of_run.source) == ({"red": 0.25}, "run run-1")
    path = tmp_path / "mine.json"
    path.write_text(json.dumps({"format_version": 2, "thresholds": {"red": 0.9}}))
    of_file = choose_thresholds(model, version, path, run)
    assert (of_file.by_label, of_file.source) == ({"red": 0.9}, str(path))
    path.write_text("{}")
    with pytest.raises(ConfigError, match=r"mine\.json: This is no thresholds\.json"):
        choose_thresholds(model, version, path, run)
    with pytest.raises(DataNotFoundError, match="Cannot read"):
        choose_thresholds(model, version, tmp_path / "nowhere.json", run)


def test_thresholds_of_another_model_are_told_or_refused(
    bench: Bench, run: Run, tmp_path: Path
) -> None:
    """Of a copy or a model before they may fit; of other labels they cannot."""
    version = bench.trained(run)
    folder = run_folder(run.services.workspace, "run-1")
    folder.mkdir(parents=True)
    (folder / "thresholds.json").write_text('{"format_version": 2, "thresholds": {"red": 0.25}}')
    model = ChosenModel(version.version_arn, "run-1", "--run")
    path = tmp_path / "mine.json"
    for arn in (version.version_arn, FIRST):
        document = {"format_version": 2, "thresholds": {"red": 0.9}, "project_version_arn": arn}
        path.write_text(json.dumps(document))
        choose_thresholds(model, version, path, run)
    assert bench.notices[-1:] == [f"{path} was made for another model, {FIRST}."]
    assert sum("another model" in notice for notice in bench.notices) == 1
    path.write_text(json.dumps({"format_version": 2, "thresholds": {"cat": 0.9}}))
    with pytest.raises(ConfigError, match=r"mine\.json is of another model.*labels red\."):
        choose_thresholds(model, version, path, run)


def test_thresholds_of_a_file_do_without_those_of_the_run(
    bench: Bench, run: Run, tmp_path: Path
) -> None:
    """Where the run's folder is gone, nothing tells the labels, and the file is taken."""
    path = tmp_path / "mine.json"
    path.write_text(json.dumps({"format_version": 2, "thresholds": {"red": 0.9}}))
    model = ChosenModel(FIRST, "run-1", "--run")
    assert choose_thresholds(model, bench.trained(run), path, run).by_label == {"red": 0.9}
