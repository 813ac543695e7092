"""Tests of the workflow: it is read as YAML, and its steps are run by a shell."""

import os
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from rcl_flow.errors import ConfigError
from rcl_flow.report.schedules.cron import parse_cron
from rcl_flow.report.schedules.github_actions import WorkflowJob, render_workflow, workflow_path
from tests.unit.report.schedules.scheduled import scheduled

MARK = "Mark that a run is due"
SEE = "See whether a run is due"
STUB_AWS = """#!/bin/sh
case "$*" in
  "s3 cp - "*) cat > due ;;
  "s3 cp "*" -")
    if [ -e due ]; then cat due; exit; fi
    echo "fatal error: An error occurred (${REFUSED:-404}) when calling HeadObject" >&2
    exit 1 ;;
  "s3 rm "*) rm due ;;
esac
"""
STUB_FLOW = """#!/bin/sh
echo "$@" >> calls
if [ -n "$STARTED_MEANWHILE" ]; then echo "$STARTED_MEANWHILE" > due; fi
exit $(cat code)
"""


def workflow(config_path: str = "flow.yaml", **sections: Any) -> dict[str, Any]:  # noqa: ANN401
    """Return the workflow of a config as GitHub reads it."""
    job = WorkflowJob(config_path, "retrain", parse_cron("cron(0 3 ? * MON *)"), "rcl-flow==1")
    read = yaml.safe_load(render_workflow(scheduled(**sections), job))
    assert isinstance(read, dict)
    return read


def run_step(name: str, folder: Path, **environment: str) -> int:
    """Run a step's script as GitHub does, with stand-ins for `aws` and `rcl-flow`."""
    for program, script in (("aws", STUB_AWS), ("rcl-flow", STUB_FLOW)):
        path = folder / "bin" / program
        path.parent.mkdir(exist_ok=True)
        path.write_text(script)
        path.chmod(0o755)
    ((job, step),) = [
        (job, step)
        for job in workflow("a b.yaml")["jobs"].values()
        for step in job["steps"]
        if step.get("name") == name
    ]
    programs = f"{folder / 'bin'}:{os.environ['PATH']}"
    output = {"GITHUB_OUTPUT": str(folder / "output"), "PATH": programs}
    done = subprocess.run(
        ["bash", "-e", "-c", step["run"]],
        cwd=folder,
        env=job["env"] | output | environment,
        capture_output=True,
        check=False,
    )
    return done.returncode


def test_workflow_assumes_a_role_and_holds_no_key() -> None:
    """Only a job of the environment gets a token, and it may read the repository and no more."""
    read = workflow()
    assert read["permissions"] == {"contents": "read", "id-token": "write"}
    for job in read["jobs"].values():
        assert job["environment"] == "production"
        (role,) = [step for step in job["steps"] if "configure-aws" in step.get("uses", "")]
        assert role["with"]["role-to-assume"] == "${{ vars.RCL_FLOW_ROLE_ARN }}"


def test_a_job_ends_before_its_session() -> None:
    """With a session that has ended, not even a stop is accepted."""
    job = workflow()["jobs"]["tick"]
    (role,) = [step for step in job["steps"] if "configure-aws" in step.get("uses", "")]
    assert job["timeout-minutes"] * 60 < role["with"]["role-duration-seconds"] <= 3600


def test_a_start_waits_for_no_tick() -> None:
    """Of the jobs that wait in a group GitHub keeps the newest, so a tick would evict a start."""
    read = workflow()
    mark, tick = read["jobs"]["mark"], read["jobs"]["tick"]
    assert "concurrency" not in read
    assert "concurrency" not in mark
    assert tick["concurrency"] == {"group": "rcl-flow-parts", "cancel-in-progress": False}
    assert mark["if"] == (
        "github.event_name == 'workflow_dispatch' || github.event.schedule == '0 3 * * 1'"
    )
    assert tick["needs"] == "mark"
    # without a status function a job is left out when the one that it needs was
    assert tick["if"] == (
        "${{ !cancelled() && (needs.mark.result == 'success' || needs.mark.result == 'skipped') }}"
    )


def test_workflow_starts_and_ticks_on_schedules() -> None:
    """YAML reads `on` as true, as GitHub does not; both schedules are there."""
    on = workflow()[True]  # type: ignore[index]  # YAML's reading of `on`
    assert [each["cron"] for each in on["schedule"]] == ["0 3 * * 1", "*/15 * * * *"]
    assert workflow_path(scheduled()) == ".github/workflows/rcl-flow-parts.yml"


def test_values_stand_outside_of_scripts() -> None:
    """No step's script holds a piece of the config, so none can become a command."""
    job = workflow("it's; reboot.yaml")["jobs"]["tick"]
    assert job["env"]["RCL_FLOW_CONFIG"] == "it's; reboot.yaml"
    assert not [step for step in job["steps"] if "reboot" in step.get("run", "")]


@pytest.mark.parametrize(
    "path", ["/etc/flow.yaml", "../flow.yaml", "a/../../b.yaml", "${{ secrets.X }}.yaml", "a\nb"]
)
def test_path_that_is_none_of_the_repository_is_refused(path: str) -> None:
    """A runner has the repository alone, and GitHub would work an expression out."""
    with pytest.raises(ConfigError, match="below the repository"):
        workflow(path)


def test_variable_of_a_secret_is_handed_over() -> None:
    """The config names a variable, and the workflow fills it from the repository's secrets."""
    job = workflow(notifications={"slack": "env:SLACK_URL"})["jobs"]["tick"]
    assert job["env"]["SLACK_URL"] == "${{ secrets.SLACK_URL }}"


def test_schedule_as_frequent_as_the_ticks_is_refused() -> None:
    """Which of the two has fired could not be told."""
    job = WorkflowJob("flow.yaml", "run", parse_cron("cron(*/15 * * * ? *)"), "rcl-flow==1")
    with pytest.raises(ConfigError, match="as frequent as the ticks"):
        render_workflow(scheduled(), job)


@pytest.mark.parametrize(
    ("code", "job_code", "still_due"), [(0, 0, False), (75, 0, True), (4, 4, True)]
)
def test_ticks_go_on_until_it_is_over(
    tmp_path: Path, code: int, job_code: int, still_due: bool
) -> None:
    """Still running is no failure; what is over is not ticked again."""
    (tmp_path / "code").write_text(str(code))
    assert run_step(SEE, tmp_path) == 0
    assert not (tmp_path / "output").exists()
    assert run_step(MARK, tmp_path) == 0
    assert run_step(SEE, tmp_path) == 0
    since = (tmp_path / "due").read_text().strip()
    assert (tmp_path / "output").read_text() == f"since={since}\ndue=true\n"
    assert run_step("Tick", tmp_path, SINCE=since) == job_code
    assert (tmp_path / "calls").read_text() == "retrain a b.yaml --no-wait --yes\n"
    assert (tmp_path / "due").exists() == still_due


def test_tick_that_may_not_look_fails(tmp_path: Path) -> None:
    """A role without the right would let every job be green, and nothing would ever run."""
    assert run_step(SEE, tmp_path, REFUSED="403") != 0
    assert not (tmp_path / "output").exists()


def test_a_start_during_the_last_tick_is_kept(tmp_path: Path) -> None:
    """The tick that ends the old run does not take the new one's mark away."""
    (tmp_path / "code").write_text("0")
    (tmp_path / "due").write_text("1700000000\n")
    meanwhile = {"SINCE": "1700000000", "STARTED_MEANWHILE": "1700000060"}
    assert run_step("Tick", tmp_path, **meanwhile) == 0
    assert (tmp_path / "due").read_text() == "1700000060\n"


def test_ticks_give_up_after_four_days(tmp_path: Path) -> None:
    """What never gets better is not tried until the end of time."""
    (tmp_path / "due").write_text("1700000000\n")
    assert run_step(SEE, tmp_path) == 0
    assert not (tmp_path / "output").exists()
