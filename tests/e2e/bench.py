"""A workspace that a test drives as a user would, through processes."""

import atexit
import http.client
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import yaml

from rcl_flow.emulator.launch import EmulatorHandle, read_handle, shut_down
from rcl_flow.emulator.settings import EmulatorSettings
from tests.e2e.children import ROOT, Child, Parent

PATIENCE_SECONDS = 240.0


@dataclass(frozen=True, slots=True)
class Ended:
    """How a command ended."""

    code: int
    stdout: str
    stderr: str

    @property
    def document(self) -> dict[str, Any]:
        """The JSON object on stdout."""
        document = json.loads(self.stdout)
        assert isinstance(document, dict)
        return document


def ended(process: "Child | subprocess.Popen[str]") -> Ended:
    """Wait for the end of a command and return it."""
    stdout, stderr = process.communicate(timeout=PATIENCE_SECONDS)
    assert process.returncode is not None
    return Ended(process.returncode, stdout, stderr)


class Bench:
    """Data, config and emulator of one test."""

    def __init__(self, folder: Path) -> None:
        """Work in `folder`."""
        self.folder = folder
        self.workspace = folder / ".rcl-flow"
        self.config_path = folder / "config.yaml"

    def put_image(self, split: str, label: str, name: str, content: bytes) -> Path:
        """Write one image into the data."""
        path = self.folder / "data" / split / label / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        return path

    def write_config(self, changes: dict[str, Any]) -> None:
        """Write a config of the three folders; `changes` replace whole sections."""
        config: dict[str, Any] = {
            "project": "digits",
            "data": {split: {"folder": f"data/{split}"} for split in ("train", "test", "holdout")},
            "gates": {"min_holdout_images": 40, "min_holdout_f1": 0.5},
            # scans of 8 x 8 pixels collide at the usual radius
            "audit": {"duplicates": {"near_duplicate_bits": 1}},
            "emulator": {"training_seconds": 0.0, "starting_seconds": 0.05},
        }
        self.config_path.write_text(yaml.safe_dump(config | changes))

    def start(self, *arguments: str, **environment: str) -> Child:
        """Start `rcl-flow` with these arguments and do not wait."""
        surroundings = {**clean_environment(), **environment}
        return parent().fork("rcl_flow", arguments, self.folder, surroundings)

    def run(self, *arguments: str, **environment: str) -> Ended:
        """Run `rcl-flow` with these arguments to its end."""
        return ended(self.start(*arguments, **environment))

    def start_anew(self, *arguments: str, **environment: str) -> "subprocess.Popen[str]":
        """Start it as a shell does: in a new interpreter, which imports all and hashes differently.

        It takes seconds more, so it is for what may depend on that; and each command has a test.
        """
        return subprocess.Popen(
            [sys.executable, "-m", "rcl_flow", *arguments],
            cwd=self.folder,
            env={**clean_environment(), **environment},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run_anew(self, *arguments: str, **environment: str) -> Ended:
        """Run it to its end in a new interpreter."""
        return ended(self.start_anew(*arguments, **environment))

    def start_emulator(self, settings: EmulatorSettings | None = None) -> None:
        """Start the workspace's emulator before any run does; by default it starts models fast."""
        wanted = settings or EmulatorSettings(starting_seconds=0.05)
        arguments = (str(self.workspace / "emulator"), wanted.to_json())
        process = parent().fork("tests.e2e.starting", arguments, ROOT, clean_environment())
        _, stderr = process.communicate(timeout=PATIENCE_SECONDS)
        assert process.returncode == 0, stderr

    @property
    def handle(self) -> EmulatorHandle:
        """The emulator that the workspace started."""
        handle = read_handle(self.workspace / "emulator")
        assert handle is not None
        return handle

    def ask_emulator(self, method: str, path: str, body: object = None) -> dict[str, Any]:
        """Call the emulator's control surface."""
        return ask(self.handle.endpoint_url, method, path, body)

    def calls(self, operation: str) -> int:
        """Return how often the emulator was asked for an operation."""
        return int(self.ask_emulator("GET", "calls")["counts"].get(operation, 0))

    def running_models(self) -> list[dict[str, Any]]:
        """Return what trains, starts, runs or stops on the emulator."""
        return list(self.ask_emulator("GET", "meter")["running"])

    def end(self) -> None:
        """End the emulator, where there is one."""
        shut_down(self.workspace / "emulator")


def ask(endpoint_url: str, method: str, path: str, body: object = None) -> dict[str, Any]:
    """Call a path of an emulator's control surface."""
    connection = http.client.HTTPConnection(urlsplit(endpoint_url).netloc, timeout=10)
    try:
        payload = None if body is None else json.dumps(body)
        connection.request(method, f"/rcl-emulator/{path}", body=payload)
        answer = json.loads(connection.getresponse().read())
    finally:
        connection.close()
    assert isinstance(answer, dict)
    return answer


def wait_until(condition: Callable[[], bool]) -> None:
    """Return when the condition holds."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < deadline, "waited too long"
        time.sleep(0.01)


def clean_environment() -> dict[str, str]:
    """Return this process's environment without anything of AWS."""
    return {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}


@cache
def parent(*imported: str, python: str = sys.executable) -> Parent:
    """Return this process's parent of children, which the first call starts.

    Args:
        imported: a package and modules; by default the product, and what its commands read.
        python: the interpreter of an environment that has them.
    """
    started = Parent(imported or ("rcl_flow", "tests.e2e.warming"), python, clean_environment())
    atexit.register(started.end)
    return started
