"""The executor on a Ray cluster: the only place that knows Ray, which is loaded when it is used."""

import importlib
import importlib.util
import logging
import os
import signal
import socket
import sys
import threading
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, redirect_stdout
from dataclasses import replace
from typing import Any, Final, TypeAlias

from rcl_flow.config import FlowConfig
from rcl_flow.errors import ConfigError, ExecutorUnavailableError, ExtraMissingError
from rcl_flow.pipeline.runs.events import Event, Notice
from rcl_flow.pipeline.runs.executing import ShardedStep
from rcl_flow.pipeline.runs.services import Services
from rcl_flow.pipeline.runs.signals import SIGNALS
from rcl_flow.pipeline.sharding.shard_limits import predicting_at_once
from rcl_flow.pipeline.state.shared_state import read_pointer
from rcl_flow.wiring.shard_entry import Errand, work_on_shard

_Ray: TypeAlias = Any
"""The package, whose types are not there unless the extra is installed."""
_Ref: TypeAlias = Any
"""A task of Ray's that is under way or has ended."""
_LOCAL: Final = "local"
_AUTO: Final = "auto"
_ADDRESS_VARIABLE: Final = "RAY_ADDRESS"
_CONNECT_SECONDS: Final = 10.0
_RETRIES: Final = 3
"""How often Ray gives a shard to another worker when one fails or dies."""
_PACKAGE: Final = "ray"
_BEAT_SECONDS: Final = 1.0
_OBJECT_STORE_BYTES: Final = 80_000_000
"""Nearly nothing goes through Ray's own store, which would take 30 % of the memory.

Source: Ray refuses less than 75 MB.
"""
_SETTINGS: Final = {
    "RAY_USAGE_STATS_ENABLED": "0",
    # without it Ray warns at each start that this default will change
    "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0",
    # Ray ends a process whose cluster's head has died, after a minute and without a `finally`: we
    # notice that ourselves, and need time to stop the model
    "RAY_gcs_rpc_server_reconnect_timeout_s": "3600",
}


def with_executor(config: FlowConfig, services: Services, package: str = _PACKAGE) -> Services:
    """Return the services with the executor that the config wants, before anything is paid.

    Args:
        config: of a run.
        services: of the run.
        package: the one that has to be there for Ray.

    Raises:
        ConfigError: the executor's workers cannot share the state.
        ExtraMissingError: Ray is not installed.
    """
    wanted = config.executor
    if wanted.kind != "ray":
        return services
    shared = read_pointer(services.workspace)
    if shared is None:
        raise ConfigError(
            "`executor.kind: ray` needs a state that its workers can reach.",
            hint="Set `state.store: s3`.",
        )
    if importlib.util.find_spec(package) is None:
        raise _missing()
    errand = Errand(
        backend=services.backend, workspace=str(services.workspace.absolute()), shared=shared
    )
    executor = RayExecutor(
        errand,
        address=wanted.address,
        workers=None if wanted.workers == "auto" else wanted.workers,
        predicting=predicting_at_once(config),
        emit=services.emit,
    )
    return replace(services, shard_executor=executor)


class RayExecutor:
    """Has shards worked on by a Ray cluster, where each takes one processor."""

    def __init__(
        self,
        errand: Errand,
        *,
        address: str,
        workers: int | None,
        predicting: int,
        emit: Callable[[Event], None],
        load: Callable[[], _Ray] | None = None,
    ) -> None:
        """Send workers on errands like `errand`; nothing is connected before there is work.

        Args:
            errand: for a shard yet to be named.
            address: the cluster's; `auto`: the one of this machine; `local`: one that is started.
            workers: shards at work at once; None: as many as the cluster has processors when the
                work begins.
            predicting: no more than so many at once may ask the model.
            emit: tells of shards that failed.
            load: imports Ray; None for the installed package.
        """
        self._errand = errand
        self._address = address
        self._workers = workers
        self._predicting = predicting
        self._emit = emit
        self._load = load or _import_ray

    @property
    def sees_local_files(self) -> bool:
        """Whether a local path means the same to a worker."""
        return self._address == _LOCAL

    def work(self, step: ShardedStep, keys: Sequence[str], beat: Callable[[], None]) -> None:
        """Have the shards worked on, and return when all have ended, however that was.

        Raises:
            ExtraMissingError: Ray is not installed.
            ExecutorUnavailableError: its cluster does not answer, or no more.
        """
        ray = self._load()
        waiting: deque[str] = deque(keys)
        under_way: list[_Ref] = []
        with _connected(ray, self._address):
            task = ray.remote(num_cpus=1, max_retries=_RETRIES, retry_exceptions=True)(
                work_on_shard
            )
            most, head = self._most_at_once(step, ray), ray.get_runtime_context().gcs_address
            try:
                while waiting or under_way:
                    beat()
                    _require_head(head)
                    while waiting and len(under_way) < most:
                        under_way.append(task.remote(self._document(waiting.popleft())))
                    ended, under_way = ray.wait(under_way, timeout=_BEAT_SECONDS)
                    for each in ended:
                        self._tell(ray, each)
            finally:
                for each in under_way:
                    ray.cancel(each)

    def _document(self, key: str) -> str:
        return self._errand.model_copy(update={"key": key}).model_dump_json()

    def _most_at_once(self, step: ShardedStep, ray: _Ray) -> int:
        workers = self._workers or max(1, int(ray.cluster_resources().get("CPU", 1)))
        return min(workers, self._predicting) if step == "predict" else workers

    def _tell(self, ray: _Ray, ended: _Ref) -> None:
        """Tell of a shard that failed; what is missing for that is seen in the store."""
        try:
            ray.get(ended)
        except ray.exceptions.RayError as error:
            cause = getattr(error, "cause", None) or error
            self._emit(Notice(f"A shard failed on the Ray cluster: {cause}"))


def _import_ray() -> _Ray:
    for name, value in _SETTINGS.items():
        os.environ.setdefault(name, value)
    try:
        return importlib.import_module(_PACKAGE)
    except ImportError as error:
        raise _missing() from error


def _missing() -> ExtraMissingError:
    return ExtraMissingError(
        "`executor.kind: ray` needs the package ray, which is not installed.",
        hint="Install it: pip install 'rcl-flow[ray]'; or set `executor.kind: local`.",
    )


@contextmanager
def _connected(ray: _Ray, address: str) -> Iterator[None]:
    """Be connected to the cluster in this block; a connection that is there already is used."""
    if ray.is_initialized():
        yield
        return
    if address == _AUTO:
        address = os.environ.get(_ADDRESS_VARIABLE) or _AUTO
    options: dict[str, object] = {"address": address}
    if address == _LOCAL:
        options |= {"include_dashboard": False, "object_store_memory": _OBJECT_STORE_BYTES}
    # Ray prints what its nodes report to stdout, which is the result's
    with redirect_stdout(sys.stderr):
        try:
            with _own_signals():
                _connect(ray, options)
            yield
        finally:
            ray.shutdown()


def _connect(ray: _Ray, options: Mapping[str, object]) -> None:
    try:
        _require_listener(str(options["address"]))
        ray.init(**options, log_to_driver=False, logging_level=logging.ERROR)
    except (OSError, RuntimeError, ValueError, ray.exceptions.RayError) as error:
        raise ExecutorUnavailableError(
            f"The Ray cluster {options['address']!r} cannot be used: {error}",
            hint="Start it (`ray start --head`) or correct `executor.address`; `local` starts one "
            "on this machine.",
        ) from error


def _require_listener(address: str) -> None:
    """Make sure that somebody listens there: Ray itself tries for more than ten minutes."""
    if address in {_LOCAL, _AUTO}:
        return
    host, _, port = address.removeprefix("ray://").rpartition(":")
    with socket.create_connection((host, int(port)), timeout=_CONNECT_SECONDS):
        pass


def _require_head(address: str) -> None:
    """Make sure that the cluster's head is there: without it calls to Ray never come back.

    Args:
        address: the head's; empty where Ray does not tell it.
    """
    try:
        if address:
            _require_listener(address)
    except OSError as error:
        raise ExecutorUnavailableError(
            f"The head of the Ray cluster, {address}, does not answer any more: {error}",
            hint="What was done is kept. Run the same command again when the cluster is there.",
        ) from error


@contextmanager
def _own_signals() -> Iterator[None]:
    """Keep this process's handlers of signals, which Ray replaces: they stop a running model."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.getsignal(number) for number in SIGNALS}
    try:
        yield
    finally:
        for number, handler in before.items():
            if handler is not None:
                signal.signal(number, handler)
