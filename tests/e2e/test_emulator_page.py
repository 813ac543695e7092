"""Every code block of docs/05 that can run is run as it stands."""

import json
import os
import re
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from rcl_flow.emulator.testing import CustomLabels, running_emulator
from tests.e2e.bench import clean_environment
from tests.e2e.javascript import MODULES, needs_javascript

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "05-emulator-for-your-tests.md"
AWS = ROOT / ".venv-awscli" / "bin" / "aws"
BLOCK = re.compile(r"^```(\w+)\n(?:#|//) (\S+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
BLOCKS = {name: text for _, name, text in BLOCK.findall(PAGE.read_text())}
FOR_PYTEST = ("parts.py", "conftest.py", "test_parts.py", "test_faults_and_bill.py", "pytest.ini")
RUN_ALONE = ("without_pytest.py", "ci.sh", "tests.sh", "ask.mjs", "steer.sh")
WORKFLOW = ".github/workflows/tests.yml"
PORT = "4599"

needs_curl = pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")


@pytest.fixture
def box() -> Iterator[CustomLabels]:
    """Return an emulator in this process."""
    with running_emulator() as running:
        yield running


def run(folder: Path, *command: str, **environment: str) -> str:
    """Run a command among the page's files, successfully, and return what it prints."""
    for name in (*FOR_PYTEST, *RUN_ALONE):
        (folder / name).write_text(BLOCKS[name])
    here = [str(Path(sys.executable).parent), str(AWS.parent), os.environ["PATH"]]
    ended = subprocess.run(
        command,
        cwd=folder,
        env={**clean_environment(), "HOME": str(folder), "PATH": ":".join(here), **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return ended.stdout


def free_port() -> str:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return str(probe.getsockname()[1])


def test_every_block_is_run_or_cannot_be() -> None:
    """No example is left out here: only a shell's dialogue has no file name."""
    assert sorted(BLOCKS) == sorted((*FOR_PYTEST, *RUN_ALONE, WORKFLOW))
    languages = re.findall(r"^```(\w+)$", PAGE.read_text(), re.MULTILINE)
    assert len(languages) - len(BLOCKS) == languages.count("console") == 1


def test_pytest_examples_pass(tmp_path: Path) -> None:
    """The example project is green, with warnings as errors and the leak check in force."""
    printed = run(tmp_path, sys.executable, "-m", "pytest", "-q", "-W", "error")
    tests = "".join(BLOCKS[name] for name in FOR_PYTEST).count("\ndef test_")
    assert f"{tests} passed" in printed


def test_leak_check_of_the_example_project_works(tmp_path: Path) -> None:
    """Without the line that stops the model, the weekend's test is red."""
    name = "test_faults_and_bill.py"
    stop = "    rekognition.stop_project_version(ProjectVersionArn=version)\n"
    with pytest.raises(AssertionError, match="leaves a model running"):
        (tmp_path / "test_leak.py").write_text(BLOCKS[name].replace(stop, ""))
        run(tmp_path, sys.executable, "-m", "pytest", "-q", "test_leak.py", "-k", "weekend")


def test_context_manager_example_runs(tmp_path: Path) -> None:
    """It is a program of its own."""
    assert run(tmp_path, sys.executable, "without_pytest.py") == "CREATED\n"


@needs_curl
@pytest.mark.skipif(not AWS.exists(), reason="`make test` installs the AWS CLI")
def test_shell_example_runs_the_commands_of_the_cli(tmp_path: Path) -> None:
    """Server, tests and leak check, in one script; on a free port, for this machine's sake."""
    (tmp_path / "free.sh").write_text(BLOCKS["ci.sh"].replace(PORT, free_port()))
    printed = run(tmp_path, "sh", "free.sh")
    assert '"CREATED"' in printed
    assert '"running": []' in printed


def test_workflow_runs_what_the_page_shows() -> None:
    """The job installs the package and runs the script."""
    (job,) = yaml.safe_load(BLOCKS[WORKFLOW])["jobs"].values()
    commands = [step["run"] for step in job["steps"] if "run" in step]
    assert [command.split()[0] for command in commands] == ["pip", "sh"]
    assert commands[-1].split()[1] in BLOCKS


@needs_javascript
def test_javascript_example_runs(tmp_path: Path, box: CustomLabels) -> None:
    """The error's class is the SDK's."""
    (tmp_path / "node_modules").symlink_to(MODULES)
    assert run(tmp_path, "node", "ask.mjs", **box.environment) == "true\n"


@needs_curl
def test_steering_example_runs(tmp_path: Path, box: CustomLabels) -> None:
    """Every path of the example answers, and the clock really moves."""
    before = box.clock.now()
    printed = run(tmp_path, "sh", "steer.sh", **box.environment)
    answers = [json.loads(text) for text in printed.splitlines()]
    assert [sorted(answer)[0] for answer in answers] == [
        *("faults", "faults", "faults", "now", "counts", "running", "status"),
    ]
    assert box.clock.now() >= before + 3600
