"""`rcl-flow gc` leaves nothing of a run, on the emulator and in the workspace."""

import signal
from typing import Any

import boto3
import pytest

from tests.e2e.bench import Bench, wait_until

BUCKET = "rcl-flow-emulator"


def keys_in_bucket(bench: Bench) -> list[str]:
    """Return the keys of the emulator's bucket."""
    client: Any = boto3.client(
        "s3",
        endpoint_url=bench.handle.endpoint_url,
        region_name="us-east-1",
        aws_access_key_id="x" * 20,
        aws_secret_access_key="x",  # noqa: S106  # the emulator takes any
    )
    return [entry["Key"] for entry in client.list_objects_v2(Bucket=BUCKET).get("Contents", ())]


@pytest.fixture
def run_id(bench: Bench) -> str:
    """Run the config to its end and return the run's id."""
    return str(bench.run("run", "config.yaml", "--json").document["run_id"])


def test_gc_lists_and_then_removes_all_of_a_run(bench: Bench, run_id: str) -> None:
    """Without `--yes` nothing changes; with it, nothing of the run is left but its cost."""
    before = keys_in_bucket(bench)
    listed = bench.run("gc", "--run", run_id)
    assert listed.code == 0, listed.stderr
    assert "54 images in s3://rcl-flow-emulator" in listed.stdout
    assert "Nothing was changed" in listed.stdout
    assert keys_in_bucket(bench) == before
    assert bench.calls("DeleteProjectVersion") == 0

    removed = bench.run("gc", "--run", run_id, "--yes", "--json")

    assert removed.code == 0, removed.stderr
    assert removed.document["status"] == "removed"
    assert removed.document["kept"] == []
    assert keys_in_bucket(bench) == []
    assert list((bench.workspace / "runs").iterdir()) == []
    assert list((bench.workspace / "predictions").iterdir()) == []
    status = bench.run("status", "--json").document
    assert status["runs"] == []
    assert status["projects"][0]["trainings"] == 1
    assert bench.run("gc", "--run", run_id, "--yes").code == 2
    again = bench.run("run", "config.yaml", "--json")
    assert again.document["status"] == "completed", again.stderr
    assert bench.calls("CreateProjectVersion") == 2


def test_gc_goes_on_after_it_was_killed(bench: Bench, run_id: str) -> None:
    """`kill -9` while the version is being deleted: the same command removes the rest."""
    fault = {"operation": "DeleteProjectVersion", "latency_seconds": 3, "times": 1}
    bench.ask_emulator("POST", "faults", fault)
    process = bench.start("gc", "--run", run_id, "--yes")
    wait_until(lambda: bench.calls("DeleteProjectVersion") == 1)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    assert keys_in_bucket(bench)

    ended = bench.run_anew("gc", "--run", run_id, "--yes")

    assert ended.code == 0, ended.stderr
    assert keys_in_bucket(bench) == []
    assert bench.run("status", "--json").document["runs"] == []


def test_gc_cleans_up_here_when_the_emulator_is_gone(bench: Bench, run_id: str) -> None:
    """What was on the emulator went with it; folder and state are removed."""
    bench.end()
    listed = bench.run("gc", "--run", "latest")
    assert "gone" in listed.stdout
    ended = bench.run("gc", "--run", run_id, "--yes", "--json")
    assert (ended.code, ended.document["backend_is_gone"]) == (0, True)
    assert list((bench.workspace / "runs").iterdir()) == []


def test_gc_wants_to_know_which_run(bench: Bench) -> None:
    """Without `--run` it is a usage error that names the option."""
    ended = bench.run("gc", "--yes")
    assert ended.code == 2
    assert "--run" in ended.stderr
