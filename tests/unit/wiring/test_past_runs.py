"""Tests of listing, opening and comparing past runs."""

from pathlib import Path

import pytest

from rcl_flow.clock import SystemClock
from rcl_flow.errors import ConfigError, UnknownRunError
from rcl_flow.pipeline.state.records import RunRecord, run_key, write_record
from rcl_flow.pipeline.state.sqlite_store import SqliteStore
from rcl_flow.wiring.past_runs import compare_runs, list_runs, open_run
from rcl_flow.wiring.stores import STORE_NAME
from tests.unit.pipeline.finished import RUN_ID, Finished
from tests.unit.pipeline.history.test_selecting import run_of

LATER = "20261130T120000Z-89abcdef"


def workspace_of(folder: Path, *records: RunRecord) -> Path:
    """Return a workspace in whose state these runs are."""
    store = SqliteStore(folder / STORE_NAME, SystemClock())
    for record in records:
        write_record(store, run_key(record.run_id), record)
    return folder


def test_run_is_opened_by_the_beginning_of_its_id(tmp_path: Path) -> None:
    """An id, its beginning, and `latest` name a run; the workspace may be a text."""
    Finished(workspace_of(tmp_path, run_of(RUN_ID))).leave()
    names = ("latest", RUN_ID, RUN_ID[:8])
    assert {open_run(name, str(tmp_path)).outcome.run_id for name in names} == {RUN_ID}


def test_unknown_and_unfinished_runs_are_not_opened(tmp_path: Path) -> None:
    """There is nothing to read of them, and each error says why."""
    failed = run_of(LATER, 2).model_copy(update={"status": "failed"})
    workspace = workspace_of(tmp_path, run_of(RUN_ID), failed)
    with pytest.raises(UnknownRunError, match="No run starts with 'x'"):
        open_run("x", workspace)
    with pytest.raises(UnknownRunError, match=f"{LATER} has left no results: it is failed"):
        open_run("latest", workspace)
    with pytest.raises(UnknownRunError, match="no runs in the workspace"):
        open_run("latest", tmp_path / "nowhere")


def test_runs_are_listed_oldest_first_over_all_projects(tmp_path: Path) -> None:
    """Projects mix by time; one project's runs can be had alone."""
    other = run_of("20260102-ab", 2).model_copy(update={"project": "shades"})
    first = run_of("20260101-cd", 1).model_copy(update={"project": "parts"})
    last = run_of("20260103-ef", 3).model_copy(update={"project": "parts", "status": "failed"})
    workspace = workspace_of(tmp_path, other, last, first)
    assert [run.run_id[:8] for run in list_runs(workspace)] == ["20260101", "20260102", "20260103"]
    assert list_runs(workspace, project="parts").columns()["state"] == ["completed", "failed"]
    assert len(list_runs(workspace, project="none")) == 0


def test_record_that_cannot_be_read_is_left_out_with_a_warning(tmp_path: Path) -> None:
    """The others are there; nothing is missing without a word."""
    workspace = workspace_of(tmp_path, run_of(RUN_ID))
    SqliteStore(workspace / STORE_NAME, SystemClock()).put(run_key(LATER), b"torn")
    with pytest.warns(UserWarning, match=LATER):
        listed = list_runs(workspace)
    assert [run.run_id for run in listed] == [RUN_ID]


def test_a_run_is_no_better_than_itself(tmp_path: Path) -> None:
    """The same answers on the same images: no image is fixed or broken."""
    Finished(workspace_of(tmp_path, run_of(RUN_ID))).leave()
    run = open_run("latest", tmp_path)
    compared = compare_runs(run, run)
    assert (compared.f1, compared.fixed, compared.broken) == (0.0, (), ())
    assert compared.margin == 0.05
    assert compare_runs(run, run, margin=0.2).margin == 0.2


def test_answers_that_were_lost_are_neither_given_nor_compared(tmp_path: Path) -> None:
    """A table of fewer images than were judged would look like all of them."""
    Finished(workspace_of(tmp_path, run_of(RUN_ID))).leave()
    run = open_run("latest", tmp_path)
    path = run.folder / "predictions.jsonl"
    path.write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[1:]))
    with pytest.raises(UnknownRunError, match=r"it has \d+ images, and the run had"):
        compare_runs(run, run)
    with pytest.raises(UnknownRunError, match=r"it has \d+ images, and the run had"):
        _ = run.predictions


def test_runs_are_compared_once_they_are_opened(tmp_path: Path) -> None:
    """An id is no opened run, and the error says what gives one."""
    Finished(workspace_of(tmp_path, run_of(RUN_ID))).leave()
    run = open_run("latest", tmp_path)
    with pytest.raises(
        TypeError, match=r"^second is of type str: it has to be OpenedRun, as `open_run"
    ):
        compare_runs(run, "latest")  # type: ignore[arg-type]  # what is tried


@pytest.mark.parametrize("margin", [-0.1, 1.0, 5.0, float("nan")])
def test_margin_that_is_none_is_refused(tmp_path: Path, margin: float) -> None:
    """Percents in place of a ratio make no comparison."""
    Finished(workspace_of(tmp_path, run_of(RUN_ID))).leave()
    run = open_run("latest", tmp_path)
    with pytest.raises(ConfigError, match="is no difference of F1"):
        compare_runs(run, run, margin=margin)
