"""The composition root: from a config to services, and the emulator where it is wanted."""

import importlib.util
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING

from rcl_flow.aws.errors import aws_errors
from rcl_flow.aws.identity import account_id
from rcl_flow.aws.rekognition import Rekognition
from rcl_flow.aws.s3 import S3
from rcl_flow.aws.s3_gateway import make_s3_gateway
from rcl_flow.aws.scheduler import Scheduler
from rcl_flow.aws.session import (
    make_session,
    rekognition_client,
    scheduler_client,
    sts_client,
)
from rcl_flow.clock import Clock, SystemClock
from rcl_flow.config import EmulatorConfig, FlowConfig
from rcl_flow.errors import EmulatorUnavailableError, StoreError
from rcl_flow.files import make_folder
from rcl_flow.pipeline.runs.events import Event, Notice
from rcl_flow.pipeline.runs.services import Services
from rcl_flow.pipeline.state.backend import Backend
from rcl_flow.pipeline.state.holding import is_alive
from rcl_flow.pipeline.state.records import readable_armed
from rcl_flow.pipeline.state.s3_store import S3Store
from rcl_flow.pipeline.state.shared_state import SharedState, read_pointer, write_pointer
from rcl_flow.pipeline.state.sqlite_store import SqliteStore
from rcl_flow.pipeline.state.store import StateStore
from rcl_flow.pipeline.training.uploading import require_bucket
from rcl_flow.wiring.announcing import make_announce
from rcl_flow.wiring.gateways import NO_ENDPOINT, access_of, open_s3
from rcl_flow.wiring.parameters import parameter_writer
from rcl_flow.wiring.regions import usual_region
from rcl_flow.wiring.stores import STORE_NAME, open_store
from rcl_flow.wiring.tracking import require_tracking

if TYPE_CHECKING:
    from rcl_flow.emulator.settings import EmulatorSettings


def make_services(
    config: FlowConfig, emit: Callable[[Event], None], *, changes_nothing: bool = False
) -> Services:
    """Return what a run of the config works with, starting the emulator where it is wanted.

    A bucket for shared state is made where the config allows it, unless `changes_nothing`.

    Raises:
        EmulatorUnavailableError: the emulator is not installed or does not start.
        CredentialsError: the profile or its credentials are not there.
        ExtraMissingError: the config logs to MLflow, which is not installed.
    """
    require_tracking(config)
    workspace, emulated = Path(config.workspace), config.backend == "emulator"
    backend = open_backend(config, emit)
    poll_seconds = config.emulator.poll_seconds if emulated else None
    shared = None
    if config.state.store == "s3":
        shared = SharedState(backend=backend, bucket=config.bucket, prefix=config.state.prefix)
    if changes_nothing:
        seen = shared if shared and open_s3(backend).bucket_exists(shared.bucket) else None
        return _services(backend, workspace, seen, emit, poll_seconds)
    if shared is not None:
        require_bucket(config.storage, config.bucket, open_s3(backend), create=emulated)
    _require_nothing_left(workspace, shared)
    write_pointer(workspace, shared)
    services = _services(backend, workspace, shared, emit, poll_seconds)
    announce = make_announce(config, services.backend, services.store, emit)
    return replace(services, announce=announce)


def _require_nothing_left(workspace: Path, shared: SharedState | None) -> None:
    """Refuse to leave a store in which a model is noted that may be running.

    Raises:
        StoreError: naming what to do first.
    """
    before = read_pointer(workspace)
    if before == shared or (before is None and not (workspace / STORE_NAME).is_file()):
        return
    if before is not None and before.backend.kind == "emulator":
        return  # models of an emulator cost nothing, and it may be gone
    armed, unreadable = readable_armed(open_store(workspace))
    if armed or unreadable:
        arns = ", ".join(model.project_version_arn for model in armed) or unreadable[0]
        raise StoreError(
            f"The workspace's state is to move, and the old one notes that {arns} may be running.",
            hint="`rcl-flow stop --all` first, or put `state` back as it was.",
        )


def open_backend(
    config: FlowConfig, emit: Callable[[Event], None] = lambda _event: None
) -> Backend:
    """Return the config's backend, starting the emulator where it is wanted.

    `emit` is told when an emulator that is up has other settings than the config's.

    Raises:
        EmulatorUnavailableError: the emulator is not installed or does not start.
    """
    workspace = make_folder(Path(config.workspace))
    if config.backend == "emulator":
        return _start_emulator(workspace, config.emulator, config.aws.region, emit)
    return _aws_backend(config)


def make_s3(config: FlowConfig) -> S3:
    """Return the gateway to the objects that a config's data may lie in, starting nothing.

    With `backend: emulator` it reaches the workspace's emulator where one runs; without one there
    are no objects, and reading one says that nothing answers.

    Raises:
        CredentialsError: the profile or its credentials are not there.
    """
    backend = _aws_backend(config)
    if config.backend == "emulator":
        from rcl_flow.emulator.launch import read_handle

        handle = read_handle(emulator_folder(Path(config.workspace)))
        backend = Backend(
            kind="emulator",
            region=config.aws.region,
            endpoint_url=handle.endpoint_url if handle else NO_ENDPOINT,
        )
    return open_s3(backend)


def connect_s3(region: str | None, profile: str | None, endpoint_url: str | None) -> S3:
    """Return the gateway to S3 for a command that has no config, in the usual region for None.

    Raises:
        CredentialsError: the profile or its credentials are not there.
    """
    place = region or usual_region(profile)
    return open_s3(Backend(kind="aws", region=place, profile=profile, endpoint_url=endpoint_url))


def reach_backend(backend: Backend, workspace: Path, emit: Callable[[Event], None]) -> Services:
    """Return services for the backend that a run was made on, without starting anything.

    Raises:
        EmulatorUnavailableError: it was an emulator that is gone, and its resources with it.
    """
    if backend.kind == "emulator":
        from rcl_flow.emulator.launch import answers, read_handle

        handle = read_handle(emulator_folder(workspace))
        gone = handle is None or handle.instance != backend.emulator_instance
        if gone or (handle and not answers(handle) and not is_alive(handle.pid)):
            raise EmulatorUnavailableError(
                "The emulator that this run was made on is gone, and its models with it.",
                hint="Nothing is left running there; run the config again to start anew.",
            )
    poll_seconds = 0.1 if backend.kind == "emulator" else None
    return _services(backend, workspace, read_pointer(workspace), emit, poll_seconds)


def emulator_folder(workspace: Path) -> Path:
    """Return the folder in which the workspace's emulator keeps its record and log."""
    return workspace / "emulator"


def _aws_backend(config: FlowConfig) -> Backend:
    aws = config.aws
    return Backend(
        kind="aws",
        region=aws.region,
        profile=aws.profile,
        role_arn=aws.role_arn,
        endpoint_url=aws.endpoint_url,
    )


def _services(
    backend: Backend,
    workspace: Path,
    shared: SharedState | None,
    emit: Callable[[Event], None],
    poll_seconds: float | None,
) -> Services:
    access, caller = access_of(backend)
    with aws_errors("CreateSession"):
        session = make_session(access)
        sts = sts_client(session, access)
        s3 = make_s3_gateway(session, access, caller)
        rekognition = Rekognition(rekognition_client(session, access), caller)
        scheduler = Scheduler(scheduler_client(session, access), caller)
    if backend.kind == "aws":
        backend = backend.model_copy(update={"account": account_id(sts, caller)})
    clock = SystemClock()
    return Services(
        rekognition=rekognition,
        s3=s3,
        scheduler=scheduler,
        clock=clock,
        store=_store(workspace, shared, s3, clock),
        state_is_shared=shared is not None,
        workspace=workspace,
        backend=backend,
        emit=emit,
        account_id=lambda: account_id(sts, caller),
        poll_seconds=poll_seconds,
        throttles=lambda: caller.throttles,
        write_parameter=parameter_writer(backend),
    )


def _store(workspace: Path, shared: SharedState | None, s3: S3, clock: Clock) -> StateStore:
    if shared is None:
        return SqliteStore(workspace / STORE_NAME, clock)
    return S3Store(s3, shared.bucket, shared.prefix)


def require_emulator() -> None:
    """Make sure that the emulator's packages are installed.

    Raises:
        EmulatorUnavailableError: one is missing.
    """
    for package in ("moto", "sklearn", "threadpoolctl"):
        if importlib.util.find_spec(package) is None:
            raise EmulatorUnavailableError(
                f"The emulator needs the package {package}, which is not installed.",
                hint="Install it: pip install 'rcl-flow[emulator]'; or use `backend: aws`.",
            )


def _start_emulator(
    workspace: Path, config: EmulatorConfig, region: str, emit: Callable[[Event], None]
) -> Backend:
    require_emulator()
    from rcl_flow.emulator.errors import EmulatorStartError
    from rcl_flow.emulator.launch import ensure_running
    from rcl_flow.emulator.settings import EmulatorSettings

    settings = EmulatorSettings(
        region=region,
        training_seconds=config.training_seconds,
        starting_seconds=config.starting_seconds,
        stopping_seconds=config.stopping_seconds,
        idle_timeout_seconds=config.idle_timeout_seconds,
    )
    try:
        handle = ensure_running(emulator_folder(workspace), settings)
    except EmulatorStartError as error:
        raise EmulatorUnavailableError(
            str(error), hint=f"See {emulator_folder(workspace)}/server.log."
        ) from error
    except OSError as error:
        raise EmulatorUnavailableError(
            f"The emulator cannot use {error.filename or emulator_folder(workspace)}: "
            f"{error.strerror or error}.",
            hint="It needs a folder there that it may write to; or take another with "
            "`--set workspace=FOLDER`.",
        ) from error
    others = _other_settings(handle.settings, settings)
    if others:
        emit(
            Notice(
                f"The emulator that is up keeps the settings it was started with: {others}. "
                f"`rcl-flow emulate --stop --workspace {quote(str(workspace))}` ends it with all "
                "that it holds."
            )
        )
    return Backend(
        kind="emulator",
        region=region,
        endpoint_url=handle.endpoint_url,
        emulator_instance=handle.instance,
    )


def _other_settings(running: Mapping[str, object], wanted: "EmulatorSettings") -> str:
    """Return in which settings that a config gives a server differs from the wanted ones."""
    fields = {name: f"emulator.{name}" for name in EmulatorConfig.model_fields}
    fields |= {"region": "aws.region"}
    return ", ".join(
        f"{field} {_told(running[name])}, not {_told(getattr(wanted, name))}"
        for name, field in fields.items()
        if name in running and running[name] != getattr(wanted, name)
    )


def _told(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)
