"""Environments of their own, into which the wheel is installed as a user would."""

import os
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[2]
CONSTRAINTS: Final = (ROOT / "constraints.txt", ROOT / "constraints-mlflow.txt")
PYTHONS: Final = ("3.11", "3.12", "3.13", "3.14")
"""The versions that the package is for; the classifiers and the workflow name them too."""
_WHO: Final = "import sys; print(*sys.version_info[:3], sep='.')"
_OURS: Final = ("PYTHONPATH", "PYTHONDONTWRITEBYTECODE", "PYTHONPYCACHEPREFIX", "VIRTUAL_ENV")
_BYTES_PER_MB: Final = 1e6


@dataclass(frozen=True, slots=True)
class Interpreter:
    """A Python of this machine."""

    path: str
    version: str
    """As in 3.12.1."""

    @property
    def minor(self) -> str:
        """The version without its last part, as in 3.12."""
        return self.version.rpartition(".")[0]


def clean_environment() -> dict[str, str]:
    """Return this process's environment without AWS and without what leads back to the checkout."""
    return {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("AWS_") and name not in _OURS
    }


def done(command: Sequence[str | Path], *, cwd: Path, code: int = 0) -> str:
    """Run a command to its end in a folder and return what it printed to stdout.

    Raises:
        RuntimeError: It ended with another code; the message has what it said.
    """
    ended = subprocess.run(
        [str(part) for part in command],
        cwd=cwd,
        env=clean_environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    if ended.returncode != code:
        said = f"{ended.stdout}{ended.stderr}".strip()
        raise RuntimeError(f"{command} ended with {ended.returncode}:\n{said}")
    return ended.stdout


def known(python: str) -> Interpreter | None:
    """Return the interpreter of a name or path, or None where there is none that runs."""
    path = shutil.which(python)
    if path is None:
        return None
    told = subprocess.run([path, "-c", _WHO], capture_output=True, text=True, check=False)
    return Interpreter(path, told.stdout.strip()) if told.returncode == 0 else None


def interpreters() -> Iterator[Interpreter]:
    """Yield one interpreter for each version that this machine has, on the path or by pyenv."""
    for minor in PYTHONS:
        versions = Path.home().glob(f".pyenv/versions/{minor}.*/bin/python")
        found = (known(name) for name in [f"python{minor}", *map(str, sorted(versions))])
        yield from [each for each in found if each is not None and each.minor == minor][:1]


def install(wheel: Path, python: Interpreter, folder: Path, *, extra: str = "emulator") -> Path:
    """Make an environment that holds the wheel and what it needs, and nothing else.

    Versions are those of the constraints files. pip goes when it has done its work: what is left is
    what was shipped.

    Returns:
        The environment's folder of programs.
    """
    wanted = f"{wheel}[{extra}]" if extra else str(wheel)
    programs = folder / "bin"
    here = programs / "python"
    done([python.path, "-m", "venv", "--clear", folder], cwd=folder.parent)
    quietly = ["--quiet", "--disable-pip-version-check"]
    pinned = [part for path in CONSTRAINTS for part in ("-c", path)]
    done([here, "-m", "pip", "install", *quietly, "--no-compile", *pinned, wanted], cwd=folder)
    done([here, "-m", "pip", "check", "--disable-pip-version-check"], cwd=folder)
    done([here, "-m", "pip", "uninstall", "--yes", *quietly, "pip", "setuptools"], cwd=folder)
    return programs


def size_mb(folder: Path) -> float:
    """Return how many MB the files below a folder have, without links."""
    sizes = (path.lstat().st_size for path in folder.rglob("*") if path.is_file())
    return sum(sizes) / _BYTES_PER_MB
