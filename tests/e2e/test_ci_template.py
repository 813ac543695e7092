"""The template for the user's own CI: its workflow's steps are run, on real images."""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from rcl_flow.emulator.launch import shut_down
from tests.e2e.bench import Bench, clean_environment

TEMPLATE = Path(__file__).parents[2] / "config" / "ci-template"
STUB_GH = """#!/bin/sh
case "$1 $2" in
  "api repos/me/parts/issues/7/comments") cat own 2>/dev/null ;;
  "api --method") echo "replaced $4" >> comments ;;
  "pr comment") echo "made on $3" >> comments; cp "$5" comment.md; echo 41 > own ;;
esac
"""


@pytest.fixture
def project(bench: Bench) -> Path:
    """Return a copy of the template with a few images and a stand-in for `gh`."""
    folder = bench.folder / "project"
    shutil.copytree(TEMPLATE, folder)
    (bench.folder / "data").rename(folder / "images")
    config = yaml.safe_load((folder / "flow.yaml").read_text())
    config["audit"] = {"duplicates": {"near_duplicate_bits": 1}}
    config["emulator"] = {"training_seconds": 0.0, "starting_seconds": 0.05}
    (folder / "flow.yaml").write_text(yaml.safe_dump(config))
    (folder / "bin").mkdir()
    (folder / "bin" / "gh").write_text(STUB_GH)
    (folder / "bin" / "gh").chmod(0o755)
    return folder


def steps() -> dict[str, dict[str, Any]]:
    """Return the steps of the workflow's job that run something, but the installation."""
    workflow = yaml.safe_load((TEMPLATE / ".github" / "workflows" / "rcl-flow.yml").read_text())
    (job,) = workflow["jobs"].values()
    return {
        step["name"]: step | {"env": {"CONFIG": job["env"]["CONFIG"]}}
        for step in job["steps"]
        if "run" in step and step["name"] != "Install"
    }


def run_step(step: dict[str, Any], folder: Path) -> subprocess.CompletedProcess[str]:
    """Run a step's script as GitHub does."""
    programs = f"{folder / 'bin'}:{Path(sys.executable).parent}:{os.environ['PATH']}"
    given = {
        "PATH": programs,
        "GITHUB_REPOSITORY": "me/parts",
        "GITHUB_STEP_SUMMARY": str(folder / "summary.md"),
        "PULL_REQUEST": "7",
    }
    return subprocess.run(
        ["bash", "-e", "-c", step["run"]],
        cwd=folder,
        env=clean_environment() | step["env"] | given,
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
    )


def test_template_s_workflow_runs_and_comments(project: Path) -> None:
    """Config, data and the whole flow pass, and the pull request gets the report, once."""
    try:
        for name, step in steps().items():
            done = run_step(step, project)
            assert done.returncode == 0, (name, done.stderr)
        again = run_step(steps()["Comment on the pull request"], project)
        assert again.returncode == 0
    finally:
        shut_down(project / ".rcl-flow" / "emulator")
    comment = (project / "comment.md").read_text()
    assert comment.startswith("<!-- rcl-flow -->\n#")
    assert "F1" in comment
    assert comment == (project / "summary.md").read_text()
    assert (project / "comments").read_text().splitlines() == [
        "made on 7",
        "replaced repos/me/parts/issues/comments/41",
    ]
    made = {path.name for path in (project / "out").rglob("*") if path.is_file()}
    assert {"run.json", "report.html", "comment.md", "audit.sarif"} <= made


def test_run_that_ended_early_is_told(project: Path) -> None:
    """Without a report the comment says where to look."""
    assert run_step(steps()["Collect the report"], project).returncode == 0
    assert "ended before it" in (project / "out" / "comment.md").read_text()
