"""`rcl-flow promote`, `rollback` and `gc --old` after real runs; the emulator has a parameter."""

from typing import Any

import boto3

from tests.e2e.bench import Bench

PROMOTION = {"max_loss": 0.05, "ssm_parameter": "/digits/champion"}


def parameter(bench: Bench) -> str:
    """Return what the parameter holds."""
    client: Any = boto3.client(
        "ssm",
        endpoint_url=bench.handle.endpoint_url,
        region_name="us-east-1",
        aws_access_key_id="x" * 20,
        aws_secret_access_key="x",  # noqa: S106  # the emulator takes any
    )
    return str(client.get_parameter(Name="/digits/champion")["Parameter"]["Value"])


def run(bench: Bench) -> dict[str, Any]:
    """Run the config to its end."""
    ended = bench.run("run", "config.yaml", "--json")
    assert ended.code == 0, ended.stderr
    return ended.document


def mislabel(bench: Bench) -> None:
    """Exchange two labels of the training images."""
    train = bench.folder / "data" / "train"
    for before, after in (("zero", "x"), ("one", "zero"), ("x", "one")):
        (train / before).rename(train / after)


def check_refusal_and_force(bench: Bench, good: dict[str, Any], bad: dict[str, Any]) -> None:
    """Make sure that a bad model comes in by force alone."""
    refused = bench.run("promote", bad["run_id"])
    assert refused.code == 10, refused.stderr
    assert refused.stdout.startswith(f"kept      {bad['run_id']}")
    assert "may lose more than 0.050" in " ".join(refused.stdout.split())
    assert parameter(bench) == good["project_version_arn"]
    forced = bench.run("promote", bad["run_id"], "--force", "--json")
    assert (forced.code, forced.document["forced"]) == (0, True)
    assert parameter(bench) == bad["project_version_arn"]


def check_history(bench: Bench) -> None:
    """Make sure that `runs` marks the champion and has every decision."""
    (shown,) = bench.run("runs", "--json").document["projects"]
    assert [each["champion"] for each in shown["runs"]] == [True, False]
    kinds = [each["kind"] for each in shown["champion_events"]]
    assert kinds == ["promoted", "promoted", "rolled back"]


def check_collection(bench: Bench, good: dict[str, Any], bad: dict[str, Any]) -> None:
    """Make sure that the champion stays, by name and among the old, and that others go."""
    listed = bench.run("gc", "--run", good["run_id"]).stdout
    assert "`--yes` alone is refused [champion-protected]" in listed
    protected = bench.run("gc", "--run", good["run_id"], "--yes", "--json")
    assert protected.document["error"]["slug"] == "champion-protected"
    next((bench.folder / "data" / "train" / "seven").iterdir()).unlink()
    run(bench)
    removed = bench.run("gc", "config.yaml", "--old", "--keep", "1", "--yes", "--json").document
    assert [each["run_id"] for each in removed["runs"]] == [bad["run_id"]]
    assert [each["why"] for each in removed["kept"]] == ["the champion", "the newest"]
    assert bench.calls("DeleteProjectVersion") == 1
    assert bench.run("gc", "--old", "--keep", "1").stdout.endswith("No run is old.\n")


def test_champion_is_promoted_defended_forced_out_and_rolled_back_to(bench: Bench) -> None:
    """The life of a champion, as a person drives it from the command line."""
    gates = {"min_holdout_images": 40, "min_holdout_f1": 0.0}
    bench.write_config({"promotion": PROMOTION, "gates": gates})
    good = run(bench)
    promoted = bench.run("promote", "latest", "--json")
    assert promoted.code == 0, promoted.stderr
    assert promoted.document["status"] == "promoted"
    assert promoted.document["parameter"]["written"] is True
    assert parameter(bench) == good["project_version_arn"]
    mislabel(bench)
    bad = run(bench)
    check_refusal_and_force(bench, good, bad)
    back = bench.run("rollback", "digits")
    assert back.code == 0, back.stderr
    assert f"instead of {bad['project_version_arn']} (STOPPED)." in back.stdout
    assert parameter(bench) == good["project_version_arn"]
    assert bench.run("rollback", "digits").code == 2
    check_history(bench)
    check_collection(bench, good, bad)
