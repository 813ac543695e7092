"""A process that forks one child an order: a run without the second that imports cost.

It is single-threaded and has no connection open, so that a fork of it is as good as a new process.
"""

import gc
import io
import json
import os
import resource
import select
import signal
import sys
import threading
import time
import traceback
from contextlib import redirect_stderr, redirect_stdout, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from rcl_flow.cli.app import run_app
from rcl_flow.cli.commands import status as _status  # noqa: F401  # imported before the fork
from rcl_flow.cli.reading import read_config
from rcl_flow.clock import Clock
from rcl_flow.config import FlowConfig
from rcl_flow.errors import RclFlowError
from rcl_flow.pipeline.flow import Options, run_flow
from rcl_flow.pipeline.predicting.choosing_model import choose_model
from rcl_flow.pipeline.runs.run import Pause
from rcl_flow.pipeline.runs.services import Services
from rcl_flow.pipeline.runs.signals import Signalled
from rcl_flow.pipeline.serving.hosting import host, hosting_for
from rcl_flow.pipeline.state.holding import Holder, this_process
from rcl_flow.pipeline.state.s3_store import S3Store
from rcl_flow.pipeline.state.shared_state import SharedState, write_pointer
from rcl_flow.pipeline.state.sqlite_store import SqliteStore
from rcl_flow.pipeline.state.store import StateStore
from rcl_flow.wiring.services import make_services
from rcl_flow.wiring.stores import STORE_NAME
from tests.chaos.dying import DyingStore, JumpingClock, Reaper
from tests.chaos.orders import Ended, Order, decode_orders, encode_ends

_PATIENCE_SECONDS = 90.0
_BUG, _PAUSED, _HUNG = 1, 75, -100
_ASLEEP, _AWAKE = "asleep", "awake"
_HOUR_SECONDS = 3600.0


def main() -> None:
    """Carry out each line of orders from stdin, and answer each with a line."""
    reaper = Reaper()
    reaper.watch_calls()
    config = read_config(Path(sys.argv[1]))
    # a whole run, on connections of its own, imports and compiles all that the children need
    run_flow(config, make_services(config, reaper.watcher), Options(consent=True))
    template = make_services(config, reaper.watcher)
    for thread in threading.enumerate():
        if thread is not threading.main_thread() and not thread.daemon:
            thread.join()  # a lock that another thread holds at the fork is never free again
    gc.collect()
    gc.freeze()
    _answer("ready")
    for line in sys.stdin:
        forked = [_fork(order, template, reaper) for order in decode_orders(line)]
        ends = [_await(pid, pipe) for pid, pipe in forked]
        _answer(encode_ends(ends))


def _answer(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def _fork(order: Order, template: Services, reaper: Reaper) -> tuple[int, int]:
    reading, writing = os.pipe()
    pid = os.fork()
    if pid:
        os.close(writing)
        return pid, reading
    code = _BUG
    document: dict[str, Any] = {}
    try:
        code, document = _carry_out(order, template, reaper)
    finally:
        with suppress(OSError):
            os.write(writing, json.dumps([document, reaper.moments]).encode())
        os._exit(code)


def _await(pid: int, pipe: int) -> Ended:
    deadline = time.monotonic() + _PATIENCE_SECONDS
    content = b""
    with os.fdopen(pipe, "rb", buffering=0) as reading:
        while select.select([reading], [], [], max(0.0, deadline - time.monotonic()))[0]:
            part = reading.read(1 << 20)
            content += part
            if not part:
                code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
                document, moments = json.loads(content) if content else ({}, {})
                return Ended(code, document, moments)
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    return Ended(_HUNG, {"message": f"it did not end in {_PATIENCE_SECONDS:.0f} s"})


def _carry_out(order: Order, template: Services, reaper: Reaper) -> tuple[int, dict[str, Any]]:
    try:
        if order.command == "status":
            return _show_status(order)
        folder = Path(order.config).parent
        if order.takes_over:
            _wait_for(folder / _ASLEEP)
        try:
            return _run(order, template, reaper)
        finally:
            if order.takes_over:
                (folder / _AWAKE).touch()
    except Exception:  # noqa: BLE001  # a bug is what is looked for: its traceback is the answer
        return _BUG, {"error": "bug", "message": traceback.format_exc()}


def _wait_for(path: Path) -> None:
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while not path.exists() and time.monotonic() < deadline:
        time.sleep(0.005)


def _show_status(order: Order) -> tuple[int, dict[str, Any]]:
    printed = io.StringIO()
    workspace = read_config(Path(order.config)).workspace
    with redirect_stdout(printed), redirect_stderr(io.StringIO()):
        code = run_app(["status", "--json", "--workspace", workspace])
    return code, json.loads(printed.getvalue() or "{}")


def _run(order: Order, template: Services, reaper: Reaper) -> tuple[int, dict[str, Any]]:
    if order.file_limit_bytes:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (order.file_limit_bytes,) * 2)
    config = read_config(Path(order.config))
    reaper.aim(order.kill)
    try:
        services = _services(order, config, template, reaper)
        with services.guard.listening():
            if order.command == "start":
                return _start(config, services)
            outcome = run_flow(config, services, Options(consent=True))
    except Pause:
        return _PAUSED, {}
    except Signalled as signalled:
        return signalled.exit_code, {}
    except RclFlowError as error:
        return error.exit_code, {"error": error.slug, "message": error.message}
    return 0, outcome.model_dump(mode="json")


def _start(config: FlowConfig, services: Services) -> tuple[int, dict[str, Any]]:
    model = choose_model(config, services, run="latest", version_arn=None)
    hosting = hosting_for(1.0, None, config, services.clock.now())
    hosted = host(model.version_arn, hosting, config, services)
    return 0, hosted.armed.model_dump(mode="json")


def _services(order: Order, config: FlowConfig, template: Services, reaper: Reaper) -> Services:
    """Return what the child works with: the parent's gateways, and its own workspace."""
    clock = JumpingClock(template.clock, order.jumps)
    workspace = Path(config.workspace)

    def sleep() -> None:
        (workspace / _ASLEEP).touch()
        _wait_for(workspace / _AWAKE)
        clock.slept_seconds = _HOUR_SECONDS

    reaper.doze(order.nap, sleep)
    me = this_process()
    return replace(
        template,
        workspace=workspace,
        clock=clock,
        store=DyingStore(_store(config, template, clock), reaper),
        state_is_shared=config.state.store == "s3",
        holder=Holder(order.host or me.host, me.pid),
    )


def _store(config: FlowConfig, template: Services, clock: Clock) -> StateStore:
    workspace = Path(config.workspace)
    if config.state.store == "local":
        return SqliteStore(workspace / STORE_NAME, clock)
    if not template.s3.bucket_exists(config.bucket):
        template.s3.create_bucket(config.bucket)
    state = SharedState(backend=template.backend, bucket=config.bucket, prefix=config.state.prefix)
    write_pointer(workspace, state)
    return S3Store(template.s3, config.bucket, config.state.prefix)


if __name__ == "__main__":
    main()
