"""What all accounts and regions of one emulator share: time, delays, trainings, bill and faults."""

import threading
from contextlib import AbstractContextManager
from dataclasses import dataclass, field

from rcl_flow.emulator.conditions.calls import CallLog
from rcl_flow.emulator.conditions.clock import (
    Clock,
    Delay,
    ManualClock,
    RunningClock,
    SkippingClock,
)
from rcl_flow.emulator.conditions.executors import BackgroundExecutor, Executor, InlineExecutor
from rcl_flow.emulator.conditions.faults import FaultPlan
from rcl_flow.emulator.conditions.meter import Meter, Prices
from rcl_flow.emulator.conditions.scenario import load_scenario
from rcl_flow.emulator.conditions.throughput import Rates, Throughput
from rcl_flow.emulator.settings import EmulatorSettings

SEEN_ONCE = Delay(polls=1)


@dataclass(frozen=True, slots=True)
class Delays:
    """How long each state in progress lasts; by default until one describe has shown it."""

    dataset: Delay = SEEN_ONCE
    training: Delay = SEEN_ONCE
    starting: Delay = SEEN_ONCE
    stopping: Delay = SEEN_ONCE
    deleting: Delay = SEEN_ONCE
    copying: Delay = SEEN_ONCE


@dataclass(frozen=True, slots=True)
class Quotas:
    """The account's limits, and those of a training's data that no error code is known for.

    Source: AWS General Reference, Rekognition Custom Labels quotas, and
    https://docs.aws.amazon.com/rekognition/latest/customlabels-dg/limits.html
    """

    projects: int = 100
    versions_per_project: int = 100
    trainings: int = 2
    running_models: int = 2
    inference_units: int = 5
    policies_per_project: int = 100
    labels_per_image: int = 50
    testing_images_per_label: int = 1000


@dataclass(frozen=True)
class World:
    """One emulator; the defaults suit tests, which train in the thread that asks."""

    clock: Clock = field(default_factory=RunningClock)
    delays: Delays = Delays()
    executor: Executor = field(default_factory=InlineExecutor)
    meter: Meter = field(default_factory=Meter)
    faults: FaultPlan = field(default_factory=FaultPlan)
    calls: CallLog = field(default_factory=CallLog)
    quotas: Quotas | None = None
    throughput: Throughput | None = None
    billable_factor: float = 1.0
    training_noise: float = 0.0
    """The share of the training images that each training happens to make nothing of."""
    lock: AbstractContextManager[object] = field(default_factory=threading.RLock)
    """One for all accounts and regions: what copies a model looks into another account."""

    def clear(self) -> None:
        """Forget the bill, the faults, the counted calls and how fast they came."""
        self.meter.clear()
        self.faults.clear()
        self.calls.clear()
        if self.throughput is not None:
            self.throughput.clear()


def world_of(settings: EmulatorSettings) -> World:
    """Return the world of a server.

    On a running clock trainings run in the background; on the others they take no time of their
    own, so that what happens is decided by the clock alone.

    Raises:
        TypeError: The scenario is not one.
        ValueError: There is no such scenario, or it has an unknown member.
    """
    clock, executor = _time_of(settings)
    faults = FaultPlan()
    if settings.scenario:
        faults.play(load_scenario(settings.scenario).faults)
    return World(
        clock=clock,
        delays=Delays(
            dataset=Delay(settings.dataset_seconds),
            training=Delay(settings.training_seconds),
            starting=Delay(settings.starting_seconds),
            stopping=Delay(settings.stopping_seconds),
            deleting=Delay(settings.deleting_seconds),
            copying=Delay(settings.copying_seconds),
        ),
        executor=executor,
        faults=faults,
        meter=Meter(Prices(settings.training_usd_per_hour, settings.unit_usd_per_hour)),
        quotas=Quotas() if settings.enforce_quotas else None,
        throughput=_throughput_of(settings) if settings.enforce_throughput else None,
        billable_factor=settings.billable_factor,
        training_noise=settings.training_noise,
    )


def _time_of(settings: EmulatorSettings) -> tuple[Clock, Executor]:
    if settings.clock == "real":
        clock = RunningClock(settings.speed)
        return clock, BackgroundExecutor(clock)
    return (ManualClock() if settings.clock == "manual" else SkippingClock()), InlineExecutor()


def _throughput_of(settings: EmulatorSettings) -> Throughput:
    return Throughput(
        Rates(
            classifications_per_unit=settings.classifications_per_unit_second,
            detections_per_unit=settings.detections_per_unit_second,
        )
    )
