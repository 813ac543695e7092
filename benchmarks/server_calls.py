"""Two servers of the emulator, and the calls that they are measured with."""

import base64
import io
import json
import os
import re
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import boto3
from PIL import Image

from rcl_flow.emulator.settings import EmulatorSettings

ROOT: Final = Path(__file__).parents[1]
FLASK: Final = ROOT / ".bench" / "moto"
BUCKET, KEY = "server-calls", "folder/object.bin"
OBJECT_BYTES: Final = 100 * 1024
PROJECT: Final = "server-calls"
COLOURS: Final = {"red": (200, 30, 30), "blue": (30, 30, 200)}
IMAGES_PER_LABEL: Final = 10
TICKS_PER_SECOND: Final = os.sysconf("SC_CLK_TCK")
SCOPE: Final = "AKIAEMULATOREMULATOR/20260101/us-east-1/{}/aws4_request"
SIGNED: Final = "AWS4-HMAC-SHA256 Credential={}, SignedHeaders=host, Signature=0"

END_OF_HEADERS: Final = b"\r\n\r\n"
LENGTH: Final = re.compile(rb"(?i)\r\ncontent-length: *([0-9]+)")
CLOSING: Final = re.compile(rb"(?i)\r\nconnection: *close")
OLD_VERSION: Final = b"HTTP/1.0"
RECEIVED_BYTES: Final = 1 << 18
LONGEST_STATUS: Final = 20
TIMEOUT_SECONDS: Final = 60


@dataclass(frozen=True, slots=True)
class Call:
    """One HTTP request, made over and over."""

    name: str
    method: str = "POST"
    path: str = "/"
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Server:
    """A server in a process of its own."""

    url: str
    pid: int

    @property
    def cpu_seconds(self) -> float:
        """What its process has used so far, in steps of a hundredth."""
        words = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(words[11]) + int(words[12])) / TICKS_PER_SECOND


@contextmanager
def our_server() -> Iterator[Server]:
    """Serve as `rcl-flow emulate` does, with states that last no time."""
    quick = EmulatorSettings(dataset_seconds=0, training_seconds=0, starting_seconds=0)
    command = ["-m", "rcl_flow.emulator.serve", "--json", "--settings", quick.to_json()]
    with _process(command, {}) as process:
        yield Server(str(json.loads(_first_line(process))["endpoint_url"]), process.pid)


@contextmanager
def motos_server() -> Iterator[Server]:
    """Serve as moto does by itself, with the same engine behind."""
    environment = {"PYTHONPATH": str(FLASK), "AWS_EC2_METADATA_DISABLED": "true"}
    with _process(["-m", "benchmarks.moto_server"], environment) as process:
        yield Server(_first_line(process), process.pid)


@contextmanager
def _process(command: list[str], environment: dict[str, str]) -> Iterator["subprocess.Popen[str]"]:
    process = subprocess.Popen(
        [sys.executable, *command],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        cwd=ROOT,
        env={**os.environ, **environment},
    )
    try:
        yield process
    finally:
        process.terminate()
        process.communicate()


def _first_line(process: "subprocess.Popen[str]") -> str:
    return process.stdout.readline().strip() if process.stdout else ""


def prepare(url: str) -> str:
    """Make bucket, object, project and a running model; return the model's ARN."""
    access: dict[str, Any] = {
        "endpoint_url": url,
        "region_name": "us-east-1",
        "aws_access_key_id": "AKIAEMULATOREMULATOR",
        "aws_secret_access_key": "emulator",
    }
    s3: Any = boto3.client("s3", **access)
    rekognition: Any = boto3.client("rekognition", **access)
    s3.create_bucket(Bucket=BUCKET)
    s3.put_object(Bucket=BUCKET, Key=KEY, Body=bytes(OBJECT_BYTES))
    lines = []
    for label, colour in COLOURS.items():
        for number in range(IMAGES_PER_LABEL):
            key = f"images/{label}-{number}.png"
            s3.put_object(Bucket=BUCKET, Key=key, Body=picture(colour, number))
            lines.append(json.dumps(_line(key, label)))
    s3.put_object(Bucket=BUCKET, Key="all.manifest", Body="\n".join(lines).encode())
    project = rekognition.create_project(ProjectName=PROJECT)["ProjectArn"]
    manifest = {"S3Object": {"Bucket": BUCKET, "Name": "all.manifest"}}
    arn = rekognition.create_project_version(
        ProjectArn=project,
        VersionName="v1",
        OutputConfig={"S3Bucket": BUCKET, "S3KeyPrefix": "output"},
        TrainingData={"Assets": [{"GroundTruthManifest": manifest}]},
        TestingData={"Assets": [{"GroundTruthManifest": manifest}]},
    )["ProjectVersionArn"]
    often = {"Delay": 1, "MaxAttempts": 120}
    rekognition.get_waiter("project_version_training_completed").wait(
        ProjectArn=project, WaiterConfig=often
    )
    rekognition.start_project_version(ProjectVersionArn=arn, MinInferenceUnits=1)
    rekognition.get_waiter("project_version_running").wait(ProjectArn=project, WaiterConfig=often)
    return str(arn)


def picture(colour: tuple[int, int, int], number: int) -> bytes:
    """Return a small PNG of nearly one colour."""
    file = io.BytesIO()
    red, green, blue = colour
    Image.new("RGB", (64, 64), (red + number, green + number, blue + number)).save(file, "PNG")
    return file.getvalue()


def _line(key: str, label: str) -> dict[str, object]:
    about = {
        "confidence": 1,
        "class-name": label,
        "type": "groundtruth/image-classification",
        "human-annotated": "yes",
        "creation-date": "2026-01-01T00:00:00",
        "job-name": PROJECT,
    }
    return {"source-ref": f"s3://{BUCKET}/{key}", "class": 1, "class-metadata": about}


def calls(model_arn: str) -> tuple[Call, ...]:
    """Return what is measured, the same for both servers."""
    image = base64.b64encode(picture(COLOURS["red"], 0)).decode()
    detect = {"ProjectVersionArn": model_arn, "Image": {"Bytes": image}, "MinConfidence": 0}
    signed = {"Authorization": SIGNED.format(SCOPE.format("s3"))}
    path = f"/{BUCKET}/{KEY}"
    return (
        _rekognition("DescribeProjects", {}),
        _rekognition("DetectCustomLabels", detect),
        Call("PutObject, 100 KB", "PUT", path, signed, bytes(OBJECT_BYTES)),
        Call("GetObject, 100 KB", "GET", path, signed),
        Call("ListObjectsV2", "GET", f"/{BUCKET}?list-type=2&prefix=images%2F", signed),
    )


def _rekognition(operation: str, members: dict[str, object]) -> Call:
    headers = {
        "X-Amz-Target": f"RekognitionService.{operation}",
        "Content-Type": "application/x-amz-json-1.1",
        "Authorization": SIGNED.format(SCOPE.format("rekognition")),
    }
    return Call(operation, headers=headers, body=json.dumps(members).encode())


def make(call: Call, url: str, *, times: int, threads: int = 1) -> None:
    """Make a call so many times in all, over one connection a thread.

    By bare sockets: a client of Python's own costs more than the call does the server.

    Raises:
        RuntimeError: A call was refused.
    """
    failures: list[str] = []
    workers = [
        threading.Thread(target=_make, args=(call, url, times // threads, failures))
        for _ in range(threads)
    ]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    if failures:
        raise RuntimeError(failures[0])


def _make(call: Call, url: str, times: int, failures: list[str]) -> None:
    request = _written(call, urlsplit(url).netloc)
    connection: socket.socket | None = None
    try:
        for _ in range(times):
            connection = connection or _connected(url)
            connection.sendall(request)
            head = _answered(connection)
            if b" 200 " not in head[:LONGEST_STATUS]:
                failures.append(f"{call.name}: {head!r:.300}")
                return
            if head.startswith(OLD_VERSION) or CLOSING.search(head):
                connection.close()
                connection = None
    except OSError as error:
        failures.append(f"{call.name}: {error!r}")
    finally:
        if connection is not None:
            connection.close()


def _connected(url: str) -> socket.socket:
    place = urlsplit(url)
    connection = socket.create_connection((place.hostname, place.port), TIMEOUT_SECONDS)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return connection


def _written(call: Call, host: str) -> bytes:
    headers = {"Host": host, **call.headers, "Content-Length": str(len(call.body))}
    lines = [f"{call.method} {call.path} HTTP/1.1", *(f"{k}: {v}" for k, v in headers.items())]
    return "\r\n".join([*lines, "", ""]).encode() + call.body


def _answered(connection: socket.socket) -> bytes:
    """Read one answer to its end and return its headers."""
    received = b""
    while END_OF_HEADERS not in received:
        received += _more(connection)
    head, _, body = received.partition(END_OF_HEADERS)
    length = LENGTH.search(head)
    missing = (int(length[1]) if length else 0) - len(body)
    while missing > 0:
        missing -= len(_more(connection))
    return head


def _more(connection: socket.socket) -> bytes:
    part = connection.recv(RECEIVED_BYTES)
    if not part:
        raise ConnectionResetError("the server hung up")
    return part
