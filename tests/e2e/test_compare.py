"""Compare two finished runs, as a user does: on the same holdout, and refused on another."""

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.e2e.bench import Bench
from tests.unit.report.documents import Document


def trained(
    bench: Bench,
    folder: str = "data/train",
    holdout: str = "data/holdout",
    rules: Mapping[str, object] | None = None,
) -> str:
    """Run the flow on a training folder and return the run's id."""
    data = {
        "train": {"folder": folder},
        "test": {"folder": "data/test"},
        "holdout": {"folder": holdout},
    }
    bench.write_config(
        {
            "data": data,
            "gates": {"min_holdout_images": 10, "min_holdout_f1": 0.1},
            **({"evaluation": rules} if rules else {}),
        }
    )
    done = bench.run("run", "config.yaml", "--json")
    assert done.code == 0, done.stderr
    return str(done.document["run_id"])


@pytest.fixture
def runs(bench: Bench) -> tuple[str, str]:
    """Two finished runs on one holdout: the second was trained on fewer images."""
    first = trained(bench)
    for image in sorted((bench.folder / "data" / "train").rglob("*.png"))[::2]:
        label = image.parent.name
        bench.put_image("less", label, image.name, image.read_bytes())
    return first, trained(bench, "data/less")


def test_compare_tells_which_of_two_runs_is_better(bench: Bench, runs: tuple[str, str]) -> None:
    """The figures are those of both runs, and page and JSON file lie in the second's folder."""
    done = bench.run_anew("compare", runs[0], "latest", "--json")
    assert done.code == 0, done.stderr
    document = done.document
    assert (document["first"], document["second"], document["images"]) == (*runs, 60)
    for which, run in zip(("first_score", "second_score"), runs, strict=True):
        outcome = json.loads((bench.workspace / "runs" / run / "run.json").read_text())
        assert document[which]["f1"] == pytest.approx(outcome["holdout"]["f1"])
    test = document["mcnemar"]
    assert test["only_first"] == document["broken_images"]
    assert test["only_second"] == document["fixed_images"]
    page = Path(bench.folder / document["artifacts"]["html"])
    assert page.parent.name == runs[1]
    shown = Document(page.read_text())
    assert len(shown.all("img")) == document["broken_images"] + document["fixed_images"]
    stored = json.loads(page.with_suffix(".json").read_text())
    assert len(stored["comparison"]["broken"]) == document["broken_images"]


@pytest.mark.slow
def test_compare_of_a_run_with_itself_shows_no_difference(
    bench: Bench, runs: tuple[str, str]
) -> None:
    """Nothing is fixed, nothing broken; the text fits a terminal and names the page."""
    done = bench.run("compare", runs[0], runs[0], "--out", "pages")
    assert done.code == 0, done.stderr
    assert "This is the same run twice: there is nothing to compare." in done.stdout
    assert f"first   {runs[0]}, threshold" in done.stdout
    told = [line for line in done.stdout.splitlines() if not line.startswith("report ")]
    assert max(map(len, told)) <= 80
    assert "The models are right on exactly the same images." in done.stdout
    assert "No label has become worse with certainty." in done.stdout
    assert (bench.folder / "pages" / f"compare-{runs[0]}-{runs[0]}.html").is_file()


@pytest.mark.slow
def test_compare_of_one_model_at_other_thresholds_says_so(bench: Bench) -> None:
    """The second run used the first one's answers; no model is called better than itself."""
    first = trained(bench)
    second = trained(bench, rules={"thresholds": {"objective": "fixed", "fixed": 0.99}})
    done = bench.run("compare", first, second)
    assert done.code == 0, done.stderr
    assert "\nThe same model at " in done.stdout
    assert f"second  {second}, threshold 0.990" in done.stdout
    (page,) = (bench.workspace / "runs" / second).glob("compare-*.html")
    shown = page.read_text()
    arn = json.loads((bench.workspace / "runs" / first / "run.json").read_text())
    assert shown.count(arn["project_version_arn"]) == 2


def test_compare_refuses_runs_on_different_holdouts(bench: Bench, runs: tuple[str, str]) -> None:
    """Scores on different images say nothing of the models."""
    for image in sorted((bench.folder / "data" / "holdout").rglob("*.png"))[3:]:
        bench.put_image("other", image.parent.name, image.name, image.read_bytes())
    other = trained(bench, holdout="data/other")
    done = bench.run("compare", runs[0], other, "--json")
    assert done.code == 3
    assert done.document["error"]["slug"] == "holdouts-differ"
    assert "different holdouts" in done.document["error"]["message"]


@pytest.mark.slow
def test_compare_refuses_torn_predictions(bench: Bench, runs: tuple[str, str]) -> None:
    """A file that was cut off gives an error with its line, no traceback and no score."""
    path = bench.workspace / "runs" / runs[1] / "predictions.jsonl"
    path.write_bytes(path.read_bytes()[:-20])
    done = bench.run("compare", *runs, "--json")
    assert done.code == 2
    assert done.document["error"]["slug"] == "run-unknown"
    assert "line 60 is not a prediction" in done.document["error"]["message"]
    assert "Traceback" not in done.stderr
