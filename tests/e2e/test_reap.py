"""A model that a dead run left is stopped by `rcl-flow reap`, on the emulator's meter."""

import signal
from datetime import UTC, datetime, timedelta

import pytest

from rcl_flow.aws.rekognition import Rekognition
from rcl_flow.aws.retry import Caller
from rcl_flow.aws.session import AwsAccess, make_session, rekognition_client
from rcl_flow.clock import SystemClock
from rcl_flow.core.naming import MANAGED_TAG, RUN_TAG, STOP_AFTER_TAG
from rcl_flow.emulator.settings import EmulatorSettings
from tests.e2e.bench import Bench, wait_until

KEYS = {"AWS_ACCESS_KEY_ID": "EMULATORKEY000000000", "AWS_SECRET_ACCESS_KEY": "x"}
# at an address of AWS a command looks every 15 seconds; units test how it waits
STOPPED_AT_ONCE = EmulatorSettings(starting_seconds=0.05, stopping_seconds=0.0)


def gateway(bench: Bench) -> Rekognition:
    """Return the gateway to the bench's emulator."""
    url = bench.handle.endpoint_url
    access = AwsAccess("us-east-1", endpoint_url=url, emulated=True)
    return Rekognition(rekognition_client(make_session(access), access), Caller(SystemClock()))


@pytest.fixture
def left_running(bench: Bench) -> str:
    """Kill a run while its model answers, and return the model's ARN."""
    bench.start_emulator(STOPPED_AT_ONCE)
    bench.ask_emulator(
        "POST", "faults", {"operation": "DetectCustomLabels", "latency_seconds": 0.2, "times": 1000}
    )
    process = bench.start("run", "config.yaml")
    wait_until(lambda: bench.calls("DetectCustomLabels") > 1)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    bench.ask_emulator("DELETE", "faults")
    model = bench.running_models()[0]
    assert model["status"] == "RUNNING"
    return str(bench.run("status", "--json").document["models"][0]["project_version_arn"])


def let_lease_end(bench: Bench, arn: str) -> None:
    """Move the end of the model's lease into the past."""
    moment = datetime.now(UTC) - timedelta(minutes=1)
    tags = {MANAGED_TAG: "true", STOP_AFTER_TAG: moment.isoformat(), RUN_TAG: "dead"}
    gateway(bench).tag(arn, tags)


def test_reap_stops_the_model_of_a_dead_run_when_its_lease_is_over(
    bench: Bench, left_running: str
) -> None:
    """First it is left, since its lease lasts; later it is stopped, counted and forgotten."""
    early = bench.run("reap", "--json")
    assert (early.code, early.document["models"][0]["action"]) == (0, "left")
    let_lease_end(bench, left_running)

    dry = bench.run("reap", "--dry-run")
    assert (dry.code, "OVERDUE" in dry.stdout) == (0, True)
    assert bench.running_models()
    late = bench.run("reap", "--json")

    assert late.code == 0, late.stderr
    assert [one["action"] for one in late.document["models"]] == ["stopped"]
    assert bench.running_models() == []
    again = bench.run("reap", "--json")
    assert (again.code, again.document["models"]) == (0, [])
    status = bench.run("status", "--json").document
    assert status["models"] == []
    assert status["runs"][0]["spent_usd"] > 0


def test_reap_needs_no_workspace(bench: Bench, left_running: str) -> None:
    """From another machine, with nothing but credentials, the model is found; nothing is made."""
    let_lease_end(bench, left_running)
    url = bench.handle.endpoint_url
    command = ("reap", "--workspace", "elsewhere", "--endpoint-url", url, "--region", "us-east-1")

    ended = bench.run(*command, **KEYS)

    assert ended.code == 0, ended.stderr
    assert f"STOPPED  {left_running}" in ended.stdout
    assert bench.running_models() == []
    assert not (bench.folder / "elsewhere").exists()


def test_reap_exits_9_when_a_stop_cannot_be_confirmed(bench: Bench, left_running: str) -> None:
    """The message names the model, the price of an hour and the command to type."""
    let_lease_end(bench, left_running)
    fault = {"operation": "StopProjectVersion", "code": "AccessDeniedException", "times": 1000}
    bench.ask_emulator("POST", "faults", fault)

    ended = bench.run("reap")

    assert ended.code == 9
    assert "NOT STOPPED" in ended.stdout
    assert f"rcl-flow stop {left_running}" in ended.stderr
    assert "4.00 USD an hour" in ended.stderr


def test_reap_reports_regions_that_do_not_answer(bench: Bench) -> None:
    """A named region that cannot be looked into is not passed over in silence."""
    bench.start_emulator()
    url = bench.handle.endpoint_url
    fault = {"operation": "DescribeProjects", "code": "AccessDeniedException", "times": 1}
    bench.ask_emulator("POST", "faults", fault)
    regions = ("--region", "us-east-1", "--region", "eu-west-1")

    ended = bench.run("reap", *regions, "--endpoint-url", url, "--json", **KEYS)

    assert ended.code == 4
    document = ended.document
    assert [one["region"] for one in document["skipped"]] == ["us-east-1"]
    assert "skipped us-east-1: DescribeProjects" in ended.stderr
    assert "  hint: " in ended.stderr
    assert document["regions"] == ["eu-west-1"]


def test_reap_of_all_regions_passes_over_those_that_do_not_answer(bench: Bench) -> None:
    """Regions without Custom Labels are no failure of the cron job, as long as one answers."""
    bench.start_emulator()
    url = bench.handle.endpoint_url
    fault = {"operation": "DescribeProjects", "code": "AccessDeniedException", "times": 3}
    bench.ask_emulator("POST", "faults", fault)

    ended = bench.run("reap", "--all-regions", "--endpoint-url", url, "--json", **KEYS)

    assert ended.code == 0, ended.stderr
    assert len(ended.document["skipped"]) == 3
    assert "us-east-1" in ended.document["regions"]


def test_stop_and_reap_work_with_a_broken_store(bench: Bench) -> None:
    """A damaged state.sqlite keeps no model running: the ARN is enough."""
    bench.start_emulator(STOPPED_AT_ONCE)
    url = bench.handle.endpoint_url
    bench.write_config({})
    ended = bench.run("run", "config.yaml", "--json")
    arn = ended.document["project_version_arn"]
    access = AwsAccess("us-east-1", endpoint_url=url, emulated=True)
    client = rekognition_client(make_session(access), access)
    client.start_project_version(ProjectVersionArn=arn, MinInferenceUnits=1)
    (bench.workspace / "state.sqlite").write_bytes(b"damaged" * 500)

    stopped = bench.run_anew("stop", arn, "--endpoint-url", url, **KEYS)
    reaped = bench.run_anew("reap", "--region", "us-east-1", "--endpoint-url", url, **KEYS)

    assert stopped.code == 0, stopped.stderr
    assert reaped.code == 0, reaped.stderr
    assert bench.running_models() == []
