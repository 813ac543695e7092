"""How much of the time that a model is billed for it answers no images: by the emulator's meter.

The product's own predicting runs with its defaults against an emulator that answers 5 images a
second and no more. On a clock that only sleeping moves answers take no time, so that one thread is
enough, and all else takes exactly what it takes; in the full form answers take their time, too, on
a clock that runs fast.
"""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

from benchmarks.figures import Figure, Form, Subject, at_least, at_most
from rcl_flow.aws.session import (
    AwsAccess,
    make_session,
    rekognition_client,
    s3_client,
    scheduler_client,
)
from rcl_flow.core.datasets.dataset import Dataset
from rcl_flow.emulator.conditions.clock import Clock, Delay, ManualClock, RunningClock
from rcl_flow.emulator.conditions.throughput import Rates, Throughput
from rcl_flow.emulator.conditions.world import Delays, World
from rcl_flow.emulator.testing import emulated_aws
from rcl_flow.pipeline.predicting.predicting import predict_holdout
from rcl_flow.pipeline.runs.results import TrainedVersion
from rcl_flow.pipeline.runs.run import Run
from rcl_flow.pipeline.state.backend import Backend
from tests.unit.pipeline.bench import BUCKET, LABELS, REGION, Bench
from tests.unit.pipeline.payer import WorldClock

if TYPE_CHECKING:
    from types_boto3_rekognition import RekognitionClient

IMAGES = 1_000
LIMIT_PER_SECOND = 5.0
STARTING_SECONDS = 300.1
"""Just after a look, so that the next one sees the model run as late as can be."""
STOPPING_SECONDS = 60.0
SPEED = 5.0
"""Of the fast clock: what this machine needs for a call still is little of the time of a slot."""
LATENCY_SECONDS = (0.08, 0.12)
BEFORE_DETECT = "before-call.rekognition.DetectCustomLabels"
IDLE_GOAL = at_most(5.0)


@dataclass(frozen=True, slots=True)
class Scene:
    """A trained model behind a limit."""

    bench: Bench
    run: Run
    version: TrainedVersion

    def predict(self, holdout: Dataset) -> tuple[float, int, int]:
        """Return the seconds billed, the images answered and the calls of one start."""
        before = self._billed_seconds()
        calls = self.bench.calls("DetectCustomLabels")
        judged = predict_holdout(self.version, holdout, BUCKET, self.run)
        answered = len(judged.images)
        calls = self.bench.calls("DetectCustomLabels") - calls
        return self._billed_seconds() - before, answered, calls

    def _billed_seconds(self) -> float:
        world = self.bench.world
        total: float = world.meter.report(world.clock.now())["total"]["inference_unit_seconds"]
        return total


@contextmanager
def scene(clock: Clock, **inference: int) -> Iterator[Scene]:
    """Have a model behind a limit, on AWS for all that the product knows."""
    world = World(
        clock=clock,
        delays=Delays(starting=Delay(STARTING_SECONDS), stopping=Delay(STOPPING_SECONDS)),
        throughput=Throughput(Rates(classifications_per_unit=LIMIT_PER_SECOND)),
    )
    access = AwsAccess(REGION, emulated=True)
    with tempfile.TemporaryDirectory() as folder, emulated_aws(world):
        session = make_session(access)
        s3 = s3_client(session, access)
        s3.create_bucket(Bucket=BUCKET)
        bench = Bench(
            Path(folder),
            world,
            rekognition_client(session, access),
            s3,
            scheduler_client(session, access),
            WorldClock(world),
        )
        run = bench.run(inference=inference)
        on_aws = Backend(kind="aws", region=REGION, account="123456789012")
        run.services = replace(run.services, backend=on_aws)
        yield Scene(bench, run, bench.trained(run))


@contextmanager
def slow_answers(client: "RekognitionClient", clock: Clock) -> Iterator[None]:
    """Let each call take as long as the service's do."""
    rng = Random(0)

    def wait(**_: object) -> None:
        clock.sleep(rng.uniform(*LATENCY_SECONDS))

    client.meta.events.register(BEFORE_DETECT, wait)
    try:
        yield
    finally:
        client.meta.events.unregister(BEFORE_DETECT, wait)


def idle_figures(here: Scene, how: str, *, starts: int = 2) -> Iterator[Figure]:
    """Predict without, and then with, the limit known, and yield what of that was idle."""
    for start in range(starts):
        known, first = start > 0, (start + 1) * IMAGES
        holdout = here.bench.dataset("holdout", -(-IMAGES // len(LABELS)), first)
        holdout = Dataset("holdout", holdout.images[:IMAGES])
        seconds, answered, calls = here.predict(holdout)
        name = f"{'limit known' if known else 'cold'}, {how}"
        needed = IMAGES / LIMIT_PER_SECOND
        told = f"{seconds:.1f} s billed for {IMAGES:,} images at {LIMIT_PER_SECOND:g} a second"
        idle_percent = 100 * (seconds - needed) / seconds
        yield Figure(f"idle share of billed time, {name}", idle_percent, "%", IDLE_GOAL, told)
        yield Figure(f"images answered, {name}", answered / IMAGES, "share", at_least(1.0))
        wasted_percent = 100 * (calls - IMAGES) / calls
        yield Figure(f"calls turned away, {name}", wasted_percent, "%", detail=f"{calls} calls")
    asked = here.bench.calls("StartProjectVersion")
    yield Figure(f"starts an inference, {how}", asked / starts, "", at_most(1))


def measure(form: Form) -> Iterator[Figure]:
    """Yield the idle shares."""
    with scene(ManualClock(), concurrency=1) as here:
        yield from idle_figures(here, "answers at once", starts=2 if form == "full" else 1)
    if form == "full":
        clock = RunningClock(SPEED)
        with scene(clock) as here, slow_answers(here.bench.client, clock):
            yield from idle_figures(here, "100 ms an answer")


SUBJECT = Subject("meter", measure, has_short_form=True)
