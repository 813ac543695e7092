"""Where time goes: `python -m benchmarks.profiled NAME > benchmarks/profiles/NAME.txt`.

The kept profiles tell what dominates; their seconds are those of one machine, with a profiler on.
"""

import argparse
import contextlib
import cProfile
import io
import pstats
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from types import FrameType
from typing import Any, Final

from benchmarks.demo_training import SEED, examples
from benchmarks.server_calls import calls, make, prepare
from rcl_flow.cli.app import run_app
from rcl_flow.emulator.launch import shut_down
from rcl_flow.emulator.learning.learner import train_classifier
from rcl_flow.emulator.serve import running_server
from rcl_flow.emulator.settings import EmulatorSettings

SHOWN: Final = 18
TIMES: Final = 300


def told(profile: cProfile.Profile, title: str, *, by: str = "tottime") -> str:
    """Return the functions with the most time, by default of their own, without any paths."""
    text = io.StringIO()
    pstats.Stats(profile, stream=text).strip_dirs().sort_stats(by).print_stats(SHOWN)
    lines = [line.rstrip() for line in text.getvalue().splitlines() if line.strip()]
    return "\n".join([f"== {title}", *lines, ""])


def emulator_server() -> str:
    """Profile the thread of the server that answers one connection, call by call."""
    quick = EmulatorSettings(dataset_seconds=0, training_seconds=0, starting_seconds=0)
    with running_server(quick) as running:
        url = running.ready.endpoint_url
        parts = []
        for call in calls(prepare(url)):
            profile = cProfile.Profile()
            _in_new_threads(profile, lambda: make(call, url, times=TIMES))  # noqa: B023
            parts.append(told(profile, f"{call.name}, {TIMES} calls"))
    return "\n".join(parts)


def _in_new_threads(profile: cProfile.Profile, action: Callable[[], None]) -> None:
    """Profile what begins during the action: the thread of a connection, not that of a client."""

    def begun(frame: FrameType, event: str, argument: Any) -> None:  # noqa: ANN401  # Python's form
        if threading.current_thread().name.endswith("(process_request_thread)"):
            profile.enable()
        else:
            sys.setprofile(None)

    threading.setprofile(begun)
    try:
        action()
    finally:
        threading.setprofile(None)


def demo_training() -> str:
    """Profile a training on the demo's images, and the command that runs the whole demo.

    The command's waiting for its emulator and its threads is in the locks that it acquires.
    """
    with TemporaryDirectory() as scratch, contextlib.chdir(scratch):
        with contextlib.redirect_stdout(sys.stderr):
            run_app(["demo-data", "demo"])
        train = examples(Path("demo") / "train")
        train_classifier(train[:SHOWN], seed=SEED)
        training, run = cProfile.Profile(), cProfile.Profile()
        training.runcall(train_classifier, train, seed=SEED)
        try:
            with contextlib.redirect_stdout(sys.stderr):
                run.runcall(run_app, ["run", str(Path("demo") / "rcl-flow.yaml")])
        finally:
            shut_down(Path(".rcl-flow") / "emulator")
    of_run = "rcl-flow run, the main thread"
    return "\n".join(
        [
            told(training, f"a training on {len(train)} images"),
            told(run, f"{of_run}, own time"),
            told(run, f"{of_run}, with what is called", by="cumtime"),
        ]
    )


PROFILES: Final[dict[str, Callable[[], str]]] = {
    "demo-training": demo_training,
    "emulator-server": emulator_server,
}


def main() -> int:
    """Print one profile."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.profiled", description=__doc__)
    parser.add_argument("name", choices=sorted(PROFILES))
    name = parser.parse_args().name
    print(f"$ python -m benchmarks.profiled {name}\n\n{PROFILES[name]()}", end="")
    return 0


if __name__ == "__main__":
    sys.exit(main())
