"""Tests of detached servers: real processes that outlive the client that started them."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from rcl_flow.emulator.errors import EmulatorStartError
from rcl_flow.emulator.launch import answers, ensure_running, read_handle, shut_down
from rcl_flow.emulator.settings import EmulatorSettings

pytestmark = pytest.mark.e2e

# whatever happens to a test, its server ends soon
SETTINGS = EmulatorSettings(idle_timeout_seconds=60)


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """Return a folder for a server, and end that server afterwards."""
    yield tmp_path / "emulator"
    shut_down(tmp_path / "emulator")


def test_server_is_started_once_and_found_again(folder: Path) -> None:
    """A second client gets the server of the first, and a shutdown ends it."""
    first = ensure_running(folder, SETTINGS)
    assert ensure_running(folder, SETTINGS) == first == read_handle(folder)
    assert answers(first)
    assert shut_down(folder)
    assert not answers(first)
    assert read_handle(folder) is None
    assert not shut_down(folder)


def test_racing_clients_get_one_server(folder: Path) -> None:
    """Of several clients that ask at once, one starts the server and all get it."""
    script = (
        "import sys, pathlib\n"
        "from rcl_flow.emulator.launch import ensure_running\n"
        "from rcl_flow.emulator.settings import EmulatorSettings\n"
        "settings = EmulatorSettings(idle_timeout_seconds=60)\n"
        "print(ensure_running(pathlib.Path(sys.argv[1]), settings).instance)\n"
    )
    command = [sys.executable, "-c", script, str(folder)]
    with ThreadPoolExecutor(3) as pool:
        found = list(pool.map(lambda _: subprocess.check_output(command, text=True), range(3)))
    handle = read_handle(folder)
    assert handle is not None
    assert {each.strip() for each in found} == {handle.instance}


def test_server_survives_a_killed_client(folder: Path) -> None:
    """A client killed while it waits for the server leaves one behind that others find."""
    script = (
        "import sys, pathlib, os, signal, threading\n"
        "from rcl_flow.emulator import launch\n"
        "from rcl_flow.emulator.settings import EmulatorSettings\n"
        "settings = EmulatorSettings(idle_timeout_seconds=60)\n"
        "threading.Timer(0.15, os.kill, (os.getpid(), signal.SIGKILL)).start()\n"
        "launch.ensure_running(pathlib.Path(sys.argv[1]), settings)\n"
        "signal.pause()\n"
    )
    client = subprocess.run([sys.executable, "-c", script, str(folder)], check=False)
    assert client.returncode == -signal.SIGKILL
    handle = ensure_running(folder, SETTINGS)
    assert os.getsid(handle.pid) == handle.pid != os.getsid(0)
    assert handle == read_handle(folder)


def test_server_ends_cleanly_on_a_signal(folder: Path) -> None:
    """SIGTERM ends the server, which takes its record with it."""
    handle = ensure_running(folder, SETTINGS)
    os.kill(handle.pid, signal.SIGTERM)
    assert within(lambda: read_handle(folder) is None)
    assert not answers(handle)


def test_server_ends_when_two_signals_come_at_once(folder: Path) -> None:
    """Another thread may take both; the server still ends."""
    handle = ensure_running(folder, SETTINGS)
    os.kill(handle.pid, signal.SIGINT)
    os.kill(handle.pid, signal.SIGTERM)
    assert within(lambda: not answers(handle))


def test_server_that_does_not_outlive_its_client_ends_with_it(folder: Path) -> None:
    """A killed client leaves nothing behind, and one that lives keeps its server."""
    script = (
        "import os, pathlib, signal, sys\n"
        "from rcl_flow.emulator.launch import answers, ensure_running\n"
        "from rcl_flow.emulator.settings import EmulatorSettings\n"
        "handle = ensure_running(pathlib.Path(sys.argv[1]), EmulatorSettings(), outlives=False)\n"
        "assert answers(handle)\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    client = subprocess.run([sys.executable, "-c", script, str(folder)], check=False)
    assert client.returncode == -signal.SIGKILL
    assert within(lambda: read_handle(folder) is None)


def test_stale_record_is_replaced(folder: Path) -> None:
    """A record of a server that is gone does not stand in the way of a new one."""
    handle = ensure_running(folder, SETTINGS)
    os.kill(handle.pid, signal.SIGKILL)
    assert within(lambda: not answers(handle))
    assert read_handle(folder) == handle
    assert ensure_running(folder, SETTINGS).instance != handle.instance


def test_server_has_none_of_the_client_s_aws_settings(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Credentials, profile and endpoints of the user stay with the user."""
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "very secret")
    monkeypatch.setenv("AWS_PROFILE", "no-such-profile")
    handle = ensure_running(folder, SETTINGS)
    environment = Path(f"/proc/{handle.pid}/environ")
    if not environment.exists():
        pytest.skip("needs /proc")
    text = environment.read_text()
    assert "very secret" not in text
    assert "no-such-profile" not in text


def test_start_that_fails_tells_why(folder: Path) -> None:
    """The error ends with what the server wrote to its log."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = int(taken.getsockname()[1])
        with pytest.raises(EmulatorStartError, match=f"cannot listen on port {port}"):
            ensure_running(folder, EmulatorSettings(port=port))
    assert read_handle(folder) is None


def test_record_that_cannot_be_written_is_one_line(folder: Path) -> None:
    """A full disk or a folder that is in the way is told without the server's own code."""
    (folder / "server.json").mkdir(parents=True)
    with pytest.raises(EmulatorStartError, match="Is a directory") as caught:
        ensure_running(folder, SETTINGS)
    assert "Traceback" not in str(caught.value)


def test_server_prints_one_line_of_json_when_ready() -> None:
    """A program that starts the server itself learns the address from its first line."""
    command = [sys.executable, "-m", "rcl_flow.emulator.serve", "--port", "0", "--json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        line = json.loads(process.stdout.readline())
        assert line["pid"] == process.pid
        assert line["endpoint_url"].startswith("http://127.0.0.1:")
        process.send_signal(signal.SIGINT)
        assert process.wait(15) == 0


def within(condition: Callable[[], bool], seconds: float = 15) -> bool:
    """Say whether a condition comes true in time."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True
