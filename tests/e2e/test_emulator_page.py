"""The examples of docs/05-emulator-for-your-tests.md run as they are written."""

import os
import re
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from rcl_flow.emulator.testing import running_emulator
from tests.docs import fences
from tests.e2e.bench import clean_environment
from tests.e2e.javascript import MODULES, needs_javascript

ROOT = Path(__file__).parents[2]
AWS = ROOT / ".venv-awscli" / "bin"
NAME = "docs/05-emulator-for-your-tests.md"
PAGE = (ROOT / NAME).read_text()


def blocks(language: str) -> list[str]:
    """Return the page's code blocks of a language."""
    return [block.text for block in fences.blocks(language, NAME)]


def run(folder: Path, *command: str, **environment: str) -> str:
    """Run a command and return what it prints; it must succeed."""
    done = subprocess.run(
        command,
        cwd=folder,
        env={**clean_environment(), **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_pytest_example_passes(tmp_path: Path) -> None:
    """Copied into an empty folder, it is a test suite that passes."""
    (tmp_path / "test_my_program.py").write_text(blocks("python")[0])
    told = run(tmp_path, sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider")
    assert "3 passed" in told


def test_context_manager_example_runs(tmp_path: Path) -> None:
    """It prints an address and the one call."""
    (tmp_path / "example.py").write_text(blocks("python")[1])
    told = run(tmp_path, sys.executable, "example.py")
    assert told.startswith("http://127.0.0.1:")
    assert "{'CreateProject': 1}" in told


def test_permissions_example_runs(tmp_path: Path) -> None:
    """It prints the refusal, which names the operation."""
    (tmp_path / "example.py").write_text(blocks("python")[2])
    told = run(tmp_path, sys.executable, "example.py")
    assert "AccessDeniedException" in told
    assert "rekognition:CreateProject" in told


def test_every_example_in_python_has_its_test() -> None:
    """There is no other than the three above."""
    assert len(blocks("python")) == 3


@pytest.mark.skipif(not AWS.is_dir(), reason="`make test` installs the AWS CLI")
def test_shell_example_runs(tmp_path: Path) -> None:
    """On a free port instead of the page's, and ended at the end."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    (script,) = blocks("sh")
    wait = f'until printf "" 2>/dev/null >/dev/tcp/127.0.0.1/{port}; do sleep 0.1; done\n'
    lines = script.replace("4599", str(port)).splitlines(keepends=True)
    text = lines[0] + 'trap "kill $!" EXIT\n' + wait + "".join(lines[1:])
    path = f"{Path(sys.executable).parent}:{AWS}:{os.environ['PATH']}"
    told = run(tmp_path, "bash", "-ec", text, PATH=path, HOME=str(tmp_path))
    assert '"ProjectDescriptions"' in told
    assert ":project/parts/" in told


@needs_javascript
def test_javascript_example_runs(tmp_path: Path) -> None:
    """It counts the project that it has made."""
    (tmp_path / "parts.mjs").write_text(blocks("js")[0])
    (tmp_path / "node_modules").symlink_to(MODULES)
    with running_emulator() as box:
        told = run(tmp_path, "node", "parts.mjs", PATH=os.environ["PATH"], **box.environment)
    assert told.strip() == "1"


def test_every_control_path_of_the_page_answers() -> None:
    """The table of paths is the one of the server."""
    named = set(re.findall(r"`(GET|POST|DELETE) (\w+)`", PAGE))
    with running_emulator() as box:
        known = set(box._running._server.desk.control._paths)
    assert named == known
