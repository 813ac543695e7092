"""Processes that a parent forks, which has imported everything already; see `parent.py`."""

import os
import select
import shlex
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final, TextIO

from tests.e2e.parent import Order, encode_order

ROOT: Final = Path(__file__).parents[2]
STAND_IN: Final = Path(__file__).with_name("stand_in.py")
_ANSWER_BYTES: Final = 64
_MOST_BYTES: Final = 1 << 16
# a fork must not have threads, which numpy would start
_ONE_THREAD: Final = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}


class Child:
    """A process that a parent has forked, with the part of `subprocess.Popen` that tests need."""

    def __init__(self, connection: socket.socket, pid: int, stdout: TextIO, stderr: TextIO) -> None:
        """Own the connection on which the end is told, and the streams."""
        self.pid = pid
        self.stdout = stdout
        self.stderr = stderr
        self.returncode: int | None = None
        self._connection = connection
        self._said = ("", "")

    def send_signal(self, number: int) -> None:
        """Send a signal, where the process has not ended yet."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def terminate(self) -> None:
        """Ask it to end."""
        self.send_signal(signal.SIGTERM)

    def poll(self) -> int | None:
        """Return the exit code, or None while it lives."""
        return self._await(0.0)

    def communicate(self, timeout: float | None = None) -> tuple[str, str]:
        """Wait for the end and return what was printed since.

        Raises:
            subprocess.TimeoutExpired: it did not end in that many seconds.
        """
        if self.stdout.closed:
            return self._said
        deadline = None if timeout is None else time.monotonic() + timeout
        self._said = _read_both(self.stdout, self.stderr, deadline)
        left = None if deadline is None else max(0.0, deadline - time.monotonic())
        if self._await(left) is None:
            raise subprocess.TimeoutExpired(str(self.pid), timeout or 0.0)
        return self._said

    def _await(self, timeout: float | None) -> int | None:
        if self.returncode is None:
            self._connection.settimeout(timeout)
            try:
                self.returncode = int(self._connection.recv(_ANSWER_BYTES))
            except (BlockingIOError, TimeoutError):
                return None
            self._connection.close()
        return self.returncode


def _read_both(stdout: TextIO, stderr: TextIO, deadline: float | None) -> tuple[str, str]:
    """Read both streams to their ends, and close them."""
    said: dict[int, bytes] = {stdout.fileno(): b"", stderr.fileno(): b""}
    unread = set(said)
    while unread:
        left = None if deadline is None else max(0.0, deadline - time.monotonic())
        ready = select.select(unread, [], [], left)[0]
        if not ready:
            raise subprocess.TimeoutExpired("a child", left or 0.0)
        for number in ready:
            part = os.read(number, _MOST_BYTES)
            said[number] += part
            if not part:
                unread.remove(number)
    for stream in (stdout, stderr):
        stream.close()
    out, err = (text.decode() for text in said.values())
    return out, err


class Parent:
    """The process that forks; it ends with this one."""

    def __init__(self, imported: Sequence[str], python: str, environment: dict[str, str]) -> None:
        """Start it in that environment, and return when it takes orders.

        Args:
            imported: a package, whose modules are all imported, and single modules.
            python: the interpreter of an environment that has it.
            environment: the variables; children have their own.
        """
        self._folder = Path(tempfile.mkdtemp(prefix="rcl-flow-parent-"))
        self._socket = self._folder / "orders"
        self.python = self._write_python(python)
        """A program that is forked where `python -P -m MODULE` would start an interpreter."""
        self._process = subprocess.Popen(
            [python, str(ROOT / "tests" / "e2e" / "parent.py"), str(self._socket), *imported],
            cwd=ROOT,
            env={**environment, **_ONE_THREAD},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        assert self._process.stdout
        assert self._process.stdout.readline() == b"ready\n"

    def fork(
        self, module: str, arguments: Sequence[str], folder: Path, environment: dict[str, str]
    ) -> Child:
        """Run `python -m MODULE ARGUMENTS` in a child, whose stdin is empty."""
        order = Order(
            module=module,
            arguments=list(arguments),
            folder=str(folder),
            environment={**environment, **_ONE_THREAD},
            files=[0, 1, 2],
            executable=str(self.python),
        )
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        connection.connect(str(self._socket))
        reading, writing = zip(*(os.pipe() for _ in range(2)), strict=True)
        with Path(os.devnull).open("rb") as nothing:
            socket.send_fds(connection, [encode_order(order)], [nothing.fileno(), *writing])
        for number in writing:
            os.close(number)
        pid = int(connection.recv(_ANSWER_BYTES))
        stdout, stderr = (os.fdopen(number, "r") for number in reading)
        return Child(connection, pid, stdout, stderr)

    def end(self) -> None:
        """Let it end, and remove what it needed."""
        self._process.communicate()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _write_python(self, python: str) -> Path:
        """Write what stands in for Python in children, which start the emulator with it."""
        path = self._folder / "python"
        words = [python, "-SE", str(STAND_IN), str(self._socket), python]
        path.write_text(f'#!/bin/sh\nexec {shlex.join(words)} "$@"\n')
        path.chmod(0o755)
        return path
