"""Judge finished runs again as a user does: emulator ended, its files and the images deleted."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from rcl_flow.cli.demo import SCENES_CONFIG, SCENES_MADE_BY
from rcl_flow.imaging.digits import DemoImage
from rcl_flow.imaging.scenes import manifest_line, scenes
from tests.e2e.bench import Bench, Ended
from tests.e2e.conftest import IMAGES, LABELS
from tests.unit.pipeline.finished import bytes_below
from tests.unit.pipeline.runs.test_outcome_schema import SCHEMA, broken_rules

TUNED = {"resamples": 300, "thresholds": {"objective": "best_f1", "calibration_share": 0.4}}
GATES = {"min_holdout_images": 20, "min_holdout_f1": 0.3}
SCENES = {"train": 40, "test": 20, "holdout": 60}
Document = dict[str, Any]


class Left(NamedTuple):
    """What is left of a project: no emulator, no images, the workspace with these runs."""

    bench: Bench
    tuned: Document
    """The first run's outcome: its thresholds are tuned on a part of the holdout."""
    second: Document
    """More training images, the assumed thresholds."""
    strict: Document
    """The second one's model, by other gates: the newest run."""

    def folder(self, outcome: Document) -> Path:
        """Return the folder of a run."""
        return self.bench.workspace / "runs" / str(outcome["run_id"])


def outcome_of(ended: Ended) -> Document:
    """Return the outcome of a command that went well."""
    assert ended.code == 0, ended.stderr
    return ended.document


def put_digits(bench: Bench, digits: list[DemoImage], split: str, count: int) -> None:
    """Write the first so many images of each label into a split."""
    for label in LABELS:
        chosen = [i for i in digits if i.split == split and i.label == label]
        for image in chosen[:count]:
            bench.put_image(split, label, image.file_name, image.png)


@pytest.fixture(scope="module")
def left(tmp_path_factory: pytest.TempPathFactory, digits: list[DemoImage]) -> Left:
    """Three finished runs, two models; then all but the workspace's own files is gone."""
    bench = Bench(tmp_path_factory.mktemp("left"))
    for split, count in IMAGES.items():
        put_digits(bench, digits, split, 4 if split == "train" else count)
    try:
        bench.write_config({"evaluation": TUNED, "gates": GATES})
        tuned = outcome_of(bench.run("run", "config.yaml", "--json"))
        put_digits(bench, digits, "train", IMAGES["train"])
        bench.write_config({"evaluation": {"resamples": 300}, "gates": GATES})
        second = outcome_of(bench.run("run", "config.yaml", "--json"))
        other = ("--set", "gates.min_label_f1=0.2")
        strict = outcome_of(bench.run("run", "config.yaml", "--json", *other))
        assert "all 60 answers are known" in bench.run("plan", "config.yaml", *GATE).stdout
    finally:
        bench.end()
    shutil.rmtree(bench.workspace / "emulator")
    shutil.rmtree(bench.folder / "data")
    return Left(bench, tuned, second, strict)


GATE = ("--set", "gates.min_label_f1=0.3")


@pytest.fixture
def copy(left: Left, tmp_path: Path) -> Bench:
    """The same workspace for a test that changes it."""
    shutil.copytree(left.bench.workspace, tmp_path / ".rcl-flow")
    return Bench(tmp_path)


def own_files(folder: Path) -> dict[str, bytes]:
    """Return the files of a run without those of its evaluations."""
    found = bytes_below(folder)
    return {name: content for name, content in found.items() if not name.startswith("evaluations")}


def test_run_leaves_every_file_that_it_names(left: Left) -> None:
    """run.json fits the schema, names files that can be read, and is what the command printed."""
    for outcome in (left.tuned, left.second, left.strict):
        folder = left.folder(outcome)
        stored = json.loads((folder / "run.json").read_text())
        assert list(broken_rules(stored, SCHEMA)) == []
        assert stored == outcome
        artifacts = {name: path for name, path in stored["artifacts"].items() if path}
        assert artifacts.keys() == stored["artifacts"].keys() - {"advice_manifest"}
        for path in artifacts.values():
            readable(left.bench.folder / path)
        assert {"material.json", "page.json"} <= own_files(folder).keys()


def readable(path: Path) -> None:
    """Make sure that a file has what its ending says."""
    content = path.read_text()
    readers: dict[str, Callable[[str], object]] = {
        ".json": json.loads,
        ".sarif": json.loads,
        ".jsonl": lambda text: [json.loads(line) for line in text.splitlines()],
    }
    assert content
    assert readers.get(path.suffix, str)(content) is not None


def test_report_is_rendered_again_to_the_byte(copy: Bench, left: Left) -> None:
    """Page, summary and test results, though the images are gone."""
    folder = copy.workspace / "runs" / left.strict["run_id"]
    before = own_files(folder)
    for name in ("report.html", "report.md", "junit.xml"):
        (folder / name).unlink()
    shown = copy.run_anew("report", "latest", "--json").document
    assert shown["run_id"] == left.strict["run_id"]
    assert {name for name, path in shown["artifacts"].items() if not path} == {"advice_manifest"}
    assert own_files(folder) == before


def test_report_prints_the_schema_of_the_outcome(tmp_path: Path) -> None:
    """Without a workspace and without a run; `--json` changes nothing."""
    bench = Bench(tmp_path)
    for arguments in ((), ("--json",)):
        ended = bench.run("report", "--schema", *arguments)
        assert (ended.code, json.loads(ended.stdout)) == (0, SCHEMA)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("which", ["tuned", "second", "strict"])
def test_without_changes_the_scores_are_the_runs(left: Left, which: str) -> None:
    """Also of the run that had tuned its thresholds; its files stay as they were."""
    run: Document = getattr(left, which)
    before = own_files(left.folder(run))
    again = outcome_of(left.bench.run_anew("evaluate", run["run_id"], "--json"))
    assert list(broken_rules(again, SCHEMA)) == []
    kept = again.keys() - {"artifacts", "evaluation"}
    assert run["evaluation"] is None
    assert again["evaluation"]["run_f1"] == run["holdout"]["f1"]
    assert again["evaluation"]["changes"] == []
    assert {name: again[name] for name in kept} == {name: run[name] for name in kept}
    assert own_files(left.folder(run)) == before
    assert all((left.bench.folder / path).is_file() for path in again["artifacts"].values() if path)
    assert (run["holdout_at_assumed"] is not None) == (which == "tuned")


@pytest.mark.slow
def test_run_by_other_rules_is_what_judging_again_by_them_gives(left: Left) -> None:
    """The tuned run at the assumed thresholds and back is the tuned run; 36 of 60 are judged."""
    tuned_run, name = left.tuned, left.tuned["run_id"]
    assert tuned_run["holdout"]["images"] == 36
    rule = "evaluation.thresholds.objective"
    assumed = outcome_of(left.bench.run("evaluate", name, "--json", "--set", f"{rule}=assumed"))
    assert assumed["holdout"]["images"] == 60
    assert assumed["holdout_at_assumed"] is None
    tuned = outcome_of(left.bench.run("evaluate", name, "--json", "--set", f"{rule}=best_f1"))
    assert tuned["holdout"] == tuned_run["holdout"]


def test_second_model_looks_at_the_first_ones_advice(left: Left) -> None:
    """The same model by other gates looks at the same; the first has nothing to look at."""
    past = [
        json.loads((left.folder(run) / "analysis.json").read_text())["past_advice"]
        for run in (left.tuned, left.second, left.strict)
    ]
    advised = [each["told"] for each in left.tuned["advice"]]
    assert advised
    assert past[0] == []
    assert [each["advice"]["told"] for each in past[1]] == advised
    assert past[1] == past[2]


def test_gates_that_are_not_passed_keep_what_there_is(left: Left) -> None:
    """As text for a person; a run's exit code is `run`'s affair."""
    ended = left.bench.run("evaluate", "latest", "--set", "gates.min_holdout_f1=0.999")
    assert ended.code == 0, ended.stderr
    lines = ended.stdout.splitlines()
    assert lines[0].startswith(f"evaluation of run {left.strict['run_id']}, changed:")
    assert "decision  keep" in lines
    again = left.bench.run("evaluate", "--set", "gates.min_holdout_f1=0.999", "--json").document
    assert again["decision"]["action"] == "keep"
    assert [reason["gate"] for reason in again["decision"]["reasons"]] == ["min_holdout_f1"]
    assert left.strict["decision"]["action"] == "promote"


def test_threshold_is_set_and_files_go_where_wanted(left: Left, tmp_path: Path) -> None:
    """Only into DIR: thresholds.json there has the threshold that was given."""
    out, before = tmp_path / "mine", bytes_below(left.bench.workspace)
    arguments = ("--threshold", "one=0.25", "--out", str(out), "--json")
    again = outcome_of(left.bench.run("evaluate", "latest", *arguments))
    assert json.loads((out / "thresholds.json").read_text())["thresholds"]["one"] == 0.25
    assert Path(again["artifacts"]["thresholds"]) == out / "thresholds.json"
    assert bytes_below(left.bench.workspace) == before


@pytest.mark.parametrize(
    ("arguments", "code", "slug", "told"),
    [
        (("--set", "inference.concurrency=4"), 2, "config-invalid", "Only fields of `evaluation`"),
        (("--set", "garbage"), 2, "config-invalid", "not of the form section.field=value"),
        (("--threshold", "uno=0.5"), 2, "config-invalid", "'uno', which the model does not know"),
        (("--threshold", "one=["), 2, "config-invalid", "one: '[' is no ratio from 0 to 1"),
        (("--threshold", "one"), 2, "config-invalid", "not of the form LABEL=RATIO"),
        (
            ("--set", "evaluation.thresholds.objective=best_f1"),
            3,
            "dataset-gate",
            "18 of the 60 holdout images are for calibration",
        ),
    ],
)
def test_wrong_changes_are_one_clear_error(
    left: Left, arguments: tuple[str, str], code: int, slug: str, told: str
) -> None:
    """With its exit code; nothing is written anywhere."""
    before = bytes_below(left.bench.workspace)
    ended = left.bench.run("evaluate", "latest", "--json", *arguments)
    assert (ended.code, ended.document["error"]["slug"]) == (code, slug)
    assert told in ended.document["error"]["message"]
    assert ended.document["error"]["hint"]
    assert "Traceback" not in ended.stderr
    assert bytes_below(left.bench.workspace) == before


@pytest.mark.parametrize(
    ("name", "code", "slug"),
    [
        ("page.json", 2, "run-unknown"),
        ("material.json", 2, "run-unknown"),
        ("predictions.jsonl", 2, "run-unknown"),
        ("certificate.json", 7, "store-broken"),
    ],
)
def test_torn_files_are_one_clear_error(
    copy: Bench, left: Left, name: str, code: int, slug: str
) -> None:
    """A file that was cut off, as a full disk leaves it, gives no score."""
    path = copy.workspace / "runs" / left.strict["run_id"] / name
    path.write_bytes(path.read_bytes()[:-30])
    before = bytes_below(copy.workspace)
    ended = copy.run("evaluate", "latest", "--json")
    assert (ended.code, ended.document["error"]["slug"]) == (code, slug)
    assert "Traceback" not in ended.stderr
    assert bytes_below(copy.workspace) == before


@pytest.mark.slow
def test_hint_on_a_torn_page_helps(bench: Bench, digits: list[DemoImage]) -> None:
    """Without run.json the finished run is written anew; nothing is trained or asked again."""
    for split in IMAGES:
        put_digits(bench, digits, split, 4)
    gates = {"min_holdout_images": 8, "min_holdout_f1": 0.1}
    bench.write_config({"evaluation": {"resamples": 200}, "gates": gates})
    run = outcome_of(bench.run("run", "config.yaml", "--json"))
    folder = bench.workspace / "runs" / run["run_id"]
    (folder / "page.json").write_text("{")
    hint = bench.run("evaluate", "latest", "--json").document["error"]["hint"]
    assert "run.json and run its config again" in hint
    (folder / "run.json").unlink()
    again = outcome_of(bench.run("run", "config.yaml", "--json"))
    kept = ("run_id", "project_version_arn", "holdout", "decision", "cost")
    assert {name: again[name] for name in kept} == {name: run[name] for name in kept}
    assert outcome_of(bench.run("evaluate", "latest", "--json"))["holdout"] == run["holdout"]


@pytest.mark.slow
def test_run_that_did_not_finish_is_refused(bench: Bench) -> None:
    """A paused run has no answers; `evaluate` and `report` say so alike."""
    bench.write_config({"emulator": {"training_seconds": 60.0}})
    assert bench.run("run", "config.yaml", "--no-wait").code == 75
    for command in ("evaluate", "report"):
        ended = bench.run(command, "latest", "--json")
        assert (ended.code, ended.document["error"]["slug"]) == (2, "run-unknown")
        assert "has left no results" in ended.document["error"]["message"]
        assert ("it is paused" in ended.document["error"]["message"]) == (command == "evaluate")


def test_status_and_gc_know_nothing_of_evaluations(copy: Bench, left: Left) -> None:
    """`status` lists the three runs; `gc` removes a run's folder with its evaluations."""
    run_id = left.strict["run_id"]
    assert copy.run("evaluate", run_id).code == 0
    folder = copy.workspace / "runs" / run_id
    assert list((folder / "evaluations").iterdir())
    listed = copy.run("status", "--json").document["runs"]
    assert [run["status"] for run in listed] == ["completed"] * 3
    removed = copy.run("gc", "--run", run_id, "--yes", "--json")
    assert removed.code == 0, removed.stderr
    assert not folder.exists()
    assert len(copy.run("status", "--json").document["runs"]) == 2


def put_scenes(bench: Bench) -> None:
    """Write some of the detection demo's scenes, their manifests and a config."""
    lines: dict[str, list[str]] = {split: [] for split in SCENES}
    for scene in scenes():
        if len(lines[scene.split]) < SCENES[scene.split]:
            lines[scene.split].append(manifest_line(scene))
            path = bench.folder / "boxes" / scene.split / scene.file_name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(scene.jpeg)
    for split, texts in lines.items():
        (bench.folder / "boxes" / f"{split}.manifest").write_text("".join(texts))
    config = SCENES_CONFIG.format(root="boxes/", data=SCENES_MADE_BY)
    bench.config_path.write_text(
        config.replace("min_holdout_images: 500", "min_holdout_images: 20")
    )


@pytest.mark.slow
def test_detector_is_judged_again_by_its_boxes(bench: Bench) -> None:
    """Tuned or not, without emulator and scenes: the same scores, over the same boxes."""
    put_scenes(bench)
    options = ("--json", "--set", "evaluation.resamples=300", "--set", "gates.min_holdout_f1=0.1")
    tuning = '{"objective": "best_f1", "calibration_share": 0.4}'
    rules = f"evaluation.thresholds={tuning}"
    run = outcome_of(bench.run("run", "config.yaml", *options))
    tuned = outcome_of(bench.run("run", "config.yaml", *options, "--set", rules))
    bench.end()
    for folder in (bench.workspace / "emulator", bench.folder / "boxes"):
        shutil.rmtree(folder)
    again = outcome_of(bench.run("evaluate", run["run_id"], "--json"))
    assert again["task"] == "detection"
    assert again["holdout"]["f1"] > 0.3
    for name in ("holdout", "gap", "labels", "decision", "advice", "reasons"):
        assert again[name] == run[name]
    there = outcome_of(bench.run("evaluate", run["run_id"], "--json", "--set", rules))
    for name in ("holdout", "gap", "labels", "decision"):
        assert there[name] == tuned[name]
    assert there["holdout"]["images"] == 36
