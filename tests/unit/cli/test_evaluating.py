"""Tests of judging a finished run again from the command line, without any service."""

import io
import json
from pathlib import Path

import pytest

from rcl_flow.cli.console import Console
from rcl_flow.cli.evaluating import drive_evaluate
from rcl_flow.clock import SystemClock
from rcl_flow.core.scoring.comparison import Score
from rcl_flow.errors import UnknownRunError
from rcl_flow.pipeline.judging.reevaluating import Changes
from rcl_flow.pipeline.state.backend import Backend
from rcl_flow.pipeline.state.records import RunRecord, run_key, write_record
from rcl_flow.pipeline.state.sqlite_store import SqliteStore
from rcl_flow.report.page import ReportPage
from tests.unit.clocks import FakeClock
from tests.unit.pipeline.finished import RUN_ID, Finished
from tests.unit.pipeline.runs.test_outcome_schema import SCHEMA, broken_rules


def record(workspace: Path, run_id: str, minutes: int) -> None:
    """Put a run into the workspace's store."""
    clock = FakeClock()
    clock.sleep(60.0 * minutes)
    found = RunRecord(
        run_id=run_id,
        input_digest="0" * 64,
        project="shades",
        backend=Backend(kind="emulator", region="us-east-1"),
        status="completed" if run_id == RUN_ID else "running",
        started_at=clock.now(),
        updated_at=clock.now(),
    )
    store = SqliteStore(workspace / "state.sqlite", SystemClock())
    write_record(store, run_key(run_id), found)


@pytest.fixture
def run(tmp_path: Path) -> tuple[Path, ReportPage]:
    """A workspace with one finished run, and its page."""
    page = Finished(tmp_path).leave()
    record(tmp_path, RUN_ID, minutes=0)
    return tmp_path, page


def printed(
    workspace: Path, wanted: str, changes: Changes, *, out: Path | None = None, as_json: bool
) -> str:
    """Judge again and return what goes to stdout."""
    stdout = io.StringIO()
    console = Console(as_json=as_json, stdout=stdout)
    drive_evaluate(wanted, changes, out, workspace, console)
    return stdout.getvalue()


@pytest.mark.parametrize("wanted", ["latest", RUN_ID, RUN_ID[:10]])
def test_document_fits_the_published_schema(run: tuple[Path, ReportPage], wanted: str) -> None:
    """Whatever names the run: one JSON object, in the form of run.json, with the run's score."""
    workspace, page = run
    document = json.loads(printed(workspace, wanted, Changes(), as_json=True))
    assert list(broken_rules(document, SCHEMA)) == []
    assert (document["run_id"], document["status"]) == (RUN_ID, "completed")
    assert Score.model_validate(document["holdout"]) == page.comparison.holdout
    assert Path(document["artifacts"]["report_html"]).is_file()


def test_text_tells_the_decision_and_where_the_report_is(
    run: tuple[Path, ReportPage], tmp_path: Path
) -> None:
    """For a person: what was judged again, then as after a run, with the gate not passed."""
    workspace, page = run
    changes = Changes(("gates.min_holdout_f1=0.999",), ())
    text = printed(workspace, "latest", changes, out=tmp_path / "mine", as_json=False)
    lines = text.splitlines()
    assert " ".join(" ".join(lines[:3]).split()).startswith(
        f"evaluation of run {RUN_ID}, changed: gates.min_holdout_f1=0.999; the run itself: "
        f"F1 {page.comparison.holdout.f1:.3f}, promote test"
    )
    assert max(map(len, lines[:2])) <= 80
    assert "decision  keep" in lines
    assert "cost      nothing was paid; on AWS $" in text
    assert lines[-1] == f"report    {tmp_path / 'mine' / 'report.html'}"


def test_text_ends_with_the_thresholds_where_others_are_in_use(
    run: tuple[Path, ReportPage], tmp_path: Path
) -> None:
    """The file that `predict --thresholds` takes; at the service's own there is nothing to take."""
    workspace, _ = run
    changes = Changes((), ("label 0=0.125",))
    text = printed(workspace, "latest", changes, out=tmp_path / "mine", as_json=False)
    assert text.splitlines()[-1] == f"thresholds {tmp_path / 'mine' / 'thresholds.json'}"
    assert "thresholds " not in printed(workspace, "latest", Changes(), as_json=False)


def test_unfinished_run_is_refused(run: tuple[Path, ReportPage]) -> None:
    """The newest run has left nothing yet; the one before is not judged in its place."""
    workspace, _ = run
    record(workspace, "20261129T130000Z-ffffffff", minutes=60)
    told = "20261129T130000Z-ffffffff has left no results: it is interrupted"
    with pytest.raises(UnknownRunError, match=told):
        printed(workspace, "latest", Changes(), as_json=True)


@pytest.mark.parametrize(
    ("wanted", "told"),
    [("2030", "No run starts with"), ("20", "Several runs start with"), ("", "is empty")],
)
def test_run_that_is_not_there_or_not_one_is_refused(
    run: tuple[Path, ReportPage], wanted: str, told: str
) -> None:
    """A beginning has to name one run."""
    workspace, _ = run
    record(workspace, "20261129T130000Z-ffffffff", minutes=60)
    with pytest.raises(UnknownRunError, match=told):
        printed(workspace, wanted, Changes(), as_json=False)


def test_workspace_without_runs_is_refused(tmp_path: Path) -> None:
    """And none is made."""
    with pytest.raises(UnknownRunError, match="There are no runs in the workspace"):
        printed(tmp_path / "none", "latest", Changes(), as_json=False)
    assert not (tmp_path / "none").exists()
