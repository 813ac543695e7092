"""What asking for very many images costs: CPU time an image, memory, and each answer kept once.

The product's own predicting asks a model about images of this disk, each with a content of its own.
The call ends where botocore would send it: an answer is made up there, so that what is measured is
ours. Each size has a process of its own: `python -m benchmarks.many_images 1000`.
"""

import hashlib
import json
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from benchmarks.figures import NEARLY_LINEAR, Figure, Form, Subject, at_least, at_most, growth
from benchmarks.measuring import used_by
from rcl_flow.aws.rekognition import Rekognition
from rcl_flow.aws.retry import Caller
from rcl_flow.aws.session import (
    AwsAccess,
    make_session,
    rekognition_client,
    s3_client,
    scheduler_client,
)
from rcl_flow.clock import SystemClock
from rcl_flow.core.datasets.dataset import Dataset, DatasetImage
from rcl_flow.emulator.conditions.clock import ManualClock
from rcl_flow.emulator.conditions.world import World
from rcl_flow.emulator.testing import emulated_aws
from rcl_flow.files import read_lines
from rcl_flow.pipeline.predicting.kept_predictions import predictions_path
from rcl_flow.pipeline.predicting.predicting import predict_holdout
from rcl_flow.pipeline.runs.events import Event, ItemsDone
from rcl_flow.pipeline.runs.steplog import StepLog
from rcl_flow.pipeline.state.sqlite_store import SqliteStore
from tests.emulator.builders import png
from tests.unit.pipeline.bench import BUCKET, LABELS, REGION, Bench

SIZES = (1_000, 10_000, 100_000)
SHORT_SIZE = 1_000
BEFORE_DETECT = "before-call.rekognition.DetectCustomLabels"
MEMORY_GOAL = at_most(30.0)
"""Megabytes that may come with 90,000 answers more; the answers themselves would take 100."""
CPU_GOAL = at_most(2.0)
"""Milliseconds an image: a tenth of a processor then keeps up with the 50 calls a second of an
account."""


@dataclass(frozen=True, slots=True)
class Found:
    """What one size has cost."""

    images: int
    cpu_seconds: float
    """Of this process, from the first look to the answers read back."""
    wall_seconds: float
    kept: int
    """Lines in the file of answers."""
    distinct: int
    """Images with one."""
    calls: int
    grown_mb: float
    """Resident memory after the last answer beyond that after a tenth of them."""


class Watcher:
    """Sees how much memory is in use while answers come."""

    def __init__(self, images: int) -> None:
        """Note it from a tenth of the images on."""
        self._from = images // 10
        self.first = 0.0
        self.last = 0.0

    def __call__(self, event: Event) -> None:
        """Look at the memory when answers were kept."""
        if isinstance(event, ItemsDone) and event.done >= self._from:
            self.last = resident_mb()
            self.first = self.first or self.last


def resident_mb() -> float:
    """Return the memory that this process has in use, in megabytes."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 1e6


@dataclass(frozen=True, slots=True)
class _Http:
    status_code: int = 200


@contextmanager
def answers_at_once(client: object) -> Iterator[Callable[[], int]]:
    """Answer calls instead of sending them; yield what counts them."""
    calls = 0
    labels = [{"Name": name, "Confidence": 90.0 - n} for n, name in enumerate(LABELS)]

    def answer(**_: object) -> object:
        nonlocal calls
        calls += 1
        return _Http(), {"CustomLabels": labels, "ResponseMetadata": {"HTTPStatusCode": 200}}

    events = client.meta.events  # type: ignore[attr-defined]  # every client has them
    events.register(BEFORE_DETECT, answer)
    try:
        yield lambda: calls
    finally:
        events.unregister(BEFORE_DETECT, answer)


def many(folder: Path, images: int) -> Dataset:
    """Write tiny images, each with a content of its own, and return them."""
    folder.mkdir()
    content = png("red", 1)  # what follows its end is ignored
    found = []
    for number in range(images):
        whole = content + number.to_bytes(8)
        path = folder / f"{number:06}.png"
        path.write_bytes(whole)
        sha256 = hashlib.sha256(whole).hexdigest()
        found.append(DatasetImage(str(path), sha256, len(whole), "PNG", ("red",)))
    return Dataset("holdout", tuple(found))


def predict(images: int) -> Found:
    """Ask for that many images in this process."""
    access = AwsAccess(REGION, emulated=True)
    world = World(clock=ManualClock())
    with tempfile.TemporaryDirectory() as name, emulated_aws(world):
        folder, session = Path(name), make_session(access)
        s3, client = s3_client(session, access), rekognition_client(session, access)
        s3.create_bucket(Bucket=BUCKET)
        bench = Bench(folder, world, client, s3, scheduler_client(session, access))
        run, clock, watcher = bench.run(), SystemClock(), Watcher(images)
        version = bench.trained(run)
        holdout = many(folder / "many", images)
        holdout.distinct()
        run.services = replace(
            run.services,
            clock=clock,
            rekognition=Rekognition(client, Caller(clock)),
            store=SqliteStore(folder / "state.sqlite", clock),
            poll_seconds=0.01,
        )
        run.log = StepLog(watcher, clock)
        with answers_at_once(client) as calls:
            wall, cpu = time.perf_counter(), time.process_time()
            judged = predict_holdout(version, holdout, BUCKET, run)
            cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
            made = calls()
        path = predictions_path(run.services.workspace, version.version_arn)
        kept = sum(1 for _ in read_lines(path))
        grown = watcher.last - watcher.first
        return Found(images, cpu, wall, kept, len(judged.predictions), made, grown)


def predicted_by_a_child(images: int) -> Found:
    """Return what one size costs in a process of its own."""
    used = used_by([sys.executable, "-m", "benchmarks.many_images", str(images)])
    return Found(**json.loads(used.output))


def measure(form: Form) -> Iterator[Figure]:
    """Yield CPU time, memory, and that each answer was kept once."""
    sizes = SIZES if form == "full" else (SHORT_SIZE,)
    found = [predicted_by_a_child(size) for size in sizes]
    for each in found:
        told = f"{each.wall_seconds:.1f} s, {each.images / each.wall_seconds:.0f} a second"
        milliseconds = each.cpu_seconds / each.images * 1e3
        yield Figure(f"CPU an image of {each.images:,}", milliseconds, "ms", CPU_GOAL, told)
        once = each.images == each.kept == each.distinct == each.calls
        told = f"{each.calls:,} calls, {each.kept:,} answers of {each.distinct:,} images kept"
        yield Figure(f"asked and kept once, of {each.images:,}", once, "share", at_least(1), told)
    if form == "full":
        costs = [each.cpu_seconds for each in found]
        yield growth("CPU of many images", sizes, costs, NEARLY_LINEAR)
        yield Figure(
            f"memory from {sizes[-1] // 10:,} to {sizes[-1]:,} answers",
            found[-1].grown_mb,
            "MB",
            MEMORY_GOAL,
        )


SUBJECT = Subject("many_images", measure, has_short_form=True)

if __name__ == "__main__":
    print(json.dumps(asdict(predict(int(sys.argv[1])))))
