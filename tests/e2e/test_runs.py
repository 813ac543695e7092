"""`rcl-flow runs` after real runs: history, trend page, and what cannot be read."""

import json
import shutil
import sqlite3
from collections.abc import Sequence
from pathlib import Path

import pytest

from rcl_flow.imaging.digits import DemoImage
from tests.e2e.bench import Bench, Ended
from tests.e2e.conftest import IMAGES
from tests.unit.pipeline.runs.test_outcome_schema import SCHEMA, broken_rules
from tests.unit.report.documents import Document


def add_images(bench: Bench, digits: Sequence[DemoImage], split: str, *, first: int) -> None:
    """Put four more real images of each of two labels into a split."""
    for label in ("zero", "seven"):
        chosen = [i for i in digits if i.split == split and i.label == label]
        for image in chosen[first : first + 4]:
            bench.put_image(split, label, image.file_name, image.png)


def run_flow(bench: Bench) -> Ended:
    """Run the config to its end."""
    ended = bench.run("run", "config.yaml", "--json")
    assert ended.code == 0, ended.stderr
    return ended


def check_text_and_page(bench: Bench) -> None:
    """Make sure that lines fit 80 columns, and that every report is one click from the page."""
    shown = bench.run_anew("runs")
    assert shown.code == 0, shown.stderr
    assert "project digits: 4 runs, 3 with a score" in shown.stdout
    assert "-- Holdout 2 on the emulator: not comparable with the run above --" in shown.stdout
    long = [line for line in shown.stdout.splitlines() if len(line) > 80 and ".html" not in line]
    assert long == []

    page = Document((bench.workspace / "trend-digits.html").read_text())
    links = [a.attributes["href"] for a in page.all("a") if "report" in a.attributes["href"]]
    assert len(links) == 3
    assert all((bench.workspace / link).is_file() for link in links)


@pytest.fixture
def history(bench: Bench, digits: list[DemoImage]) -> list[str]:
    """Four runs: one more training, one that failed, one on another holdout; return their ids."""
    run_flow(bench)
    add_images(bench, digits, "train", first=IMAGES["train"])
    run_flow(bench)
    add_images(bench, digits, "train", first=IMAGES["train"] + 4)
    fault = {"operation": "CreateProjectVersion", "code": "AccessDeniedException", "times": 1}
    bench.ask_emulator("POST", "faults", fault)
    assert bench.run("run", "config.yaml").code == 4
    add_images(bench, digits, "holdout", first=IMAGES["holdout"])
    run_flow(bench)
    return [run["run_id"] for run in bench.run("status", "--json").document["runs"]]


def test_runs_tells_the_history_of_a_project(bench: Bench, history: list[str]) -> None:
    """Scores on one holdout are compared, the failed run is told, the new holdout is marked."""
    (project,) = bench.run("runs", "--json").document["projects"]
    runs = project["runs"]
    assert project["project"] == "digits"
    assert [run["run_id"] for run in runs] == history
    assert [run["state"] for run in runs] == ["completed", "completed", "failed", "completed"]
    assert [run["training_images"] for run in runs] == [36, 44, 52, 52]
    assert [run["holdout_images"] for run in runs] == [60, 60, 60, 68]
    assert [run["holdout_number"] for run in runs] == [1, 1, 1, 2]
    assert [run["holdout_changed"] for run in runs] == [False, False, False, True]
    assert [run["change"] is None for run in runs] == [True, False, True, True]
    gain = runs[1]["score"]["holdout_f1"] - runs[0]["score"]["holdout_f1"]
    assert runs[1]["change"]["holdout_f1"] == pytest.approx(gain)
    assert runs[1]["change"]["since_run_id"] == history[0]
    assert "AccessDeniedException" in runs[2]["error"]
    assert all(run["spent_usd"] > 0 for run in runs if run["state"] == "completed")
    assert project["page"] == str(Path(".rcl-flow") / "trend-digits.html")
    check_text_and_page(bench)
    for run_id in (history[0], history[3]):
        left = json.loads((bench.workspace / "runs" / run_id / "run.json").read_text())
        assert list(broken_rules(left, SCHEMA)) == []


@pytest.mark.slow
def test_runs_goes_on_when_files_cannot_be_read(bench: Bench, history: list[str]) -> None:
    """Torn outcomes, missing folders, torn records and stray folders are named; nothing fails."""
    first, second, _, last = history
    folders = bench.workspace / "runs"
    (folders / first / "run.json").write_text('{"format_version": 1, "run')
    (folders / second / "certificate.json").write_bytes(b"\xff\x00")
    shutil.rmtree(folders / last)
    (folders / "stray").mkdir()
    with sqlite3.connect(bench.workspace / "state.sqlite") as connection:
        connection.execute("INSERT INTO documents VALUES ('runs/torn', ?, 1, 0)", (b"{",))
    connection.close()

    shown = bench.run("runs")

    assert shown.code == 0, shown.stderr
    assert "Traceback" not in shown.stderr
    document = bench.run("runs", "--json").document
    (project,) = document["projects"]
    problems = {run["run_id"]: " ".join(run["unreadable"]) for run in project["runs"]}
    assert "run.json cannot be read" in problems[first]
    assert "certificate.json cannot be read" in problems[second]
    assert "is not here" in problems[last]
    assert [run["score"] is None for run in project["runs"]] == [True, False, True, True]
    assert document["unreadable"] == [
        "The record runs/torn cannot be read by this version.",
        "The folder .rcl-flow/runs/stray has no record in the state store.",
    ]
    assert "UNREADABLE  The record runs/torn" in shown.stdout


@pytest.mark.slow
def test_runs_puts_pages_where_it_is_told(bench: Bench) -> None:
    """A file, a folder, or nothing when there is no score; links still lead to the reports."""
    run_flow(bench)
    file = bench.folder / "pages of mine" / "history.html"
    assert bench.run("runs", "--html", str(file)).code == 0
    (link,) = [
        a.attributes["href"] for a in Document(file.read_text()).all("a") if a.text == "report"
    ]
    assert (file.parent / link).is_file()
    assert not (bench.workspace / "trend-digits.html").exists()
    assert bench.run("runs", "--out", "elsewhere").code == 0
    assert (bench.folder / "elsewhere" / "trend-digits.html").is_file()
    assert bench.run("runs", "--out", "x", "--html", "y").code == 2


@pytest.mark.slow
def test_runs_tells_the_history_though_its_page_cannot_be_written(bench: Bench) -> None:
    """In a workspace that may only be read that is a note; a page that was asked for exits 12."""
    run_flow(bench)
    (bench.workspace / "trend-digits.html").mkdir()
    noted = bench.run("runs")
    assert noted.code == 0, noted.stderr
    assert "project digits: 1 run, 1 with a score" in noted.stdout
    assert "no page: " in noted.stdout
    (project,) = bench.run("runs", "--json").document["projects"]
    assert project["page"] is None
    assert "trend-digits.html" in project["no_page"]

    place = str(bench.workspace / "state.sqlite" / "z")
    asked = bench.run("runs", "--html", place)
    assert asked.code == 12
    assert "project digits: 1 run, 1 with a score" in asked.stdout
    assert "error [local-files]" in asked.stderr
    both = bench.run("runs", "--html", place, "--json")
    assert both.code == 12
    assert both.document["error"]["slug"] == "local-files"
    assert len(both.document["projects"][0]["runs"]) == 1


def test_runs_says_that_there_is_no_page_without_a_score(bench: Bench) -> None:
    """A page that was asked for is not left out in silence."""
    bench.start_emulator()
    fault = {"operation": "CreateProjectVersion", "code": "AccessDeniedException", "times": 1}
    bench.ask_emulator("POST", "faults", fault)
    assert bench.run("run", "config.yaml").code == 4
    shown = bench.run("runs", "--html", "history.html")
    assert shown.code == 0, shown.stderr
    assert "no page: no run has a score" in shown.stdout
    assert not (bench.folder / "history.html").exists()


@pytest.mark.slow
def test_runs_compares_no_tuned_thresholds_with_assumed_ones(bench: Bench) -> None:
    """The same model on the part that was not tuned on is no progress, and is said to be that."""
    run_flow(bench)
    first = bench.run("status", "--json").document["runs"][0]["run_id"]
    tuned = {"objective": "best_f1", "calibration_share": 0.4}
    bench.write_config({"evaluation": {"thresholds": tuned}})
    ended = bench.run("run", "config.yaml", "--json", "--set", "gates.min_holdout_images=1")
    assert ended.code == 0, ended.stderr
    (project,) = bench.run("runs", "--json").document["projects"]
    one, two = project["runs"]
    assert (one["score"]["judged_images"], one["score"]["thresholds"]) == (60, "assumed")
    assert two["score"]["thresholds"] == "tuned"
    assert two["score"]["judged_images"] == ended.document["holdout"]["images"] < 60
    assert (two["change"], two["best_so_far"], two["same_model_as"]) == (None, False, first)
    assert two["not_comparable"].startswith("other images judged")


@pytest.mark.slow
def test_torn_certificate_is_mended_as_its_hint_says(bench: Bench) -> None:
    """Without it and run.json the same run is certified anew; nothing is trained again."""
    run_flow(bench)
    run_id = bench.run("status", "--json").document["runs"][0]["run_id"]
    folder = bench.workspace / "runs" / run_id
    (folder / "certificate.json").write_text("{")
    refused = bench.run("compare", "latest", "latest")
    assert refused.code == 7
    assert "Remove it, and run.json" in refused.stderr
    (folder / "certificate.json").unlink()
    assert "Remove run.json" in bench.run("compare", "latest", "latest").stderr
    (folder / "run.json").unlink()
    again = run_flow(bench)
    assert (again.document["run_id"], again.document["status"]) == (run_id, "completed")
    assert bench.run("compare", "latest", "latest").code == 0
    assert bench.calls("CreateProjectVersion") == 1


def test_runs_refuses_what_is_not_there(bench: Bench) -> None:
    """No workspace and no such project are one clear error each."""
    nothing = bench.run("runs", "--json")
    assert (nothing.code, nothing.document["error"]["slug"]) == (2, "run-unknown")
    run_flow(bench)
    other = bench.run("runs", "--project", "pears", "--json")
    assert (other.code, other.document["error"]["slug"]) == (2, "run-unknown")
