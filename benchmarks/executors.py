"""What limits audit and inference: reading, decoding, handing out, and the service itself.

`python -m benchmarks.executors` measures more objects than `make bench` does.
"""

import importlib.util
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from benchmarks.figures import NEARLY_LINEAR, Figure, Form, Subject, at_least, at_most, growth
from benchmarks.measuring import cpu_seconds, wall_seconds
from benchmarks.records import line
from rcl_flow.aws.s3 import S3Location
from rcl_flow.config import FlowConfig
from rcl_flow.files import remove_tree
from rcl_flow.imaging.digits import Split, digit_images
from rcl_flow.pipeline.flow import Options, run_flow
from rcl_flow.pipeline.images.measuring import MeasureCache, measure_all, shared_cache
from rcl_flow.pipeline.images.reading import read_datasets
from rcl_flow.pipeline.runs.executing import ShardedStep
from rcl_flow.pipeline.runs.services import Services
from rcl_flow.pipeline.sharding.executors import map_in_threads
from rcl_flow.pipeline.ticks.shard_work import work_on
from rcl_flow.wiring.executors import RayExecutor
from rcl_flow.wiring.services import make_services
from tests.corpus.photographs import crop, jpeg, photographs
from tests.infra.sharded import DATA, Scene, errand_of, scene
from tests.unit.pipeline.s3_calls import counted

SIZES = {"640 x 480": (640, 480), "1920 x 1080": (1920, 1080), "4000 x 3000": (4000, 3000)}
OBJECTS, MANY_OBJECTS = 200, 1000
LEAST_DECODED = 5
SHARD_SIZE = 50
LARGEST_TRAINING_SET = 250_000
"""Images. Source: "Guidelines and quotas in Amazon Rekognition Custom Labels"."""
MILLION = 1_000_000
CALLS_PER_SECOND_OF_AN_ACCOUNT = 50
"""DetectCustomLabels, by default. Source: AWS General Reference, Rekognition's quotas."""
PREDICTED_AT_ONCE = 16


class Here:
    """An executor that works on shards in this process, on its own services."""

    def __init__(self, services: Services) -> None:
        """Work with `services`."""
        self.services = services

    def work(self, step: ShardedStep, keys: Sequence[str], beat: Callable[[], None]) -> None:
        """Work on each shard in turn."""
        for key in keys:
            work_on(key, self.services)


def measure(form: Form) -> Iterator[Figure]:
    """Yield the figures of a few objects; there is no short form."""
    return figures(OBJECTS)


def figures(images: int) -> Iterator[Figure]:
    """Yield what measuring an image costs, what reading objects takes, and what a call costs.

    Args:
        images: how many lie in S3; of large ones a few are enough.
    """
    yield from _decoding(max(images // 20, LEAST_DECODED))
    with tempfile.TemporaryDirectory() as folder:
        counts: dict[Split, int] = {"train": 10, "test": 5, "holdout": 10}
        with scene(Path(folder), SHARD_SIZE, counts, labels=3) as here:
            yield from _objects(here, images)
            yield _predicting(here, images)


def _decoding(images: int) -> Iterator[Figure]:
    """Yield how many images are measured in a CPU second, and what many of them take."""
    costs = []
    for name, size in SIZES.items():
        rng = np.random.default_rng(0)
        contents = [jpeg(crop(photographs(), rng).resize(size)) for _ in range(images)]
        found = measure_all(contents, lambda content: content, MeasureCache())
        each = cpu_seconds(lambda found=found: [*found]) / images  # type: ignore[misc]
        costs.append(each)
        kilobytes = sum(map(len, contents)) / images / 1e3
        told = (
            f"{kilobytes:.0f} KB; {LARGEST_TRAINING_SET:,} take "
            f"{each * LARGEST_TRAINING_SET / 60:.0f} CPU minutes, a million "
            f"{each * MILLION / 3600:.1f} CPU hours"
        )
        yield Figure(f"measuring {name}: images a CPU second", round(1 / each), "/s", None, told)
    pixels = [width * height for width, height in SIZES.values()]
    yield growth("measuring an image: CPU by its pixels", pixels, costs, NEARLY_LINEAR)


def _objects(here: Scene, images: int) -> Iterator[Figure]:
    """Yield how long objects are read, and with how many calls: first, again, and in shards."""
    config = _many(here, images)
    services = make_services(config, lambda _event: None)
    digits = [image.png for image in digit_images()]
    for number in range(images):
        # each its own content: what follows the end of a PNG is ignored
        content = digits[number % len(digits)] + number.to_bytes(4)
        services.s3.put(S3Location(DATA, f"many/a/{number:06}.png"), content)
    yield from _read("threads, the first time", config, services)
    yield from _read("threads, again", config, services, most_fetched=0)
    remove_tree(services.workspace / "measures")
    yield from _read("threads, again on an empty disk", config, services)
    _forget(services)
    alone = replace(services, shard_executor=Here(services))
    yield from _read("shards in this process", config, alone)
    if importlib.util.find_spec("ray") is not None:
        _forget(services)
        spread = replace(services, shard_executor=_ray(services))
        yield from _read("shards on a local Ray", config, spread)


def _predicting(here: Scene, images: int) -> Figure:
    """Return how many times as often a processor could call a model as an account may."""
    config = here.config()
    services = make_services(config, lambda _event: None)
    arn = run_flow(config, services, Options(consent=True)).project_version_arn
    services.rekognition.start_version(arn, inference_units=1)
    while (found := services.rekognition.find_version_by_arn(arn)) and found.status != "RUNNING":
        time.sleep(0.1)
    place = S3Location(DATA, "many/a/000000.png")
    try:
        before = time.process_time()
        seconds = wall_seconds(
            lambda: list(
                map_in_threads(
                    lambda _: services.rekognition.detect(arn, place),
                    range(images),
                    concurrency=PREDICTED_AT_ONCE,
                )
            )
        )
        each = (time.process_time() - before) / images
    finally:
        services.rekognition.stop_version(arn)
    told = f"{each * 1e3:.1f} CPU ms a call; {images / seconds:.0f} a second against the emulator"
    possible = round(1 / each / CALLS_PER_SECOND_OF_AN_ACCOUNT, 1)
    name = "predicting: calls a processor could make by those an account may"
    return Figure(name, possible, "x", at_least(2), told)


def _read(
    name: str, config: FlowConfig, services: Services, most_fetched: int | None = None
) -> Iterator[Figure]:
    with counted(services.s3._client) as calls:
        before = time.process_time()
        seconds = wall_seconds(
            lambda: read_datasets(
                config.data, services.s3, shared_cache(services, config.executor.shard_size)
            )
        )
        cpu = time.process_time() - before
    told = ", ".join(f"{count} {call}" for call, count in sorted(calls.items()))
    name = f"reading from S3, {name}"
    yield Figure(name, round(seconds, 2), "s", None, f"{cpu:.2f} CPU s; {told}")
    if most_fetched is not None:
        fetched = calls.get("GetObject", 0)
        yield Figure(f"{name}: objects fetched", fetched, "", at_most(most_fetched))


def _forget(services: Services) -> None:
    remove_tree(services.workspace / "measures")
    for prefix in ("measures/", "shards/", "shard-results/", "shard-rounds/"):
        for key, _ in services.store.below(prefix):
            services.store.delete(key)


def _many(here: Scene, images: int) -> FlowConfig:
    data = {"holdout": {"folder": f"s3://{DATA}/many/"}}
    model = "arn:aws:rekognition:us-east-1:123456789012:project/digits/version/v/1700000000000"
    return here.config(
        data=data,
        state={"store": "s3"},
        model={"project_version_arn": model},
        executor={"shard_size": SHARD_SIZE},
    )


def _ray(services: Services) -> RayExecutor:
    return RayExecutor(errand_of(services), address="local", workers=None, predicting=1, emit=print)


SUBJECT = Subject("executors", measure)

if __name__ == "__main__":
    for figure in figures(MANY_OBJECTS):
        print(line(figure), flush=True)
