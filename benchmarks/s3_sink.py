"""Starting a sink for uploads, in a process of its own: in C where there is a compiler."""

import hashlib
import json
import shutil
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

SOURCE = Path(__file__).with_name("s3_sink.c")
BUILT = Path(".bench/sink")
DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))


@dataclass(frozen=True, slots=True)
class Counts:
    """What a sink has been sent since it began anew."""

    puts: int
    put_bytes: int
    checksummed: int
    """Puts with a checksum in their headers."""
    lists: int
    heads: int
    others: int
    connections: int
    all_ns: int
    """From the first put's header to the last put's answer."""
    all_but_two_ns: int
    """To the answer of the last put but two: our manifests follow the images."""
    verified: int = 0
    """Of the sink in Python alone: objects that are what their checksum and their key say."""


@dataclass(frozen=True, slots=True)
class RunningSink:
    """A sink that answers."""

    endpoint_url: str
    is_native: bool
    """The one in C; the other takes more CPU than what it measures."""

    def begin_anew(self) -> None:
        """Forget what was sent so far."""
        self._ask("reset", b"")

    def counts(self) -> Counts:
        """Return what was sent."""
        told = json.loads(self._ask("stats", None))
        return Counts(**{name: told[name] for name in Counts.__slots__ if name in told})

    def _ask(self, what: str, body: bytes | None) -> bytes:
        request = urllib.request.Request(f"{self.endpoint_url}/-/{what}", body)
        with DIRECT.open(request) as answer:
            return bytes(answer.read())


@contextmanager
def running_sink(latency_ms: float, *, looks_at_all: bool = False) -> Iterator[RunningSink]:
    """Run a sink until the block ends.

    Args:
        latency_ms: how long each answer takes after the request is there.
        looks_at_all: take the one in Python, which verifies what it is sent.
    """
    program = None if looks_at_all else native_sink()
    slow = [sys.executable, "-m", "benchmarks.s3_sink_slow"]
    command = [*([str(program)] if program else slow), str(latency_ms)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdin is not None
        port = int(process.stdout.readline())
        try:
            yield RunningSink(f"http://127.0.0.1:{port}", is_native=program is not None)
        finally:
            process.stdin.close()


def native_sink() -> Path | None:
    """Return the compiled sink, made when its source has changed; None without a compiler."""
    compiler = shutil.which("cc")
    if compiler is None or sys.platform != "linux":
        return None
    digest = hashlib.sha256(SOURCE.read_bytes()).hexdigest()[:16]
    program = BUILT / f"s3_sink-{digest}"
    if not program.exists():
        BUILT.mkdir(parents=True, exist_ok=True)
        subprocess.run([compiler, "-O2", "-o", str(program), str(SOURCE)], check=True)
    return program
