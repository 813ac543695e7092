"""A shell for the documents' commands, in which `rcl-flow` is forked and starts at once."""

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from tests.docs.fences import ROOT, Block
from tests.e2e.bench import clean_environment, parent

AWS_CLI: Final = ROOT / ".venv-awscli" / "bin"
_PATIENCE_SECONDS: Final = 120
_FAILED: Final = re.compile(r"^command (\d+) ended with (\d+)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Shell:
    """Runs blocks in one folder, each from there as from a new terminal."""

    folder: Path
    environment: Mapping[str, str] = field(default_factory=dict)
    """What the reader has set before."""

    def run(self, block: Block) -> str:
        """Run every command of a block and return what was printed on stdout.

        Raises:
            AssertionError: a command ended with another code than 0.
        """
        commands = block.commands()
        script = "".join(
            f"{command.text}\n__ended $? {number}\n" for number, command in enumerate(commands)
        )
        done = subprocess.run(
            ["bash", "-c", _CHECKING + script],
            cwd=self.folder,
            env=self._variables(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=_PATIENCE_SECONDS,
        )
        failed = _FAILED.search(done.stderr)
        where = commands[int(failed[1])] if failed else None
        told = f"{where.place}: {where.text}\n" if where else f"{block.page}\n"
        assert done.returncode == 0, told + done.stdout + done.stderr
        return done.stdout

    def _variables(self) -> dict[str, str]:
        path = f"{self._programs()}:{Path(sys.executable).parent}:{AWS_CLI}:{os.environ['PATH']}"
        home = {"HOME": str(self.folder), "COLUMNS": "80"}
        return {**clean_environment(), **home, **self.environment, "PATH": path}

    def _programs(self) -> Path:
        """Write the program of the name `rcl-flow`, which a parent forks."""
        folder = self.folder / ".programs"
        if not folder.is_dir():
            folder.mkdir()
            program = folder / "rcl-flow"
            python = shlex.quote(str(parent().python))
            program.write_text(f'#!/bin/sh\nexec {python} -P -m rcl_flow "$@"\n')
            program.chmod(0o755)
        return folder


_CHECKING: Final = """__ended() {
  [ "$1" = 0 ] && return
  echo "command $2 ended with $1" >&2
  exit 1
}
"""
