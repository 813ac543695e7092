"""Running scripts of the JavaScript SDK."""

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.bench import clean_environment

SCRIPTS = Path(__file__).parent / "js"
MODULES = Path(__file__).parents[2] / ".node-sdk" / "node_modules"

needs_javascript = pytest.mark.skipif(
    shutil.which("node") is None or not MODULES.is_dir(),
    reason="node is missing, or `make test` has not installed the SDK into .node-sdk",
)


def run_script(name: str, folder: Path, environment: dict[str, str], *arguments: str) -> Any:  # noqa: ANN401  # JSON
    """Run a script of tests/e2e/js in `folder` and return the JSON that it prints."""
    shutil.copy(SCRIPTS / name, folder / name)
    link = folder / "node_modules"
    if not link.exists():
        link.symlink_to(MODULES)
    done = subprocess.run(
        ["node", str(folder / name), *arguments],
        env={**clean_environment(), "PATH": os.environ["PATH"], **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=180,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)
