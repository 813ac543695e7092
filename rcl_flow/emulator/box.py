"""Custom Labels in a box: a running emulator in the hands of a test, its clients and controls."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from typing import Any

import boto3

from rcl_flow.emulator.conditions.clock import Clock
from rcl_flow.emulator.conditions.faults import Fault, FaultPlan
from rcl_flow.emulator.conditions.scenario import Scenario, load_scenario
from rcl_flow.emulator.conditions.world import World
from rcl_flow.emulator.doors.control import active_versions
from rcl_flow.emulator.doors.schedules import Firing
from rcl_flow.emulator.errors import EmulatorStartError
from rcl_flow.emulator.serve import RunningServer, running_server
from rcl_flow.emulator.sessions import ACCESS_KEY_ID, SECRET_ACCESS_KEY, isolated_session
from rcl_flow.emulator.settings import EmulatorSettings
from rcl_flow.emulator.shapes import JsonObject

_ONE_A_PROCESS = threading.Lock()


class CustomLabels:
    """A running emulator: what a test asks it with, and what it steers and reads it by."""

    def __init__(self, running: RunningServer, region: str) -> None:
        """Hold a server that answers; `region` is that of the clients."""
        self._running = running
        self._region = region
        self._clients: dict[str, Any] = {}

    @property
    def endpoint_url(self) -> str:
        """The one address for all services: Rekognition, S3, STS and whatever moto has."""
        return self._running.ready.endpoint_url

    @property
    def environment(self) -> dict[str, str]:
        """The variables by which every AWS SDK and the AWS CLI find the emulator."""
        return environment_for(self.endpoint_url, self._region)

    @cached_property
    def session(self) -> boto3.Session:
        """A boto3 session whose clients and resources go to the emulator."""
        return isolated_session(self._region, self.endpoint_url)

    def client(self, service: str, **options: Any) -> Any:  # noqa: ANN401  # as boto3's own
        """Return a boto3 client of that service, made once for each service.

        Args:
            service: Such as `rekognition` or `s3`.
            options: Whatever `boto3.Session.client` takes; a client with options is made anew.
        """
        if options:
            return self.session.client(service, **options)  # type: ignore[call-overload]  # any service
        if service not in self._clients:
            self._clients[service] = self.session.client(service)  # type: ignore[call-overload]  # any service
        return self._clients[service]

    @property
    def world(self) -> World:
        """What all accounts and regions of the emulator share: time, delays, faults, bill."""
        return self._running.world

    @property
    def clock(self) -> Clock:
        """The emulator's clock."""
        return self.world.clock

    def advance(self, seconds: float) -> None:
        """Let time pass at once; schedules fire at the moments at which they are due.

        Raises:
            ValueError: Time would go back, or beyond the last year that a date can have.
        """
        self._running.schedules.advance(seconds)

    def schedule_firings(self) -> list[Firing]:
        """Return which schedules have fired, and what came of it."""
        return list(self._running.schedules.firings)

    @property
    def faults(self) -> FaultPlan:
        """The faults in force."""
        return self.world.faults

    def fail(self, operation: str, code: str, *, times: int | None = 1, **more: Any) -> None:  # noqa: ANN401  # members of a fault
        """Let calls of `operation` fail with `code`, `times` times (None: for ever).

        Args:
            operation: Its name, or `*` for each.
            code: The error code that the client sees.
            times: How often.
            more: Other members of `Fault`, such as `service` (`s3`), `message` or `executed`.

        Raises:
            TypeError: A fault has no such member.
            ValueError: The service has no such operation, the operation never answers that code,
                or a member is out of its range.
        """
        self.faults.add(Fault(operation, code=code, times=times, **more))

    def play(self, scenario: Scenario | str) -> None:
        """Put the faults of a scenario in force: a shipped one by name, or YAML, or a value.

        Raises:
            TypeError: The text is no scenario.
            ValueError: There is no such scenario, or it has an unknown member.
        """
        found = load_scenario(scenario) if isinstance(scenario, str) else scenario
        self.faults.play(found.faults)

    def meter(self) -> JsonObject:
        """Return the bill so far: seconds and dollars, by version and in total."""
        return self.world.meter.report(self.clock.now())

    def calls(self) -> dict[str, int]:
        """Return how often each operation of Rekognition was called, failed calls included."""
        return self.world.calls.counts()

    def running_models(self) -> list[str]:
        """Return the ARNs of the versions that cost money or are about to: running and starting."""
        return [
            str(version["project_version_arn"])
            for version in active_versions()
            if version["status"] in {"STARTING", "RUNNING"}
        ]


def environment_for(endpoint_url: str, region: str) -> dict[str, str]:
    """Return the variables by which every AWS SDK and the AWS CLI find an emulator.

    Args:
        endpoint_url: Where it answers.
        region: The default region.
    """
    return {
        "AWS_ENDPOINT_URL": endpoint_url,
        "AWS_ACCESS_KEY_ID": ACCESS_KEY_ID,
        "AWS_SECRET_ACCESS_KEY": SECRET_ACCESS_KEY,
        "AWS_REGION": region,
        "AWS_DEFAULT_REGION": region,
    }


@contextmanager
def running_emulator(settings: EmulatorSettings | None = None) -> Iterator[CustomLabels]:
    """Run an emulator over HTTP in this process, from empty and to empty.

    One at a time: moto, which keeps S3 and the other services, has one memory per process.

    Args:
        settings: Clock, delays, prices and quotas; the defaults take fractions of a second.

    Raises:
        EmulatorStartError: The port is taken, or this process has an emulator.
    """
    chosen = settings or EmulatorSettings()
    if not _ONE_A_PROCESS.acquire(blocking=False):
        raise _one_only()
    try:
        with running_server(chosen) as running:
            yield CustomLabels(running, chosen.region)
    finally:
        _ONE_A_PROCESS.release()


def require_alone() -> None:
    """Refuse to take the memory that a running emulator of this process lives in.

    Raises:
        EmulatorStartError: There is one.
    """
    if _ONE_A_PROCESS.locked():
        raise _one_only()


def _one_only() -> EmulatorStartError:
    return EmulatorStartError(
        "There is an emulator in this process already, and there can be only one: take that, "
        "or start another with `rcl-flow emulate`."
    )
