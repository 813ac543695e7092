"""A workspace whose runs are billed on the emulator's clock, which only waiting moves."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rcl_flow.config import FlowConfig
from rcl_flow.core.costs.plan import Plan
from rcl_flow.emulator.conditions.clock import Clock, Delay
from rcl_flow.emulator.conditions.faults import Fault
from rcl_flow.emulator.conditions.world import Delays, World
from rcl_flow.emulator.testing import emulated_aws
from rcl_flow.pipeline.flow import Options, run_flow
from rcl_flow.pipeline.planning import make_plan
from rcl_flow.pipeline.runs.outcome import RunOutcome
from rcl_flow.pipeline.runs.services import Services
from tests.emulator.builders import png
from tests.unit.clocks import FakeClock
from tests.unit.pipeline.bench import LABELS, Bench
from tests.unit.pipeline.conftest import end_threads

if TYPE_CHECKING:
    from tests.unit.pipeline.conftest import Clients

TRAINING_SECONDS = 3600
_CHANGING = ("Create", "Delete", "Start", "Stop", "Put", "Tag", "Untag", "Update", "Detect")


class WorldClock(FakeClock):
    """The emulator's clock, as a run reads it: one time for the bill and for who pays."""

    def __init__(self, world: World) -> None:
        """Tell the time of `world`."""
        super().__init__()
        self._world = world

    def now(self) -> datetime:
        """Return the time in UTC, with its zone."""
        return datetime.fromtimestamp(self._world.clock.now(), UTC)

    def sleep(self, seconds: float) -> None:
        """Move the emulator's clock on."""
        self._world.clock.sleep(seconds)


@dataclass
class Payer:
    """A workspace whose runs are billed on a clock that only waiting moves."""

    bench: Bench

    @property
    def services(self) -> Services:
        """Services whose emulator keeps the same bill."""
        return self.bench.services()

    def config(self, name: str, **sections: object) -> FlowConfig:
        """Return the config of the data of that name."""
        folder = self.bench.folder / name
        return FlowConfig.model_validate(
            {
                "project": "shades",
                "workspace": str(self.services.workspace),
                "data": {
                    split: {"folder": str(folder / split)} for split in ("train", "test", "holdout")
                },
                "inference": {"concurrency": 1},
                "emulator": {
                    "training_seconds": TRAINING_SECONDS,
                    "starting_seconds": 300,
                    "stopping_seconds": 0,
                },
                **sections,
            }
        )

    def put_data(self, name: str, first: int, holdout: int) -> None:
        """Write images of every label, numbered from `first`; `holdout` of them unseen."""
        for split, count in (("train", 6), ("test", 4), ("holdout", holdout)):
            for label in LABELS:
                folder = self.bench.folder / name / split / label
                folder.mkdir(parents=True)
                for number in range(first, first + count):
                    (folder / f"{number}.png").write_bytes(png(label, number))
            first += count

    def plan(self, name: str, **sections: object) -> Plan:
        """Plan a run."""
        return make_plan(self.config(name, **sections), self.services)

    def run(self, name: str, **sections: object) -> RunOutcome:
        """Run the flow to its end."""
        return run_flow(self.config(name, **sections), self.services, Options())

    def bill(self) -> dict[str, Any]:
        """Return what the emulator has billed."""
        world = self.bench.world
        return dict(world.meter.report(world.clock.now())["total"])

    def changing_calls(self) -> dict[str, int]:
        """Return the calls so far that change or bill something."""
        counts = self.bench.world.calls.counts()
        return {name: n for name, n in counts.items() if name.startswith(_CHANGING)}


@contextmanager
def paying(clients: "Clients", folder: Path, clock: Clock) -> Iterator[Payer]:
    """Yield a payer whose trainings take an hour, starts 5 minutes, and answers 0.2 seconds."""
    world = World(
        clock=clock,
        delays=Delays(training=Delay(TRAINING_SECONDS), starting=Delay(300), stopping=Delay(0)),
    )
    with emulated_aws(world):
        world.faults.add(Fault("DetectCustomLabels", times=None, latency_seconds=0.2))
        payer = Payer(Bench(folder, world, *clients, clock=WorldClock(world)))
        payer.put_data("a", 0, 10)
        payer.put_data("b", 100, 30)
        yield payer
        end_threads()


@contextmanager
def unchanged(payer: Payer) -> Iterator[None]:
    """Fail when the block changes AWS or the store."""
    calls, store = payer.changing_calls(), payer.services.store
    before = store.below("")
    yield
    assert payer.changing_calls() == calls
    assert store.below("") == before
