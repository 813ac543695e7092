"""Nothing is left running, nothing bought twice, whatever dies; and nothing secret is kept."""

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from rcl_flow.aws.session import AwsAccess, make_session, s3_client
from rcl_flow.emulator.settings import EmulatorSettings
from tests.e2e.bench import Bench, wait_until

BUCKET = "acme-shared"
LEASE_SECONDS = 15 * 60
HOLDOUT_IMAGES = 60
KNOWN = "kX9vSecretSecretSecret0000000000000000Qz"
KEYS = {
    "AWS_ACCESS_KEY_ID": "AKIDTESTTESTTESTTEST",
    "AWS_SECRET_ACCESS_KEY": KNOWN,
    "AWS_SESSION_TOKEN": f"token-{KNOWN}",
}


def slow_detection(bench: Bench, seconds: float) -> None:
    """Let every answer of a model take that long."""
    order = {"operation": "DetectCustomLabels", "latency_seconds": seconds, "times": 1000}
    bench.ask_emulator("POST", "faults", order)


def kill_while_predicting(bench: Bench, *command: str, **environment: str) -> None:
    """Kill a run so that it can clean nothing up, as soon as its model has answered."""
    slow_detection(bench, 0.05)
    process = bench.start("run", "config.yaml", *command, **environment)
    wait_until(lambda: bench.calls("DetectCustomLabels") > HOLDOUT_IMAGES / 2)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    bench.ask_emulator("DELETE", "faults")


def test_watchdog_stops_a_model_that_nobody_resumes(bench: Bench) -> None:
    """`kill -9` while the model runs, and nobody comes back: its schedule stops it in time."""
    bench.start_emulator()
    kill_while_predicting(bench)
    assert [model["status"] for model in bench.running_models()] == ["RUNNING"]

    bench.ask_emulator("POST", "clock", {"advance_seconds": LEASE_SECONDS + 60})

    wait_until(lambda: bench.running_models() == [])
    meter = bench.ask_emulator("GET", "meter")
    (bill,) = (bill for bill in meter["versions"].values() if bill["intervals"])
    (interval,) = bill["intervals"]
    assert interval["ended_at"] is not None
    assert 0 < interval["seconds"] <= LEASE_SECONDS
    fired = bench.ask_emulator("GET", "schedules")["fired"]
    assert [(one["operation"], one["code"]) for one in fired] == [("StopProjectVersion", "OK")]


def test_run_goes_on_after_the_watchdog_was_faster(bench: Bench) -> None:
    """The same command starts the model again for the images that are missing."""
    bench.start_emulator()
    kill_while_predicting(bench)
    bench.ask_emulator("POST", "clock", {"advance_seconds": LEASE_SECONDS + 60})
    wait_until(lambda: bench.running_models() == [])

    # the emulator's clock is 16 minutes ahead now, so the next schedule has to reach further
    ended = bench.run("run", "config.yaml", "--json", "--set", "safety.lease_minutes=60")

    assert ended.code == 0, ended.stderr
    assert ended.document["holdout"]["images"] == HOLDOUT_IMAGES
    assert bench.calls("CreateProjectVersion") == 1
    assert bench.running_models() == []


def test_two_runs_at_once_train_once(bench: Bench) -> None:
    """Both start on one config: one does the work, the other says who does and changes nothing."""
    bench.start_emulator()
    slow_detection(bench, 0.2)
    first, second = (bench.start("run", "config.yaml") for _ in range(2))
    ended = [(process, *process.communicate(timeout=240)) for process in (first, second)]

    won = [stderr for process, _, stderr in ended if process.returncode == 0]
    lost = [stderr for process, _, stderr in ended if process.returncode == 7]
    assert (len(won), len(lost)) == (1, 1), ended
    assert "error [run-held]: The project digits is held by run " in lost[0]
    assert "Nothing was changed." in lost[0]
    assert bench.calls("CreateProjectVersion") == 1
    assert bench.calls("StartProjectVersion") == 1
    assert bench.calls("DetectCustomLabels") == HOLDOUT_IMAGES
    assert bench.running_models() == []


@pytest.fixture
def shared(bench: Bench) -> Iterator[dict[str, object]]:
    """A config for several machines: AWS at the emulator's address, state in the bucket.

    Datasets are there at once, for at an address of AWS they are looked for every 5 seconds.
    """
    bench.start_emulator(EmulatorSettings(dataset_seconds=0.0, starting_seconds=0.05))
    yield {
        "backend": "aws",
        "aws": {"endpoint_url": bench.handle.endpoint_url},
        "storage": {"bucket": BUCKET, "create_bucket": True},
        "state": {"store": "s3"},
        "budget": {"max_usd": 5.0},
        "training": {"poll_seconds": 0.1},
        "inference": {"poll_seconds": 0.1, "concurrency": 2},
        "safety": {
            "watchdog": "scheduler",
            "watchdog_role_arn": "arn:aws:iam::123456789012:role/watchdog",
        },
    }


def test_run_moves_to_another_machine(bench: Bench, shared: dict[str, object]) -> None:
    """Killed on one machine, a run ends on another: same run, one training, no image twice."""
    bench.write_config(shared)
    kill_while_predicting(bench, **KEYS)
    asked = bench.calls("DetectCustomLabels")
    (begun,) = bench.run("status", "--json", **KEYS).document["runs"]

    bench.write_config(shared | {"workspace": "other-machine"})
    ended = bench.run("run", "config.yaml", "--json", **KEYS)

    assert ended.code == 0, ended.stderr
    assert ended.document["run_id"] == begun["run_id"]
    assert ended.document["holdout"]["images"] == HOLDOUT_IMAGES
    assert bench.calls("CreateProjectVersion") == 1
    assert bench.calls("DetectCustomLabels") < asked + HOLDOUT_IMAGES
    assert bench.running_models() == []
    predictions = bench.folder / ended.document["artifacts"]["predictions"]
    assert len(predictions.read_text().splitlines()) == HOLDOUT_IMAGES


def kept_files(folder: Path) -> dict[str, bytes]:
    """Return what a workspace keeps that is no report: store, journal, events, results."""
    kept = ("*.sqlite*", "*.json", "*.jsonl", "*.log")
    paths = [path for pattern in kept for path in folder.rglob(pattern)]
    return {str(path): path.read_bytes() for path in paths if "emulator" not in path.parts}


@pytest.mark.parametrize("store", ["local", "s3"])
def test_store_and_logs_hold_no_secret_and_no_image(
    bench: Bench, shared: dict[str, object], store: str
) -> None:
    """Neither keys nor presigned addresses nor bytes of images are in store, logs or output."""
    bench.write_config(shared | {"state": {"store": store}})
    kill_while_predicting(bench, **KEYS)
    ended = bench.run("run", "config.yaml", "--json", **KEYS)
    assert ended.code == 0, ended.stderr
    kept = kept_files(bench.workspace)
    kept |= {"stdout": ended.stdout.encode(), "stderr": ended.stderr.encode()}
    kept |= shared_documents(bench) if store == "s3" else {}
    assert len(kept) > 8
    pixels = next((bench.folder / "data" / "holdout" / "one").iterdir()).read_bytes()[:64]
    for name, content in kept.items():
        for secret in (KNOWN.encode(), b"X-Amz-Signature", b"\x89PNG", b"iVBORw0KGgo", pixels):
            assert secret not in content, f"{secret[:12]!r} in {name}"


def shared_documents(bench: Bench) -> dict[str, bytes]:
    """Return every document of the shared store, by its key."""
    access = AwsAccess("us-east-1", endpoint_url=bench.handle.endpoint_url, emulated=True)
    client = s3_client(make_session(access), access)
    pages = client.get_paginator("list_objects_v2").paginate(
        Bucket=BUCKET, Prefix="rcl-flow/state/"
    )
    keys = [one["Key"] for page in pages for one in page["Contents"]]
    return {key: client.get_object(Bucket=BUCKET, Key=key)["Body"].read() for key in keys}


def test_ticks_leave_the_model_starting_and_come_back(bench: Bench) -> None:
    """A driver that comes back in time: one start, one stop, and the watchdog set all the while."""
    bench.write_config({"emulator": {"training_seconds": 0.0, "starting_seconds": 3.0}})
    tick = ("run", "config.yaml", "--no-wait", "--set", "safety.pause_while_starting=true")
    codes = [bench.run(*tick).code]
    seen = []
    while codes[-1] == 75:
        seen.append([model["status"] for model in bench.running_models()])
        codes.append(bench.run(*tick).code)

    assert codes[-1] == 0
    assert ["STARTING"] in seen
    assert bench.calls("StartProjectVersion") == 1
    assert bench.calls("StopProjectVersion") == 1
    assert bench.running_models() == []
