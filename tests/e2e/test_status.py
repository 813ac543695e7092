"""`rcl-flow status` and `stop --all` while runs live and after they died."""

import signal
import socket
import sqlite3
from collections.abc import Iterator

import pytest

from tests.e2e.bench import Bench, wait_until
from tests.e2e.children import Child


@pytest.fixture
def at_work(bench: Bench) -> Iterator[Child]:
    """A run whose model answers so slowly that it is at work for the whole test."""
    bench.start_emulator()
    fault = {"operation": "DetectCustomLabels", "latency_seconds": 5.0, "times": 1000}
    bench.ask_emulator("POST", "faults", fault)
    process = bench.start("run", "config.yaml")
    wait_until(lambda: bench.calls("DetectCustomLabels") > 1)
    yield process
    kill(process)


def kill(process: Child) -> None:
    """Kill a process so that it can clean nothing up; it may have ended."""
    process.send_signal(signal.SIGKILL)
    process.communicate()


def test_status_and_stop_all_respect_a_run_at_work(bench: Bench, at_work: Child) -> None:
    """Its model is told with holder, price and limit, and left to it while it lives."""
    shown = bench.run("status")
    facts = bench.run("status", "--json").document

    assert f"at work: process {at_work.pid} on {socket.gethostname()}" in shown.stdout
    assert "MODEL  RUNNING  free here; on AWS 4.00 USD an hour since" in shown.stdout
    assert "UTC, unless its run goes on" in shown.stdout
    assert facts["runs"][0]["held_by"]["pid"] == at_work.pid
    arn = facts["models"][0]["project_version_arn"]

    held = bench.run("stop", "--all", "--json")
    assert (held.code, held.document["stopped"]) == (0, [])
    assert [one["project_version_arn"] for one in held.document["held"]] == [arn]
    assert [model["status"] for model in bench.running_models()] == ["RUNNING"]

    kill(at_work)
    assert "interrupted" in bench.run("status").stdout
    stopped = bench.run("stop", "--all")
    assert (stopped.code, stopped.stdout.startswith("STOPPED")) == (0, True)
    assert bench.running_models() == []


@pytest.mark.usefixtures("at_work")
def test_stop_of_a_named_model_stops_it_whoever_holds_it(bench: Bench) -> None:
    """A person who types the model's ARN means it."""
    arn = bench.run("status", "--json").document["models"][0]["project_version_arn"]

    assert bench.run("stop", arn).code == 0

    assert bench.running_models() == []


def test_status_tells_what_a_finished_run_has_spent(bench: Bench) -> None:
    """The run's and the project's cost are those of the ledger, on lines of 80 columns."""
    bench.run("run", "config.yaml")
    facts = bench.run("status", "--json").document
    assert facts["runs"][0]["spent_usd"] == facts["projects"][0]["spent_usd"] > 0
    assert facts["projects"][0]["trainings"] == facts["projects"][0]["times_running"] == 1
    lines = bench.run("status").stdout.splitlines()
    assert all(len(line) <= 80 or "arn:" in line for line in lines), lines


def test_status_shows_the_others_when_a_record_cannot_be_read(bench: Bench) -> None:
    """A torn record is named, with the command that stops what it may stand for."""
    run_id = bench.run("run", "config.yaml", "--json").document["run_id"]
    arn = "arn:aws:rekognition:us-east-1:123456789012:project/p/version/v/1"
    with sqlite3.connect(bench.workspace / "state.sqlite") as connection:
        for key in ("runs/torn", f"armed/{arn}"):
            connection.execute("INSERT INTO documents VALUES (?, ?, 1, 0)", (key, b'{"run_i'))
    connection.close()

    shown = bench.run("status")

    assert shown.code == 0, shown.stderr
    assert run_id in shown.stdout
    assert "UNREADABLE  runs/torn" in shown.stdout
    assert f"rcl-flow stop {arn}" in shown.stdout
    unreadable = bench.run("status", "--json").document["unreadable"]
    assert unreadable == ["runs/torn", f"armed/{arn}"]
    ended = bench.run("stop", "--all")
    assert ended.code == 0, ended.stderr
    assert f"DELETED  {arn}" in ended.stdout
    assert bench.run("status", "--json").document["unreadable"] == ["runs/torn"]
