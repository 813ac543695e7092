"""Starting, finding and ending a server that outlives the client that started it."""

import fcntl
import http.client
import json
import os
import secrets
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO
from urllib.parse import urlsplit

from rcl_flow.emulator.errors import EmulatorStartError
from rcl_flow.emulator.files import make_directory, open_lock, open_log
from rcl_flow.emulator.record import EmulatorHandle, forget_handle, read_handle
from rcl_flow.emulator.settings import EmulatorSettings
from rcl_flow.emulator.shapes import JsonObject

LOCK_NAME = "server.lock"
LOG_NAME = "server.log"
START_DEADLINE_SECONDS = 60.0
STOP_DEADLINE_SECONDS = 15.0
POLL_SECONDS = 0.03
HEALTH_TIMEOUT_SECONDS = 10.0
LOG_TAIL_CHARACTERS = 2000
__all__ = ["EmulatorHandle", "answers", "ensure_running", "read_handle", "shut_down"]

FOREIGN_PREFIXES = ("AWS_", "BOTO_", "MOTO_")


def ensure_running(
    directory: Path,
    settings: EmulatorSettings,
    *,
    deadline_seconds: float = START_DEADLINE_SECONDS,
    outlives: bool = True,
) -> EmulatorHandle:
    """Return the server recorded in `directory` if it answers, else start one there.

    The server is detached: it survives the client, has none of its AWS credentials, and ends after
    its idle time-out. Of several clients that ask at once, one starts it and the others find it.
    One that is started without `outlives` ends with this process, however that ends.

    Raises:
        EmulatorStartError: It did not come up in `deadline_seconds`.
    """
    if (found := read_handle(directory)) is not None and answers(found):
        return found
    make_directory(directory)
    deadline = time.monotonic() + deadline_seconds
    with open_lock(directory / LOCK_NAME) as lock:
        _take_lock(lock, directory, deadline)
        if (found := read_handle(directory)) is not None and answers(found):
            return found
        tie = () if outlives else ("--parent", str(os.getpid()))
        return _start(directory, settings, tie, lock, deadline)


def answers(handle: EmulatorHandle) -> bool:
    """Say whether the very server of `handle` answers at its address."""
    health = _ask(handle, "GET", "health")
    return health is not None and health.get("instance") == handle.instance


def shut_down(directory: Path) -> bool:
    """End the server recorded in `directory`, and say whether there was one that answered.

    Raises:
        EmulatorStartError: It was asked to end and still answers.
    """
    handle = read_handle(directory)
    if handle is None:
        return False
    answered = answers(handle)
    if answered:
        _ask(handle, "POST", "shutdown")
        deadline = time.monotonic() + STOP_DEADLINE_SECONDS
        while answers(handle):
            if time.monotonic() > deadline:
                raise EmulatorStartError(f"The emulator (process {handle.pid}) does not end.")
            _pause()
    forget_handle(directory, handle)
    return answered


def _start(
    directory: Path,
    settings: EmulatorSettings,
    tie: tuple[str, ...],
    lock: IO[bytes],
    deadline: float,
) -> EmulatorHandle:
    instance = secrets.token_hex(8)
    # The child holds the lock until it has recorded itself, even if this process is killed now.
    command = [
        *(sys.executable, "-P", "-m", "rcl_flow.emulator.serve"),
        *("--settings", settings.to_json()),
        *tie,
        *("--instance", instance),
        *("--record", str(directory.resolve())),
        *("--lock-fd", str(lock.fileno())),
    ]
    with open_log(directory / LOG_NAME) as log:
        child = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            env=_environment(settings.region),
            pass_fds=(lock.fileno(),),
            start_new_session=True,
        )
    # reaps the child if it ends first, so that no dead process is left behind
    threading.Thread(target=child.wait, name="emulator-reaper", daemon=True).start()
    while time.monotonic() < deadline and child.returncode is None:
        found = read_handle(directory)
        if found is not None and found.instance == instance and answers(found):
            return found
        _pause()
    child.kill()
    raise EmulatorStartError(f"The emulator did not start.\n{_log_tail(directory)}")


def _take_lock(lock: IO[bytes], directory: Path, deadline: float) -> None:
    while True:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > deadline:
                raise EmulatorStartError(
                    f"Another client's emulator in {directory} does not come up."
                ) from None
            _pause()
        else:
            return


def _environment(region: str) -> dict[str, str]:
    kept = {k: v for k, v in os.environ.items() if not k.startswith(FOREIGN_PREFIXES)}
    return {
        **kept,
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_DEFAULT_REGION": region,
    }


@contextmanager
def _connection(url: str) -> Iterator[http.client.HTTPConnection]:
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=HEALTH_TIMEOUT_SECONDS)
    try:
        yield connection
    finally:
        connection.close()


def _ask(handle: EmulatorHandle, method: str, path: str) -> JsonObject | None:
    try:
        with _connection(handle.endpoint_url) as connection:
            connection.request(method, f"/rcl-emulator/{path}")
            document = json.loads(connection.getresponse().read())
    except (OSError, http.client.HTTPException, ValueError):
        return None
    return document if isinstance(document, dict) else None


def _log_tail(directory: Path) -> str:
    try:
        text = (directory / LOG_NAME).read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
    return text[-LOG_TAIL_CHARACTERS:]


def _pause() -> None:
    time.sleep(POLL_SECONDS)
