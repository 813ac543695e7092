"""The emulator as a server on this machine: `python -m rcl_flow.emulator.serve`."""

import argparse
import atexit
import json
import logging
import os
import secrets
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import asdict, replace
from functools import partial
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from queue import Empty, SimpleQueue
from types import FrameType

from moto.moto_api._internal.models import moto_api_backend

from rcl_flow.emulator.conditions.clock import as_datetime
from rcl_flow.emulator.conditions.executors import capture
from rcl_flow.emulator.conditions.world import World, world_of
from rcl_flow.emulator.doors.control import Control, Identity, active_versions
from rcl_flow.emulator.doors.http_door import Desk, EmulatorServer
from rcl_flow.emulator.doors.moto_ext import install, uninstall
from rcl_flow.emulator.doors.moto_ext.enforcement import enforced_policies
from rcl_flow.emulator.doors.schedules import Schedules
from rcl_flow.emulator.errors import EmulatorStartError
from rcl_flow.emulator.record import EmulatorHandle, forget_handle, write_handle
from rcl_flow.emulator.settings import EmulatorSettings, parse_settings

logger = logging.getLogger(__name__)

# a stop waits for it, and so does the end of every test that has a server of its own
POLL_SECONDS = 0.01
TICK_SECONDS = 0.1
# of two signals at once, another thread may take both: the main one, which runs their handlers, is
# not woken then, and looks by itself
SIGNAL_CHECK_SECONDS = 0.2
ENDING_SIGNALS = (signal.SIGTERM, signal.SIGINT)


def serve_forever(
    settings: EmulatorSettings,
    on_ready: Callable[[EmulatorHandle], None],
    *,
    instance: str | None = None,
    parent: int | None = None,
) -> None:
    """Serve until a signal, a request to shut down, or the idle time-out; needs the main thread.

    Args:
        settings: How the emulator behaves.
        on_ready: Called once, when requests are answered.
        instance: The server's name in `/rcl-emulator/health`; by default a random one.
        parent: The process that started this one and with which it ends; None: with none.
    """
    with running_server(settings, instance=instance) as running, _ending_on_signals(running):
        on_ready(running.ready)
        running.wait(parent)


@contextmanager
def _ending_on_signals(running: "RunningServer") -> Iterator[None]:
    def interrupted(number: int, frame: FrameType | None) -> None:
        running.stop()

    former = {number: signal.signal(number, interrupted) for number in ENDING_SIGNALS}
    try:
        yield
    finally:
        for number, handler in former.items():
            signal.signal(number, handler)


class RunningServer:
    """A server in its own thread, with the watch that ends it when it is idle."""

    def __init__(self, settings: EmulatorSettings, world: World, instance: str) -> None:
        """Listen, but answer only from `start` on."""
        self.world = world
        self._timeout = settings.idle_timeout_seconds
        self._server = _listen(settings.port)
        self.ready = EmulatorHandle(
            self._server.endpoint_url, os.getpid(), instance, asdict(settings)
        )
        started = as_datetime(world.clock.now()).isoformat()
        identity = Identity(instance, os.getpid(), started, _version())
        self.schedules = Schedules(world.clock)
        control = Control(world, self.schedules, identity, self.stop)
        self._server.desk = Desk(control, settings.region, self._touch)
        # no Event: a handler of a signal must not wait for a lock that its thread may hold
        self._ending: SimpleQueue[None] = SimpleQueue()
        self._closing = threading.Event()
        self._ticker = threading.Thread(target=self._tick, name="schedules", daemon=True)
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(POLL_SECONDS,), name="emulator", daemon=True
        )
        self._touch()

    def start(self) -> None:
        """Answer requests, and fire schedules."""
        self._thread.start()
        self._ticker.start()

    def stop(self) -> None:
        """Ask `wait` to return; safe in the handler of a signal."""
        self._ending.put(None)

    def wait(self, parent: int | None = None) -> None:
        """Return when the server was asked to end, lost its parent, or was idle for too long."""
        while not self._is_asked_to_end():
            if self._is_idle() or parent not in (None, os.getppid()):
                return

    def close(self) -> None:
        """Finish the answers under way and stop listening."""
        self._closing.set()
        self._ticker.join()
        self._server.shutdown()
        self._thread.join()
        self._server.hang_up()
        self._server.server_close()

    def _tick(self) -> None:
        while not self._closing.wait(TICK_SECONDS):
            error = capture(self.schedules.run_due).exception()
            if error is not None:
                logger.error("the schedules failed", exc_info=error)

    def _is_asked_to_end(self) -> bool:
        try:
            self._ending.get(timeout=SIGNAL_CHECK_SECONDS)
        except Empty:
            return False
        return True

    def _touch(self) -> None:
        self._touched = time.monotonic()

    def _is_idle(self) -> bool:
        if not self._timeout or time.monotonic() - self._touched < self._timeout:
            return False
        return not active_versions()


def _listen(port: int) -> EmulatorServer:
    try:
        return EmulatorServer(port)
    except (OSError, OverflowError) as error:
        raise EmulatorStartError(f"The emulator cannot listen on port {port}: {error}") from error


@contextmanager
def running_server(
    settings: EmulatorSettings, *, world: World | None = None, instance: str | None = None
) -> Iterator[RunningServer]:
    """Serve as long as the block lasts, from empty and to empty.

    moto's memory is one per process, and so is the server that may use it.

    Raises:
        EmulatorStartError: The port is taken.
    """
    living_world = world or world_of(settings)
    running = RunningServer(settings, living_world, instance or secrets.token_hex(8))
    install(living_world)
    try:
        with enforced_policies() if settings.enforce_policies else nullcontext():
            running.start()
            try:
                yield running
            finally:
                running.close()
    finally:
        moto_api_backend.reset()
        uninstall()


def main(arguments: list[str] | None = None) -> int:
    """Serve as the command line says, and return the exit code."""
    parser = _parser()
    options = parser.parse_args(arguments)
    try:
        settings = parse_settings(options.settings)
        if options.port is not None:
            settings = replace(settings, port=options.port)
    except (TypeError, ValueError) as error:
        parser.error(f"--settings and --port: {error}")
    try:
        ready = partial(_tell, options)
        serve_forever(settings, ready, instance=options.instance, parent=options.parent)
    except (EmulatorStartError, OSError) as error:  # such as a full disk, or a folder of others
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m rcl_flow.emulator.serve", description=__doc__)
    parser.add_argument("--port", type=int, help="0, the default, takes a free one")
    parser.add_argument("--settings", default="{}", help="a JSON object of EmulatorSettings")
    parser.add_argument("--json", action="store_true", help="print one line of JSON when ready")
    parser.add_argument("--instance", help="the name that /rcl-emulator/health gives")
    parser.add_argument("--parent", type=int, help="the process that it ends with")
    parser.add_argument("--record", type=Path, help="a folder to write server.json to")
    parser.add_argument("--lock-fd", type=int, help="an inherited lock to release when ready")
    return parser


def _tell(options: argparse.Namespace, ready: EmulatorHandle) -> None:
    line = json.dumps({"endpoint_url": ready.endpoint_url, "pid": ready.pid})
    sys.stdout.write(f"{line if options.json else f'emulator ready at {ready.endpoint_url}'}\n")
    sys.stdout.flush()
    if options.record is not None:
        write_handle(options.record, ready)
        atexit.register(forget_handle, options.record, ready)
    if options.lock_fd is not None:
        os.close(options.lock_fd)


def _version() -> str:
    try:
        return version("rcl-flow")
    except PackageNotFoundError:
        return "unknown"


if __name__ == "__main__":
    sys.exit(main())
