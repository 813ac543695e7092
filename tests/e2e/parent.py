"""A process that forks a child an order: `parent.py SOCKET PACKAGE MODULE...`.

A child is a process like any other: it has its own id, folder, environment, streams, signals and
exit code, and runs the module that it is told as `python -m` does. Only the second or two is saved
that imports take: those of all modules of a package, and of modules that are named besides. What
depends on a new interpreter, such as the seed of its hashes, is tested with `Bench.run_anew`.

Orders come over the socket, each on a connection of its own: one `Order`, with the files that
become the child's streams. Answered are the child's id, and its exit code when it has ended. The
parent ends with its own stdin. It is single-threaded and has no connection open, so that a fork of
it is as good as a new process. It imports the standard library and what it is told alone, so that
any environment's Python can run it.
"""

import atexit
import fcntl
import gc
import importlib
import json
import os
import pkgutil
import runpy
import select
import signal
import socket
import sys
import threading
from contextlib import suppress
from dataclasses import asdict, dataclass
from typing import Any

LARGEST_ORDER_BYTES = 1 << 20
MOST_FILES = 16
_FREE_FROM = 512
"""Numbers of files from which on neither parent nor order has one."""
_UNTOUCHED = ("__main__", "pytest_plugin")
"""Ends of the names of modules that do something when they are imported."""


@dataclass(frozen=True, slots=True)
class Order:
    """What a child is to do."""

    module: str
    arguments: list[str]
    folder: str
    environment: dict[str, str]
    files: list[int]
    """The numbers that the files which come with the order have in the child."""
    executable: str
    """What the child takes for Python when it starts a process itself."""
    in_a_new_session: bool = False


@dataclass(frozen=True, slots=True)
class Born:
    """A child that was forked just now, seen from within."""

    order: Order


def encode_order(order: Order) -> bytes:
    """Return the message that an order is."""
    return json.dumps(asdict(order)).encode()


def import_all(package: str) -> dict[str, str]:
    """Import all modules of a package, and return the variables that they have set for it.

    A module that is broken is left to the children that need it.
    """
    before = dict(os.environ)
    paths = importlib.import_module(package).__path__
    for module in pkgutil.walk_packages(paths, f"{package}.", onerror=lambda _: None):
        if not module.name.endswith(_UNTOUCHED):
            with suppress(Exception):
                importlib.import_module(module.name)
    return dict(os.environ.items() - before.items())


def serve(listener: socket.socket, made: dict[str, str]) -> Born | None:
    """Fork children until stdin ends; return in each child, and None in the parent at the end.

    Args:
        listener: where the orders come.
        made: variables of every child whose order does not have others.
    """
    waking, waked = os.pipe()
    os.set_blocking(waked, False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(waked, warn_on_full_buffer=False)
    asking: dict[int, socket.socket] = {}
    while True:
        ready = select.select([0, waking, listener.fileno()], [], [])[0]
        if 0 in ready:
            return None
        if waking in ready:
            os.read(waking, 1 << 10)
            _tell_ends(asking)
        if listener.fileno() in ready:
            connection, _ = listener.accept()
            order, files = _take(connection)
            pid = os.fork()
            if not pid:
                signal.set_wakeup_fd(-1)
                for one in (listener, connection, *asking.values()):
                    one.detach()  # their numbers are soon those of other files
                _become(order, files)
                os.environ.update(made | order.environment)
                return Born(order)
            for number in files:
                os.close(number)
            asking[pid] = connection
            connection.send(str(pid).encode())


def _tell_ends(asking: dict[int, socket.socket]) -> None:
    while asking:
        pid, status = os.waitpid(-1, os.WNOHANG)
        if not pid:
            return
        with asking.pop(pid) as connection, suppress(OSError):  # nobody may wait any more
            connection.send(str(os.waitstatus_to_exitcode(status)).encode())


def _take(connection: socket.socket) -> tuple[Order, list[int]]:
    message, files, _, _ = socket.recv_fds(connection, LARGEST_ORDER_BYTES, MOST_FILES)
    return Order(**json.loads(message)), files


def _become(order: Order, files: list[int]) -> None:
    """Turn this fork into the child of an order: its files, folder, environment and signals."""
    if order.in_a_new_session:
        os.setsid()
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    kept = [fcntl.fcntl(number, fcntl.F_DUPFD, _FREE_FROM) for number in files]
    os.closerange(0, _FREE_FROM)
    for number, wanted in zip(kept, order.files, strict=True):
        os.dup2(number, wanted)
        os.close(number)
    os.environ.clear()
    os.chdir(order.folder)
    sys.path[0] = order.folder


def live(order: Order) -> None:
    """Run the order's module to its end.

    An interpreter that ends takes all apart that it has, which costs a fork more than its work. So
    it does the rest alone: waits for threads, calls what wants to be called, flushes and leaves.
    """
    if not hasattr(sys.modules.get(order.module), "__path__"):
        sys.modules.pop(order.module, None)  # it is run anew
    sys.argv = ["-m", *order.arguments]
    sys.executable = order.executable
    try:
        runpy.run_module(order.module, run_name="__main__", alter_sys=True)
    except SystemExit as ended:
        if ended.code is not None and not isinstance(ended.code, int):
            raise  # a text to print
        code = ended.code or 0
    else:
        code = 0
    end_threads: Any = threading._shutdown  # type: ignore[attr-defined]  # as multiprocessing does
    end_threads()
    atexit._run_exitfuncs()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


def main() -> Born | None:
    """Listen at the socket, say so on stdout, and serve."""
    sys.path[0] = os.getcwd()  # noqa: PTH109  # not this folder, whose modules have common names
    made = import_all(sys.argv[2])
    for module in sys.argv[3:]:
        importlib.import_module(module)
    gc.collect()
    gc.freeze()
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as listener:
        listener.bind(sys.argv[1])
        listener.listen()
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        return serve(listener, made)


if __name__ == "__main__":
    born = main()
    if born is not None:
        live(born.order)
