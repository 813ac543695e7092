"""The demo of an installed wheel, from an empty folder: images, run, report, start-up."""

import json
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from benchmarks.measuring import child_cpu_seconds, compare, used_by
from benchmarks.startup import LOADED
from rcl_flow.emulator.launch import shut_down
from tests.packaging.installing import ROOT, done

AWS: Final = ROOT / ".venv-awscli" / "bin" / "aws"
MOST_OF_AWS: Final = 0.45
"""Of the CPU time of `aws --version`, what `rcl-flow --help` may take."""
ROUNDS: Final = 3
LEAST_F1: Final = 0.9
HOLDOUT_IMAGES: Final = 988


@dataclass(frozen=True, slots=True)
class Played:
    """What a demo has come to."""

    seconds: float
    """By the clock on the wall, from the images to the report."""
    faults: tuple[str, ...]
    help_of_aws: float | None
    """CPU time of `rcl-flow --help` by `aws --version`, or None without the AWS CLI."""


def play(programs: Path) -> Played:
    """Run the demo with an environment's programs, in a folder that is empty before."""
    program = programs / "rcl-flow"
    with TemporaryDirectory(prefix="rcl-flow-demo-") as place:
        empty = Path(place)
        started = time.perf_counter()
        try:
            done([program, "demo-data", "demo-data"], cwd=empty)
            printed = done([program, "run", "demo-data/rcl-flow.yaml", "--json"], cwd=empty)
            report = empty / done([program, "report"], cwd=empty).strip()
        finally:
            shut_down(empty / ".rcl-flow" / "emulator")
        seconds = time.perf_counter() - started
        faults = [*outcome_faults(json.loads(printed)), *report_faults(report)]
        faults += home_faults(programs, empty)
        used_by([str(programs / "python"), "-c", LOADED, "--help"], cwd=empty)
    ratio = help_of_aws(program)
    if ratio is not None and ratio > MOST_OF_AWS:
        faults.append(f"--help takes {ratio:.2f} x aws --version, over {MOST_OF_AWS}")
    return Played(seconds, tuple(faults), ratio)


def outcome_faults(outcome: Mapping[str, Any]) -> Iterator[str]:
    """Yield what is wrong with the outcome that the demo's run printed."""
    wanted = {"status": "completed", "model_status": "STOPPED"}
    for name, value in wanted.items():
        if outcome[name] != value:
            yield f"{name} is {outcome[name]}, not {value}"
    if outcome["decision"]["action"] != "promote":
        yield f"the decision is {outcome['decision']['action']}, not promote"
    if outcome["holdout"]["images"] != HOLDOUT_IMAGES:
        yield f"judged on {outcome['holdout']['images']} images, not {HOLDOUT_IMAGES}"
    if outcome["holdout"]["f1"] < LEAST_F1:
        yield f"the holdout's F1 is {outcome['holdout']['f1']}, under {LEAST_F1}"


def report_faults(report: Path) -> Iterator[str]:
    """Yield what is wrong with the report's page."""
    if not report.is_file():
        yield f"no report at {report}"
    elif "</html>" not in report.read_text(encoding="utf-8"):
        yield "the report's page has no end"


def home_faults(programs: Path, folder: Path) -> Iterator[str]:
    """Yield a fault when the package that was run is not the environment's own."""
    asked = "import rcl_flow; print(rcl_flow.__file__)"
    home = done([programs / "python", "-c", asked], cwd=folder).strip()
    if not Path(home).is_relative_to(programs.parent):
        yield f"rcl_flow was imported from {home}"


def help_of_aws(program: Path) -> float | None:
    """Return the CPU time of `--help` by that of `aws --version`, measured in turn."""
    if not AWS.exists():
        return None
    ours, theirs = [str(program), "--help"], [str(AWS), "--version"]
    used_by(ours)
    used_by(theirs)
    found = compare(
        lambda: child_cpu_seconds(ours), lambda: child_cpu_seconds(theirs), rounds=ROUNDS
    )
    return found.ratio
