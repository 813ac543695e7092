"""A run that is killed goes on where it was, and nothing is paid for twice."""

import json
import os
import signal
import time

from tests.e2e.bench import Bench, wait_until
from tests.e2e.children import Child

HOLDOUT_IMAGES = 60


def kill(process: Child) -> None:
    """Kill a process so that it can clean nothing up."""
    process.send_signal(signal.SIGKILL)
    process.communicate()


def emulator_counts(bench: Bench, operation: str) -> int:
    """Return how often an operation was asked for; 0 while there is no emulator yet."""
    if not (bench.workspace / "emulator" / "server.json").exists():
        return 0
    return bench.calls(operation)


def start_predicting(bench: Bench) -> Child:
    """Start a run and return when its model answers, slowly."""
    bench.start_emulator()
    bench.ask_emulator(
        "POST", "faults", {"operation": "DetectCustomLabels", "latency_seconds": 0.2, "times": 1000}
    )
    process = bench.start("run", "config.yaml")
    wait_until(lambda: bench.calls("DetectCustomLabels") > 1)
    return process


def test_run_trains_once_when_killed_during_training(bench: Bench) -> None:
    """`kill -9` while AWS trains: the next run waits for the same training."""
    bench.write_config({"emulator": {"training_seconds": 4.0, "starting_seconds": 0.05}})
    process = bench.start("run", "config.yaml")
    wait_until(lambda: emulator_counts(bench, "CreateProjectVersion") == 1)
    kill(process)
    assert [model["status"] for model in bench.running_models()] == ["TRAINING_IN_PROGRESS"]

    ended = bench.run("run", "config.yaml", "--json")

    assert ended.code == 0, ended.stderr
    assert bench.calls("CreateProjectVersion") == 1
    assert ended.document["model_status"] == "STOPPED"
    assert ended.document["holdout"]["images"] == HOLDOUT_IMAGES
    assert bench.running_models() == []


def test_run_predicts_the_rest_when_killed_during_inference(bench: Bench) -> None:
    """`kill -9` while the model runs: the next run asks for the missing images and stops it."""
    bench.write_config({"inference": {"concurrency": 2}})
    bench.start_emulator()
    bench.ask_emulator(
        "POST",
        "faults",
        {"operation": "DetectCustomLabels", "latency_seconds": 0.05, "times": 1000},
    )
    process = bench.start("run", "config.yaml")
    kept = bench.workspace / "predictions"
    wait_until(lambda: any(path.stat().st_size for path in kept.glob("*.jsonl")))
    kill(process)
    bench.ask_emulator("DELETE", "faults")
    asked_before = bench.calls("DetectCustomLabels")
    assert [model["status"] for model in bench.running_models()] == ["RUNNING"]

    ended = bench.run("run", "config.yaml", "--json")

    assert ended.code == 0, ended.stderr
    assert bench.calls("CreateProjectVersion") == 1
    assert bench.calls("StartProjectVersion") == 1
    assert bench.calls("DetectCustomLabels") - asked_before < HOLDOUT_IMAGES
    lines = (bench.folder / ended.document["artifacts"]["predictions"]).read_text().splitlines()
    assert len({json.loads(line)["sha256"] for line in lines}) == len(lines) == HOLDOUT_IMAGES
    assert ended.document["model_status"] == "STOPPED"
    assert bench.running_models() == []


def test_run_changes_nothing_when_repeated(bench: Bench) -> None:
    """A finished run answers "unchanged" and makes no paid call."""
    bench.run("run", "config.yaml")
    before = bench.ask_emulator("GET", "calls")["counts"]

    again = bench.run_anew("run", "config.yaml", "--json")

    assert again.document["status"] == "unchanged"
    assert bench.ask_emulator("GET", "calls")["counts"] == before


def test_run_reuses_model_and_predictions_when_gates_change(bench: Bench) -> None:
    """New gates make a new run that neither trains nor predicts."""
    bench.run("run", "config.yaml")
    before = bench.calls("DetectCustomLabels")

    ended = bench.run("run", "config.yaml", "--json", "--set", "gates.min_holdout_f1=1.0")

    assert ended.document["status"] == "completed"
    assert ended.document["decision"]["action"] == "keep"
    assert bench.calls("CreateProjectVersion") == 1
    assert bench.calls("StartProjectVersion") == 1
    assert bench.calls("DetectCustomLabels") == before


def test_run_stops_the_model_when_signalled(bench: Bench) -> None:
    """SIGTERM while the model runs: it is stopped, and the exit code says 143."""
    process = start_predicting(bench)
    process.send_signal(signal.SIGTERM)
    _, stderr = process.communicate(timeout=30)

    assert process.returncode == 128 + signal.SIGTERM, stderr
    assert "STOPPED, read back" in stderr
    assert bench.running_models() == []


def test_run_pauses_instead_of_waiting_when_asked(bench: Bench) -> None:
    """`--no-wait` exits 75 while AWS trains, and the same command ends the run later."""
    bench.write_config({"emulator": {"training_seconds": 3.0, "starting_seconds": 0.05}})
    codes = [bench.run("run", "config.yaml", "--no-wait").code]
    while codes[-1] == 75:
        codes.append(bench.run("run", "config.yaml", "--no-wait").code)

    assert codes[0] == 75
    assert codes[-1] == 0
    assert bench.calls("CreateProjectVersion") == 1
    assert bench.running_models() == []


def kill_while_predicting(bench: Bench) -> None:
    """Leave a model running as a crash does."""
    process = start_predicting(bench)
    kill(process)
    bench.ask_emulator("DELETE", "faults")
    assert [model["status"] for model in bench.running_models()] == ["RUNNING"]


def test_next_run_stops_what_a_crash_left_when_it_is_refused(bench: Bench) -> None:
    """A run that ends at the dataset gate stops the model that the crashed one left."""
    kill_while_predicting(bench)
    bench.put_image("train", "one", "broken.jpg", b"no image")

    ended = bench.run("run", "config.yaml")

    assert ended.code == 3
    assert "was left running" in ended.stderr
    assert bench.running_models() == []


def test_next_run_stops_what_a_crash_left_when_the_data_changed(bench: Bench) -> None:
    """A run on other data stops the old model before it trains its own."""
    kill_while_predicting(bench)
    next((bench.folder / "data" / "train" / "one").iterdir()).unlink()

    ended = bench.run("run", "config.yaml", "--json")

    assert ended.code == 0, ended.stderr
    assert bench.calls("StopProjectVersion") == 2
    assert bench.running_models() == []
    assert bench.run("status", "--json").document["models"] == []


def test_training_uses_its_own_data_when_another_run_came_between(bench: Bench) -> None:
    """A, then B, then A with another setting: the last training is on A's images again."""
    bench.run("run", "config.yaml")
    image = next((bench.folder / "data" / "train" / "one").iterdir())
    content = image.read_bytes()
    image.unlink()
    between = bench.run("run", "config.yaml")
    image.write_bytes(content)

    ended = bench.run("run", "config.yaml", "--json", "--set", "training.kms_key_id=alias/x")

    assert ended.code == 0, ended.stderr
    assert bench.calls("CreateProjectVersion") == 3
    assert "The service trained on" not in ended.stderr
    assert "The TRAIN dataset is made anew" in between.stderr
    assert bench.calls("UpdateDatasetEntries") == 1


def test_second_signal_cannot_interrupt_the_stop(bench: Bench) -> None:
    """Ctrl-C twice, a moment apart: the model is stopped all the same."""
    process = start_predicting(bench)
    for _ in range(20):
        process.send_signal(signal.SIGINT)
        time.sleep(0.001)
    process.communicate(timeout=30)

    assert process.returncode == 128 + signal.SIGINT
    assert bench.running_models() == []


def test_run_ends_clearly_when_the_emulator_dies(bench: Bench) -> None:
    """A backend that vanishes while the model runs: exit 9 says what is unsure, no traceback."""
    process = start_predicting(bench)
    os.kill(bench.handle.pid, signal.SIGKILL)
    _, stderr = process.communicate(timeout=60)

    assert process.returncode == 9, stderr
    assert "Traceback" not in stderr
    assert bench.run("stop", "--all").code == 0
    assert bench.run("run", "config.yaml").code == 0


def test_finished_run_of_an_emulator_that_has_ended_is_run_anew(bench: Bench) -> None:
    """What it had trained is gone: `predict` and `start` would find nothing."""
    first = bench.run("run", "config.yaml", "--json").document
    assert bench.run("run", "config.yaml", "--json").document["status"] == "unchanged"
    assert bench.run("emulate", "--stop").code == 0
    again = bench.run("run", "config.yaml", "--json").document
    assert (again["status"], again["run_id"] != first["run_id"]) == ("completed", True)
    found = bench.run("predict", "config.yaml", "data/holdout", "--json")
    assert found.code == 0, found.stderr
