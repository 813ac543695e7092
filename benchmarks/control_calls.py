"""Control calls over HTTP: the emulator's server against moto's own with the same engine."""

import http.client
import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from benchmarks.measuring import ratio, show, wall_seconds

ROOT = Path(__file__).parents[1]
FLASK = ROOT / ".bench" / "moto"
CALLS = 400
SCOPE = "AKIAEMULATOREMULATOR/20260101/us-east-1/rekognition/aws4_request"


def call(url: str, operation: str, members: dict[str, object], *, times: int) -> None:
    """Make the same call over one connection, which the server may keep open."""
    connection = http.client.HTTPConnection(urlsplit(url).netloc)
    headers = {
        "X-Amz-Target": f"RekognitionService.{operation}",
        "Content-Type": "application/x-amz-json-1.1",
        "Authorization": f"AWS4-HMAC-SHA256 Credential={SCOPE}, SignedHeaders=host, Signature=0",
    }
    body = json.dumps(members)
    for _ in range(times):
        connection.request("POST", "/", body=body, headers=headers)
        answer = connection.getresponse()
        content = answer.read()
        if answer.status != http.client.OK:
            raise RuntimeError(f"{operation}: {content!r}")
    connection.close()


def describes(url: str, *, threads: int) -> float:
    """Return the seconds that `CALLS` describes in that many threads take."""
    workers = [
        threading.Thread(
            target=call, args=(url, "DescribeProjects", {}), kwargs={"times": CALLS // threads}
        )
        for _ in range(threads)
    ]

    def run() -> None:
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()

    return wall_seconds(run)


@contextmanager
def moto_server() -> Iterator[str]:
    """Run moto's server in a process of its own, as the emulator's server is one."""
    environment = {**os.environ, "PYTHONPATH": str(FLASK), "AWS_EC2_METADATA_DISABLED": "true"}
    process = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.moto_server"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        cwd=ROOT,
        env=environment,
    )
    try:
        yield str(process.stdout.readline()).strip() if process.stdout else ""
    finally:
        process.communicate()


def bench_control_calls(ours: str) -> None:
    """Describe one project over and over, on both servers in turn.

    Args:
        ours: the address of the emulator's server.
    """
    with moto_server() as moto:
        for url in (ours, moto):
            call(url, "CreateProject", {"ProjectName": "control-calls"}, times=1)
        for threads in (1, 16):
            figures = ratio(
                lambda: describes(moto, threads=threads),  # noqa: B023  # run at once
                lambda: describes(ours, threads=threads),  # noqa: B023  # run at once
            )
            show(
                f"{CALLS} describes in {threads} threads: moto's server, against ours", figures, "s"
            )
