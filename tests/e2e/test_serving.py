"""A user keeps the model of a run running, asks it for images, and stops it."""

from tests.e2e.bench import Bench


def test_model_is_kept_used_and_stopped(bench: Bench) -> None:
    """The kept model answers images that nobody has labelled, survives that, and `stop` ends it."""
    ran = bench.run("run", "config.yaml", "--json")
    assert ran.code == 0, ran.stderr
    arn = ran.document["project_version_arn"]

    started = bench.run("start", "latest", "--for", "2")
    assert started.code == 0, started.stderr
    assert f"RUNNING  {arn}" in started.stdout

    asked = bench.run("predict", "config.yaml", "data/test", "--json", "--out", "found")
    assert asked.code == 0, asked.stderr
    assert (asked.document["images"], asked.document["asked"]) == (18, 18)
    assert asked.document["chosen_as"] == "the newest run's"
    assert asked.document["thresholds_from"] == f"run {ran.document['run_id']}"
    assert asked.document["model_status"] == "RUNNING"
    assert sum(asked.document["labels"].values()) > 9
    assert len((bench.folder / "found" / "predictions.csv").read_text().splitlines()) == 19
    assert bench.calls("StartProjectVersion") == 2

    assert bench.run("stop", arn).code == 0
    assert bench.running_models() == []
