"""The whole workflow as a user sees it."""

import json
import random
from pathlib import Path

import pytest

from rcl_flow.aws.session import AwsAccess, make_session, rekognition_client
from rcl_flow.cli.demo import DEMO_CONFIG, SCENES_CONFIG, SCENES_MADE_BY
from rcl_flow.config.published import SCHEMA_NAME, schema_text
from tests.e2e.bench import Bench

ROOT = Path(__file__).parents[2]


def test_demo_gives_the_documented_object(bench: Bench) -> None:
    """The demo from an empty folder: real figures, 988 unseen images, nothing left running."""
    assert bench.run_anew("demo-data", "demo").code == 0
    assert (bench.folder / "demo" / SCHEMA_NAME).read_text() == schema_text()
    ended = bench.run_anew("run", "demo/rcl-flow.yaml", "--json")
    assert ended.code == 0, ended.stderr
    document = ended.document
    assert document["format_version"] == 1
    assert document["status"] == "completed"
    assert document["decision"] == {"action": "promote", "reasons": []}
    assert document["model_status"] == "STOPPED"
    assert document["test"]["images"] == 200
    assert document["test"]["source"] == "service"
    assert document["holdout"]["images"] == 988
    assert document["holdout"]["f1"] >= 0.95
    low, high = document["holdout"]["f1_interval"]
    assert low <= document["holdout"]["f1"] <= high
    assert document["gap"]["verdict"] in {"generalises", "drops", "inconclusive"}
    assert len(document["labels"]) == 10
    assert document["cost"]["training_seconds_billed"] > 0
    assert document["cost"]["estimated_usd"] > 0
    assert bench.running_models() == []
    for name in ("report_html", "predictions", "comparison", "audit", "thresholds"):
        assert (bench.folder / document["artifacts"][name]).stat().st_size > 0


def test_shuffled_labels_collapse_the_score(bench: Bench) -> None:
    """Nothing is canned: training on shuffled labels ruins the holdout score."""
    honest = bench.run("run", "config.yaml", "--json").document["holdout"]["f1"]
    images = sorted((bench.folder / "data" / "train").glob("*/*.png"))
    contents = [path.read_bytes() for path in images]
    random.Random(7).shuffle(contents)  # noqa: S311  # a repeatable mix-up
    for path, content in zip(images, contents, strict=True):
        path.write_bytes(content)

    ended = bench.run("run", "config.yaml", "--json")

    assert ended.code == 0, ended.stderr
    assert ended.document["status"] == "completed"
    assert honest > 0.9
    assert ended.document["holdout"]["f1"] < 0.75
    assert bench.calls("CreateProjectVersion") == 2


def test_existing_model_is_judged_without_training(bench: Bench) -> None:
    """`model.project_version_arn` needs only a holdout and trains nothing."""
    trained = bench.run("run", "config.yaml", "--json").document
    (bench.folder / ".rcl-flow" / "predictions").rename(bench.folder / "elsewhere")
    bench.write_config(
        {
            "data": {"holdout": {"folder": "data/holdout"}},
            "model": {"project_version_arn": trained["project_version_arn"]},
        }
    )
    judged = bench.run("run", "config.yaml", "--json")
    assert judged.code == 0, judged.stderr
    assert judged.document["holdout"]["f1"] == trained["holdout"]["f1"]
    assert judged.document["cost"]["training_seconds_billed"] == 0
    assert bench.calls("CreateProjectVersion") == 1
    assert bench.running_models() == []


def test_holdout_of_foreign_labels_is_refused_before_the_model_runs(bench: Bench) -> None:
    """A holdout without any of the model's labels costs nothing."""
    arn = bench.run("run", "config.yaml", "--json").document["project_version_arn"]
    starts = bench.calls("StartProjectVersion")
    (bench.folder / "data" / "other").mkdir()
    (bench.folder / "data" / "holdout" / "one").rename(bench.folder / "data" / "other" / "uno")
    bench.write_config(
        {
            "data": {"holdout": {"folder": "data/other"}},
            "model": {"project_version_arn": arn},
        }
    )
    ended = bench.run("run", "config.yaml", "--json")
    assert ended.code == 3
    assert ended.document["error"]["slug"] == "dataset-gate"
    assert bench.calls("StartProjectVersion") == starts


def test_model_that_serves_somebody_else_is_left_running(bench: Bench) -> None:
    """A model that was running before is used and not stopped."""
    arn = bench.run("run", "config.yaml", "--json").document["project_version_arn"]
    access = AwsAccess("us-east-1", endpoint_url=bench.handle.endpoint_url, emulated=True)
    rekognition = rekognition_client(make_session(access), access)
    rekognition.start_project_version(ProjectVersionArn=arn, MinInferenceUnits=1)
    (bench.folder / ".rcl-flow" / "predictions").rename(bench.folder / "elsewhere")

    ended = bench.run("run", "config.yaml", "--json", "--set", "gates.min_label_f1=0.1")

    assert ended.code == 0, ended.stderr
    assert ended.document["model_status"] == "RUNNING"
    assert "left running" in ended.stderr
    assert [model["status"] for model in bench.running_models()] == ["RUNNING"]


def test_manifests_are_read_and_relative_paths_resolved(bench: Bench) -> None:
    """A manifest with relative source-refs gives the same scores as the folders."""
    folders = bench.run("run", "config.yaml", "--json").document
    data = bench.folder / "data"
    for split in ("train", "test", "holdout"):
        lines = [
            json.dumps(
                {
                    "source-ref": str(path.relative_to(data)),
                    "digit": 1,
                    "digit-metadata": {
                        "class-name": path.parent.name,
                        "confidence": 1,
                        "type": "groundtruth/image-classification",
                        "human-annotated": "yes",
                        "creation-date": "2026-01-02T03:04:05",
                    },
                }
            )
            for path in sorted((data / split).glob("*/*.png"))
        ]
        (data / f"{split}.manifest").write_text("\n".join(lines) + "\n")
    bench.write_config(
        {"data": {s: {"manifest": f"data/{s}.manifest"} for s in ("train", "test", "holdout")}}
    )
    manifests = bench.run("run", "config.yaml", "--json")
    assert manifests.code == 0, manifests.stderr
    assert manifests.document["holdout"] == folders["holdout"]
    assert manifests.document["project_version_arn"] == folders["project_version_arn"]


def test_status_and_report_work_from_what_the_run_left(bench: Bench) -> None:
    """`status` names the run, and `report` renders the page again without the emulator."""
    document = bench.run("run", "config.yaml", "--json").document
    bench.end()
    page = bench.folder / document["artifacts"]["report_html"]
    before = page.read_text()
    page.unlink()

    assert document["run_id"] in bench.run_anew("status").stdout
    assert bench.run("status", "--json").document["runs"][0]["status"] == "completed"
    assert bench.run_anew("report", "latest").code == 0
    assert page.read_text() == before


def test_run_starts_anew_when_the_emulator_was_lost(bench: Bench) -> None:
    """A run that was paused when its emulator ended is done again on a new one."""
    bench.write_config({"emulator": {"training_seconds": 5.0}})
    assert bench.run("run", "config.yaml", "--no-wait").code == 75
    bench.end()
    bench.write_config({"emulator": {"training_seconds": 0.0}})
    ended = bench.run("run", "config.yaml", "--json")
    assert ended.code == 0, ended.stderr
    assert ended.document["model_status"] == "STOPPED"


def test_piped_output_is_quiet_and_complete(bench: Bench) -> None:
    """Without a terminal there is a line for each step, no colour, and the result on stdout."""
    ended = bench.run("run", "config.yaml")
    assert "\x1b" not in ended.stdout + ended.stderr
    steps = [line.split()[1] for line in ended.stderr.splitlines() if line.startswith("ok ")]
    assert steps[:4] == ["read", "audit", "look", "upload"]
    assert "holdout   F1" in ended.stdout
    assert "report.html" in ended.stdout


def test_demo_config_of_the_repository_is_the_one_that_demo_data_writes() -> None:
    """config/demo.yaml differs from the written config in the paths alone."""
    assert (ROOT / "config" / "demo.yaml").read_text() == DEMO_CONFIG.format(root="../demo-data/")
    scenes = SCENES_CONFIG.format(root="../demo-data/scenes/", data=SCENES_MADE_BY)
    assert (ROOT / "config" / "detection-demo.yaml").read_text() == scenes


def detection_demo(bench: Bench, f1: float, **images: int) -> None:
    """Run the demo of scenes, of each split so many images, and look at what it leaves."""
    assert bench.run("demo-data", "scenes", "--kind", "scenes").code == 0
    for split, count in images.items():
        manifest = bench.folder / "scenes" / f"{split}.manifest"
        lines = manifest.read_text().splitlines(keepends=True)
        manifest.write_text("".join(lines[:count]))
    gate = f"gates.min_holdout_images={images['holdout']}"
    ended = bench.run("run", "scenes/rcl-flow.yaml", "--json", "--set", gate)
    assert ended.code == 0, ended.stderr
    outcome = ended.document
    assert outcome["task"] == "detection"
    assert outcome["model_status"] == "STOPPED"
    assert outcome["holdout"]["images"] == images["holdout"]
    assert outcome["holdout"]["f1"] > f1
    assert outcome["test"]["average_precision"] > 0.9
    report = (bench.folder / outcome["artifacts"]["report_html"]).read_text()
    assert "The scenes are composed, not photographed" in report
    assert "count boxes" in report
    assert report.count("<rect class=") > 10


@pytest.mark.slow
def test_detection_demo_ends_with_a_real_score(bench: Bench) -> None:
    """The composed scenes train a detector that is judged by its boxes, and the report says so."""
    detection_demo(bench, 0.85, holdout=500)


def test_detection_demo_on_few_scenes_ends_with_a_real_score(bench: Bench) -> None:
    """The same in short: of 40 scenes it learns most of what it learns of 100."""
    detection_demo(bench, 0.65, train=40, test=20, holdout=60)
