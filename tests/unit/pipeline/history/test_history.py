"""Tests of reading a workspace's history from records and folders."""

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

import pytest

from rcl_flow.core.audit.certificate import HoldoutCertificate, SplitIdentity
from rcl_flow.core.history.history import trend_of
from rcl_flow.errors import LocalFilesError
from rcl_flow.pipeline.history.history import History, read_history, write_trend
from rcl_flow.pipeline.state.backend import Backend
from rcl_flow.pipeline.state.holding import Holder
from rcl_flow.pipeline.state.lease import acquire_lease, claim
from rcl_flow.pipeline.state.ledger import LedgerEntry, record_inference, record_training
from rcl_flow.pipeline.state.records import RunRecord, run_key, write_record
from rcl_flow.pipeline.state.sqlite_store import SqliteStore
from rcl_flow.report.trend_page import TrendPage
from tests.unit.clocks import FakeClock
from tests.unit.pipeline.runs.test_outcome_schema import OUTCOME

AWS = Backend(kind="aws", region="eu-west-1", account="123456789012")
ME = Holder("here", 1)
OTHER = Holder("elsewhere", 7)
ARN = OUTCOME.project_version_arn


class Workspace:
    """A workspace on disk into which a test puts runs."""

    def __init__(self, folder: Path) -> None:
        """Begin empty."""
        self.folder = folder
        self.clock = FakeClock()
        self.store = SqliteStore(folder / "state.sqlite", self.clock)

    def put(
        self, run_id: str, status: str = "completed", *, hours: int = 0, project: str = "parts"
    ) -> Path:
        """Record a run that began `hours` after the first moment, and return its folder."""
        at = self.clock.now() + timedelta(hours=hours)
        record = RunRecord.model_validate(
            {
                "run_id": run_id,
                "input_digest": "0" * 64,
                "project": project,
                "backend": AWS,
                "status": status,
                "started_at": at,
                "updated_at": at + timedelta(minutes=20),
                "error": "[wait-timeout] Too long." if status == "failed" else "",
            }
        )
        write_record(self.store, run_key(run_id), record)
        folder = self.folder / "runs" / run_id
        folder.mkdir(parents=True)
        return folder

    def finish(self, folder: Path) -> None:
        """Leave a finished run's files in its folder."""
        (folder / "run.json").write_text(OUTCOME.model_dump_json())
        (folder / "report.html").write_text("<html>")
        certify(folder, {"train": 640, "test": 160, "holdout": 988})

    def read(self, project: str | None = None) -> History:
        """Read the history."""
        return read_history(self.store, self.folder, project, me=ME)


def certify(folder: Path, images: Mapping[str, int]) -> None:
    """Leave a certificate in a run's folder; a split's digest is made of its first letter."""
    certificate = HoldoutCertificate(
        issued_at=FakeClock().now(),
        splits={
            name: SplitIdentity(digest=name[:1] * 64, images=count, hashed_images=count)
            for name, count in images.items()
        },
        near_duplicate_bits=6,
        overlaps={},
        unchecked=(),
        accepted={},
        uses=0,
    )
    (folder / "certificate.json").write_text(certificate.model_dump_json())


def entry(kind: str, run_id: str, usd: float) -> LedgerEntry:
    """Return what a run has paid for."""
    return LedgerEntry.model_validate(
        {
            "kind": kind,
            "run_id": run_id,
            "project": "parts",
            "project_version_arn": ARN,
            "at": FakeClock().now(),
            "seconds": 60,
            "inference_units": 0 if kind == "training" else 1,
            "usd": usd,
            "images": 10,
        }
    )


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    """An empty workspace."""
    return Workspace(tmp_path)


def test_history_of_an_empty_workspace_is_empty(workspace: Workspace) -> None:
    """No run was recorded, and there is no folder of runs."""
    assert workspace.read() == History((), ())


def test_finished_run_has_all_that_it_left(workspace: Workspace) -> None:
    """Scores from run.json, digests and counts from the certificate, the report's path."""
    folder = workspace.put("one")
    workspace.finish(folder)
    ((run,),) = [project.runs for project in workspace.read().projects]
    assert (run.run_id, run.project, run.backend, run.state) == ("one", "parts", "aws", "completed")
    assert (run.holdout_digest, run.holdout_images) == ("h" * 64, 988)
    assert (run.test_digest, run.training_images) == ("t" * 64, 640)
    assert run.report == str(folder / "report.html")
    assert run.unreadable == ()
    assert run.updated_at - run.started_at == timedelta(minutes=20)
    assert run.score is not None
    assert (run.score.decision, run.score.verdict) == ("keep", "generalises")
    assert run.score.reasons == ("Too low.",)
    assert (run.score.test_f1, run.score.holdout_f1) == (0.95, 0.9)
    assert run.score.holdout_interval == OUTCOME.holdout.f1_interval
    assert run.score.judged_labels == ("one",)
    assert (run.score.judged_images, run.score.thresholds) == (OUTCOME.holdout.images, "assumed")
    assert run.project_version_arn == ARN


@pytest.mark.parametrize(
    ("judged_images", "kind", "fixed"), [(988, "fixed", {"one": 0.25}), (692, "tuned", {})]
)
def test_score_tells_at_which_thresholds_it_was_taken(
    workspace: Workspace, judged_images: int, kind: str, fixed: dict[str, float]
) -> None:
    """Thresholds are tuned on a part of the holdout, which is then not judged."""
    folder = workspace.put("one")
    workspace.finish(folder)
    judged = OUTCOME.holdout.model_copy(update={"images": judged_images})
    changed = OUTCOME.model_copy(
        update={
            "holdout": judged,
            "holdout_at_assumed": judged.model_copy(update={"f1": 0.6}),
            "labels": tuple(
                label.model_copy(update={"chosen_threshold": 0.25 if n == 0 else None})
                for n, label in enumerate(OUTCOME.labels)
            ),
        }
    )
    (folder / "run.json").write_text(changed.model_dump_json())
    ((run,),) = [project.runs for project in workspace.read().projects]
    assert run.score is not None
    assert (run.score.thresholds, run.score.fixed_thresholds) == (kind, fixed)
    assert run.score.judged_images == judged_images
    assert run.score.at_assumed == (0.6, judged.f1_interval)


def test_runs_are_grouped_by_project_and_oldest_first(workspace: Workspace) -> None:
    """Whatever their ids are; one project alone can be asked for."""
    workspace.put("a", "paused", hours=2)
    workspace.put("b", "paused", hours=1)
    workspace.put("c", "paused", project="apples")
    history = workspace.read()
    assert [(p.project, [run.run_id for run in p.runs]) for p in history.projects] == [
        ("apples", ["c"]),
        ("parts", ["b", "a"]),
    ]
    assert [p.project for p in workspace.read("apples").projects] == ["apples"]
    assert workspace.read("pears") == History((), ())


def test_unfinished_runs_are_there_without_a_score(workspace: Workspace) -> None:
    """A failed run has its error, and the holdout that it was certified for."""
    certify(workspace.put("one", "failed"), {"holdout": 20})
    ((run,),) = [project.runs for project in workspace.read().projects]
    assert (run.state, run.score, run.report) == ("failed", None, "")
    assert run.error == "[wait-timeout] Too long."
    assert (run.holdout_images, run.training_images) == (20, None)
    assert run.unreadable == ()


def test_run_that_nobody_holds_was_interrupted(workspace: Workspace) -> None:
    """A record that says running is believed while somebody holds the project for that run."""
    workspace.put("one", "running")
    workspace.put("two", "running", hours=1)
    wanted = claim("parts", "two", OTHER, 900)
    lease = acquire_lease(wanted, AWS.identity, workspace.store, workspace.clock)
    lease.hold_for("two")
    ((one, two),) = [project.runs for project in workspace.read().projects]
    assert (one.state, two.state) == ("interrupted", "running")


def test_cost_is_what_the_ledger_holds_of_the_run(workspace: Workspace) -> None:
    """A training that was adopted from another run is not counted again."""
    workspace.put("one", "failed")
    workspace.put("two", "failed", hours=1)
    record_training(workspace.store, AWS.identity, entry("training", "one", 3.0))
    record_inference(workspace.store, AWS.identity, entry("inference", "two", 0.5))
    ((one, two),) = [project.runs for project in workspace.read().projects]
    assert (one.spent_usd, two.spent_usd) == (3.0, 0.5)


@pytest.mark.parametrize("content", [b"", b"{", b"\xff", b'{"format_version": 1}', None])
def test_torn_outcome_is_named(workspace: Workspace, content: bytes | None) -> None:
    """Without run.json a run has no score, but the rest of it is told."""
    folder = workspace.put("one")
    workspace.finish(folder)
    (folder / "run.json").unlink()
    if content is not None:
        (folder / "run.json").write_bytes(content)
    ((run,),) = [project.runs for project in workspace.read().projects]
    assert run.score is None
    (problem,) = run.unreadable
    assert problem.startswith(f"The outcome {folder / 'run.json'} cannot be read: ")
    assert run.holdout_images == 988


@pytest.mark.parametrize("status", ["completed", "failed"])
def test_torn_certificate_is_named(workspace: Workspace, status: str) -> None:
    """Then the holdout is not known, so the score is not compared."""
    folder = workspace.put("one", status)
    workspace.finish(folder)
    (folder / "certificate.json").write_text("{}")
    ((run,),) = [project.runs for project in workspace.read().projects]
    (problem,) = run.unreadable
    assert f"{folder / 'certificate.json'} cannot be read" in problem
    assert run.holdout_digest == ""
    assert (run.score is not None) is (status == "completed")


def test_folder_of_a_run_on_another_machine_is_named(workspace: Workspace) -> None:
    """With shared state a run's files may be elsewhere; an unfinished run misses nothing."""
    finished, failed = workspace.put("one"), workspace.put("two", "failed", hours=1)
    finished.rmdir()
    failed.rmdir()
    ((one, two),) = [project.runs for project in workspace.read().projects]
    assert one.unreadable == (f"Its folder {finished} is not here.",)
    assert two.unreadable == ()


def test_outcome_that_is_a_folder_is_named(workspace: Workspace) -> None:
    """Whatever stands at the place of a file, it ends nothing."""
    folder = workspace.put("one")
    (folder / "run.json").mkdir()
    (folder / "certificate.json").mkdir()
    ((run,),) = [project.runs for project in workspace.read().projects]
    assert len(run.unreadable) == 2


def test_records_and_folders_of_no_run_are_named(workspace: Workspace) -> None:
    """A torn record is named once: its folder is not strange."""
    workspace.store.put("runs/torn", b"{")
    workspace.put("one", "failed")
    for name in ("torn", "stray"):
        (workspace.folder / "runs" / name).mkdir()
    (workspace.folder / "runs" / "notes.txt").write_text("mine")
    stray = workspace.folder / "runs" / "stray"
    for project in (None, "other"):
        assert workspace.read(project).unreadable == (
            "The record runs/torn cannot be read by this version.",
            f"The folder {stray} has no record in the state store.",
        )


def test_page_is_written_whole_or_refused(workspace: Workspace) -> None:
    """The page is put where it is wanted; what is in the way is a clear error."""
    workspace.finish(workspace.put("one"))
    (project,) = workspace.read().projects
    page = TrendPage("parts", trend_of(project.runs), "0.1.0", workspace.clock.now(), {})
    path = workspace.folder / "new" / "trend.html"
    write_trend(page, path)
    assert path.read_text().startswith("<!DOCTYPE html>")
    assert "Holdout F1 0.900" in path.read_text()
    with pytest.raises(LocalFilesError):
        write_trend(page, workspace.folder / "state.sqlite" / "trend.html")
