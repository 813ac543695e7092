"""Starting up: what the commands that need neither AWS nor a run cost before they answer."""

import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from benchmarks.figures import Figure, Form, Subject, at_most
from benchmarks.measuring import child_cpu_seconds, compare, ratio_figure, used_by

ROOT: Final = Path(__file__).parents[1]
PYTHON: Final = sys.executable
OURS: Final = str(Path(PYTHON).with_name("rcl-flow"))
AWS: Final = ROOT / ".venv-awscli" / "bin" / "aws"
LINES: Final = 1_000
ROUNDS: Final = {"full": 9, "short": 5}
STRETCH: Final = 0.25
HEAVY: Final = ("boto3", "botocore", "moto", "numpy", "PIL", "sklearn", "rich")
"""What no command loads that only reads a file or explains itself."""
LOADED: Final = (
    "import sys; from rcl_flow.cli.app import run_app; code = run_app(sys.argv[1:]); "
    f"print(sorted({{*{HEAVY!r}}} & set(sys.modules)), file=sys.stderr); sys.exit(code or "
    f"len({{*{HEAVY!r}}} & set(sys.modules)))"
)
"""A command line of its own that ends badly when something heavy is loaded."""


def compiled(command: Sequence[str], folder: Path) -> list[str]:
    """Return the command with bytecode kept in a folder, as an installed package has it.

    The first run fills the folder, for either side of a comparison.
    """
    kept = [f"PYTHONPYCACHEPREFIX={folder}", *command]
    return ["env", "-u", "PYTHONDONTWRITEBYTECODE", *kept]


def manifest(path: Path, lines: int) -> Path:
    """Write a manifest of classified images that lints clean."""
    with path.open("w") as file:
        for number in range(lines):
            label = f"label-{number % 8}"
            about = {
                "confidence": 1,
                "class-name": label,
                "type": "groundtruth/image-classification",
                "human-annotated": "yes",
                "creation-date": "2026-01-01T00:00:00",
                "job-name": "startup",
            }
            line = {
                "source-ref": f"s3://startup/images/{number:06d}.jpg",
                "class": number % 8,
                "class-metadata": about,
            }
            file.write(f"{json.dumps(line)}\n")
    return path


def measure(form: Form) -> Iterator[Figure]:
    """Compare each command's CPU time with that of `aws --version`."""
    if not AWS.exists():
        print("startup: `make .venv-awscli/.installed` makes the AWS CLI", file=sys.stderr)
        return
    with TemporaryDirectory() as scratch:
        kept = Path(scratch) / "bytecode"
        aws = compiled([str(AWS), "--version"], kept)
        lint = ["lint", str(manifest(Path(scratch) / "train.manifest", LINES))]
        validate = ["validate", str(ROOT / "config" / "demo.yaml")]
        commands = {
            "rcl-flow --help": ([OURS, "--help"], at_most(0.45)),
            "rcl-flow validate": ([OURS, *validate], at_most(0.6)),
            f"rcl-flow lint, {LINES:,} lines": ([OURS, *lint], at_most(0.6)),
            "import rcl_flow": ([PYTHON, "-c", "import rcl_flow"], None),
            "python -c pass": ([PYTHON, "-c", "pass"], None),
        }
        used_by(aws)
        for name, (plain, goal) in commands.items():
            command = compiled(plain, kept)
            used_by(command)
            found = compare(
                lambda: child_cpu_seconds(command),  # noqa: B023  # run at once
                lambda: child_cpu_seconds(aws),
                rounds=ROUNDS[form],
            )
            yield ratio_figure(f"CPU, {name}, by aws --version", found, "s", goal)
            if "--help" in plain:
                share = round(found.ratio / STRETCH, 3)
                yield Figure(f"of the stretch, {STRETCH} x aws --version", share, "x")
        for arguments in (["--help"], validate, lint):
            used_by([PYTHON, "-c", LOADED, *arguments])
        yield Figure("heavy packages loaded by them", 0.0, "", at_most(0), f"of {', '.join(HEAVY)}")


SUBJECT = Subject("startup", measure, has_short_form=True)
