"""One emulator, one worker, and workspaces that are empty again before each run."""

import json
import os
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import yaml

from rcl_flow.emulator.launch import ensure_running, shut_down
from rcl_flow.emulator.record import RECORD_NAME
from rcl_flow.emulator.settings import EmulatorSettings
from rcl_flow.imaging.digits import digit_images
from tests.chaos.orders import Ended, Order, decode_ends, encode_orders
from tests.e2e.bench import ask, clean_environment

ROOT = Path(__file__).parents[2]
LABELS = ("zero", "one", "seven")
Sections = Mapping[str, Any]
FORTY_TWO = {"train": 8, "test": 4, "holdout": 2}
"""Images a label: the exhaustive sweep's."""
TWENTY_ONE = {"train": 3, "test": 2, "holdout": 2}
"""Images a label: of what has to be quick."""


def write_images(folder: Path, images: Mapping[str, int]) -> None:
    """Write the real digits that every run is about: so many a label."""
    wanted = Counter({(split, label): n for split, n in images.items() for label in LABELS})
    for image in digit_images():
        if wanted[image.split, image.label] > 0:
            wanted[image.split, image.label] -= 1
            path = folder / image.split / image.label / image.file_name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(image.png)


class Bench:
    """Starts runs on an emulator that nobody else uses."""

    def __init__(self, folder: Path, images: Mapping[str, int], sections: Sections) -> None:
        """Work in `folder`; end the bench when it is not needed any more.

        Args:
            folder: the bench's own.
            images: so many a label.
            sections: of every config, in place of the defaults.
        """
        self._folder = folder
        self._sections = sections
        self.holdout_images = images["holdout"] * len(LABELS)
        self._number = 0
        self._ready = False
        write_images(folder / "data", images)
        self._emulator = folder / "template" / "emulator"
        settings = EmulatorSettings(
            dataset_seconds=0.0,
            training_seconds=0.0,
            starting_seconds=0.02,
            stopping_seconds=0.01,
            deleting_seconds=0.0,
            idle_timeout_seconds=600.0,
        )
        self._endpoint_url = ensure_running(self._emulator, settings).endpoint_url
        self._worker = subprocess.Popen(
            [sys.executable, "-m", "tests.chaos.worker", str(self.write_config("template"))],
            cwd=ROOT,
            env=clean_environment() | {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def end(self) -> None:
        """End worker and emulator."""
        self._worker.communicate()
        shut_down(self._emulator)

    def fresh(self, **sections: Any) -> "Workspace":  # noqa: ANN401  # sections of a config
        """Empty the emulator and return an empty workspace; `sections` replace the config's."""
        self._await_worker()
        self.ask("DELETE", "faults")
        self.ask("POST", "reset")
        return self.another(**sections)

    def another(self, **sections: Any) -> "Workspace":  # noqa: ANN401  # sections of a config
        """Return one more empty workspace on the emulator as it is."""
        shutil.rmtree(self._folder / f"w{self._number - 2}", ignore_errors=True)
        self._number += 1
        return Workspace(self, self.write_config(f"w{self._number}", **sections))

    def write_config(self, name: str, **sections: Any) -> Path:  # noqa: ANN401  # of a config
        """Write the config of a workspace that knows this emulator."""
        workspace = self._folder / name
        if name != "template":
            (workspace / "emulator").mkdir(parents=True)
            shutil.copy(self._emulator / RECORD_NAME, workspace / "emulator")
        config: dict[str, Any] = {
            "project": "digits",
            "workspace": str(workspace),
            "data": {split: {"folder": str(self._folder / "data" / split)} for split in FORTY_TWO},
            "gates": {"min_holdout_images": 1, "min_holdout_f1": 0.1},
            "evaluation": {"resamples": 200},
            # scans of 8 x 8 pixels collide at the usual radius
            "audit": {"duplicates": {"near_duplicate_bits": 1}},
            "emulator": {"poll_seconds": 0.01},
            "storage": {"upload_concurrency": 4},
            "inference": {"concurrency": 2},
        }
        path = workspace / "config.yaml"
        path.write_text(yaml.safe_dump(config | {**self._sections, **sections}))
        return path

    def carry_out(self, *orders: Order) -> list[Ended]:
        """Let processes carry out the orders at the same time, and wait for all."""
        assert self._worker.stdin
        self._worker.stdin.write(encode_orders(orders) + "\n")
        self._worker.stdin.flush()
        return decode_ends(self._hear())

    def _await_worker(self) -> None:
        if not self._ready:
            assert self._hear() == "ready\n"
            self._ready = True

    def _hear(self) -> str:
        assert self._worker.stdout
        line = self._worker.stdout.readline()
        assert line, "the worker died"
        return line

    def ask(self, method: str, path: str, body: object = None) -> dict[str, Any]:
        """Call the emulator's control surface."""
        return ask(self._endpoint_url, method, path, body)


class Workspace:
    """The config and the state of one run."""

    def __init__(self, bench: Bench, config: Path) -> None:
        """Belong to a bench."""
        self.bench = bench
        self.config = config
        self.folder = config.parent

    def run(self, **changes: Any) -> Ended:  # noqa: ANN401  # members of an order
        """Run the config in a process to its end."""
        return self.bench.carry_out(Order(str(self.config), **changes))[0]

    def status(self) -> Ended:
        """Ask `rcl-flow status --json`."""
        return self.bench.carry_out(Order(str(self.config), command="status"))[0]

    @property
    def predicted(self) -> list[str]:
        """The digest of every prediction that was kept, as often as it is there."""
        files = sorted((self.folder / "predictions").glob("*.jsonl"))
        lines = [line for path in files for line in path.read_text().splitlines()]
        return [json.loads(line)["sha256"] for line in lines]


@contextmanager
def open_benches(
    folder: Path, count: int, *, images: Mapping[str, int] = TWENTY_ONE, **sections: object
) -> Iterator[list[Bench]]:
    """Have benches in this block, in memory where that is possible."""
    shared = Path("/dev/shm")  # noqa: S108  # a folder of its own in it
    if os.access(shared, os.W_OK):
        folder = shared / f"rcl-flow-chaos-{os.getpid()}-{folder.name}"
    places = [folder / str(number) for number in range(count)]
    with ThreadPoolExecutor(count) as pool:
        benches = list(pool.map(lambda place: Bench(place, images, sections), places))
    try:
        yield benches
    finally:
        for bench in benches:
            bench.end()
        shutil.rmtree(folder, ignore_errors=True)
